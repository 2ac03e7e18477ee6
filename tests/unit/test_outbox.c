/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "support/outbox_bench.h"

static void test_order(void) {
    Bench b;
    bench_init(&b, 20);
    bench_put_alert(&b, "a1", 1, TRUE, "open one", 1);
    bench_put_alert(&b, "a2", 1, TRUE, "open two", 2);
    bench_put_alert(&b, "a1", 2, TRUE, "open one again", 3);
    sky_outbox_set_state(b.outbox, "camera/c/motion", "m", 2);
    sky_outbox_set_state(b.outbox, "camera/c/status", "c1", 1);
    sky_outbox_set_state(b.outbox, "status", "s", 0);
    sky_outbox_set_state(b.outbox, "camera/c/status", "c2", 1); /* merges */
    bench_turn(&b);
    bench_assert_nothing_sent(&b);
    bench_connect(&b);
    g_assert_cmpstr(g_queue_peek_head(&b.filters), ==, "cmd/+");
    g_assert_cmpstr(g_queue_peek_nth(&b.filters, 1), ==, "camera/+");
    g_assert_cmpstr(g_queue_peek_nth(&b.filters, 2), ==, "alert/+");
    g_assert_cmpuint(b.ups, ==, 0);
    g_assert_cmpuint(b.left.length, ==, 0);
    bench_assert_sent(&b, "status", "s", 0);
    bench_assert_sent(&b, "camera/c/status", "c2", 0);
    bench_assert_sent(&b, "camera/c/motion", "m", 0);
    bench_assert_sent(&b, "skynet/v1/s/alert/duty/a2", "open two again", 0);
    bench_assert_sent(&b, "skynet/v1/s/alert/duty/a1", "open one again again", 0);
    bench_turn(&b);
    g_assert_cmpuint(b.ups, ==, 1);
    g_assert_cmpuint(b.left.length, ==, 2); /* the states are out: what is retained has been handed over */
    for (guint i = 1; i <= 3; i++) bench_assert_sent(&b, "skynet/v1/s/alert-log/duty", NULL, 0);
    bench_assert_nothing_sent(&b);
    g_assert_cmpuint(bench_undelivered(&b), ==, 0);
    g_assert_cmpuint(b.delivered, ==, 3);
    /* What comes while connected has not waited. */
    bench_put_alert(&b, "a2", 2, FALSE, "", 4);
    bench_turn(&b);
    bench_assert_sent(&b, "skynet/v1/s/alert/duty/a2", "", 0);
    bench_assert_sent(&b, "skynet/v1/s/alert-log/duty", "{\"data\":{\"alert\":\"a2\",\"seq\":4", 0);
    g_assert_cmpuint(bench_undelivered(&b), ==, 0);
    /* Every connect: the states and the open alerts, and nothing of what was delivered. */
    bench_disconnect(&b, SKY_ERR_RETRY);
    g_assert_cmpuint(b.downs, ==, 1);
    bench_connect(&b);
    bench_assert_sent(&b, "status", "s", 0);
    bench_assert_sent(&b, "camera/c/status", "c2", 0);
    bench_assert_sent(&b, "camera/c/motion", "m", 0);
    bench_assert_sent(&b, "skynet/v1/s/alert/duty/a1", "open one again again", 0);
    bench_assert_nothing_sent(&b);
    bench_clear(&b);
}

static void test_window(void) {
    Bench b;
    bench_init(&b, 5);
    bench_put_log(&b, 1, 150); /* more than two pages */
    bench_connect(&b);
    guint next = 1, rounds = 0;
    while (next <= 150 && rounds++ < 1000) {
        g_assert_cmpuint(b.sent.length, <=, 5);
        if (b.sent.length == 0) bench_turn(&b);
        g_autofree char *text = g_strdup_printf("log %u again", next++);
        bench_assert_sent(&b, "log/duty", text, 0);
        if (next % 3 == 0) b.events.turn(b.now_ns, b.outbox);
    }
    g_assert_cmpuint(bench_undelivered(&b), ==, 0);
    bench_assert_nothing_sent(&b);
    SkyOutboxNumbers numbers = sky_outbox_numbers(b.outbox);
    g_assert_cmpuint(numbers.acknowledged, ==, 150);
    g_assert_cmpuint(numbers.published, ==, 150);
    g_assert_cmpuint(numbers.in_flight, ==, 0);
    bench_clear(&b);
}

