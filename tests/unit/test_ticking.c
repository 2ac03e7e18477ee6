/* SPDX-License-Identifier: Apache-2.0 */
#include "event/ticking.h"

#include "base/clock.h"

static const SkyBox digit = {0.9f, 0.03f, 0.03f, 0.07f};

/* Notes it so often, that far apart, and ages the map as time goes. */
static int64_t tick(SkyTicking *ticking, int64_t now_ns, const SkyBox *box, unsigned times, int64_t apart_ns) {
    for (unsigned i = 0; i < times; i++) {
        sky_ticking_note(ticking, box, now_ns);
        for (int64_t end_ns = now_ns + apart_ns; now_ns < end_ns; now_ns += MIN(end_ns - now_ns, SKY_NS_PER_S))
            sky_ticking_age(ticking, now_ns);
    }
    return now_ns;
}

static void test_again_and_again(void) {
    SkyTicking ticking = {0};
    int64_t now_ns = tick(&ticking, SKY_NS_PER_S, &digit, 6, 5 * SKY_NS_PER_S);
    g_assert_false(sky_ticking_covers(&ticking, &digit)); /* six, a little faded */
    sky_ticking_note(&ticking, &digit, now_ns);
    g_assert_true(sky_ticking_covers(&ticking, &digit));
}

/* However fast it ticks, it takes half a minute: a leaf that blows about for some seconds is no clock. */
static void test_takes_its_time(void) {
    SkyTicking ticking = {0};
    int64_t now_ns = tick(&ticking, SKY_NS_PER_S, &digit, 240, SKY_NS_PER_S / 8);
    g_assert_false(sky_ticking_covers(&ticking, &digit));
    tick(&ticking, now_ns, &digit, 80, SKY_NS_PER_S / 8);
    g_assert_true(sky_ticking_covers(&ticking, &digit));
}

/* The next digit is its own, what reaches further is not, nor is what holds it. */
static void test_what_it_covers(void) {
    SkyTicking ticking = {0};
    tick(&ticking, SKY_NS_PER_S, &digit, 10, 10 * SKY_NS_PER_S);
    SkyBox next = {0.865f, 0.03f, 0.03f, 0.07f}, further = {0.8f, 0.03f, 0.1f, 0.07f}, person = {0.9f, 0.03f, 0.03f, 0.3f};
    g_assert_true(sky_ticking_covers(&ticking, &next));
    g_assert_false(sky_ticking_covers(&ticking, &further));
    g_assert_false(sky_ticking_covers(&ticking, &person));
}

/* The hour is left of what is known, a person stands out of it. */
static void test_a_clock_is_a_line(void) {
    SkyTicking ticking = {0};
    SkyBox seconds = {0.85f, 0.03f, 0.1f, 0.05f}, all = {0.77f, 0.03f, 0.18f, 0.05f}, date = {0.6f, 0.03f, 0.35f, 0.05f};
    SkyBox person = {0.81f, 0.03f, 0.08f, 0.2f};
    tick(&ticking, SKY_NS_PER_S, &seconds, 10, 10 * SKY_NS_PER_S);
    g_assert_true(sky_ticking_covers(&ticking, &all));
    g_assert_false(sky_ticking_covers(&ticking, &date));
    g_assert_false(sky_ticking_covers(&ticking, &person));
}

static void test_a_large_box_is_no_place(void) {
    SkyTicking ticking = {0};
    SkyBox tree = {0.3f, 0.1f, 0.21f, 0.2f}, text = {0.3f, 0.1f, 0.39f, 0.1f};
    tick(&ticking, SKY_NS_PER_S, &tree, 20, 10 * SKY_NS_PER_S);
    g_assert_false(sky_ticking_covers(&ticking, &digit));
    g_assert_cmpfloat(ticking.mean, ==, 0);
    tick(&ticking, 300 * SKY_NS_PER_S, &text, 20, 10 * SKY_NS_PER_S);
    g_assert_true(sky_ticking_covers(&ticking, &text));
}

/* In rain every place is hit again and again, and none is a clock; one that ticks far more still is. */
static void test_rain_is_everywhere(void) {
    SkyTicking ticking = {0};
    int64_t now_ns = SKY_NS_PER_S;
    for (unsigned i = 0; i < 40; i++) {
        for (unsigned row = 0; row < 5; row++)
            for (unsigned column = 0; column < 5; column++)
                sky_ticking_note(&ticking, &(SkyBox){(float)column * 0.2f, (float)row * 0.2f, 0.18f, 0.18f}, now_ns);
        now_ns = tick(&ticking, now_ns, &(SkyBox){0.5f, 0.5f, 0.01f, 0.01f}, 1, 10 * SKY_NS_PER_S);
    }
    for (unsigned column = 0; column < 5; column++)
        g_assert_false(sky_ticking_covers(&ticking, &(SkyBox){(float)column * 0.2f, 0.4f, 0.1f, 0.1f}));
}

/* Leaves before a third of the picture hide no clock, however much they tick. */
static void test_a_tree_is_not_everywhere(void) {
    SkyTicking ticking = {0};
    int64_t now_ns = SKY_NS_PER_S;
    for (unsigned i = 0; i < 80; i++) {
        for (unsigned row = 0; row < 5; row++)
            for (unsigned column = 0; column < 2; column++)
                sky_ticking_note(&ticking, &(SkyBox){(float)column * 0.17f, (float)row * 0.2f, 0.17f, 0.18f}, now_ns);
        now_ns = tick(&ticking, now_ns, &digit, 1, 10 * SKY_NS_PER_S);
    }
    g_assert_true(sky_ticking_covers(&ticking, &digit));
    g_assert_false(sky_ticking_covers(&ticking, &(SkyBox){0.7f, 0.4f, 0.1f, 0.1f}));
}

/* An hour after it has gone, people may stand there again; after a minute not yet. */
static void test_is_forgotten(void) {
    SkyTicking ticking = {0};
    int64_t now_ns = tick(&ticking, SKY_NS_PER_S, &digit, 12, 10 * SKY_NS_PER_S);
    sky_ticking_age(&ticking, now_ns + 60 * SKY_NS_PER_S);
    g_assert_true(sky_ticking_covers(&ticking, &digit));
    sky_ticking_age(&ticking, now_ns + 3600 * SKY_NS_PER_S);
    g_assert_false(sky_ticking_covers(&ticking, &digit));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ticking/again-and-again", test_again_and_again);
    g_test_add_func("/ticking/takes-its-time", test_takes_its_time);
    g_test_add_func("/ticking/what-it-covers", test_what_it_covers);
    g_test_add_func("/ticking/a-clock-is-a-line", test_a_clock_is_a_line);
    g_test_add_func("/ticking/a-large-box-is-no-place", test_a_large_box_is_no_place);
    g_test_add_func("/ticking/rain-is-everywhere", test_rain_is_everywhere);
    g_test_add_func("/ticking/a-tree-is-not-everywhere", test_a_tree_is_not_everywhere);
    g_test_add_func("/ticking/is-forgotten", test_is_forgotten);
    return g_test_run();
}
