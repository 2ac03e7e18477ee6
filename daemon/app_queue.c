/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/app_internal.h"

/* `skynetctl queue`: what waits, what the broker refused for good, and what a person decides about that. */

#define LETTERS_MAX 50        /* shown in one answer */
#define LETTERS_LOGGED_MAX 20 /* each by name; the rest are counted */

static const char *const class_names[SKY_STORE_CLASSES] = {"state", "log", "event", "image"};

/* Who asked, on its way through the store's thread. */
typedef struct {
    SkyApp *app;
    uint64_t call;
    SkyStoreSettle settle;
} QueueCall;

static const char *text_of(GHashTable *request, const char *name) {
    const char *text = g_hash_table_lookup(request, name);
    return text ? text : "";
}

static int64_t age_s(int64_t then_utc_ns) {
    return MAX((sky_clock_utc_ns() - then_utc_ns) / SKY_NS_PER_S, 0);
}

/* ---- the store's thread ---- */

static void tell(QueueCall *call, const GError *error, SkyStoreQueue *queue, SkyStoreSettled *settled) {
    SkyNotice *notice = g_new0(SkyNotice, 1);
    *notice = (SkyNotice){.kind = SKY_NOTICE_QUEUE, .call = call->call, .ok = error == NULL, .queue = queue, .settled = settled,
                          .settle = call->settle, .why = error ? g_strdup(error->message) : NULL};
    sky_app_notify(call->app, notice);
    g_free(call);
}

static void on_queue(const GError *error, SkyStoreQueue *queue, gpointer user) {
    tell(user, error, queue, NULL);
}

static void on_settled(const GError *error, SkyStoreSettled *settled, gpointer user) {
    tell(user, error, NULL, settled);
}

/* ---- answers ---- */

static void answer_queue(SkyApp *app, uint64_t call, const SkyStoreQueue *queue) {
    g_auto(SkyTable) table;
    sky_table_init(&table);
    for (guint i = 0; i < SKY_STORE_CLASSES; i++) {
        sky_table_add_of(&table, "waiting", class_names[i], "rows", "%" G_GUINT64_FORMAT, queue->waiting[i]);
        if (queue->waiting[i] > 0)
            sky_table_add_of(&table, "waiting", class_names[i], "oldest_s", "%" G_GINT64_FORMAT, age_s(queue->oldest_utc_ns[i]));
    }
    g_autoptr(GString) rows = g_string_new(NULL);
    for (guint i = 0; i < queue->letters->len; i++) {
        const SkyDeadLetter *letter = queue->letters->pdata[i];
        char row[24];
        g_snprintf(row, sizeof row, "%" G_GINT64_FORMAT, letter->row);
        g_string_append_printf(rows, "%s%s", i ? "," : "", row);
        sky_table_add_of(&table, "dead", row, "topic", "%s", letter->topic);
        sky_table_add_of(&table, "dead", row, "class", "%s", class_names[letter->message_class]);
        sky_table_add_of(&table, "dead", row, "alert", "%s", letter->alert);
        sky_table_add_of(&table, "dead", row, "reason", "%u", letter->reason_code);
        sky_table_add_of(&table, "dead", row, "bytes", "%" G_GSIZE_FORMAT, letter->payload_bytes);
        sky_table_add_of(&table, "dead", row, "age_s", "%" G_GINT64_FORMAT, age_s(letter->created_utc_ns));
    }
    sky_table_add(&table, "dead.rows", rows->str);
    sky_table_add_format(&table, "dead.count", "%" G_GUINT64_FORMAT, queue->dead);
    sky_app_answer(app, call, &table);
}