/* What was not acknowledged goes again, in order; what was, does not. */
static void test_lost(void) {
    Bench b;
    bench_init(&b, 4);
    bench_put_log(&b, 1, 6);
    bench_connect(&b);
    bench_assert_sent(&b, "log/duty", "log 1 again", 0);
    bench_assert_sent(&b, "log/duty", "log 2 again", 0);
    g_assert_cmpuint(b.sent.length, ==, 2);
    bench_disconnect(&b, SKY_ERR_RETRY);
    bench_connect(&b);
    for (guint i = 3; i <= 6; i++) {
        g_autofree char *text = g_strdup_printf("log %u again", i);
        bench_assert_sent(&b, "log/duty", text, 0);
    }
    g_assert_cmpuint(bench_undelivered(&b), ==, 0);
    bench_clear(&b);
}

static void test_overtakes(void) {
    Bench b;
    bench_init(&b, 2);
    bench_put_log(&b, 1, 200);
    bench_connect(&b);
    bench_assert_sent(&b, "log/duty", "log 1 again", 0);
    bench_put_alert(&b, "a1", 1, TRUE, "fire", 201);
    bench_turn(&b);
    /* Behind the two in flight, before the other 197. */
    bench_assert_sent(&b, "log/duty", "log 2 again", 0);
    bench_assert_sent(&b, "log/duty", "log 3 again", 0);
    bench_turn(&b);
    bench_assert_sent(&b, "skynet/v1/s/alert/duty/a1", "fire", 0);
    bench_assert_sent(&b, "log/duty", "log 4 again", 0);
    bench_clear(&b);
}

static void test_refused(void) {
    Bench b;
    bench_init(&b, 20);
    bench_put_log(&b, 1, 3);
    bench_connect(&b);
    bench_assert_sent(&b, "log/duty", NULL, 0);
    bench_assert_sent(&b, "log/duty", NULL, 0x87);
    bench_assert_sent(&b, "log/duty", NULL, 0x10); /* no subscriber: accepted */
    g_assert_cmpuint(bench_undelivered(&b), ==, 0);
    g_assert_cmpuint(sky_store_numbers(b.store.store).dead, ==, 1);
    g_assert_cmpuint(sky_outbox_numbers(b.outbox).refused, ==, 1);
    g_assert_cmpuint(b.delivered, ==, 2);
    /* What the transport can never take is dead too; what it does not take now stays. */
    b.refuse = SKY_ERR_DATA;
    bench_put_log(&b, 4, 4);
    bench_turn(&b);
    g_assert_cmpuint(bench_undelivered(&b), ==, 0);
    g_assert_cmpuint(sky_store_numbers(b.store.store).dead, ==, 2);
    b.refuse = SKY_ERR_RETRY;
    bench_put_log(&b, 5, 5);
    bench_turn(&b);
    g_assert_cmpuint(bench_undelivered(&b), ==, 1);
    g_assert_cmpint(sky_outbox_numbers(b.outbox).oldest_unserved_ns, ==, b.now_ns);
    b.refuse = -1;
    bench_turn(&b);
    bench_assert_sent(&b, "log/duty", "log 5", 0);
    bench_turn(&b);
    g_assert_cmpint(sky_outbox_numbers(b.outbox).oldest_unserved_ns, ==, SKY_TIME_NONE);
    bench_clear(&b);
}

static void pass_seconds(Bench *bench, int seconds) {
    bench->now_ns += seconds * SKY_NS_PER_S;
    bench_turn(bench);
}

