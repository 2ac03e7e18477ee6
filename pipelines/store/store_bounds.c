/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

#define PRUNE_ROWS "200"
#define AUDITS_MAX "100000"
#define ALERTS_MAX "100000" /* closed ones */
#define FREE_PAGES_MIN 256

gboolean sky_store_read_tally(SkyStore *store, SkyStoreTally *ret_tally, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(store->database, "SELECT waiting, dead, bytes FROM tally", error);
    gboolean row = FALSE;
    if (!statement || !sky_database_step(store->database, statement, &row, error)) return FALSE;
    if (!row) {
        g_set_error(error, SKY_ERROR, SKY_ERR_RESOURCE, "store: the tally is missing");
        store->database->corrupt = TRUE;
        return FALSE;
    }
    *ret_tally = (SkyStoreTally){.waiting = (uint64_t)sqlite3_column_int64(statement, 0),
                                 .dead = (uint64_t)sqlite3_column_int64(statement, 1),
                                 .bytes = (uint64_t)sqlite3_column_int64(statement, 2)};
    sqlite3_reset(statement);
    return TRUE;
}

/* What goes, first to last. Superseded STATE rows need no place here: they went when they were superseded. */
typedef struct {
    const char *text;
    gboolean waiting; /* it was still to be sent: counts as evicted, helps against rows_max */
} Victim;

static const Victim victims[] = {
    /* Sent already, kept only for replay or for a person to look at: before anything that nobody has seen yet. */
    {"DELETE FROM message WHERE row IN (SELECT row FROM message INDEXED BY message_dead WHERE dead IS NOT NULL AND class > 0"
     " ORDER BY created LIMIT ?)", FALSE},
    {"DELETE FROM message WHERE row IN (SELECT row FROM message INDEXED BY message_kept WHERE delivered IS NOT NULL AND class = 1"
     " ORDER BY delivered LIMIT ?)", FALSE},
    {"DELETE FROM message WHERE row IN (SELECT row FROM message INDEXED BY message_victim WHERE class = 2"
     " AND delivered IS NULL AND dead IS NULL ORDER BY row LIMIT ?)", TRUE},
    {"DELETE FROM message WHERE row IN (SELECT row FROM message INDEXED BY message_victim WHERE class = 3"
     " AND delivered IS NULL AND dead IS NULL ORDER BY row LIMIT ?)", TRUE},
    {NULL, TRUE}, /* LOG: sky_store_evict_log() */
    /* Last: clears of alerts that are closed. The state of an open alert never. */
    {"DELETE FROM message WHERE row IN (SELECT row FROM message AS m INDEXED BY message_victim WHERE class = 0"
     " AND delivered IS NULL AND dead IS NULL"
     " AND NOT EXISTS (SELECT 1 FROM revision AS r WHERE r.alert = m.alert AND r.newest AND r.open) ORDER BY row LIMIT ?)", TRUE},
};

/* A damaged tally must not have the whole queue thrown away: where it is far over, it is counted again first. */
#define FAR_ROWS 256
#define FAR_BYTES (UINT64_C(16) << 20)
static gboolean check_tally(SkyStore *store, const SkyStoreTally *tally, GError **error) {
    int64_t waiting = 0, bytes = 0;
    if (!sky_database_number(store->database, "SELECT count(*) FROM message INDEXED BY message_waiting WHERE delivered IS NULL AND dead IS NULL",
                             0, &waiting, error) ||
        !sky_database_number(store->database, "SELECT sum(length(payload)) FROM message", 0, &bytes, error)) return FALSE;
    if ((uint64_t)waiting == tally->waiting && (uint64_t)bytes == tally->bytes) return TRUE;
    sky_database_set_untrue(store->database, error);
    return FALSE;
}

static gboolean evict(SkyStore *store, const Victim *victim, uint64_t count, uint64_t *ret_gone, GError **error) {
    if (!victim->text) return sky_store_evict_log(store, count, ret_gone, error);
    sqlite3_stmt *statement = sky_database_prepare(store->database, victim->text, error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, (int64_t)count);
    if (!sky_database_run(store->database, statement, error)) return FALSE;
    *ret_gone = (uint64_t)sqlite3_changes(store->database->handle);
    return TRUE;
}

