/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/clip_clock.h"

#include "base/clock.h"

#define MS SKY_NS_PER_MS

typedef struct {
    int dts_ms, pts_ms, arrival_ms;
    gboolean gap;
    int out_dts_ms, out_pts_ms;
} Step;

typedef struct {
    const char *name;
    Step steps[8];
    unsigned gaps;
    int length_ms;
} Row;

static const Row rows[] = {
    {"even", {{0, 0, 500, 0, 0, 0}, {40, 40, 540, 0, 40, 40}, {80, 80, 580, 0, 80, 80}}, 0, 120},
    {"starts-anywhere", {{7000, 7080, 1, 0, 0, 80}, {7040, 7040, 41, 0, 40, 40}, {7080, 7200, 81, 0, 80, 200}}, 0, 200},
    {"reordered",
     {{0, 80, 0, 0, 0, 80}, {40, 240, 40, 0, 40, 240}, {80, 160, 80, 0, 80, 160}, {120, 120, 120, 0, 120, 120}}, 0, 200},
    {"network-stall-is-no-gap", {{0, 0, 0, 0, 0, 0}, {40, 40, 5000, 0, 40, 40}, {80, 80, 5001, 0, 80, 80}}, 0, 120},
    {"one-lost", {{0, 0, 0, 0, 0, 0}, {40, 40, 40, 0, 40, 40}, {120, 120, 121, 1, 120, 120}}, 1, 160},
    {"reconnected",
     {{9000, 9000, 0, 0, 0, 0}, {9040, 9040, 40, 0, 40, 40}, {0, 0, 7040, 1, 7040, 7040}, {40, 40, 7080, 0, 7080, 7080}}, 1, 7120},
    {"reconnected-ahead", {{0, 0, 0, 0, 0, 0}, {40, 40, 40, 0, 40, 40}, {50000, 50000, 7040, 1, 7040, 7040}}, 1, 7080},
    /* the last one lasts as long as the one before */
    {"begins-anew-unsaid", {{9000, 9000, 0, 0, 0, 0}, {0, 0, 300, 0, 300, 300}}, 0, 600},
    {"stands-still", {{0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 40, 40}, {0, 0, 0, 0, 80, 80}}, 0, 120},
    {"jumps-unsaid", {{0, 0, 0, 0, 0, 0}, {90000, 90000, 40, 0, 40, 40}}, 0, 80},
};

static void test_row(gconstpointer data) {
    const Row *row = data;
    SkyClipClock clock = {0};
    for (gsize i = 0; i < G_N_ELEMENTS(row->steps) && (i == 0 || row->steps[i].out_dts_ms > 0); i++) {
        const Step *step = &row->steps[i];
        SkyPacketTimes times = {.dts_ns = step->dts_ms * MS, .pts_ns = step->pts_ms * MS, .arrival_ns = step->arrival_ms * MS,
                                .gap = step->gap};
        int64_t dts = -1, pts = -1;
        sky_clip_clock_next(&clock, &times, &dts, &pts);
        g_assert_cmpint(dts, ==, step->out_dts_ms * 90);
        g_assert_cmpint(pts, ==, step->out_pts_ms * 90);
    }
    g_assert_cmpuint(clock.gaps, ==, row->gaps);
    g_assert_cmpfloat_with_epsilon(sky_clip_clock_seconds(&clock), row->length_ms / 1e3, 1e-6);
}

/* Whatever comes, dts grows and pts is not before it. */
static void test_anything(void) {
    SkyClipClock clock = {0};
    int64_t last_dts = -1, arrival_ns = 0;
    for (int i = 0; i < 100000; i++) {
        arrival_ns += g_test_rand_int_range(0, 1000) * SKY_NS_PER_US;
        SkyPacketTimes times = {.dts_ns = g_test_rand_int_range(0, 1000000) * SKY_NS_PER_US * 100, .arrival_ns = arrival_ns,
                                .gap = g_test_rand_int_range(0, 10) == 0};
        times.pts_ns = times.dts_ns + g_test_rand_int_range(-100, 1000) * MS;
        int64_t dts = -1, pts = -1;
        sky_clip_clock_next(&clock, &times, &dts, &pts);
        g_assert_cmpint(dts, >, last_dts);
        g_assert_cmpint(pts, >=, dts);
        last_dts = dts;
    }
    g_assert_true(clock.start <= clock.end);
}

/* A day at 30 frames a second: rounding does not add up. */
static void test_no_drift(void) {
    SkyClipClock clock = {0};
    int64_t dts = 0, pts = 0;
    for (int64_t i = 0; i < 24 * 3600 * 30; i++) {
        SkyPacketTimes times = {.dts_ns = i * SKY_NS_PER_S / 30, .pts_ns = i * SKY_NS_PER_S / 30,
                                .arrival_ns = i * SKY_NS_PER_S / 30};
        sky_clip_clock_next(&clock, &times, &dts, &pts);
    }
    g_assert_cmpint(ABS(dts - (int64_t)(24 * 3600 * 30 - 1) * 3000), <=, 1);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strconcat("/evidence/clip-clock/", rows[i].name, NULL);
        g_test_add_data_func(name, &rows[i], test_row);
    }
    g_test_add_func("/evidence/clip-clock/anything", test_anything);
    g_test_add_func("/evidence/clip-clock/no-drift", test_no_drift);
    return g_test_run();
}