/* A broker that takes everything and acknowledges nothing is no connection; one that is only slow is. */
static void test_unacknowledged(void) {
    Bench b;
    bench_init(&b, 2);
    bench_put_log(&b, 1, 4);
    bench_connect(&b);
    g_assert_cmpint(sky_outbox_numbers(b.outbox).unacknowledged_ns, ==, b.now_ns);
    for (guint i = 1; i <= 3; i++) { /* each just in time */
        pass_seconds(&b, 119);
        bench_assert_sent(&b, "log/duty", NULL, 0);
        bench_turn(&b);
    }
    b.sending = TRUE; /* a slow line: the broker can not know of it yet */
    pass_seconds(&b, 1000);
    b.sending = FALSE;
    pass_seconds(&b, 119);
    g_assert_cmpuint(b.hang_ups, ==, 0);
    pass_seconds(&b, 1);
    g_assert_cmpuint(b.hang_ups, >, 0); /* in each turn until it is heard */
    b.hang_ups = 0;
    bench_disconnect(&b, SKY_ERR_RETRY);
    g_assert_cmpint(sky_outbox_numbers(b.outbox).unacknowledged_ns, ==, SKY_TIME_NONE);
    bench_connect(&b);
    bench_assert_sent(&b, "log/duty", "log 4 again", 0);
    pass_seconds(&b, 1000); /* nothing in flight: nothing to acknowledge */
    g_assert_cmpuint(b.hang_ups, ==, 0);
    bench_clear(&b);
}

/* One message that the broker hangs up on must not stop all that come after it. */
static void test_poison(void) {
    Bench b;
    bench_init(&b, 20);
    bench_put_log(&b, 1, 4);
    guint losses = 0;
    for (; losses < 20; losses++) {
        bench_connect(&b);
        const Sent *first = g_queue_peek_head(&b.sent);
        g_assert_nonnull(first);
        if (g_str_has_prefix(first->payload, "log 2")) break;
        if (losses >= 1) g_assert_cmpuint(b.sent.length, ==, 1); /* alone: no other is blamed */
        bench_disconnect(&b, SKY_ERR_DATA);
    }
    g_assert_cmpuint(losses, ==, 4);
    g_assert_cmpuint(sky_store_numbers(b.store.store).dead, ==, 1);
    for (guint i = 2; i <= 4; i++) {
        bench_assert_sent(&b, "log/duty", NULL, 0);
        bench_turn(&b);
    }
    g_assert_cmpuint(bench_undelivered(&b), ==, 0);
    /* A line that breaks for itself condemns nothing. */
    bench_put_log(&b, 5, 6);
    for (int i = 0; i < 20; i++) {
        bench_disconnect(&b, SKY_ERR_RETRY);
        bench_connect(&b);
    }
    bench_assert_sent(&b, "log/duty", "log 5 again", 0);
    bench_turn(&b);
    bench_assert_sent(&b, "log/duty", "log 6 again", 0);
    g_assert_cmpuint(sky_store_numbers(b.store.store).dead, ==, 1);
    bench_clear(&b);
}

static void test_states(void) {
    Bench b;
    bench_init(&b, 20);
    bench_connect(&b);
    sky_outbox_set_state(b.outbox, "camera/c/status", "1", 1);
    bench_turn(&b);
    sky_outbox_set_state(b.outbox, "camera/c/status", "2", 1);
    bench_turn(&b);
    bench_assert_sent(&b, "camera/c/status", "1", 0);
    bench_assert_sent(&b, "camera/c/status", "2", 0);
    /* Cleared once, then forgotten; but not before somebody has heard it. */
    sky_outbox_set_state(b.outbox, "camera/c/status", NULL, 1);
    bench_disconnect(&b, SKY_ERR_RETRY);
    bench_connect(&b);
    Sent *clear = g_queue_peek_head(&b.sent);
    g_assert_true(clear && clear->retain);
    bench_assert_sent(&b, "camera/c/status", "", 0);
    bench_disconnect(&b, SKY_ERR_RETRY);
    bench_connect(&b);
    bench_assert_nothing_sent(&b);
    /* A clear that a new state overtakes while it is under way. */
    sky_outbox_set_state(b.outbox, "x", "1", 1);
    sky_outbox_set_state(b.outbox, "x", NULL, 1);
    bench_turn(&b);
    sky_outbox_set_state(b.outbox, "x", "2", 1);
    bench_turn(&b);
    bench_assert_sent(&b, "x", "", 0);
    bench_assert_sent(&b, "x", "2", 0);
    bench_turn(&b);
    bench_disconnect(&b, SKY_ERR_RETRY);
    bench_connect(&b);
    bench_assert_sent(&b, "x", "2", 0x87); /* refused: not sent for ever */
    bench_turn(&b);
    bench_assert_nothing_sent(&b);
    bench_clear(&b);
}

