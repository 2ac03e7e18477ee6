/* SPDX-License-Identifier: Apache-2.0 */
#include "support/store_history.h"

#include <glib/gstdio.h>
#include <string.h>

const char *const history_audiences[HISTORY_AUDIENCES] = {"duty", "police", "resident-1"};

static void row_free(gpointer item) {
    HistoryRow *row = item;
    g_free(row->topic);
    g_free(row);
}

static void prepare(StoreHistory *history) {
    memset(history, 0, sizeof *history);
    history->directory = g_dir_make_tmp("sky-power-XXXXXX", NULL);
    g_assert_nonnull(history->directory);
    history->path = g_build_filename(history->directory, "skynetd.db", NULL);
    history->params = (SkyStoreParams){.path = history->path, .log_age_max_ns = 30 * 24 * 3600 * SKY_NS_PER_S, .rows_max = 10000,
                                       .bytes_max = 64 << 20};
    history->steps = g_ptr_array_new_with_free_func(g_free);
    history->rows = g_ptr_array_new_with_free_func(row_free);
    for (guint i = 0; i < HISTORY_AUDIENCES; i++) history->next_seq[i] = 1;
}

void store_history_init(StoreHistory *history) {
    prepare(history);
    history->trace = power_disk_record(history->directory);
}

void store_history_open(StoreHistory *history) {
    g_autoptr(GError) error = NULL;
    SkyStoreStart start;
    history->store = sky_store_open(&history->params, &start, &error);
    g_assert_no_error(error);
    if (!history->epoch[0]) {
        g_strlcpy(history->epoch, start.epoch, sizeof history->epoch);
        history->opened = power_trace_length(history->trace);
    }
    g_assert_cmpstr(history->epoch, ==, start.epoch);
    for (guint i = 0; i < HISTORY_AUDIENCES; i++) {
        const guint64 *next = g_hash_table_lookup(start.next_seq, history_audiences[i]);
        history->next_seq[i] = next ? *next : 1;
    }
    sky_store_start_clear(&start);
}

/* What the new process found is what it goes on from, and what it shows: all of it has to last. */
static void take_steps(StoreHistory *history, const StoreHistory *killed, guint n) {
    for (guint i = 0; i < killed->steps->len; i++) {
        const HistoryStep *step = killed->steps->pdata[i];
        gboolean there = !step->seq[0] && history->store->next_row > 1; /* the first commit, of which nobody is told */
        for (guint a = 0; a < HISTORY_AUDIENCES; a++) there |= step->seq[a] > 0 && step->seq[a] < history->next_seq[a];
        g_assert_true(there || step->safe > n);
        if (!there) return;
        HistoryStep *taken = g_memdup2(step, sizeof *step);
        if (taken->safe > n) taken->safe = power_trace_length(history->trace);
        g_ptr_array_add(history->steps, taken);
    }
}

static void take_rows(StoreHistory *history, const StoreHistory *killed, guint n) {
    for (guint i = 0; i < killed->rows->len; i++) {
        const HistoryRow *row = killed->rows->pdata[i];
        if (row->given > n) continue;
        HistoryRow *taken = g_memdup2(row, sizeof *row);
        taken->topic = g_strdup(row->topic);
        if (taken->marked > n) taken->marked = G_MAXUINT;
        if (taken->told > n) taken->told = G_MAXUINT;
        history->last_row = MAX(history->last_row, row->row);
        g_ptr_array_add(history->rows, taken);
    }
}

void store_history_resume(StoreHistory *history, const StoreHistory *killed, guint n) {
    prepare(history);
    history->trace = power_disk_resume(killed->trace, n, history->directory);
    history->opened = killed->opened;
    history->begun = n + 1;
    g_strlcpy(history->epoch, killed->epoch, sizeof history->epoch);
    store_history_open(history);
    take_steps(history, killed, n);
    take_rows(history, killed, n);
}

