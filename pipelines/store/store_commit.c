/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

static gboolean write_alert(SkyDatabase *database, const SkyAlertRecord *alert, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(database, "UPDATE revision SET newest = 0 WHERE alert = ? AND newest", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, alert->alert, -1, SQLITE_STATIC);
    if (!sky_database_run(database, statement, error)) return FALSE;
    statement = sky_database_prepare(database, "INSERT INTO revision(alert, rev, newest, open, updated, body, sum)"
                                     " VALUES(?1, ?2, 1, ?3, ?4, ?5, row_sum('revision', ?1, ?2, ?3, ?4, ?5))", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, alert->alert, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, alert->rev);
    sqlite3_bind_int(statement, 3, alert->open ? 1 : 0);
    sqlite3_bind_int64(statement, 4, alert->updated_utc_ns);
    sqlite3_bind_text(statement, 5, alert->body ? alert->body : "", -1, SQLITE_STATIC);
    return sky_database_run(database, statement, error);
}

/* A request_id that comes again after it has left the log of requests was carried out again by then: the commit that tells of it may
 * not fail of that. The elder one stays in the trail, by a name that no request has. */
static gboolean rename_elder(SkyDatabase *database, const SkyAuditRecord *audit, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        database, "UPDATE audit SET request_id = '?' || id || '-' || utc, sum = row_sum('audit', audience, client,"
        " '?' || id || '-' || utc, verb, alert, utc, ok, reply) WHERE audience = ? AND client = ? AND request_id = ?", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, audit->audience, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, audit->client, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, audit->request_id, -1, SQLITE_STATIC);
    return sky_database_run(database, statement, error);
}

static gboolean write_audit(SkyDatabase *database, const SkyAuditRecord *audit, GError **error) {
    if (!rename_elder(database, audit, error)) return FALSE;
    sqlite3_stmt *statement = sky_database_prepare(
        database, "INSERT INTO audit(audience, client, request_id, verb, alert, utc, ok, reply, sum)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, row_sum('audit', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, audit->audience, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, audit->client, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, audit->request_id, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 4, audit->verb, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 5, audit->alert, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 6, audit->utc_ns);
    sqlite3_bind_int(statement, 7, audit->ok ? 1 : 0);
    sqlite3_bind_text(statement, 8, audit->reply ? audit->reply : "", -1, SQLITE_STATIC);
    return sky_database_run(database, statement, error);
}

/* A topic has one STATE row, its newest: whatever was there is superseded, delivered or not. */
static gboolean supersede(SkyDatabase *database, const char *topic, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(database, "DELETE FROM message WHERE class = 0 AND topic = ?", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, topic, -1, SQLITE_STATIC);
    return sky_database_run(database, statement, error);
}

gboolean sky_store_write_sequence(SkyStore *store, const char *audience, uint64_t next_seq, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "INSERT INTO sequence(epoch, audience, next) VALUES(?, ?, ?)"
        " ON CONFLICT(epoch, audience) DO UPDATE SET next = max(next, excluded.next)", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, store->epoch, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, audience, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, (int64_t)next_seq);
    return sky_database_run(store->database, statement, error);
}

static gboolean write_log_number(SkyStore *store, const SkyMessageRecord *message, int64_t *row, GError **error) {
    return sky_store_tell_skipped(store, message, row, error) &&
           sky_store_write_sequence(store, message->audience, message->seq + 1, error);
}

/* row: the next that is free. */
static gboolean write_message(SkyStore *store, const SkyMessageRecord *message, int64_t *row, GError **error) {
    if (message->message_class == SKY_MESSAGE_STATE && !supersede(store->database, message->topic, error)) return FALSE;
    if (message->seq > 0 && !write_log_number(store, message, row, error)) return FALSE;
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "INSERT INTO message(row, class, epoch, audience, seq, alert, topic, json, created, payload, sum)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, row_sum('message', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10))", error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, (*row)++);
    sqlite3_bind_int(statement, 2, (int)message->message_class);
    sqlite3_bind_text(statement, 3, store->epoch, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 4, message->audience, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 5, (int64_t)message->seq);
    sqlite3_bind_text(statement, 6, message->alert, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 7, message->topic, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 8, message->json ? 1 : 0);
    sqlite3_bind_int64(statement, 9, message->created_utc_ns);
    sqlite3_bind_blob64(statement, 10, message->payload_bytes ? (const void *)message->payload : "", message->payload_bytes,
                        SQLITE_STATIC);
    return sky_database_run(store->database, statement, error);
}

