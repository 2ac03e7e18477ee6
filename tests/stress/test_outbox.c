/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <string.h>
#include "base/clock.h"
#include "base/error.h"
#include "base/thread.h"
#include "outbox/outbox.h"
#include "support/store_fixture.h"

/* Everybody at once: threads that set states, send, probe, replay, commit, flush and read numbers, while a transport of our own
 * takes, acknowledges late, and loses its connection. Nothing may be lost, doubled within a connection, or out of order. */

#define ROWS 3000
#define STATES 8
#define POSTS 400

typedef struct {
    StoreFixture store;
    SkyOutbox *outbox;
    SkyTransportEvents events;
    SkyTransportOps ops;
    atomic_bool stop, committed, posted;
    /* the transport's thread */
    GQueue flying;             /* Message * */
    uint32_t next_token;
    uint64_t last_seq;         /* in this connection */
    guint8 *acknowledged;      /* by seq */
    GHashTable *states;        /* topic -> the last acknowledged text */
    guint32 dice;
} Stage;

typedef struct {
    uint32_t token;
    char *topic, *text;
} Message;

static void message_free(gpointer item) {
    Message *message = item;
    g_free(message->topic);
    g_free(message->text);
    g_free(message);
}

static guint roll(Stage *stage, guint sides) {
    stage->dice = stage->dice * 1664525u + 1013904223u;
    return (stage->dice >> 8) % sides;
}

static gboolean publish(gpointer transport, const SkyTransportMessage *given, uint32_t *ret_token, GError **error) {
    Stage *stage = transport;
    if (roll(stage, 200) == 0) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_RETRY, "not now");
        return FALSE;
    }
    if (given->qos == 0) return TRUE;
    Message *message = g_new0(Message, 1);
    *message = (Message){++stage->next_token, g_strdup(given->topic), g_strndup(given->payload, given->payload_bytes)};
    *ret_token = message->token;
    g_queue_push_tail(&stage->flying, message);
    g_assert_cmpuint(stage->flying.length, <=, 20);
    if (strcmp(given->topic, "log/duty") != 0) return TRUE;
    uint64_t seq = g_ascii_strtoull(message->text, NULL, 10);
    g_assert_cmpuint(seq, >, stage->last_seq); /* in order, and never twice in a connection */
    stage->last_seq = seq;
    return TRUE;
}

static gboolean subscribe(gpointer transport, const char *topic_filter, int qos, GError **error) {
    return TRUE;
}

static gboolean is_sending(gpointer transport) {
    return FALSE;
}

static void land_one(Stage *stage) {
    Message *message = g_queue_pop_head(&stage->flying);
    if (!message) return;
    if (strcmp(message->topic, "log/duty") == 0) stage->acknowledged[g_ascii_strtoull(message->text, NULL, 10)] = 1;
    if (g_str_has_prefix(message->topic, "state/"))
        g_hash_table_replace(stage->states, g_strdup(message->topic), g_strdup(message->text));
    stage->events.acknowledged(message->token, 0, stage->outbox);
    message_free(message);
}

static void run_transport(gpointer user) {
    Stage *stage = user;
    gboolean up = FALSE;
    g_autoptr(GError) lost = g_error_new_literal(SKY_ERROR, SKY_ERR_RETRY, "lost");
    while (!atomic_load(&stage->stop)) {
        if (!up) {
            stage->last_seq = 0;
            up = TRUE;
            stage->events.connected(&stage->ops, TRUE, stage->outbox);
        }
        stage->events.turn(sky_clock_monotonic_ns(), stage->outbox);
        for (guint i = roll(stage, 8); i > 0; i--) land_one(stage);
        if (roll(stage, 300) == 0 && !atomic_load(&stage->posted)) {
            g_queue_clear_full(&stage->flying, message_free);
            stage->events.disconnected(lost, stage->outbox);
            up = FALSE;
        }
    }
    g_queue_clear_full(&stage->flying, message_free);
    stage->events.disconnected(lost, stage->outbox);
}

static void run_commits(gpointer user) {
    Stage *stage = user;
    for (guint seq = 1; seq <= ROWS; seq += 10) {
        SkyStoreCommit *commit = sky_store_commit_new();
        for (guint i = 0; i < 10; i++) {
            g_autofree char *text = g_strdup_printf("%u", seq + i);
            SkyMessageRecord *record = sky_message_record_new(SKY_MESSAGE_LOG, "duty", "log/duty", text, strlen(text));
            record->seq = seq + i;
            g_ptr_array_add(commit->messages, record);
        }
        while (!sky_store_commit(stage->store.store, commit, NULL, NULL)) g_thread_yield();
        sky_outbox_poke(stage->outbox);
    }
    atomic_store(&stage->committed, TRUE);
}

