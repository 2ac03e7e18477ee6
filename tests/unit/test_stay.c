/* SPDX-License-Identifier: Apache-2.0 */
#include "event/stay.h"

#include "base/clock.h"

#define S SKY_NS_PER_S
#define MOMENT_NS (3 * S)

static const SkyPoint here = {0.5f, 0.5f}, beside = {0.59f, 0.5f}, there = {0.61f, 0.5f};

static void test_one(void) {
    SkyStays stays = {0};
    g_assert_cmpint(sky_stays_see(&stays, 1, here, 10 * S, MOMENT_NS), ==, 10 * S);
    g_assert_cmpint(sky_stays_see(&stays, 1, there, 11 * S, MOMENT_NS), ==, 10 * S); /* the same, wherever it walks */
    g_assert_cmpint(sky_stays_see(&stays, 1, here, 14 * S, MOMENT_NS), ==, 10 * S); /* out for a moment */
    g_assert_cmpint(sky_stays_see(&stays, 1, here, 17 * S + 1, MOMENT_NS), ==, 17 * S + 1); /* and for longer than that */
}

static void test_lost_and_found(void) {
    SkyStays stays = {0};
    sky_stays_see(&stays, 1, here, 10 * S, MOMENT_NS);
    g_assert_cmpint(sky_stays_see(&stays, 2, beside, 11 * S, MOMENT_NS), ==, 11 * S); /* that one may be followed still */
    stays = (SkyStays){0};
    sky_stays_see(&stays, 1, here, 10 * S, MOMENT_NS);
    g_assert_cmpint(sky_stays_see(&stays, 2, there, 12 * S, MOMENT_NS), ==, 12 * S); /* too far away to be that one */
    g_assert_cmpint(sky_stays_see(&stays, 3, beside, 12 * S, MOMENT_NS), ==, 10 * S);
    g_assert_cmpint(sky_stays_see(&stays, 4, here, 12 * S, MOMENT_NS), ==, 12 * S); /* it has been found already */
    stays = (SkyStays){0};
    sky_stays_see(&stays, 1, here, 10 * S, MOMENT_NS);
    g_assert_cmpint(sky_stays_see(&stays, 2, here, 13 * S + 1, MOMENT_NS), ==, 13 * S + 1); /* too late */
}

/* More than there is room for within a moment: the rest begin anew each time, the first are kept. */
static void test_full(void) {
    SkyStays stays = {0};
    for (unsigned i = 1; i <= SKY_TRACKS_MAX; i++)
        sky_stays_see(&stays, i, (SkyPoint){0.01f * (float)i, 0}, 10 * S, MOMENT_NS);
    g_assert_cmpint(sky_stays_see(&stays, 99, here, 10 * S + 1, MOMENT_NS), ==, 10 * S + 1);
    g_assert_cmpint(sky_stays_see(&stays, 99, here, 11 * S, MOMENT_NS), ==, 11 * S);
    g_assert_cmpint(sky_stays_see(&stays, 7, here, 11 * S, MOMENT_NS), ==, 10 * S);
}

static void test_oldest(void) {
    SkyStays stays = {0};
    g_assert_cmpint(sky_stays_oldest_ns(&stays, 10 * S, MOMENT_NS), ==, INT64_MAX);
    sky_stays_see(&stays, 1, here, 10 * S, MOMENT_NS);
    sky_stays_see(&stays, 2, there, 12 * S, MOMENT_NS);
    g_assert_cmpint(sky_stays_oldest_ns(&stays, 13 * S, MOMENT_NS), ==, 10 * S);
    g_assert_cmpint(sky_stays_oldest_ns(&stays, 14 * S, MOMENT_NS), ==, 12 * S); /* the first has gone */
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stay/one", test_one);
    g_test_add_func("/stay/lost-and-found", test_lost_and_found);
    g_test_add_func("/stay/full", test_full);
    g_test_add_func("/stay/oldest", test_oldest);
    return g_test_run();
}
