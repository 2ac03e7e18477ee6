/* SPDX-License-Identifier: Apache-2.0 */
#include "support/outbox_bench.h"

#include <string.h>
#include "base/clock.h"

static void sent_free(gpointer item) {
    Sent *sent = item;
    g_free(sent->topic);
    g_free(sent->payload);
    g_free(sent);
}

static gboolean publish(gpointer transport, const SkyTransportMessage *message, uint32_t *ret_token, GError **error) {
    Bench *bench = transport;
    if (bench->refuse >= 0) {
        g_set_error(error, SKY_ERROR, bench->refuse, "told so");
        return FALSE;
    }
    Sent *sent = g_new0(Sent, 1);
    *sent = (Sent){++bench->next_token, g_strdup(message->topic),
                   g_strndup(message->payload ? message->payload : "", message->payload_bytes), message->retain, message->qos};
    *ret_token = sent->token;
    g_queue_push_tail(&bench->sent, sent);
    return TRUE;
}

static gboolean subscribe(gpointer transport, const char *topic_filter, int qos, GError **error) {
    g_queue_push_tail(&((Bench *)transport)->filters, g_strdup(topic_filter));
    return TRUE;
}

static gboolean unsubscribe(gpointer transport, const char *topic_filter, GError **error) {
    g_queue_push_tail(&((Bench *)transport)->left, g_strdup(topic_filter));
    return TRUE;
}

static gboolean is_sending(gpointer transport) {
    return ((Bench *)transport)->sending;
}

static void hang_up(gpointer transport, const char *why) {
    ((Bench *)transport)->hang_ups++;
}

char *bench_finish(const SkyMessageRecord *record, gboolean replayed, int64_t queued_ms, gpointer user) {
    uint64_t from_seq, to_seq;
    ((Bench *)user)->queued_ms = queued_ms;
    if (sky_message_record_is_gap(record, &from_seq, &to_seq)) {
        return g_strdup_printf("gap %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, from_seq, to_seq);
    }
    return g_strdup_printf("%.*s%s", (int)record->payload_bytes, (const char *)record->payload, replayed ? " again" : "");
}

static char *probe(const char *audience, gpointer user) {
    return g_strconcat("probe ", audience ? audience : "commands", NULL);
}

static void on_received(const SkyTransportIncoming *message, gpointer user) {
    ((Bench *)user)->commands++;
}

static void on_link(gboolean up, const char *why, gpointer user) {
    Bench *bench = user;
    if (up) bench->ups++;
    else bench->downs++;
}

static void on_landed(const SkyMessageRecord *record, uint32_t reason_code, gpointer user) {
    Bench *bench = user;
    bench->delivered += reason_code < 0x80;
    bench->refused += reason_code >= 0x80;
}

void bench_init(Bench *bench, uint32_t window) {
    memset(bench, 0, sizeof *bench);
    store_fixture_init(&bench->store);
    store_fixture_open(&bench->store);
    const SkyOutboxParams params = {.window = window,
                                    .command_filter = "cmd/+",
                                    .command_probe = "cmd/probe",
                                    .retained_filters = (const char *const[]){"camera/+", "alert/+", NULL},
                                    .finish = bench_finish,
                                    .probe = probe,
                                    .received = on_received,
                                    .link = on_link,
                                    .landed = on_landed,
                                    .user = bench};
    bench->outbox = sky_outbox_new(&params, bench->store.store);
    bench->events = sky_outbox_events(bench->outbox);
    bench->ops = (SkyTransportOps){publish, subscribe, unsubscribe, is_sending, hang_up, bench};
    bench->refuse = -1;
    bench->now_ns = sky_clock_monotonic_ns();
}

void bench_clear(Bench *bench) {
    sky_outbox_free(bench->outbox);
    store_fixture_clear(&bench->store);
    g_queue_clear_full(&bench->sent, sent_free);
    g_queue_clear_full(&bench->filters, g_free);
    g_queue_clear_full(&bench->left, g_free);
}

/* The store answers in order: after an answer of our own, the outbox has those that it asked for. */
void bench_turn(Bench *bench) {
    for (int i = 0; i < 3; i++) {
        bench->events.turn(bench->now_ns, bench->outbox);
        G_GNUC_UNUSED g_autoptr(GPtrArray) barrier = store_fixture_waiting(&bench->store, INT64_MAX, 1, NULL);
    }
    bench->events.turn(bench->now_ns, bench->outbox);
}

void bench_connect(Bench *bench) {
    bench->events.connected(&bench->ops, TRUE, bench->outbox);
    bench_turn(bench);
}

void bench_disconnect(Bench *bench, SkyErrorCode code) {
    g_autoptr(GError) error = g_error_new_literal(SKY_ERROR, (gint)code, "told so");
    bench->events.disconnected(error, bench->outbox);
    g_queue_clear_full(&bench->sent, sent_free);
    bench_turn(bench);
}

/* Takes the oldest message, which has to be this one, and answers it. */
void bench_assert_sent(Bench *bench, const char *topic, const char *payload, uint32_t reason) {
    Sent *sent = g_queue_pop_head(&bench->sent);
    g_assert_nonnull(sent);
    g_assert_cmpstr(sent->topic, ==, topic);
    if (payload) g_assert_cmpstr(sent->payload, ==, payload);
    if (sent->qos) bench->events.acknowledged(sent->token, reason, bench->outbox);
    sent_free(sent);
}

void bench_assert_nothing_sent(Bench *bench) {
    g_assert_cmpuint(bench->sent.length, ==, 0);
}

void bench_put_log(Bench *bench, guint from, guint to) {
    for (guint i = from; i <= to; i++) {
        g_autofree char *text = g_strdup_printf("log %u", i);
        g_assert_true(store_fixture_put(&bench->store, SKY_MESSAGE_LOG, "log/duty", text, i));
    }
    sky_outbox_poke(bench->outbox);
}

void bench_put_alert(Bench *bench, const char *alert, guint rev, gboolean open, const char *state, guint64 seq) {
    g_assert_true(store_fixture_commit(&bench->store, store_fixture_revision(alert, rev, open, state, seq), NULL));
    sky_outbox_poke(bench->outbox);
}

guint64 bench_undelivered(Bench *bench) {
    bench_turn(bench); /* the marks are with the store */
    return sky_store_numbers(bench->store.store).undelivered;
}