static void run_states(gpointer user) {
    Stage *stage = user;
    static const char *const audiences[] = {"duty", "police"}, *const topics[] = {"p/duty", "p/police"};
    for (guint i = 1; i <= POSTS; i++) {
        g_autofree char *topic = g_strdup_printf("state/%u", i % STATES), *text = g_strdup_printf("%u", i);
        sky_outbox_set_state(stage->outbox, topic, i % 50 == 0 ? NULL : text, (int)(i % 3));
        sky_outbox_send(stage->outbox, "reply/duty/li", text, strlen(text), (int)(i % 2));
        if (i % 20 == 0) sky_outbox_replay(stage->outbox, "duty", i, "replay/duty/li");
        if (i % 30 == 0) sky_outbox_set_probes(stage->outbox, audiences, topics, 1 + i % 2);
        if (i % 100 == 0) sky_outbox_flush(stage->outbox, 20 * SKY_NS_PER_MS);
        SkyOutboxNumbers numbers = sky_outbox_numbers(stage->outbox);
        g_assert_cmpuint(numbers.in_flight, <=, 20);
    }
    for (guint i = 0; i < STATES; i++) {
        g_autofree char *topic = g_strdup_printf("state/%u", i);
        sky_outbox_set_state(stage->outbox, topic, "last", 1);
    }
    atomic_store(&stage->posted, TRUE);
}

static void await(Stage *stage) {
    for (int i = 0; i < 24000; i++, g_usleep(10000)) {
        if (atomic_load(&stage->committed) && atomic_load(&stage->posted) && sky_store_numbers(stage->store.store).undelivered == 0)
            return;
    }
    g_error("something was left: %" G_GUINT64_FORMAT " rows", sky_store_numbers(stage->store.store).undelivered);
}

static void test_everybody(void) {
    Stage stage = {.dice = g_test_rand_int()};
    store_fixture_init(&stage.store);
    store_fixture_open(&stage.store);
    const SkyOutboxParams params = {.window = 20};
    stage.outbox = sky_outbox_new(&params, stage.store.store);
    stage.events = sky_outbox_events(stage.outbox);
    stage.ops = (SkyTransportOps){publish, subscribe, NULL, is_sending, NULL, &stage};
    stage.acknowledged = g_malloc0(ROWS + 1);
    stage.states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    SkyThread *transport = sky_thread_start("transport", run_transport, &stage, NULL);
    SkyThread *workers[] = {sky_thread_start("commits", run_commits, &stage, NULL),
                            sky_thread_start("states", run_states, &stage, NULL)};
    for (guint i = 0; i < G_N_ELEMENTS(workers); i++) sky_thread_join(workers[i]);
    await(&stage);
    g_assert_true(sky_outbox_flush(stage.outbox, 10 * SKY_NS_PER_S));
    atomic_store(&stage.stop, TRUE);
    sky_thread_join(transport);
    for (guint seq = 1; seq <= ROWS; seq++) g_assert_cmpuint(stage.acknowledged[seq], ==, 1);
    for (guint i = 0; i < STATES; i++) {
        g_autofree char *topic = g_strdup_printf("state/%u", i);
        g_assert_cmpstr(g_hash_table_lookup(stage.states, topic), ==, "last");
    }
    sky_outbox_free(stage.outbox);
    store_fixture_clear(&stage.store);
    g_hash_table_unref(stage.states);
    g_free(stage.acknowledged);
}

/* Freed while the store still has to answer: the answer finds nobody, and harms nobody. */
static void test_freed_early(void) {
    for (int i = 0; i < 50; i++) {
        Stage stage = {.dice = 1};
        store_fixture_init(&stage.store);
        store_fixture_open(&stage.store);
        g_assert_true(store_fixture_put(&stage.store, SKY_MESSAGE_LOG, "log/duty", "1", 1));
        const SkyOutboxParams params = {.window = 20};
        stage.outbox = sky_outbox_new(&params, stage.store.store);
        stage.events = sky_outbox_events(stage.outbox);
        stage.ops = (SkyTransportOps){publish, subscribe, NULL, is_sending, NULL, &stage};
        stage.events.connected(&stage.ops, TRUE, stage.outbox);
        stage.events.turn(sky_clock_monotonic_ns(), stage.outbox);
        sky_outbox_free(stage.outbox);
        g_queue_clear_full(&stage.flying, message_free);
        store_fixture_clear(&stage.store);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/outbox/everybody", test_everybody);
    g_test_add_func("/outbox/freed-early", test_freed_early);
    return g_test_run();
}
