/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_dead.h"

#include "store/store_internal.h"

void sky_dead_letter_free(SkyDeadLetter *letter) {
    if (!letter) return;
    g_free(letter->topic);
    g_free(letter);
}

void sky_store_queue_free(SkyStoreQueue *queue) {
    if (!queue) return;
    if (queue->letters) g_ptr_array_unref(queue->letters);
    g_free(queue);
}

void sky_store_settled_free(SkyStoreSettled *settled) {
    if (!settled) return;
    if (settled->letters) g_ptr_array_unref(settled->letters);
    g_free(settled);
}

/* ---- what there is ---- */

static SkyDeadLetter *letter_of(sqlite3_stmt *statement) {
    SkyDeadLetter *letter = g_new0(SkyDeadLetter, 1);
    const char *alert = (const char *)sqlite3_column_text(statement, 4);
    letter->row = sqlite3_column_int64(statement, 0);
    letter->message_class = (SkyMessageClass)sqlite3_column_int(statement, 1);
    letter->reason_code = (uint32_t)sqlite3_column_int64(statement, 2);
    letter->topic = g_strdup((const char *)sqlite3_column_text(statement, 3));
    g_strlcpy(letter->alert, alert ? alert : "", sizeof letter->alert);
    letter->payload_bytes = (gsize)sqlite3_column_int64(statement, 5);
    letter->created_utc_ns = sqlite3_column_int64(statement, 6);
    return letter;
}

/* There are few dead letters among many rows: the index of the dead finds them, the sort is theirs alone. */
#define LETTERS "SELECT row, class, dead, topic, alert, length(payload), created FROM message INDEXED BY message_dead" \
    " WHERE dead IS NOT NULL AND row > ?1 AND row < ?2 ORDER BY row LIMIT ?3"

static GPtrArray *read_letters(SkyStore *store, int64_t after_row, int64_t before_row, uint32_t count, GError **error) {
    g_autoptr(GPtrArray) letters = g_ptr_array_new_with_free_func((GDestroyNotify)sky_dead_letter_free);
    sqlite3_stmt *statement = sky_database_prepare(store->database, LETTERS, error);
    if (!statement) return NULL;
    sqlite3_bind_int64(statement, 1, after_row);
    sqlite3_bind_int64(statement, 2, before_row);
    sqlite3_bind_int64(statement, 3, count);
    for (gboolean row = FALSE;;) {
        if (!sky_database_step(store->database, statement, &row, error)) return NULL;
        if (!row) return g_steal_pointer(&letters);
        g_ptr_array_add(letters, letter_of(statement));
    }
}

static gboolean read_waiting(SkyStore *store, int message_class, SkyStoreQueue *queue, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database,
        "SELECT count(*), (SELECT created FROM message INDEXED BY message_victim WHERE class = ?1 AND delivered IS NULL"
        " AND dead IS NULL ORDER BY row LIMIT 1) FROM message INDEXED BY message_victim WHERE class = ?1 AND delivered IS NULL"
        " AND dead IS NULL",
        error);
    gboolean row = FALSE;
    if (!statement) return FALSE;
    sqlite3_bind_int(statement, 1, message_class);
    if (!sky_database_step(store->database, statement, &row, error)) return FALSE;
    gboolean some = row && sqlite3_column_int64(statement, 0) > 0;
    queue->waiting[message_class] = some ? (uint64_t)sqlite3_column_int64(statement, 0) : 0;
    queue->oldest_utc_ns[message_class] = some ? sqlite3_column_int64(statement, 1) : SKY_TIME_NONE;
    sqlite3_reset(statement);
    return TRUE;
}

SkyStoreQueue *sky_store_read_queue(SkyStore *store, uint32_t count, GError **error) {
    g_autoptr(SkyStoreQueue) queue = g_new0(SkyStoreQueue, 1);
    SkyStoreTally tally;
    if (!sky_store_write_delivered(store, error)) return NULL; /* what was acknowledged a moment ago waits no more */
    for (int i = 0; i < SKY_STORE_CLASSES; i++) {
        if (!read_waiting(store, i, queue, error)) return NULL;
    }
    if (!sky_store_read_tally(store, &tally, error)) return NULL;
    queue->dead = tally.dead;
    queue->letters = read_letters(store, 0, INT64_MAX, count, error);
    return queue->letters ? g_steal_pointer(&queue) : NULL;
}

