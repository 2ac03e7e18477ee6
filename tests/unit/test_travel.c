/* SPDX-License-Identifier: Apache-2.0 */
#include "event/travel.h"

#define PX (1 / 320.0f)

static void test_goes(void) {
    const SkyBox then = {0.3f, 0.3f, 0.1f, 0.2f};
    const SkyBox gone = {0.34f, 0.33f, 0.1f, 0.2f}, grown = {0.3f, 0.3f, 0.2f, 0.2f}, swung = {0.28f, 0.3f, 0.14f, 0.2f};
    g_assert_cmpfloat_with_epsilon(sky_travel_between(&then, &gone), 0.05f, 0.0001f);
    g_assert_cmpfloat(sky_travel_between(&then, &grown), ==, 0); /* one end alone */
    g_assert_cmpfloat(sky_travel_between(&then, &swung), ==, 0);
}

/* Of what comes in over the edge only the inner end is its own; a rest has no such excuse. */
static void test_comes_in(void) {
    const SkyBox then = {0, 0.3f, 0.03f, 0.2f}, now = {0, 0.3f, 0.08f, 0.2f};
    g_assert_true(sky_travel_is_cut(&then));
    g_assert_cmpfloat_with_epsilon(sky_travel_between(&then, &now), 0.05f, 0.0001f);
    g_assert_cmpfloat(sky_travel_whole(&then, &now), ==, 0);
}

/* A mask is off by a pixel or two. A clock in the corner of the picture is further in: its digits come and go on the spot. */
static void test_how_near(void) {
    const SkyBox touches = {3 * PX, 0.3f, 0.1f, 0.1f}, clock = {6 * PX, 6 * PX, 0.1f, 0.04f}, clock_then = {6 * PX, 6 * PX, 0.15f, 0.04f};
    g_assert_true(sky_travel_is_cut(&touches));
    g_assert_false(sky_travel_is_cut(&clock));
    g_assert_cmpfloat(sky_travel_between(&clock_then, &clock), ==, 0);
    const SkyBox right = {0.9f, 0.3f, 0.1f - 6 * PX, 0.1f}, at_right = {0.9f, 0.3f, 0.1f - 3 * PX, 0.1f};
    g_assert_false(sky_travel_is_cut(&right));
    g_assert_true(sky_travel_is_cut(&at_right));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/travel/goes", test_goes);
    g_test_add_func("/travel/comes-in", test_comes_in);
    g_test_add_func("/travel/how-near", test_how_near);
    return g_test_run();
}
