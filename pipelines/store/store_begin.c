/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

#define AUDITS_AT_START "10000"

static gboolean read_epoch(SkyStore *store, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(store->database, "SELECT value FROM meta WHERE name = 'epoch'", error);
    gboolean row = FALSE;
    if (!statement || !sky_database_step(store->database, statement, &row, error)) return FALSE;
    if (row) {
        g_strlcpy(store->epoch, (const char *)sqlite3_column_text(statement, 0), sizeof store->epoch);
        sqlite3_reset(statement);
    }
    return TRUE;
}

static gboolean read_sequences(SkyStore *store, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database,
        /* No number that is in use is given again, whatever `sequence` says. */
        "SELECT audience, max(next) FROM (SELECT audience, next FROM sequence WHERE epoch = ?1 UNION ALL"
        " SELECT audience, max(seq) + 1 FROM message INDEXED BY message_log WHERE epoch = ?1 AND seq > 0 GROUP BY audience)"
        " GROUP BY audience", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, store->epoch, -1, SQLITE_STATIC);
    gboolean row = FALSE;
    for (;;) {
        if (!sky_database_step(store->database, statement, &row, error)) return FALSE;
        if (!row) return TRUE;
        uint64_t next = (uint64_t)sqlite3_column_int64(statement, 1);
        const uint64_t *known = g_hash_table_lookup(store->next_seq, sqlite3_column_text(statement, 0));
        if (known && *known >= next) continue; /* what was salvaged knows less than we do */
        g_hash_table_insert(store->next_seq, g_strdup((const char *)sqlite3_column_text(statement, 0)), g_memdup2(&next, sizeof next));
    }
}

gboolean sky_store_read_counters(SkyStore *store, GError **error) {
    int64_t last = 0;
    if (!read_epoch(store, error)) return FALSE;
    if (!store->epoch[0]) sky_ulid_make(sky_clock_utc_ns(), store->epoch);
    if (!read_sequences(store, error)) return FALSE;
    if (!sky_database_number(store->database, "SELECT max(ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0),"
                             " ifnull((SELECT max(row) FROM message), 0))", 0, &last, error)) return FALSE;
    store->next_row = MAX(store->next_row, last + 1);
    return TRUE;
}

gboolean sky_store_write_counters(SkyStore *store, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "INSERT INTO meta(name, value) VALUES('epoch', ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value"
        " WHERE value <> excluded.value", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, store->epoch, -1, SQLITE_STATIC);
    if (!sky_database_run(store->database, statement, error)) return FALSE;
    GHashTableIter iter;
    gpointer audience, next;
    g_hash_table_iter_init(&iter, store->next_seq);
    while (g_hash_table_iter_next(&iter, &audience, &next)) {
        if (!sky_store_write_sequence(store, audience, *(uint64_t *)next, error)) return FALSE;
    }
    return TRUE;
}

static void copy_text(sqlite3_stmt *statement, int column, char *ret_text, gsize bytes) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    g_strlcpy(ret_text, text ? text : "", bytes);
}

static gboolean read_alerts(SkyStore *store, GPtrArray *alerts, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "SELECT alert, rev, updated, body, 1 FROM revision INDEXED BY revision_newest WHERE newest AND open = 1"
        " UNION SELECT r.alert, r.rev, r.updated, r.body, 0 FROM standing AS s JOIN revision AS r ON r.alert = s.alert"
        "  WHERE r.newest AND r.open = 0 ORDER BY updated, alert", error);
    gboolean row = FALSE;
    while (statement && sky_database_step(store->database, statement, &row, error)) {
        if (!row) return TRUE;
        SkyAlertRecord *alert = g_new0(SkyAlertRecord, 1);
        copy_text(statement, 0, alert->alert, sizeof alert->alert);
        alert->rev = (uint32_t)sqlite3_column_int64(statement, 1);
        alert->open = sqlite3_column_int(statement, 4) != 0;
        alert->updated_utc_ns = sqlite3_column_int64(statement, 2);
        alert->body = g_strdup((const char *)sqlite3_column_text(statement, 3));
        g_ptr_array_add(alerts, alert);
    }
    return FALSE;
}

