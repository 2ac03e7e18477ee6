/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Names and texts in order: an answer on the local socket. Owner: whoever made it. */
typedef struct {
    GPtrArray *names, *values; /* char * */
} SkyTable;

void sky_table_init(SkyTable *table);
void sky_table_clear(SkyTable *table);
void sky_table_add(SkyTable *table, const char *name, const char *value); /* NULL = "" */
void sky_table_add_format(SkyTable *table, const char *name, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* "<prefix>.<id>.<name>" */
void sky_table_add_of(SkyTable *table, const char *prefix, const char *id, const char *name, const char *format, ...)
    G_GNUC_PRINTF(5, 6);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkyTable, sky_table_clear)