gboolean sky_store_enforce_bounds(SkyStore *store, uint64_t *ret_evicted, GError **error) {
    uint64_t bytes_max = store->database->file ? store->bytes_max : MIN(store->bytes_max, SKY_STORE_MEMORY_BYTES_MAX);
    uint64_t evicted = 0;
    for (size_t next = 0; next < G_N_ELEMENTS(victims);) {
        SkyStoreTally tally;
        if (!sky_store_read_tally(store, &tally, error)) return FALSE;
        uint64_t rows_over = tally.waiting > store->rows_max ? tally.waiting - store->rows_max : 0;
        gboolean bytes_over = tally.bytes > bytes_max;
        if (!rows_over && !bytes_over) break;
        if (next == 0 && evicted == 0 && (rows_over > FAR_ROWS || tally.bytes > bytes_max + FAR_BYTES) && !check_tally(store, &tally, error)) {
            return FALSE;
        }
        if (!victims[next].waiting && !bytes_over) {
            next++; /* rows_max is about what waits: giving up replay would not help */
            continue;
        }
        uint64_t gone = 0;
        if (!evict(store, &victims[next], rows_over ? rows_over : 4, &gone, error)) return FALSE;
        if (victims[next].waiting) evicted += gone;
        if (gone == 0) next++;
    }
    *ret_evicted = evicted;
    return TRUE;
}

typedef struct {
    const char *text;
    gboolean by_number; /* whatever its age */
} Prune;

static const Prune prunes[] = {
    {"DELETE FROM message WHERE row IN (SELECT row FROM message INDEXED BY message_kept WHERE delivered IS NOT NULL AND class = 1"
     " AND delivered < ? ORDER BY delivered LIMIT " PRUNE_ROWS ")", FALSE},
    /* Of the states only those of open alerts stay: else each alert would leave the clear that was refused behind, for ever. */
    {"DELETE FROM message WHERE row IN (SELECT row FROM message AS m INDEXED BY message_dead WHERE dead IS NOT NULL AND created < ?"
     " AND (class > 0 OR NOT EXISTS (SELECT 1 FROM revision AS r WHERE r.alert = m.alert AND r.newest AND r.open))"
     " ORDER BY created LIMIT " PRUNE_ROWS ")", FALSE},
    {"DELETE FROM revision WHERE alert IN (SELECT alert FROM revision INDEXED BY revision_newest WHERE newest AND open = 0"
     " AND updated < ? ORDER BY updated LIMIT " PRUNE_ROWS ")", FALSE},
    /* Of a box whose clock is never synced, nothing goes by age. */
    {"DELETE FROM revision WHERE ?1 = ?1 AND alert IN (SELECT alert FROM revision INDEXED BY revision_newest WHERE newest AND open = 0"
     " ORDER BY updated LIMIT min(" PRUNE_ROWS ", max(0, (SELECT count(*) FROM revision INDEXED BY revision_newest WHERE newest AND open = 0)"
     " - " ALERTS_MAX ")))", TRUE},
    {"DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE utc < ? ORDER BY utc LIMIT " PRUNE_ROWS ")", FALSE},
    /* Refused commands are in the trail too: whoever sends them without end must not fill the disk. */
    {"DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id <= (SELECT max(id) FROM audit) - " AUDITS_MAX " AND ?1 = ?1"
     " ORDER BY id LIMIT 2000)", TRUE},
};

static gboolean prune_each(SkyStore *store, int64_t before_utc_ns, uint64_t *ret_gone, uint64_t *ret_forgotten, GError **error) {
    for (size_t i = 0; i < G_N_ELEMENTS(prunes); i++) {
        sqlite3_stmt *statement = sky_database_prepare(store->database, prunes[i].text, error);
        if (!statement) return FALSE;
        sqlite3_bind_int64(statement, 1, before_utc_ns);
        if (!sky_database_run(store->database, statement, error)) return FALSE;
        uint64_t gone = (uint64_t)sqlite3_changes(store->database->handle);
        *ret_gone += gone;
        *ret_forgotten += prunes[i].by_number ? gone : 0;
    }
    return TRUE;
}

gboolean sky_store_prune(SkyStore *store, int64_t before_utc_ns, gboolean *ret_more, GError **error) {
    uint64_t gone = 0, forgotten = 0;
    if (!sky_database_begin(store->database, error)) return FALSE;
    if (!prune_each(store, before_utc_ns, &gone, &forgotten, error)) {
        sky_database_rollback(store->database);
        return FALSE;
    }
    if (gone == 0) {
        sky_database_rollback(store->database); /* nothing to sync */
    } else if (!sky_database_commit(store->database, error)) {
        return FALSE;
    }
    store->forgotten += forgotten;
    *ret_more = gone > 0;
    if (!store->database->file) return TRUE;
    int64_t free_pages = 0;
    if (!sky_database_number(store->database, "PRAGMA freelist_count", 0, &free_pages, error)) return FALSE;
    /* Some room is left in the file, so that it does not shrink and grow all day. */
    if (free_pages > FREE_PAGES_MIN && !sky_database_execute(store->database, "PRAGMA incremental_vacuum(128)", error)) return FALSE;
    *ret_more = *ret_more || free_pages > FREE_PAGES_MIN;
    return TRUE;
}