/* What is gone for good has to stand somewhere. */
static void log_settled(const SkyStoreSettled *settled, SkyStoreSettle settle) {
    const char *did = settle == SKY_STORE_DROP ? "dropped" : "put back into the queue";
    for (guint i = 0; i < MIN(settled->letters->len, LETTERS_LOGGED_MAX); i++) {
        const SkyDeadLetter *letter = settled->letters->pdata[i];
        char created[SKY_UTC_TEXT_BYTES];
        sky_clock_utc_text(letter->created_utc_ns, created);
        sky_log(settle == SKY_STORE_DROP ? SKY_LOG_WARNING : SKY_LOG_NOTICE, "queue", NULL,
                "dead letter %" G_GINT64_FORMAT " %s by hand: %s of %s, reason 0x%02x%s%s", letter->row, did, letter->topic,
                created, letter->reason_code, letter->alert[0] ? ", alert " : "", letter->alert);
    }
    if (settled->letters->len > LETTERS_LOGGED_MAX)
        sky_log(SKY_LOG_WARNING, "queue", NULL, "%u further dead letters %s by hand", settled->letters->len - LETTERS_LOGGED_MAX,
                did);
}

static void answer_settled(SkyApp *app, uint64_t call, const SkyStoreSettled *settled) {
    const SkyDeadLetter *first = settled->letters->len > 0 ? settled->letters->pdata[0] : NULL;
    g_auto(SkyTable) table;
    sky_table_init(&table);
    sky_table_add(&table, "ok", "yes");
    sky_table_add_format(&table, "count", "%u", settled->letters->len);
    sky_table_add_format(&table, "kept", "%" G_GUINT64_FORMAT, settled->kept);
    sky_table_add(&table, "more", settled->more ? "yes" : "no");
    sky_table_add_format(&table, "after", "%" G_GINT64_FORMAT, settled->after_row);
    sky_table_add_format(&table, "before", "%" G_GINT64_FORMAT, settled->before_row);
    sky_table_add(&table, "topic", first ? first->topic : "");
    sky_app_answer(app, call, &table);
}

void sky_app_take_queue(SkyApp *app, const SkyNotice *notice) {
    if (notice->settled) { /* it is done, whether anybody still waits to hear of it or not */
        log_settled(notice->settled, notice->settle);
        if (notice->settle == SKY_STORE_RESEND)
            sky_outbox_poke(app->outbox);
    }
    if (!notice->ok)
        sky_control_fail(app->control, notice->call, "busy", notice->why);
    else if (notice->settled)
        answer_settled(app, notice->call, notice->settled);
    else
        answer_queue(app, notice->call, notice->queue);
}

/* ---- requests ---- */

/* "" is 0: all. FALSE: no number of a row. */
static gboolean row_of(const char *text, int64_t *ret_row) {
    guint64 row = 0;
    if (text[0] && !g_ascii_string_to_unsigned(text, 10, 0, INT64_MAX - 1, &row, NULL))
        return FALSE;
    *ret_row = (int64_t)row;
    return TRUE;
}

static gboolean settle(SkyApp *app, QueueCall *call, GHashTable *request) {
    int64_t after, before;
    if (!row_of(text_of(request, "after"), &after) || !row_of(text_of(request, "before"), &before)) {
        sky_control_fail(app->control, call->call, "bad-value", "row: a number, as skynetctl queue shows it");
        g_free(call);
        return TRUE;
    }
    return sky_store_settle_dead(app->store, call->settle, after, before, on_settled, call);
}

void sky_app_on_queue(SkyApp *app, uint64_t call, GHashTable *request) {
    const char *action = text_of(request, "action");
    gboolean drops = strcmp(action, "drop") == 0, settles = drops || strcmp(action, "resend") == 0;
    if (!settles && strcmp(action, "list") != 0) {
        sky_control_fail(app->control, call, "bad-value", "action: list, resend or drop");
        return;
    }
    QueueCall *asked = g_new(QueueCall, 1);
    *asked = (QueueCall){.app = app, .call = call, .settle = drops ? SKY_STORE_DROP : SKY_STORE_RESEND};
    gboolean taken = settles ? settle(app, asked, request) : sky_store_list_queue(app->store, LETTERS_MAX, on_queue, asked);
    if (taken)
        return;
    g_free(asked);
    sky_control_fail(app->control, call, "busy",
                     "the store takes no more requests: the disk is stuck, or the daemon is being stopped");
}
