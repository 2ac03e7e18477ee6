/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/workers.h"

#include "base/clock.h"
#include "base/ref.h"
#include "base/thread.h"

#define JOBS 24
#define WAKES 4000

/* A job counts what it was given; it must never run twice at once and must miss no wake-up. */
typedef struct {
    SkyRef ref;
    SkyJob job;
    _Atomic uint32_t given, taken;
    _Atomic int inside;
    _Atomic uint32_t freed;
} Item;

static gboolean run(gpointer user) {
    Item *item = user;
    g_assert_cmpint(atomic_fetch_add(&item->inside, 1), ==, 0);
    for (int i = 0; i < 3 && atomic_load(&item->taken) < atomic_load(&item->given); i++)
        atomic_fetch_add(&item->taken, 1);
    gboolean more = atomic_load(&item->taken) < atomic_load(&item->given);
    atomic_fetch_sub(&item->inside, 1);
    return more;
}

static void ref(gpointer user) {
    sky_ref_take(&((Item *)user)->ref);
}

static void unref(gpointer user) {
    if (sky_ref_drop(&((Item *)user)->ref))
        atomic_fetch_add(&((Item *)user)->freed, 1);
}

typedef struct {
    SkyWorkers *workers;
    Item *items;
} Giver;

static void give(gpointer user) {
    Giver *giver = user;
    for (int i = 0; i < WAKES; i++) {
        Item *item = &giver->items[i % JOBS];
        atomic_fetch_add(&item->given, 1);
        sky_workers_wake(giver->workers, &item->job);
    }
}

static void test_as_many_as_asked(void) {
    static const uint32_t counts[][2] = {{1, 1}, {17, 17}, {64, 64}, {65, 64}};
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_autoptr(SkyWorkers) workers = sky_workers_new(counts[i][0]);
        g_assert_cmpuint(sky_workers_count(workers), ==, counts[i][1]);
    }
}

static void test_every_wake_counts(void) {
    static Item items[JOBS];
    g_autoptr(SkyWorkers) workers = sky_workers_new(4);
    for (int i = 0; i < JOBS; i++) {
        sky_ref_init(&items[i].ref);
        items[i].job = (SkyJob){.run = run, .ref = ref, .unref = unref, .user = &items[i]};
    }
    g_assert_true(sky_workers_start(workers, NULL));
    Giver giver = {workers, items};
    SkyThread *threads[3];
    for (int i = 0; i < 3; i++)
        threads[i] = sky_thread_start("giver", give, &giver, NULL);
    for (int i = 0; i < 3; i++)
        sky_thread_join(threads[i]);
    int64_t limit_ns = sky_clock_monotonic_ns() + 60 * SKY_NS_PER_S;
    for (int i = 0; i < JOBS; i++)
        while (atomic_load(&items[i].taken) < atomic_load(&items[i].given) && sky_clock_monotonic_ns() < limit_ns)
            g_usleep(1000);
    sky_workers_stop(workers);
    for (int i = 0; i < JOBS; i++) {
        g_assert_cmpuint(items[i].taken, ==, 3 * (WAKES / JOBS + (i < WAKES % JOBS)));
        unref(&items[i]);
        g_assert_cmpuint(items[i].freed, ==, 1); /* no reference was lost or kept */
    }
    g_assert_cmpint(sky_workers_oldest_ns(workers), ==, SKY_TIME_NONE);
}

/* The next piece comes as soon as the last one is seen done, while the worker is still on its way out of the job: no wake may be
 * lost. */
static void test_no_last_wake_is_lost(void) {
    static Item item;
    g_autoptr(SkyWorkers) workers = sky_workers_new(1);
    sky_ref_init(&item.ref);
    item.job = (SkyJob){.run = run, .ref = ref, .unref = unref, .user = &item};
    g_assert_true(sky_workers_start(workers, NULL));
    int64_t limit_ns = sky_clock_monotonic_ns() + 60 * SKY_NS_PER_S;
    for (uint32_t i = 1; i <= 50000; i++) {
        atomic_store(&item.given, i);
        sky_workers_wake(workers, &item.job);
        while (atomic_load(&item.taken) < i)
            g_assert_cmpint(sky_clock_monotonic_ns(), <, limit_ns);
    }
    sky_workers_stop(workers);
    unref(&item);
    g_assert_cmpuint(item.freed, ==, 1);
}

static gboolean take_half_a_second(gpointer user) {
    int64_t until_ns = sky_clock_monotonic_ns() + 600 * SKY_NS_PER_MS;
    while (sky_clock_monotonic_ns() < until_ns)
        ;
    return FALSE;
}

/* One of two is busy. */
static void test_load(void) {
    static Item item;
    g_autoptr(SkyWorkers) workers = sky_workers_new(2);
    sky_ref_init(&item.ref);
    item.job = (SkyJob){.run = take_half_a_second, .ref = ref, .unref = unref, .user = &item};
    g_assert_cmpfloat(sky_workers_load(workers), ==, 0);
    sky_workers_wake(workers, &item.job);
    g_assert_true(sky_workers_start(workers, NULL));
    sky_workers_stop(workers); /* finishes it */
    double load = sky_workers_load(workers);
    g_assert_cmpfloat(load, >, 0.05);
    g_assert_cmpfloat(load, <=, 0.51);
    g_assert_cmpfloat(sky_workers_load(workers), ==, load); /* too soon for another */
    unref(&item);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/workers/as-many-as-asked", test_as_many_as_asked);
    g_test_add_func("/workers/every-wake-counts", test_every_wake_counts);
    g_test_add_func("/workers/no-last-wake-is-lost", test_no_last_wake_is_lost);
    g_test_add_func("/workers/load", test_load);
    return g_test_run();
}
