/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

/* A page of pictures must not weigh what a page of texts may count. */
#define PAGE_BYTES_MAX (1 << 20)

#define COLUMNS "m.row, m.class, m.audience, m.seq, m.alert, m.topic, m.json, m.created, m.payload," \
    " m.sum IS row_sum('message', m.row, m.class, m.epoch, m.audience, m.seq, m.alert, m.topic, m.json, m.created, m.payload)"

static const char *column_text(sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

static SkyMessageRecord *record_of(sqlite3_stmt *statement) {
    const void *payload = sqlite3_column_blob(statement, 8);
    SkyMessageRecord *record = sky_message_record_new((SkyMessageClass)sqlite3_column_int(statement, 1), column_text(statement, 2),
                                                      column_text(statement, 5), payload, (gsize)sqlite3_column_bytes(statement, 8));
    record->row = sqlite3_column_int64(statement, 0);
    record->seq = (uint64_t)sqlite3_column_int64(statement, 3);
    g_strlcpy(record->alert, column_text(statement, 4), sizeof record->alert);
    record->json = sqlite3_column_int(statement, 6) != 0;
    record->created_utc_ns = sqlite3_column_int64(statement, 7);
    return record;
}

/* At most count rows of the statement, leaving out the rows in `without` (NULL: none). */
static GPtrArray *collect(SkyStore *store, sqlite3_stmt *statement, uint32_t count, GHashTable *without, gboolean *ret_more,
                          GError **error) {
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)sky_message_record_free);
    gboolean row = FALSE;
    gsize bytes = 0;
    *ret_more = FALSE;
    for (;;) {
        if (!sky_database_step(store->database, statement, &row, error)) return NULL;
        if (!row) return g_steal_pointer(&rows);
        int64_t number = sqlite3_column_int64(statement, 0);
        if (without && g_hash_table_contains(without, &number)) continue;
        if (!sqlite3_column_int(statement, 9)) {
            sqlite3_reset(statement);
            sky_database_set_untrue(store->database, error);
            return NULL;
        }
        if (rows->len == count || bytes > PAGE_BYTES_MAX) {
            *ret_more = TRUE;
            sqlite3_reset(statement);
            return g_steal_pointer(&rows);
        }
        SkyMessageRecord *record = record_of(statement);
        bytes += record->payload_bytes;
        g_ptr_array_add(rows, record);
    }
}

GPtrArray *sky_store_read_waiting(SkyStore *store, int64_t after_row, uint32_t count, gboolean *ret_more, GError **error) {
    /* INDEXED BY: without it the planner may walk 30 days of delivered rows to find the few that wait. The marks are looked at in the
     * row too: an index that leads to one that was sent holds one back that was not. */
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "SELECT " COLUMNS " AND +m.delivered IS NULL AND +m.dead IS NULL FROM message AS m INDEXED BY message_waiting"
        " WHERE m.row > ? AND m.delivered IS NULL AND m.dead IS NULL ORDER BY m.row", error);
    if (!statement) return NULL;
    sqlite3_bind_int64(statement, 1, after_row);
    return collect(store, statement, count, store->acknowledged, ret_more, error);
}

GPtrArray *sky_store_read_states(SkyStore *store, int64_t after_row, uint32_t count, gboolean *ret_more, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "SELECT " COLUMNS " FROM message AS m INDEXED BY message_retained WHERE m.class = 0 AND m.row > ? AND"
        " ((m.delivered IS NULL AND m.dead IS NULL) OR (length(m.payload) > 0 AND EXISTS"
        " (SELECT 1 FROM revision AS r WHERE r.alert = m.alert AND r.newest AND r.open))) ORDER BY m.row", error);
    if (!statement) return NULL;
    sqlite3_bind_int64(statement, 1, after_row);
    return collect(store, statement, count, NULL, ret_more, error);
}

GPtrArray *sky_store_read_log(SkyStore *store, const char *audience, uint64_t from_seq, uint32_t count, gboolean *ret_more,
                              GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "SELECT " COLUMNS " FROM message AS m INDEXED BY message_log"
        " WHERE m.epoch = ? AND m.audience = ? AND m.seq >= ? AND m.seq > 0 ORDER BY m.seq", error);
    if (!statement) return NULL;
    sqlite3_bind_text(statement, 1, store->epoch, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, audience, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(statement, 3, (int64_t)MIN(from_seq, (uint64_t)INT64_MAX));
    return collect(store, statement, count, NULL, ret_more, error);
}
