/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

#include <string.h>

/* What is about to go, of one audience. */
typedef struct {
    SkyMessageRecord *note; /* as it will stand */
    int64_t row;            /* of the last that goes: the note comes before whatever is left */
} Gap;

#define VICTIMS "SELECT row FROM message INDEXED BY message_victim" \
    " WHERE class = 1 AND delivered IS NULL AND dead IS NULL AND seq > 0 ORDER BY row LIMIT ?"

static void gap_free(gpointer item) {
    Gap *gap = item;
    sky_message_record_free(gap->note);
    g_free(gap);
}

static GPtrArray *find_gaps(SkyStore *store, uint64_t count, GError **error) {
    g_autoptr(GPtrArray) gaps = g_ptr_array_new_with_free_func(gap_free);
    sqlite3_stmt *statement = sky_database_prepare(
        store->database,
        "SELECT audience, topic, min(seq), max(seq), max(row) FROM message WHERE row IN (" VICTIMS ") GROUP BY audience", error);
    if (!statement) return NULL;
    sqlite3_bind_int64(statement, 1, (int64_t)count);
    gboolean row = FALSE;
    while (sky_database_step(store->database, statement, &row, error)) {
        if (!row) return g_steal_pointer(&gaps);
        Gap *gap = g_new0(Gap, 1);
        gap->note = sky_message_record_new_gap(
            (const char *)sqlite3_column_text(statement, 0), (const char *)sqlite3_column_text(statement, 1),
            (uint64_t)sqlite3_column_int64(statement, 2), (uint64_t)sqlite3_column_int64(statement, 3));
        gap->row = sqlite3_column_int64(statement, 4);
        g_ptr_array_add(gaps, gap);
    }
    return NULL;
}

/* An earlier note that nobody has yet becomes part of the new one: one gap message a range. One further behind stays: what waits before it
 * is not missing. */
static gboolean merge_earlier(SkyStore *store, Gap *gap, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "SELECT payload FROM message INDEXED BY message_gap WHERE class = 1 AND seq = 0 AND audience = ?"
        " AND delivered IS NULL AND dead IS NULL AND row <= ?", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, gap->note->audience, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(statement, 2, gap->row);
    uint64_t from_seq, to_seq, earlier_from, earlier_to;
    if (!sky_message_record_is_gap(gap->note, &from_seq, &to_seq)) g_assert_not_reached();
    gboolean row = FALSE;
    while (sky_database_step(store->database, statement, &row, error) && row) {
        g_autoptr(SkyMessageRecord) earlier = sky_message_record_new(SKY_MESSAGE_LOG, "", "", sqlite3_column_blob(statement, 0),
                                                                     (gsize)sqlite3_column_bytes(statement, 0));
        if (!sky_message_record_is_gap(earlier, &earlier_from, &earlier_to)) continue;
        from_seq = MIN(from_seq, earlier_from);
        to_seq = MAX(to_seq, earlier_to);
    }
    if (row) return FALSE;
    SkyMessageRecord *merged = sky_message_record_new_gap(gap->note->audience, gap->note->topic, from_seq, to_seq);
    sky_message_record_free(gap->note);
    gap->note = merged;
    statement = sky_database_prepare(store->database, "DELETE FROM message WHERE class = 1 AND seq = 0 AND audience = ?"
                                     " AND delivered IS NULL AND dead IS NULL AND row <= ?", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, merged->audience, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, gap->row);
    return sky_database_run(store->database, statement, error);
}

static gboolean write_note(SkyStore *store, const Gap *gap, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "INSERT INTO message(row, class, epoch, audience, seq, alert, topic, json, created, payload, sum)"
        " VALUES(?1, 1, ?2, ?3, 0, '', ?4, 1, ?5, ?6, row_sum('message', ?1, 1, ?2, ?3, 0, '', ?4, 1, ?5, ?6))", error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, gap->row);
    sqlite3_bind_text(statement, 2, store->epoch, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, gap->note->audience, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 4, gap->note->topic, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 5, sky_clock_utc_ns());
    sqlite3_bind_blob64(statement, 6, gap->note->payload, gap->note->payload_bytes, SQLITE_STATIC);
    return sky_database_run(store->database, statement, error);
}

