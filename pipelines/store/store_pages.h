/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* A database file that SQLite does not read any more, page by page and row by row, without its trees: see "Database File Format" at
 * sqlite.org. What a WAL beside it has committed counts as SQLite would count it. Nothing is believed: every length and number is
 * checked, and what the rows say is for the caller to judge (store_sum.h).
 * Thread: one at a time. Owner: whoever opened it. */
typedef struct SkyPages SkyPages;
SkyPages *sky_pages_open(const char *path, GError **error); /* read only; RESOURCE */
void sky_pages_close(SkyPages *pages);
uint32_t sky_pages_count(const SkyPages *pages); /* numbered from 1 */
uint32_t sky_pages_unread(const SkyPages *pages); /* how often the disk would not give one */

typedef enum { SKY_CELL_NULL, SKY_CELL_NUMBER, SKY_CELL_TEXT, SKY_CELL_BLOB, SKY_CELL_FLOAT } SkyCellType;
typedef struct {
    SkyCellType type;
    int64_t number;
    const uint8_t *bytes; /* of text (without a NUL) and blob */
    uint32_t count;
} SkyCell;

#define SKY_ROW_CELLS_MAX 16
typedef struct {
    gboolean keyed;   /* of a table with a rowid; else of an index, which a table WITHOUT ROWID is as well */
    int64_t rowid;
    uint32_t count;
    SkyCell cells[SKY_ROW_CELLS_MAX];
} SkyRow;
/* The row is gone after the call. FALSE: no further rows are wanted. */
typedef gboolean (*SkyRowSink)(const SkyRow *row, gpointer user);
/* Every row that page `number` holds, whole, with what of it lies on other pages. FALSE: the sink said so. */
gboolean sky_pages_rows(SkyPages *pages, uint32_t number, SkyRowSink sink, gpointer user);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyPages, sky_pages_close)