/* ---- what a person decided ---- */

/* A new number, because the outbox has passed the old one; it is part of the row's sum. */
static gboolean resend(SkyStore *store, const SkyDeadLetter *letter, int64_t new_row, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database,
        "UPDATE message SET row = ?2, dead = NULL, sum = row_sum('message', ?2, class, epoch, audience, seq, alert,"
        " topic, json, created, payload) WHERE row = ?1",
        error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, letter->row);
    sqlite3_bind_int64(statement, 2, new_row);
    return sky_database_run(store->database, statement, error);
}

/* An update does not move the counter that keeps numbers from being given twice. */
static gboolean move_counter(SkyStore *store, int64_t last_row, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'message'", error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, last_row);
    return sky_database_run(store->database, statement, error);
}

static gboolean drop(SkyStore *store, const SkyDeadLetter *letter, gboolean *ret_gone, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(
        store->database, "DELETE FROM message WHERE row = ?1 AND NOT (class = 0 AND length(payload) > 0 AND EXISTS"
        " (SELECT 1 FROM revision AS r WHERE r.alert = message.alert AND r.newest AND r.open))", error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, letter->row);
    if (!sky_database_run(store->database, statement, error)) return FALSE;
    *ret_gone = sqlite3_changes(store->database->handle) > 0;
    return TRUE;
}

static gboolean resend_all(SkyStore *store, GPtrArray *letters, GError **error) {
    for (guint i = 0; i < letters->len; i++) {
        if (!resend(store, letters->pdata[i], store->next_row + (int64_t)i, error)) return FALSE;
    }
    return letters->len == 0 || move_counter(store, store->next_row + (int64_t)letters->len - 1, error);
}

static gboolean drop_all(SkyStore *store, SkyStoreSettled *settled, GError **error) {
    for (guint i = settled->letters->len; i-- > 0;) {
        gboolean gone = FALSE;
        if (!drop(store, settled->letters->pdata[i], &gone, error)) return FALSE;
        if (gone) continue;
        settled->kept++;
        g_ptr_array_remove_index(settled->letters, i);
    }
    return TRUE;
}

static gboolean settle(SkyStore *store, SkyStoreSettle what, SkyStoreSettled *settled, GError **error) {
    settled->letters = read_letters(store, settled->after_row, settled->before_row, SKY_STORE_SETTLE_MAX, error);
    if (!settled->letters) return FALSE;
    guint count = settled->letters->len;
    settled->more = count == SKY_STORE_SETTLE_MAX;
    if (count > 0) settled->after_row = ((SkyDeadLetter *)settled->letters->pdata[count - 1])->row;
    return what == SKY_STORE_RESEND ? resend_all(store, settled->letters, error) : drop_all(store, settled, error);
}

SkyStoreSettled *sky_store_write_settled(SkyStore *store, SkyStoreSettle what, int64_t after_row, int64_t before_row,
                                         GError **error) {
    g_autoptr(SkyStoreSettled) settled = g_new0(SkyStoreSettled, 1);
    settled->after_row = after_row;
    settled->before_row = before_row > 0 ? before_row : store->next_row;
    if (!store->database->file) {
        g_set_error(error, SKY_ERROR, SKY_ERR_RESOURCE,
                    "store: the disk refuses, and its dead letters can not be settled until it returns");
        return NULL;
    }
    if (!sky_database_begin(store->database, error)) return NULL;
    if (!settle(store, what, settled, error)) {
        sky_database_rollback(store->database);
        return NULL;
    }
    if (!sky_database_commit(store->database, error)) return NULL;
    if (what == SKY_STORE_RESEND) store->next_row += settled->letters->len;
    return g_steal_pointer(&settled);
}