/* By number and not by age: the clock of a box may be set by years, and requests of a minute ago are still to be known. */
static gboolean read_audits(SkyStore *store, GPtrArray *audits, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "SELECT audience, client, request_id, verb, alert, utc, ok, reply FROM audit"
        " ORDER BY id DESC LIMIT " AUDITS_AT_START, error);
    gboolean row = FALSE;
    while (statement && sky_database_step(store->database, statement, &row, error)) {
        if (!row) return TRUE;
        SkyAuditRecord *audit = g_new0(SkyAuditRecord, 1);
        copy_text(statement, 0, audit->audience, sizeof audit->audience);
        copy_text(statement, 1, audit->client, sizeof audit->client);
        copy_text(statement, 2, audit->request_id, sizeof audit->request_id);
        copy_text(statement, 3, audit->verb, sizeof audit->verb);
        copy_text(statement, 4, audit->alert, sizeof audit->alert);
        audit->utc_ns = sqlite3_column_int64(statement, 5);
        audit->ok = sqlite3_column_int(statement, 6) != 0;
        audit->reply = g_strdup((const char *)sqlite3_column_text(statement, 7));
        g_ptr_array_add(audits, audit);
    }
    return FALSE;
}

static gboolean read_told(SkyStore *store, GHashTable *told, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "SELECT topic FROM message WHERE class = 0 AND length(payload) > 0 ORDER BY row", error);
    gboolean row = FALSE;
    while (statement && sky_database_step(store->database, statement, &row, error)) {
        if (!row) return TRUE;
        g_hash_table_add(told, g_strdup((const char *)sqlite3_column_text(statement, 0)));
    }
    return FALSE;
}

/* What the process will go by has to be as it was written: one wrong row, and the file counts as damaged. */
static gboolean check_rows(SkyStore *store, GError **error) {
    static const char *const counts[] = {
        /* A row that an index has lost, or has another row's number for, would wait for ever. Of the index alone, which is short; + 0,
         * or SQLite takes for granted what is asked here. Rows that are no waiting ones are found when they are fetched. */
        "SELECT (SELECT count(DISTINCT row + 0) FROM message INDEXED BY message_waiting WHERE delivered IS NULL AND dead IS NULL)"
        " IS NOT (SELECT waiting FROM tally)",
        /* And an alert that an index takes for a closed one would be open for ever. */
        "SELECT count(*) FROM revision AS i INDEXED BY revision_newest LEFT JOIN revision AS t ON t.alert = i.alert AND t.rev = i.rev"
        " WHERE i.newest AND (i.open, i.updated) IS NOT (t.open, t.updated)",
        "SELECT count(*) FROM revision WHERE newest AND open AND sum IS NOT row_sum('revision', alert, rev, open, updated, body)",
        "SELECT count(*) FROM standing WHERE sum IS NOT row_sum('standing', kind, id, alert, body)",
        "SELECT count(*) FROM audit WHERE id > (SELECT max(id) FROM audit) - " AUDITS_AT_START " AND sum IS NOT"
        " row_sum('audit', audience, client, request_id, verb, alert, utc, ok, reply)",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        sqlite3_stmt *statement = sky_database_prepare(store->database, counts[i], error);
        if (!statement) return FALSE;
        gboolean row = FALSE;
        if (!sky_database_step(store->database, statement, &row, error)) return FALSE;
        int64_t untrue = sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
        if (untrue > 0) {
            sky_database_set_untrue(store->database, error);
            return FALSE;
        }
    }
    return TRUE;
}

static void copy_next_seq(GHashTable *from, GHashTable *to) {
    GHashTableIter iter;
    gpointer audience, next;
    g_hash_table_iter_init(&iter, from);
    while (g_hash_table_iter_next(&iter, &audience, &next)) {
        g_hash_table_insert(to, g_strdup(audience), g_memdup2(next, sizeof(uint64_t)));
    }
}

gboolean sky_store_read_start(SkyStore *store, SkyStoreStart *ret_start, GError **error) {
    SkyStoreStart start = {
        .next_seq = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .alerts = g_ptr_array_new_with_free_func((GDestroyNotify)sky_alert_record_free),
        .standing = g_ptr_array_new_with_free_func((GDestroyNotify)sky_standing_record_free),
        .told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .audits = g_ptr_array_new_with_free_func((GDestroyNotify)sky_audit_record_free),
    };
    g_strlcpy(start.epoch, store->epoch, sizeof start.epoch);
    copy_next_seq(store->next_seq, start.next_seq);
    if (sky_database_number(store->database, "SELECT value FROM meta WHERE name = 'last_utc'", 0, &start.last_utc_ns, error) &&
        sky_database_number(store->database, "SELECT value FROM meta WHERE name = 'age_utc'", start.last_utc_ns, &start.age_utc_ns, error) &&
        check_rows(store, error) &&
        read_alerts(store, start.alerts, error) && sky_store_read_standing(store, start.standing, error) &&
        read_audits(store, start.audits, error) && read_told(store, start.told, error)) {
        *ret_start = start;
        return TRUE;
    }
    sky_store_start_clear(&start);
    return FALSE;
}