void store_history_close(StoreHistory *history) {
    if (!history->store) return;
    sky_store_last_will(history->store);
    g_clear_pointer(&history->store, sky_store_free);
}

void store_history_clear(StoreHistory *history) {
    store_history_close(history);
    power_disk_stop();
    power_disk_empty(history->directory);
    g_rmdir(history->directory);
    power_trace_free(history->trace);
    g_ptr_array_unref(history->steps);
    g_ptr_array_unref(history->rows);
    g_free(history->directory);
    g_free(history->path);
}

/* ---- what the daemon does ---- */

static SkyMessageRecord *message(const HistoryCommit *commit, SkyMessageClass message_class, const char *audience, guint64 seq) {
    static const char *const kinds[] = {"alert", "alert-log", "event", "image"};
    g_autofree char *topic = g_strdup_printf("skynet/v1/s/%s/%s/%s", kinds[message_class], audience,
                                             message_class == SKY_MESSAGE_LOG ? "" : commit->alert);
    g_autofree char *text = g_strdup_printf("{\"alert\":\"%s\",\"rev\":%u,\"seq\":%" G_GUINT64_FORMAT ",\"note\":\"%0600d\"}",
                                            commit->alert, commit->rev, seq, 0);
    gsize bytes = message_class == SKY_MESSAGE_STATE && !commit->open ? 0 : strlen(text);
    if (message_class == SKY_MESSAGE_IMAGE) {
        g_free(text);
        text = g_strnfill(commit->image_bytes, 'p');
        bytes = commit->image_bytes;
    }
    SkyMessageRecord *record = sky_message_record_new(message_class, audience, topic, text, bytes);
    record->seq = seq;
    record->created_utc_ns = sky_clock_utc_ns();
    g_strlcpy(record->alert, commit->alert, sizeof record->alert);
    return record;
}

static void add_messages(StoreHistory *history, const HistoryCommit *commit, HistoryStep *step, GPtrArray *messages) {
    if (commit->event) g_ptr_array_add(messages, message(commit, SKY_MESSAGE_EVENT, "", 0));
    for (guint i = 0; i < commit->audiences; i++) {
        step->seq[i] = history->next_seq[i]++;
        g_ptr_array_add(messages, message(commit, SKY_MESSAGE_STATE, history_audiences[i], 0));
        g_ptr_array_add(messages, message(commit, SKY_MESSAGE_LOG, history_audiences[i], step->seq[i]));
    }
    if (commit->image_bytes) g_ptr_array_add(messages, message(commit, SKY_MESSAGE_IMAGE, history_audiences[0], 0));
}

static SkyAlertRecord *alert_record(const HistoryCommit *commit) {
    SkyAlertRecord *alert = g_new0(SkyAlertRecord, 1);
    g_strlcpy(alert->alert, commit->alert, sizeof alert->alert);
    alert->rev = commit->rev;
    alert->open = commit->open;
    alert->updated_utc_ns = sky_clock_utc_ns();
    alert->body = g_strdup_printf("{\"rev\":%u,\"body\":\"%0500d\"}", commit->rev, 0);
    return alert;
}

static SkyAuditRecord *audit_record(const HistoryCommit *commit) {
    SkyAuditRecord *audit = g_new0(SkyAuditRecord, 1);
    g_strlcpy(audit->audience, history_audiences[0], sizeof audit->audience);
    g_strlcpy(audit->client, "phone-1", sizeof audit->client);
    g_strlcpy(audit->request_id, commit->request_id, sizeof audit->request_id);
    g_strlcpy(audit->verb, commit->open ? "acknowledge" : "resolve", sizeof audit->verb);
    g_strlcpy(audit->alert, commit->alert, sizeof audit->alert);
    audit->utc_ns = sky_clock_utc_ns();
    audit->ok = TRUE;
    audit->reply = g_strdup("{\"ok\":true}");
    return audit;
}

typedef struct {
    StoreHistory *history;
    HistoryStep *step;
} Done;

