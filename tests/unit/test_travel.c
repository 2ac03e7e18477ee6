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
    static const struct {
        int inside_px;
        float gone;
    } rows[] = {{0, 0.05f}, {3, 0.05f}, {4, 0}, {6, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        float at = (float)rows[i].inside_px * PX;
        const SkyBox then = {at, 0.3f, 0.1f, 0.05f}, now = {at, 0.3f, 0.15f, 0.05f};
        g_assert_cmpfloat_with_epsilon(sky_travel_between(&then, &now), rows[i].gone, 0.0001f);
        const SkyBox mirrored_then = {1 - at - 0.1f, 0.3f, 0.1f, 0.05f}, mirrored = {1 - at - 0.15f, 0.3f, 0.15f, 0.05f};
        g_assert_cmpfloat_with_epsilon(sky_travel_between(&mirrored_then, &mirrored), rows[i].gone, 0.0001f);
        const SkyBox high_then = {0.3f, at * 16 / 9, 0.1f, 0.05f}, high = {0.3f, at * 16 / 9, 0.1f, 0.1f}; /* as many of 180 */
        g_assert_cmpfloat_with_epsilon(sky_travel_between(&high_then, &high), rows[i].gone, 0.0001f);
    }
}

/* In a corner both ends have to move, until it is so large that it has an inside. */
static void test_in_a_corner(void) {
    const SkyBox then = {0, 0.8f, 0.03f, 0.2f}, grown = {0, 0.75f, 0.1f, 0.25f}, come_out = {0.06f, 0.8f, 0.08f, 0.2f};
    const SkyBox large = {0, 0.5f, 0.1f, 0.5f}, at_side = {0, 0.7f, 0.03f, 0.2f}, goes_on = {0, 0.7f, 0.1f, 0.2f};
    g_assert_true(sky_travel_is_cornered(&then, &grown));
    g_assert_cmpfloat_with_epsilon(sky_travel_between(&then, &grown), 0, 0.0001f);
    g_assert_cmpfloat_with_epsilon(sky_travel_between(&then, &come_out), 0.06f, 0.0001f);
    g_assert_false(sky_travel_is_cornered(&then, &large));
    g_assert_cmpfloat(sky_travel_between(&then, &large), >, 0.07f);
    g_assert_false(sky_travel_is_cornered(&at_side, &goes_on));
    g_assert_cmpfloat_with_epsilon(sky_travel_between(&at_side, &goes_on), 0.07f, 0.0001f);
}

/* Seven pixels at any of the four edges, and no more. */
static void test_sliver(void) {
    static const struct {
        SkyBox box;
        gboolean sliver;
    } rows[] = {{{0, 0.3f, 7 * PX, 0.2f}, TRUE},           {{0, 0.3f, 8 * PX, 0.2f}, FALSE},
                {{1 - 7 * PX, 0.3f, 7 * PX, 0.2f}, TRUE},  {{1 - 8 * PX, 0.3f, 8 * PX, 0.2f}, FALSE},
                {{0.3f, 0, 0.1f, 0.039f}, TRUE},           {{0.3f, 0, 0.1f, 0.041f}, FALSE},
                {{0.3f, 0.961f, 0.1f, 0.039f}, TRUE},      {{0.3f, 0.959f, 0.1f, 0.041f}, FALSE},
                {{0.3f, 0.3f, 2 * PX, 0.01f}, FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(sky_travel_is_sliver(&rows[i].box), ==, rows[i].sliver);
}

static void test_grown(void) {
    const SkyBox then = {0.3f, 0.3f, 0.05f, 0.1f}, all_around = {0.25f, 0.2f, 0.11f, 0.21f};
    const SkyBox wide = {0.25f, 0.3f, 0.2f, 0.19f}, high = {0.3f, 0.2f, 0.09f, 0.4f};
    g_assert_true(sky_travel_has_grown(&then, &all_around));
    g_assert_false(sky_travel_has_grown(&then, &wide));
    g_assert_false(sky_travel_has_grown(&then, &high));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/travel/goes", test_goes);
    g_test_add_func("/travel/comes-in", test_comes_in);
    g_test_add_func("/travel/how-near", test_how_near);
    g_test_add_func("/travel/in-a-corner", test_in_a_corner);
    g_test_add_func("/travel/sliver", test_sliver);
    g_test_add_func("/travel/grown", test_grown);
    return g_test_run();
}
