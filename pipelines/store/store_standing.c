/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

SkyStandingRecord *sky_standing_record_new(SkyStandingKind kind, const char *id, const char *body) {
    SkyStandingRecord *record = g_new0(SkyStandingRecord, 1);
    record->kind = kind;
    g_strlcpy(record->id, id, sizeof record->id);
    record->body = g_strdup(body);
    return record;
}

void sky_standing_record_free(SkyStandingRecord *record) {
    if (!record) return;
    g_free(record->body);
    g_free(record);
}

static gboolean run(SkyDatabase *database, const char *text, const SkyStandingRecord *record, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(database, text, error);
    if (!statement) return FALSE;
    sqlite3_bind_int(statement, 1, (int)record->kind);
    sqlite3_bind_text(statement, 2, record->id, -1, SQLITE_STATIC);
    if (sqlite3_bind_parameter_count(statement) > 2) {
        sqlite3_bind_text(statement, 3, record->alert, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 4, record->body, -1, SQLITE_STATIC);
    }
    return sky_database_run(database, statement, error);
}

/* In memory, what the file could not give may still stand in it: a row without a body takes it away at the way back. */
gboolean sky_store_write_standing(SkyStore *store, const SkyStandingRecord *record, GError **error) {
    static const char put[] = "INSERT OR REPLACE INTO standing(kind, id, alert, body, sum)"
                              " VALUES(?1, ?2, ?3, ?4, row_sum('standing', ?1, ?2, ?3, ?4))";
    SkyDatabase *database = store->database;
    if (record->body) return run(database, put, record, error);
    if (!run(database, "DELETE FROM standing WHERE kind = ? AND id = ?", record, error)) return FALSE;
    return database->file || sqlite3_changes(database->handle) > 0 || run(database, put, record, error);
}

gboolean sky_store_read_standing(SkyStore *store, GPtrArray *standing, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(store->database,
                                                   "SELECT kind, id, alert, body FROM standing WHERE body IS NOT NULL ORDER BY kind, id", error);
    gboolean row = FALSE;
    while (statement && sky_database_step(store->database, statement, &row, error)) {
        if (!row) return TRUE;
        SkyStandingRecord *record = sky_standing_record_new((SkyStandingKind)sqlite3_column_int(statement, 0),
                                                            (const char *)sqlite3_column_text(statement, 1),
                                                            (const char *)sqlite3_column_text(statement, 3));
        g_strlcpy(record->alert, (const char *)sqlite3_column_text(statement, 2), sizeof record->alert);
        g_ptr_array_add(standing, record);
    }
    return FALSE;
}