gboolean sky_store_evict_log(SkyStore *store, uint64_t count, uint64_t *ret_gone, GError **error) {
    g_autoptr(GPtrArray) gaps = find_gaps(store, count, error);
    if (!gaps) return FALSE;
    sqlite3_stmt *statement = sky_database_prepare(store->database, "DELETE FROM message WHERE row IN (" VICTIMS ")", error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, (int64_t)count);
    if (!sky_database_run(store->database, statement, error)) return FALSE;
    *ret_gone = (uint64_t)sqlite3_changes(store->database->handle);
    for (guint i = 0; i < gaps->len; i++) {
        if (!merge_earlier(store, gaps->pdata[i], error) || !write_note(store, gaps->pdata[i], error)) return FALSE;
    }
    return TRUE;
}

/* ---- what was never stored ---- */

static gboolean next_number(SkyStore *store, const char *audience, uint64_t *ret_next, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(store->database, "SELECT next FROM sequence WHERE epoch = ? AND audience = ?", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, store->epoch, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, audience, -1, SQLITE_STATIC);
    gboolean row = FALSE;
    if (!sky_database_step(store->database, statement, &row, error)) return FALSE;
    *ret_next = row ? (uint64_t)sqlite3_column_int64(statement, 0) : 1;
    sqlite3_reset(statement);
    return TRUE;
}

gboolean sky_store_tell_skipped(SkyStore *store, const SkyMessageRecord *log, int64_t *row, GError **error) {
    uint64_t next = 0;
    if (!next_number(store, log->audience, &next, error)) return FALSE;
    if (log->seq <= next) return TRUE;
    Gap gap = {.note = sky_message_record_new_gap(log->audience, log->topic, next, log->seq - 1), .row = (*row)++};
    gboolean ok = write_note(store, &gap, error);
    sky_message_record_free(gap.note);
    return ok;
}

/* ---- after a salvage ---- */

/* The first and the last number of an audience that are missing below `next`; FALSE on an error, *ret_any FALSE where none is. */
static gboolean find_missing(SkyStore *store, const char *audience, uint64_t next, uint64_t *ret_from, uint64_t *ret_to, gboolean *ret_any,
                             GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "WITH known AS (SELECT seq FROM message WHERE epoch = ?1 AND audience = ?2 AND seq > 0 UNION SELECT ?3)"
        " SELECT min(prev + 1), max(seq - 1) FROM (SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq) AS prev FROM known) WHERE seq > prev + 1",
        error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, store->epoch, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, audience, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(statement, 3, (int64_t)next);
    gboolean row = FALSE;
    if (!sky_database_step(store->database, statement, &row, error)) return FALSE;
    *ret_any = row && sqlite3_column_type(statement, 0) != SQLITE_NULL;
    *ret_from = (uint64_t)sqlite3_column_int64(statement, 0);
    *ret_to = (uint64_t)sqlite3_column_int64(statement, 1);
    sqlite3_reset(statement);
    return TRUE;
}

/* Any audience's log topic ends in its name. NULL: not one log row was saved. */
static char *log_topic(SkyStore *store, const char *audience) {
    sqlite3_stmt *statement = sky_database_prepare(store->database, "SELECT topic FROM message WHERE class = 1 LIMIT 1", NULL);
    gboolean row = FALSE;
    if (!statement || !sky_database_step(store->database, statement, &row, NULL) || !row) return NULL;
    g_autofree char *topic = g_strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_reset(statement);
    char *slash = strrchr(topic, '/');
    if (!slash) return NULL;
    *slash = '\0';
    return g_strconcat(topic, "/", audience, NULL);
}

static gboolean tell_gap(SkyStore *store, const char *audience, uint64_t next, GError **error) {
    uint64_t from_seq = 0, to_seq = 0;
    gboolean any = FALSE;
    if (!find_missing(store, audience, next, &from_seq, &to_seq, &any, error)) return FALSE;
    g_autofree char *topic = any ? log_topic(store, audience) : NULL;
    if (!topic) return TRUE;
    Gap gap = {.note = sky_message_record_new_gap(audience, topic, from_seq, to_seq), .row = store->next_row};
    gboolean ok = merge_earlier(store, &gap, error) && write_note(store, &gap, error);
    sky_message_record_free(gap.note);
    store->next_row += ok ? 1 : 0;
    return ok;
}

gboolean sky_store_tell_gaps(SkyStore *store, GError **error) {
    GHashTableIter iter;
    gpointer audience, next;
    g_hash_table_iter_init(&iter, store->next_seq);
    while (g_hash_table_iter_next(&iter, &audience, &next)) {
        if (!tell_gap(store, audience, *(uint64_t *)next, error)) return FALSE;
    }
    return TRUE;
}
