/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

/* What nobody will ask for again goes: events, images, cleared topics and gap notes (LOG without seq). Log rows stay for replay, the
 * state of an open alert for the next connect. A cleared topic stays while in memory: the copy back has to overwrite what the
 * file still holds for that topic. */
static gboolean mark(SkyStore *store, int64_t row, int64_t now_utc_ns, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "DELETE FROM message WHERE row = ?1 AND (class IN (2, 3) OR (class = 1 AND seq = 0)"
        " OR (class = 0 AND length(payload) = 0 AND ?2))", error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, row);
    sqlite3_bind_int(statement, 2, store->database->file ? 1 : 0);
    if (!sky_database_run(store->database, statement, error)) return FALSE;
    statement = sky_database_prepare(store->database, "UPDATE message SET delivered = ifnull(delivered, ?2), dead = NULL WHERE row = ?1",
                                     error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, row);
    sqlite3_bind_int64(statement, 2, now_utc_ns);
    return sky_database_run(store->database, statement, error);
}

gboolean sky_store_write_delivered(SkyStore *store, GError **error) {
    if (g_hash_table_size(store->acknowledged) > 0) {
        if (!sky_database_begin(store->database, error)) return FALSE;
        GHashTableIter iter;
        gpointer row;
        int64_t now_utc_ns = sky_clock_utc_ns();
        g_hash_table_iter_init(&iter, store->acknowledged);
        while (g_hash_table_iter_next(&iter, &row, NULL)) {
            if (!mark(store, *(int64_t *)row, now_utc_ns, error)) {
                sky_database_rollback(store->database);
                return FALSE;
            }
        }
        if (!sky_database_commit(store->database, error)) return FALSE;
        g_hash_table_remove_all(store->acknowledged);
    }
    store->acknowledged_by_ns = INT64_MAX;
    return TRUE;
}

gboolean sky_store_write_dead(SkyStore *store, int64_t row, uint32_t reason_code, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(store->database, "UPDATE message SET dead = ?, delivered = NULL WHERE row = ?", error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, reason_code);
    sqlite3_bind_int64(statement, 2, row);
    return sky_database_run(store->database, statement, error); /* alone: its own transaction */
}