/* The latest time that was ever seen: what a box without a clock starts from. A clock that is known to be right may also set it back:
 * one wrong setting must not stand for ever. */
gboolean sky_store_write_last_utc(SkyDatabase *database, int64_t latest_utc_ns, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        database, "INSERT INTO meta(name, value) VALUES('last_utc', ?1) ON CONFLICT(name) DO UPDATE SET value ="
        " CASE WHEN ?2 THEN excluded.value ELSE max(value, excluded.value) END", error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, latest_utc_ns);
    sqlite3_bind_int(statement, 2, sky_clock_is_synced() ? 1 : 0);
    return sky_database_run(database, statement, error);
}

gboolean sky_store_write_age_utc(SkyDatabase *database, int64_t utc_ns, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        database, "INSERT INTO meta(name, value) VALUES('age_utc', ?1) ON CONFLICT(name) DO UPDATE SET value = excluded.value", error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, utc_ns);
    return sky_database_run(database, statement, error);
}

gboolean sky_store_doubt_age(SkyDatabase *database, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(database, "INSERT OR IGNORE INTO meta(name, value) VALUES('age_utc', ?1)", error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, SKY_CLOCK_EARLIEST_UTC_NS);
    return sky_database_run(database, statement, error);
}

static int64_t latest_of(const SkyStoreCommit *commit) {
    int64_t latest = commit->alert ? commit->alert->updated_utc_ns : 0;
    if (commit->audit) latest = MAX(latest, commit->audit->utc_ns);
    for (guint i = 0; i < commit->messages->len; i++) {
        const SkyMessageRecord *message = commit->messages->pdata[i];
        latest = MAX(latest, message->created_utc_ns);
    }
    return latest;
}

static gboolean write_all(SkyStore *store, const SkyStoreCommit *commit, int64_t *row, uint64_t *ret_evicted, GError **error) {
    int64_t latest = latest_of(commit);
    if (commit->alert && !write_alert(store->database, commit->alert, error)) return FALSE;
    if (commit->audit && !write_audit(store->database, commit->audit, error)) return FALSE;
    for (guint i = 0; i < commit->standing->len; i++) {
        if (!sky_store_write_standing(store, commit->standing->pdata[i], error)) return FALSE;
    }
    for (guint i = 0; i < commit->messages->len; i++) {
        if (!write_message(store, commit->messages->pdata[i], row, error)) return FALSE;
    }
    return (latest == 0 || sky_store_write_last_utc(store->database, latest, error)) && sky_store_enforce_bounds(store, ret_evicted, error);
}

gboolean sky_store_write_commit(SkyStore *store, const SkyStoreCommit *commit, GError **error) {
    if (!sky_database_begin(store->database, error)) return FALSE;
    uint64_t evicted = 0;
    int64_t row = store->next_row;
    if (!write_all(store, commit, &row, &evicted, error)) {
        sky_database_rollback(store->database);
        return FALSE;
    }
    if (!sky_database_commit(store->database, error)) return FALSE;
    /* Only now: a failed transaction's numbers are used again, so that whatever its fsync left behind is replaced. */
    store->next_row = row;
    for (guint i = 0; i < commit->messages->len; i++) {
        const SkyMessageRecord *message = commit->messages->pdata[i];
        uint64_t *known = g_hash_table_lookup(store->next_seq, message->audience);
        if (message->seq == 0 || (known && *known > message->seq)) continue;
        uint64_t next = message->seq + 1;
        g_hash_table_insert(store->next_seq, g_strdup(message->audience), g_memdup2(&next, sizeof next));
    }
    store->evicted += evicted;
    sky_store_raise_mark(store);
    return TRUE;
}