/* Written before the clock was first set, sent after: nobody knows how long it waited, and it was not since 1970. */
static void test_queued(void) {
    Bench b;
    bench_init(&b, 20);
    const int64_t written_utc_ns[] = {1000 * SKY_NS_PER_S, sky_clock_utc_ns() - 60 * SKY_NS_PER_S};
    for (guint i = 0; i < G_N_ELEMENTS(written_utc_ns); i++) {
        SkyStoreCommit *commit = store_fixture_revision("a1", i + 1, TRUE, "open", i + 1);
        for (guint k = 0; k < commit->messages->len; k++)
            ((SkyMessageRecord *)commit->messages->pdata[k])->created_utc_ns = written_utc_ns[i];
        g_assert_true(store_fixture_commit(&b.store, commit, NULL));
        bench_connect(&b);
        g_assert_cmpint(b.queued_ms, >=, i * 60000);
        g_assert_cmpint(b.queued_ms, <=, i * 600000);
        bench_disconnect(&b, SKY_ERR_RETRY);
    }
    bench_clear(&b);
}

static void test_notes(void) {
    Bench b;
    bench_init(&b, 2);
    sky_outbox_send(b.outbox, "reply/duty/li", "too early", 9, 1);
    bench_turn(&b);
    bench_put_log(&b, 1, 4);
    bench_connect(&b);
    sky_outbox_send(b.outbox, "reply/duty/li", "ok", 2, 1);
    sky_outbox_send(b.outbox, "metrics", "5", 1, 0);
    bench_turn(&b);
    bench_assert_sent(&b, "log/duty", "log 1 again", 0);
    bench_turn(&b);
    bench_assert_sent(&b, "log/duty", "log 2 again", 0);
    bench_assert_sent(&b, "reply/duty/li", "ok", 0); /* what was too early is gone */
    bench_turn(&b);
    bench_assert_sent(&b, "metrics", "5", 0);
    g_assert_cmpuint(sky_outbox_numbers(b.outbox).notes_dropped, ==, 0);
    for (guint i = 0; i < 100; i++) sky_outbox_send(b.outbox, "reply/duty/li", "ok", 2, 1);
    g_assert_cmpuint(sky_outbox_numbers(b.outbox).notes_dropped, ==, 36); /* 64 wait */
    bench_clear(&b);
}

/* Whoever waits for it hears so, also where the broker has no word for a refusal. */
static void test_given_up_has_landed(void) {
    Bench b;
    bench_init(&b, 20);
    bench_put_log(&b, 1, 1);
    b.refuse = SKY_ERR_DATA;
    bench_connect(&b);
    bench_turn(&b);
    g_assert_cmpuint(sky_store_numbers(b.store.store).dead, ==, 1);
    g_assert_cmpuint(b.refused, ==, 1);
    b.refuse = -1;
    bench_put_log(&b, 2, 2);
    for (guint i = 0; i < 3; i++) {
        bench_turn(&b);
        bench_disconnect(&b, SKY_ERR_DATA);
        bench_connect(&b);
    }
    bench_turn(&b);
    g_assert_cmpuint(sky_store_numbers(b.store.store).dead, ==, 2);
    g_assert_cmpuint(b.refused, ==, 2);
    bench_clear(&b);
}

