/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* A text from a stranger, fit for a terminal: mended UTF-8, each control character (C0, C1, DEL), line or paragraph separator and
 * bidirectional override a '?', at most most_characters (then an ellipsis). Takes NULL. New memory. */
char *sky_reader_text(const char *text, gsize most_characters);
