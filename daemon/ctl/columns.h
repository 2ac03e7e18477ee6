/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Rows of texts in columns on a terminal: a Chinese character takes two cells. */
typedef struct {
    guint columns;
    GPtrArray *cells; /* char *, row by row */
} SkyColumns;

void sky_columns_init(SkyColumns *table, guint columns);
void sky_columns_clear(SkyColumns *table);
void sky_columns_add(SkyColumns *table, const char *cell); /* UTF-8; NULL = "" */
/* All rows, each begun by indent and ended by a newline, no blanks before it. New memory. */
char *sky_columns_text(const SkyColumns *table, const char *indent);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkyColumns, sky_columns_clear)
