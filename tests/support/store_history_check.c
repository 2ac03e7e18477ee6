/* SPDX-License-Identifier: Apache-2.0 */
#include "support/store_history.h"

#include <string.h>

#define WRONG(...) return g_strdup_printf(__VA_ARGS__)

/* What the shipped code finds. */
typedef struct {
    SkyStore *store;
    SkyStoreStart start;
    GPtrArray *logs[HISTORY_AUDIENCES]; /* SkyMessageRecord * */
    GHashTable *waiting;                /* int64_t * of rows that are offered */
    GPtrArray *waiting_rows;
} Found;

static void found_clear(Found *found) {
    for (guint i = 0; i < HISTORY_AUDIENCES; i++) g_clear_pointer(&found->logs[i], g_ptr_array_unref);
    g_clear_pointer(&found->waiting, g_hash_table_unref);
    g_clear_pointer(&found->waiting_rows, g_ptr_array_unref);
    if (found->store) sky_store_start_clear(&found->start);
    g_clear_pointer(&found->store, sky_store_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Found, found_clear)

static char *find(const StoreHistory *history, const char *path, Found *found) {
    g_autoptr(GError) error = NULL;
    SkyStoreParams params = history->params;
    params.path = path;
    found->store = sky_store_open(&params, &found->start, &error);
    if (!found->store) WRONG("it does not open: %s", error->message);
    SkyStoreNumbers numbers = sky_store_numbers(found->store);
    if (!numbers.durable || numbers.trouble[0]) WRONG("it opens in trouble: %s", numbers.trouble);
    return NULL;
}

static char *read_rows(Found *found) {
    g_autoptr(GError) error = NULL;
    gboolean more = FALSE;
    for (guint i = 0; i < HISTORY_AUDIENCES; i++) {
        found->logs[i] = sky_store_read_log(found->store, history_audiences[i], 1, 100000, &more, &error);
        if (!found->logs[i]) WRONG("the log is not readable: %s", error->message);
    }
    found->waiting = g_hash_table_new(g_int64_hash, g_int64_equal);
    found->waiting_rows = sky_store_read_waiting(found->store, 0, 100000, &more, &error);
    if (!found->waiting_rows) WRONG("what waits is not readable: %s", error->message);
    for (guint i = 0; i < found->waiting_rows->len; i++) {
        g_hash_table_add(found->waiting, &((SkyMessageRecord *)found->waiting_rows->pdata[i])->row);
    }
    return NULL;
}

/* Of a commit that no audience is told of. */
static gboolean has_revision(const Found *found, const HistoryStep *step) {
    for (guint i = 0; i < found->start.alerts->len; i++) {
        const SkyAlertRecord *alert = found->start.alerts->pdata[i];
        if (strcmp(alert->alert, step->alert) == 0) return alert->rev >= step->rev;
    }
    return FALSE;
}

/* Of one commit all or nothing, and no later one without the earlier: *ret_whole of them are there. */
static char *check_steps(const StoreHistory *history, guint n, const Found *found, guint *ret_whole) {
    guint whole = 0;
    for (guint i = 0; i < history->steps->len; i++) {
        const HistoryStep *step = history->steps->pdata[i];
        guint there = 0, told = 0;
        for (guint a = 0; a < HISTORY_AUDIENCES; a++) {
            told += step->seq[a] > 0;
            there += step->seq[a] > 0 && step->seq[a] <= found->logs[a]->len;
        }
        if (told == 0) there = has_revision(found, step);
        if (there > 0 && there < told) WRONG("commit %u is there for %u audiences of %u", i, there, told);
        if (there == 0 && step->safe <= n) WRONG("commit %u was safe and is lost", i);
        if (there > 0 && step->from >= n) WRONG("commit %u is there before it was asked for", i);
        if (there > 0 && whole < i) WRONG("commit %u is there and an earlier one is not", i);
        whole += there > 0;
    }
    *ret_whole = whole;
    return NULL;
}

static char *check_epoch(const StoreHistory *history, guint n, const Found *found) {
    if (n >= history->opened && strcmp(history->epoch, found->start.epoch) != 0) WRONG("another epoch: %s", found->start.epoch);
    for (guint i = 0; i < history->rows->len; i++) {
        const HistoryRow *row = history->rows->pdata[i];
        if (row->given <= n && found->store->next_row <= row->row) WRONG("row %" G_GINT64_FORMAT " would be given again", row->row);
    }
    return NULL;
}

static char *check_numbers(const Found *found) {
    for (guint a = 0; a < HISTORY_AUDIENCES; a++) {
        for (guint i = 0; i < found->logs[a]->len; i++) {
            guint64 seq = ((SkyMessageRecord *)found->logs[a]->pdata[i])->seq;
            if (seq != i + 1) WRONG("%s: seq %" G_GUINT64_FORMAT " stands at %u", history_audiences[a], seq, i + 1);
        }
        const guint64 *next = g_hash_table_lookup(found->start.next_seq, history_audiences[a]);
        if ((next ? *next : 1) != found->logs[a]->len + 1) WRONG("%s: the next seq is wrong", history_audiences[a]);
    }
    return NULL;
}

static const HistoryStep *newest_of(const StoreHistory *history, const char *alert, guint whole) {
    for (guint i = whole; i > 0; i--) {
        const HistoryStep *step = history->steps->pdata[i - 1];
        if (strcmp(step->alert, alert) == 0) return step;
    }
    return NULL;
}

static gboolean has_audit(const GPtrArray *audits, const char *request_id) {
    for (guint i = 0; i < audits->len; i++) {
        if (strcmp(((SkyAuditRecord *)audits->pdata[i])->request_id, request_id) == 0) return TRUE;
    }
    return FALSE;
}

static gboolean has_standing(const GPtrArray *standing, const char *id) {
    for (guint i = 0; i < standing->len; i++) {
        if (strcmp(((SkyStandingRecord *)standing->pdata[i])->id, id) == 0) return TRUE;
    }
    return FALSE;
}

static gboolean stands(const StoreHistory *history, const char *id, guint whole) {
    gboolean on = FALSE;
    for (guint i = 0; i < whole; i++) {
        const HistoryStep *step = history->steps->pdata[i];
        if (strcmp(step->stands, id) == 0) on = step->stands_on;
    }
    return on;
}

/* Alerts, audits, standing events: as after the last commit that is there, no more and no less. */
static char *check_alerts(const StoreHistory *history, const Found *found, guint whole) {
    guint audits = 0;
    for (guint i = 0; i < found->start.alerts->len; i++) {
        const SkyAlertRecord *alert = found->start.alerts->pdata[i];
        const HistoryStep *newest = newest_of(history, alert->alert, whole);
        if (!newest || newest->rev != alert->rev || newest->open != alert->open) {
            WRONG("alert %s stands at revision %u", alert->alert, alert->rev);
        }
    }
    for (guint i = 0; i < whole; i++) {
        const HistoryStep *step = history->steps->pdata[i];
        gboolean open = FALSE;
        for (guint k = 0; k < found->start.alerts->len; k++) {
            const SkyAlertRecord *alert = found->start.alerts->pdata[k];
            open |= alert->open && strcmp(alert->alert, step->alert) == 0;
        }
        if (open != newest_of(history, step->alert, whole)->open) WRONG("alert %s is %sopen", step->alert, open ? "" : "not ");
        if (step->request_id[0] && !has_audit(found->start.audits, step->request_id)) WRONG("the audit of commit %u is lost", i);
        audits += step->request_id[0] != '\0';
        if (step->stands[0] && has_standing(found->start.standing, step->stands) != stands(history, step->stands, whole)) {
            WRONG("event %s stands wrongly", step->stands);
        }
    }
    if (audits != found->start.audits->len) WRONG("%u audits of %u", found->start.audits->len, audits);
    return NULL;
}

static gboolean is_superseded(const Found *found, const HistoryRow *row) {
    for (guint i = 0; row->message_class == SKY_MESSAGE_STATE && i < found->waiting_rows->len; i++) {
        const SkyMessageRecord *record = found->waiting_rows->pdata[i];
        if (record->row > row->row && strcmp(record->topic, row->topic) == 0) return TRUE;
    }
    return FALSE;
}

/* What was given out and not acknowledged is offered again under its number, what is marked is not. */
static char *check_rows(const StoreHistory *history, guint n, const Found *found) {
    for (guint i = 0; i < history->rows->len; i++) {
        const HistoryRow *row = history->rows->pdata[i];
        if (row->given > n) continue;
        gboolean offered = g_hash_table_contains(found->waiting, &row->row);
        if (offered && row->marked <= n) WRONG("row %" G_GINT64_FORMAT " was marked and is offered", row->row);
        if (!offered && row->told >= n && !is_superseded(found, row)) {
            WRONG("row %" G_GINT64_FORMAT " (%s) is not offered any more", row->row, row->topic);
        }
    }
    return NULL;
}

char *store_history_check(const StoreHistory *history, guint n, const char *directory) {
    g_autofree char *path = g_build_filename(directory, "skynetd.db", NULL);
    g_auto(Found) found = {0};
    guint whole = 0;
    char *wrong = find(history, path, &found);
    if (!wrong) wrong = check_epoch(history, n, &found);
    if (wrong || history->bounded) return wrong;
    wrong = read_rows(&found);
    if (!wrong) wrong = check_steps(history, n, &found, &whole);
    if (!wrong) wrong = check_numbers(&found);
    if (!wrong) wrong = check_alerts(history, &found, whole);
    if (!wrong) wrong = check_rows(history, n, &found);
    return wrong;
}

/* ---- the whole of it, in few bytes ---- */

static gboolean add_table(sqlite3 *handle, const char *text, GChecksum *sum) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(handle, text, -1, &statement, NULL) != SQLITE_OK) return FALSE;
    int result;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const void *value = sqlite3_column_blob(statement, i);
            int bytes = sqlite3_column_bytes(statement, i);
            g_checksum_update(sum, (const guchar *)&bytes, sizeof bytes);
            if (bytes) g_checksum_update(sum, value, bytes);
        }
    }
    sqlite3_finalize(statement);
    return result == SQLITE_DONE;
}