static void test_replay(void) {
    Bench b;
    bench_init(&b, 4);
    bench_put_log(&b, 1, 100);
    bench_connect(&b);
    for (guint i = 1; i <= 100; i++) {
        if (b.sent.length == 0) bench_turn(&b);
        bench_assert_sent(&b, "log/duty", NULL, 0);
    }
    sky_outbox_replay(b.outbox, "duty", 95, "replay/duty/li");
    bench_turn(&b);
    bench_assert_sent(&b, "replay/duty/li", "log 95 again", 0);
    bench_assert_sent(&b, "replay/duty/li", "log 96 again", 0);
    bench_turn(&b);
    /* Goes on where it was. */
    bench_disconnect(&b, SKY_ERR_RETRY);
    bench_connect(&b);
    for (guint i = 97; i <= 100; i++) {
        g_autofree char *text = g_strdup_printf("log %u again", i);
        bench_assert_sent(&b, "replay/duty/li", text, 0);
    }
    bench_turn(&b);
    bench_assert_nothing_sent(&b);
    bench_disconnect(&b, SKY_ERR_RETRY);
    bench_connect(&b);
    bench_assert_nothing_sent(&b); /* over */
    g_assert_cmpuint(b.delivered, ==, 100);
    sky_outbox_replay(b.outbox, "duty", 1, "replay/duty/li");
    bench_turn(&b);
    bench_assert_sent(&b, "replay/duty/li", "log 1 again", 0x87); /* that client may not read it: given up */
    for (guint i = 2; i <= 4; i++) bench_assert_sent(&b, "replay/duty/li", NULL, 0x87);
    bench_turn(&b);
    bench_assert_nothing_sent(&b);
    bench_clear(&b);
}

/* What a bound pushed out is named once, before the rest; and in a replay too. */
/* A disk that refuses while somebody is sent the log again: what the memory does not have is not lost. */
static void test_replay_without_the_disk(void) {
    Bench b;
    bench_init(&b, 4);
    bench_put_log(&b, 1, 300);
    bench_connect(&b);
    for (guint i = 1; i <= 300; i++) {
        if (b.sent.length == 0) bench_turn(&b);
        bench_assert_sent(&b, "log/duty", NULL, 0);
    }
    bench_turn(&b);
    sky_outbox_replay(b.outbox, "duty", 1, "replay/duty/li");
    bench_turn(&b);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    bench_put_log(&b, 301, 301);
    g_assert_false(sky_store_numbers(b.store.store).durable);
    for (guint turns = 0; turns < 400; turns++) {
        bench_turn(&b);
        const Sent *sent = g_queue_peek_head(&b.sent);
        if (!sent) break;
        if (g_str_has_prefix(sent->topic, "replay/")) g_assert_false(g_str_has_prefix(sent->payload, "gap"));
        bench_assert_sent(&b, sent->topic, NULL, 0);
    }
    limit.rlim_cur = RLIM_INFINITY;
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    bench_clear(&b);
}

static void test_gap(void) {
    Bench b;
    bench_init(&b, 20);
    store_fixture_close(&b.store);
    sky_outbox_free(b.outbox);
    b.store.params.rows_max = 4;
    store_fixture_open(&b.store);
    const SkyOutboxParams params = {.window = 20, .finish = bench_finish, .user = &b};
    b.outbox = sky_outbox_new(&params, b.store.store);
    b.events = sky_outbox_events(b.outbox);
    bench_put_log(&b, 1, 10);
    bench_connect(&b);
    bench_assert_sent(&b, "log/duty", "gap 1-7", 0);
    for (guint i = 8; i <= 10; i++) bench_assert_sent(&b, "log/duty", NULL, 0);
    bench_assert_nothing_sent(&b);
    g_assert_cmpuint(bench_undelivered(&b), ==, 0);
    sky_outbox_replay(b.outbox, "duty", 3, "replay/duty/li");
    bench_turn(&b);
    bench_assert_sent(&b, "replay/duty/li", "gap 3-7", 0);
    bench_assert_sent(&b, "replay/duty/li", "log 8 again", 0);
    bench_clear(&b);
}

static void wait_in_store(const GError *error, gboolean durable, gpointer user) {
    gpointer item;
    sky_queue_pop(user, INT64_MAX, &item);
}

