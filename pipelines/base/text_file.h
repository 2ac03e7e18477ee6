/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* A small file whole, at most most_bytes, NUL-terminated. Errors by sky_error_set_errno; too large is CONFIG. */
char *sky_text_file_read(const char *path, gsize most_bytes, GError **error);
/* A secret: the file's first line without its newline, and without UTF-8's mark before it; UTF-16 is CONFIG. Wipe it with sky_text_wipe() before g_free(). */
char *sky_text_file_read_secret(const char *path, GError **error);
void sky_text_wipe(char *text); /* NULL is fine */