static char *integrity(sqlite3 *handle) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(handle, "PRAGMA integrity_check", -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        sqlite3_finalize(statement);
        WRONG("integrity_check: %s", sqlite3_errmsg(handle));
    }
    char *said = g_strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    if (strcmp(said, "ok") != 0) return said;
    g_free(said);
    return NULL;
}

char *store_history_digest(const char *path, char **ret_wrong) {
    static const char *const tables[] = {
        "SELECT name, value FROM meta ORDER BY name", "SELECT * FROM sequence ORDER BY epoch, audience",
        "SELECT * FROM revision ORDER BY alert, rev", "SELECT * FROM audit ORDER BY id", "SELECT * FROM message ORDER BY row",
        "SELECT * FROM standing ORDER BY kind, id", "SELECT * FROM tally", "SELECT * FROM sqlite_sequence ORDER BY name"};
    sqlite3 *handle = NULL;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    *ret_wrong = sqlite3_open(path, &handle) == SQLITE_OK ? integrity(handle) : g_strdup(sqlite3_errmsg(handle));
    for (gsize i = 0; !*ret_wrong && i < G_N_ELEMENTS(tables); i++) {
        if (!add_table(handle, tables[i], sum)) *ret_wrong = g_strdup_printf("%s: %s", tables[i], sqlite3_errmsg(handle));
    }
    sqlite3_close(handle);
    return *ret_wrong ? NULL : g_strdup(g_checksum_get_string(sum));
}
