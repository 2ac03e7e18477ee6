/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* The end of the first word that speaks of a secret (password, passwd, token, ...), or NULL. What follows it may be one, whatever
 * the file's grammar makes of it: a key whose colon was forgotten, a comment, a value that swallowed the next line. */
const char *sky_secret_word_end(const char *text, gsize bytes);
/* May a letter stand in a key? */
gboolean sky_secret_word_goes_on(char c);
