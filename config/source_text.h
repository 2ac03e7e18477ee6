/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/report.h"

/* The text of a configuration file, as bytes with positions. Borrowed; a value. A place (`at`) counts from its base; columns count
 * characters, from 1. */
#define SKY_SOURCE_BYTES_MAX (512 * 1024)
#define SKY_SOURCE_END G_MAXSIZE /* a place: behind the text, where something is missing */
struct SkySourceText {
    const char *name;      /* stands in the reports */
    const char *directory; /* relative files that it names lie here */
    const char *text;
    gsize bytes;
    gsize base;            /* the place of its first byte among all files of the configuration */
};

/* Of one file alone; a byte order mark at the front is left out. */
SkySourceText sky_source_text(const char *name, const char *text, gsize bytes);
/* What no YAML reader should be asked to read: too large, not UTF-8, control characters, tabs as indentation, lines and brackets
 * that would cost it too much. FALSE: reported. */
gboolean sky_source_check(const SkySourceText *source, SkyReport *report);
void sky_source_position(const SkySourceText *source, gsize at, guint *ret_line, guint *ret_column);
/* The inverse, clamped to the text; line and column from 1. */
gsize sky_source_offset(const SkySourceText *source, guint line, guint column);
/* "the line\n    ^", or NULL where the line could show a secret: a line is shown only up to the first key that is not known to be
 * harmless, never a comment, nothing behind "://" or around "@", and no continuation of a value that is not shown. */
char *sky_source_quote(const SkySourceText *source, gsize at);
