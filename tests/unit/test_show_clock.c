/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "decode/show_clock.h"

#define STEP (100 * SKY_NS_PER_MS)
#define START (1000 * SKY_NS_PER_S)

/* One picture after its packet; the time from the last one. */
static int64_t show(SkyShowClock *clock, int64_t pts_ns, int64_t arrival_ns, int64_t *last_ns) {
    int64_t shown_ns = sky_show_clock_shown(clock, pts_ns, arrival_ns);
    int64_t step_ns = shown_ns - *last_ns;
    g_assert_cmpint(step_ns, >, 0);
    *last_ns = shown_ns;
    return step_ns;
}

static void test_even(void) {
    SkyShowClock clock;
    sky_show_clock_init(&clock);
    for (int64_t i = 0; i < 100; i++)
        g_assert_cmpint(sky_show_clock_shown(&clock, i * STEP, START + i * STEP), ==, START + i * STEP);
}

/* A radio link that brings a second of pictures at once: they keep their distances. */
static void test_bursts(void) {
    SkyShowClock clock;
    sky_show_clock_init(&clock);
    int64_t last_ns = 0;
    for (int64_t i = 0; i < 300; i++) {
        int64_t arrival_ns = START + (i / 10 + 1) * 10 * STEP + i % 10 * SKY_NS_PER_MS;
        int64_t step_ns = show(&clock, i * STEP, arrival_ns, &last_ns);
        g_assert_cmpint(last_ns, <=, arrival_ns + SKY_NS_PER_MS);
        if (i >= 20) {
            g_assert_cmpint(step_ns, >, STEP * 7 / 10);
            g_assert_cmpint(step_ns, <, STEP * 13 / 10);
        }
    }
}

/* I0 P4 B1 B2 B3 P8 B5 B6 B7: sent when each is due to be decoded, or when it is due to be shown. */
static void reordered(gboolean by_show) {
    SkyShowClock clock;
    sky_show_clock_init(&clock);
    int64_t last_ns = 0;
    for (int64_t group = 0; group < 60; group++) {
        int64_t first = group * 4;
        int64_t p_arrival_ns = START + (first + (by_show ? 4 : 1)) * STEP;
        sky_show_clock_arrived(&clock, p_arrival_ns);
        for (int64_t b = 1; b <= 4; b++) {
            int64_t arrival_ns = b == 4 ? p_arrival_ns : by_show ? p_arrival_ns + b * 1000 : START + (first + b + 1) * STEP;
            int64_t step_ns = show(&clock, (first + b) * STEP, arrival_ns, &last_ns);
            if (group >= 10) {
                g_assert_cmpint(step_ns, >, STEP * 8 / 10);
                g_assert_cmpint(step_ns, <, STEP * 12 / 10);
            }
        }
    }
}

static void test_reordered(void) {
    reordered(FALSE);
    reordered(TRUE);
}

/* Servers send what they have of the GOP at once when one connects: no picture is seen before it came, and after that all is even. */
static void test_burst_at_begin(void) {
    SkyShowClock clock;
    sky_show_clock_init(&clock);
    int64_t last_ns = 0;
    for (int64_t i = 0; i < 200; i++) {
        int64_t arrival_ns = i < 20 ? START + i * SKY_NS_PER_MS : START + (i - 19) * STEP;
        int64_t step_ns = show(&clock, i * STEP, arrival_ns, &last_ns);
        g_assert_cmpint(last_ns, <=, arrival_ns + 20 * SKY_NS_PER_MS);
        if (i > 25)
            g_assert_cmpint(step_ns, >, STEP * 8 / 10);
    }
}

/* A delay that stays is taken over; a stream that begins anew at once. */
static void test_follows(void) {
    SkyShowClock clock;
    sky_show_clock_init(&clock);
    sky_show_clock_shown(&clock, 0, START);
    int64_t shown_ns = 0;
    for (int64_t i = 1; i < 1200; i++)
        shown_ns = sky_show_clock_shown(&clock, i * STEP, START + i * STEP + SKY_NS_PER_S);
    g_assert_cmpint(ABS(shown_ns - (START + 1199 * STEP + SKY_NS_PER_S)), <, STEP);
    g_assert_cmpint(sky_show_clock_shown(&clock, 0, START + 3600 * SKY_NS_PER_S), ==, START + 3600 * SKY_NS_PER_S);
    g_assert_cmpint(sky_show_clock_shown(&clock, STEP, START + 3600 * SKY_NS_PER_S + STEP), ==, START + 3600 * SKY_NS_PER_S + STEP);
    /* and media time that leaps ahead */
    g_assert_cmpint(sky_show_clock_shown(&clock, 9999 * SKY_NS_PER_S, START + 3601 * SKY_NS_PER_S), ==, START + 3601 * SKY_NS_PER_S);
}

/* A camera that is lost after two seconds and back after one more: its pictures are of now, and as far apart as ever. */
static void test_back_soon(void) {
    SkyShowClock clock;
    sky_show_clock_init(&clock);
    int64_t last_ns = 0;
    for (int64_t i = 0; i < 20; i++)
        show(&clock, i * STEP, START + i * STEP, &last_ns);
    for (int64_t i = 0; i < 50; i++) {
        int64_t arrival_ns = START + 3 * SKY_NS_PER_S + i * STEP, step_ns = show(&clock, i * STEP, arrival_ns, &last_ns);
        g_assert_cmpint(last_ns, ==, arrival_ns);
        g_assert_true(i == 0 || step_ns == STEP);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/show-clock/even", test_even);
    g_test_add_func("/show-clock/bursts", test_bursts);
    g_test_add_func("/show-clock/reordered", test_reordered);
    g_test_add_func("/show-clock/burst-at-begin", test_burst_at_begin);
    g_test_add_func("/show-clock/follows", test_follows);
    g_test_add_func("/show-clock/back-soon", test_back_soon);
    return g_test_run();
}
