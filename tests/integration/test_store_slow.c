/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that takes its time, or does not come back at all for a while: nobody waits for it but the store's own thread. */
#include <stdatomic.h>
#include <string.h>
#include "base/clock.h"
#include "support/slow_disk.h"
#include "support/store_fixture.h"

typedef struct {
    _Atomic guint stored, refused;
} Answers;

static void on_stored(const GError *error, gboolean durable, gpointer user) {
    Answers *answers = user;
    if (!error && durable) atomic_fetch_add(&answers->stored, 1);
    else atomic_fetch_add(&answers->refused, 1);
}

static SkyStoreCommit *revision(guint64 seq) {
    g_autofree char *alert = g_strdup_printf("a%u", (guint)(seq % 5));
    return store_fixture_revision(alert, (guint)seq, TRUE, "state", seq);
}

/* TRUE as soon as it holds; the limit is there only to end a test that hangs. */
#define HOLDS(condition) ({ gboolean ok = FALSE; for (guint i_ = 0; i_ < 60000 && !(ok = (condition)); i_++) g_usleep(1000); ok; })

/* Stuck: offers come back at once, the bound holds, the wait is told; let go, everything is stored in order. */
static void test_stuck(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    Answers answers = {0};
    slow_disk_stick();
    g_assert_true(sky_store_commit(f.store, revision(1), on_stored, &answers));
    guint64 seq = 2;
    /* The first is in the thread's hands by now or soon: 256 wait beside it. */
    SkyStoreCommit *kept = NULL;
    for (; !kept && seq < 1000; seq++) {
        SkyStoreCommit *commit = revision(seq);
        if (!sky_store_commit(f.store, commit, on_stored, &answers)) kept = commit;
    }
    g_assert_nonnull(kept);
    g_assert_cmpuint(seq, >=, 256);
    g_assert_cmpuint(seq, <=, 260);
    for (int i = 0; i < 100; i++) g_assert_false(sky_store_commit(f.store, kept, NULL, NULL)); /* it stays the caller's */
    g_assert_cmpuint(atomic_load(&answers.stored), ==, 0);
    g_assert_cmpint(sky_store_numbers(f.store).oldest_request_ns, !=, SKY_TIME_NONE);
    slow_disk_release();
    g_assert_true(HOLDS(atomic_load(&answers.stored) == (guint)seq - 2));
    g_assert_true(sky_store_commit(f.store, kept, on_stored, &answers)); /* what was kept is offered again */
    g_assert_true(HOLDS(atomic_load(&answers.stored) == (guint)seq - 1));
    g_assert_cmpuint(atomic_load(&answers.refused), ==, 0);
    g_assert_true(HOLDS(sky_store_numbers(f.store).oldest_request_ns == SKY_TIME_NONE));
    g_autoptr(GPtrArray) log = store_fixture_log(&f, 1, 1000);
    g_assert_cmpuint(log->len, ==, seq - 1);
    for (guint i = 0; i < log->len; i++) g_assert_cmpuint(((SkyMessageRecord *)log->pdata[i])->seq, ==, i + 1);
    store_fixture_clear(&f);
}

/* Acknowledgements that come while the disk is stuck are one transaction each 64, not one each. */
static void test_acknowledgements_merge(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    for (guint64 seq = 1; seq <= 200; seq++) g_assert_true(store_fixture_commit(&f, revision(seq), NULL));
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f, 0, 1000, NULL);
    g_assert_cmpuint(rows->len, >=, 200);
    Answers answers = {0};
    slow_disk_stick();
    g_assert_true(sky_store_commit(f.store, revision(201), on_stored, &answers));
    for (guint i = 0; i < 192; i++) sky_store_delivered(f.store, &((SkyMessageRecord *)rows->pdata[i])->row, 1);
    guint64 syncs = slow_disk_syncs();
    slow_disk_release();
    g_assert_true(HOLDS(atomic_load(&answers.stored) == 1));
    g_ptr_array_unref(store_fixture_waiting(&f, 0, 1, NULL)); /* behind them in the queue */
    guint64 took = slow_disk_syncs() - syncs;
    g_test_message("192 acknowledgements and a commit took %" G_GUINT64_FORMAT " syncs", took);
    g_assert_cmpuint(took, <=, 1 + 192 / 64 + 2); /* two: a checkpoint of the log may fall in here */
    g_assert_cmpuint(sky_store_numbers(f.store).undelivered, ==, rows->len - 192 + 2 - 1); /* the new revision, less the state that it replaced */
    store_fixture_clear(&f);
}

/* Two seconds a sync: ten revisions take their time, are durable, and no call of ours does. */
static void test_two_seconds(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    Answers answers = {0};
    slow_disk_set_delay_ms(0, 2000);
    int64_t begun_ns = sky_clock_monotonic_ns();
    for (guint64 seq = 1; seq <= 7; seq++) g_assert_true(sky_store_commit(f.store, revision(seq), on_stored, &answers));
    int64_t offered_ns = sky_clock_monotonic_ns() - begun_ns;
    g_assert_true(HOLDS(strstr(sky_store_numbers(f.store).trouble, "stuck") || atomic_load(&answers.stored) == 7));
    g_test_message("after %d s: %u stored, \"%s\"", (int)((sky_clock_monotonic_ns() - begun_ns) / SKY_NS_PER_S), atomic_load(&answers.stored),
                   sky_store_numbers(f.store).trouble);
    g_assert_cmpuint(atomic_load(&answers.stored), <, 7); /* the last has waited for more than ten seconds */
    g_assert_true(HOLDS(atomic_load(&answers.stored) == 7));
    int64_t all_ns = sky_clock_monotonic_ns() - begun_ns;
    slow_disk_set_delay_ms(0, 0);
    g_assert_cmpint(all_ns, >=, 14 * SKY_NS_PER_S);
    g_assert_cmpint(offered_ns, <, all_ns / 7); /* less than one of them: nobody waited */
    g_assert_true(sky_store_numbers(f.store).durable);
    g_assert_cmpstr(sky_store_numbers(f.store).trouble, ==, "");
    store_fixture_clear(&f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    slow_disk_install();
    g_test_add_func("/store-slow/stuck", test_stuck);
    g_test_add_func("/store-slow/acknowledgements-merge", test_acknowledgements_merge);
    g_test_add_func("/store-slow/two-seconds", test_two_seconds);
    return g_test_run();
}