/* A commit that the store reaches only after it has answered the fetch that is under way. */
static void test_poke_during_fetch(void) {
    Bench b;
    bench_init(&b, 20);
    bench_connect(&b);
    SkyQueue *gate = sky_queue_new(1, NULL);
    SkyStoreCommit *blocker = sky_store_commit_new(), *commit = sky_store_commit_new();
    g_ptr_array_add(commit->messages, sky_message_record_new(SKY_MESSAGE_EVENT, "", "event/c/motion", "late", 4));
    g_assert_true(sky_store_commit(b.store.store, blocker, wait_in_store, gate));
    sky_outbox_poke(b.outbox);
    b.events.turn(b.now_ns, b.outbox); /* asks the store, which is busy */
    g_assert_true(sky_store_commit(b.store.store, commit, NULL, NULL));
    sky_outbox_poke(b.outbox);
    b.events.turn(b.now_ns, b.outbox);
    sky_queue_push(gate, &b);
    bench_turn(&b);
    bench_assert_sent(&b, "event/c/motion", "late again", 0);
    sky_queue_free(gate);
    bench_clear(&b);
}

static gpointer flush_thread(gpointer user) {
    Bench *bench = user;
    atomic_store(&bench->flushing, TRUE);
    gboolean flushed = sky_outbox_flush(bench->outbox, 5 * SKY_NS_PER_S);
    atomic_store(&bench->flushed, flushed ? 1 : 2);
    return NULL;
}

/* The backlog waits meanwhile: only what is in flight, and the states. */
static void test_flush(void) {
    Bench b;
    bench_init(&b, 2);
    g_assert_false(sky_outbox_flush(b.outbox, 5 * SKY_NS_PER_S)); /* not connected: at once */
    bench_put_log(&b, 1, 300);
    bench_connect(&b);
    g_assert_false(sky_outbox_flush(b.outbox, SKY_NS_PER_MS)); /* nobody acknowledges */
    sky_outbox_set_state(b.outbox, "status", "stopping", 0);
    GThread *thread = g_thread_new("flush", flush_thread, &b);
    gboolean stopping = FALSE;
    guint answered = 0;
    while (!atomic_load(&b.flushed)) {
        b.events.turn(b.now_ns, b.outbox);
        const Sent *head = g_queue_peek_head(&b.sent);
        if (!head) continue;
        stopping = stopping || strcmp(head->topic, "status") == 0;
        if (!atomic_load(&b.flushing)) continue;
        if (++answered > 150) g_usleep(10000); /* it may not have come to its turn, and half of the rows is gone */
        bench_assert_sent(&b, head->topic, NULL, 0);
    }
    g_thread_join(thread);
    g_assert_cmpint(atomic_load(&b.flushed), ==, 1);
    g_assert_true(stopping);
    g_assert_cmpuint(bench_undelivered(&b), >, 0); /* how many depends on when the thread came to its turn */
    while (bench_undelivered(&b) > 0) bench_assert_sent(&b, "log/duty", NULL, 0); /* and goes on */
    bench_clear(&b);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/outbox/order", test_order);
    g_test_add_func("/outbox/window", test_window);
    g_test_add_func("/outbox/lost", test_lost);
    g_test_add_func("/outbox/overtakes", test_overtakes);
    g_test_add_func("/outbox/refused", test_refused);
    g_test_add_func("/outbox/poison", test_poison);
    g_test_add_func("/outbox/unacknowledged", test_unacknowledged);
    g_test_add_func("/outbox/states", test_states);
    g_test_add_func("/outbox/queued", test_queued);
    g_test_add_func("/outbox/notes", test_notes);
    g_test_add_func("/outbox/given-up-has-landed", test_given_up_has_landed);
    g_test_add_func("/outbox/replay", test_replay);
    g_test_add_func("/outbox/replay-without-the-disk", test_replay_without_the_disk);
    g_test_add_func("/outbox/gap", test_gap);
    g_test_add_func("/outbox/poke-during-fetch", test_poke_during_fetch);
    g_test_add_func("/outbox/flush", test_flush);
    return g_test_run();
}