static void on_done(const GError *error, gboolean durable, gpointer user) {
    Done *done = user;
    g_assert_no_error(error);
    g_assert_true(durable);
    done->step->safe = power_trace_length(done->history->trace);
}

static void carry_out(StoreHistory *history, SkyStoreRequest *request) {
    sky_store_request_run(history->store, request);
    sky_store_request_free(request);
}

void store_history_commit(StoreHistory *history, const HistoryCommit *commit) {
    HistoryStep *step = g_new0(HistoryStep, 1);
    *step = (HistoryStep){.from = power_trace_length(history->trace), .safe = G_MAXUINT, .rev = commit->rev, .open = commit->open,
                          .stands_on = !commit->event_ends};
    g_strlcpy(step->alert, commit->alert, sizeof step->alert);
    g_strlcpy(step->request_id, commit->request_id ? commit->request_id : "", sizeof step->request_id);
    g_strlcpy(step->stands, commit->event ? commit->event : "", sizeof step->stands);
    SkyStoreRequest *request = g_new0(SkyStoreRequest, 1);
    Done done = {history, step};
    *request = (SkyStoreRequest){.verb = SKY_STORE_COMMIT, .commit = sky_store_commit_new(), .done = on_done, .user = &done};
    request->commit->alert = alert_record(commit);
    if (commit->request_id) request->commit->audit = audit_record(commit);
    if (commit->event) {
        g_ptr_array_add(request->commit->standing,
                        sky_standing_record_new(SKY_STANDING_EVENT, commit->event, commit->event_ends ? NULL : "{}"));
    }
    add_messages(history, commit, step, request->commit->messages);
    g_ptr_array_add(history->steps, step);
    carry_out(history, request);
}

static void on_rows(GPtrArray *rows, gboolean more, gpointer user) {
    StoreHistory *history = user;
    guint now = power_trace_length(history->trace);
    for (guint i = 0; i < rows->len; i++) {
        const SkyMessageRecord *record = rows->pdata[i];
        HistoryRow *row = g_new0(HistoryRow, 1);
        *row = (HistoryRow){.row = record->row, .message_class = record->message_class, .seq = record->seq, .given = now,
                            .told = G_MAXUINT, .marked = G_MAXUINT, .topic = g_strdup(record->topic)};
        g_strlcpy(row->audience, record->audience, sizeof row->audience);
        g_ptr_array_add(history->rows, row);
        history->last_row = MAX(history->last_row, record->row);
    }
    g_ptr_array_unref(rows);
}

static void drop_rows(GPtrArray *rows, gboolean more, gpointer user) {
    g_ptr_array_unref(rows);
}

void store_history_deliver(StoreHistory *history, guint count) {
    SkyStoreRequest *request = g_new0(SkyStoreRequest, 1);
    *request = (SkyStoreRequest){.verb = SKY_STORE_WAITING, .row = history->last_row, .count = 1000, .rows = on_rows,
                                  .user = history};
    carry_out(history, request);
    request = g_new0(SkyStoreRequest, 1);
    request->verb = SKY_STORE_DELIVERED;
    request->delivered = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; i < history->rows->len && request->delivered->len < count; i++) {
        HistoryRow *row = history->rows->pdata[i];
        if (row->told != G_MAXUINT) continue;
        row->told = power_trace_length(history->trace);
        g_array_append_val(request->delivered, row->row);
    }
    carry_out(history, request);
}

void store_history_connect(StoreHistory *history) {
    SkyStoreRequest *request = g_new0(SkyStoreRequest, 1);
    *request = (SkyStoreRequest){.verb = SKY_STORE_STATES, .count = 1000, .rows = drop_rows};
    carry_out(history, request);
    for (guint i = 0; i < history->rows->len; i++) {
        HistoryRow *row = history->rows->pdata[i];
        if (row->told == G_MAXUINT || row->told < history->begun || row->marked != G_MAXUINT) continue;
        row->marked = power_trace_length(history->trace);
    }
}
