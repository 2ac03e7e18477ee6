/* SPDX-License-Identifier: Apache-2.0 */
#include "source/timeline.h"

#include <string.h>

#include "base/clock.h"

#define MS SKY_NS_PER_MS
#define NONE INT64_C(-1000000) /* in the tables below: no stamp */
#define STEPS_MAX 24

/* Stamps, arrivals and results in milliseconds; dts NULL: none is told. */
typedef struct {
    const char *name;
    gboolean live;
    unsigned count, mended;
    int64_t pts[STEPS_MAX], dts[STEPS_MAX], arrival[STEPS_MAX];
    int64_t out_pts[STEPS_MAX], out_dts[STEPS_MAX];
} Row;

#define NO_DTS                                                                                                                     \
    { NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE }
static const Row rows[] = {
    {"plain", TRUE, 4, 0, {5000, 5040, 5080, 5120}, NO_DTS, {0, 40, 80, 120}, {0, 40, 80, 120}, {0, 40, 80, 120}},
    {"jump-ahead", TRUE, 4, 1, {0, 40, 28800040, 28800080}, NO_DTS, {0, 40, 80, 120}, {0, 40, 80, 120}, {0, 40, 80, 120}},
    {"jump-back", TRUE, 4, 1, {90000, 90040, 0, 40}, NO_DTS, {0, 40, 80, 120}, {0, 40, 80, 120}, {0, 40, 80, 120}},
    {"restart-after-a-pause",
     TRUE,
     4,
     1,
     {90000, 90040, 0, 40},
     NO_DTS,
     {0, 40, 3040, 3080},
     {0, 40, 3040, 3080},
     {0, 40, 3040, 3080}},
    {"one-astray", TRUE, 6, 4, {90000, 90040, 37690000, 90120, 1000, 90200}, NO_DTS, {0, 40, 80, 120, 160, 200},
     {0, 40, 80, 120, 160, 200}, {0, 40, 80, 120, 160, 200}},
    {"slow-camera", TRUE, 3, 0, {0, 5000, 10000}, NO_DTS, {0, 5100, 10050}, {0, 5000, 10000}, {0, 5000, 10000}},
    {"hang-then-rush",
     TRUE,
     5,
     0,
     {0, 40, 80, 120, 4000},
     NO_DTS,
     {0, 40, 4000, 4001, 4002},
     {0, 40, 80, 120, 4000},
     {0, 40, 80, 120, 4000}},
    {"one-repeat", TRUE, 4, 1, {0, 40, 40, 80}, NO_DTS, {0, 40, 80, 120}, {0, 40, 60, 80}, {0, 40, 60, 80}},
    {"one-missing", TRUE, 4, 1, {0, 40, NONE, 120}, NO_DTS, {0, 40, 80, 120}, {0, 40, 60, 120}, {0, 40, 60, 120}},
    {"pairs",
     TRUE,
     6,
     3,
     {0, 0, 80, 80, 160, 160},
     NO_DTS,
     {0, 40, 80, 120, 160, 200},
     {0, 20, 80, 120, 160, 200},
     {0, 20, 80, 120, 160, 200}},
    {"all-the-same",
     TRUE,
     8,
     7,
     {7, 7, 7, 7, 7, 7, 7, 7},
     NO_DTS,
     {0, 40, 80, 120, 160, 200, 240, 290},
     {0, 20, 40, 60, 80, 120, 160, 210},
     {0, 20, 40, 60, 80, 120, 160, 210}},
    {"told-order", FALSE, 5, 0, {80, 240, 120, 160, 200}, {0, 40, 80, 120, 160}, {0}, {0, 160, 40, 80, 120}, {-80, -40, 0, 40, 80}},
    {"file-with-a-hole", FALSE, 3, 0, {0, 40, 600000}, {0, 40, 600000}, {0}, {0, 40, 600000}, {0, 40, 600000}},
    {"dts-back", FALSE, 4, 1, {0, 40, 20, 60}, {0, 40, 20, 60}, {0}, {0, 40, 80, 120}, {0, 40, 80, 120}},
    {"pts-before-dts", FALSE, 3, 1, {0, 30, 80}, {0, 40, 80}, {0}, {0, 40, 80}, {0, 40, 80}},
};

static int64_t stamp(int64_t ms) {
    return ms == NONE ? SKY_TIME_NONE : ms * MS;
}

static void test_row(gconstpointer data) {
    const Row *row = data;
    SkyTimeline timeline;
    sky_timeline_init(&timeline, row->live, 40 * MS, 0);
    unsigned mended = 0;
    for (unsigned i = 0; i < row->count; i++) {
        int64_t pts_ns = 0, dts_ns = 0;
        mended += sky_timeline_next(&timeline, stamp(row->pts[i]), stamp(row->dts[i]), row->arrival[i] * MS, &pts_ns, &dts_ns) ? 1
                                                                                                                               : 0;
        if (pts_ns / MS != row->out_pts[i] || dts_ns / MS != row->out_dts[i])
            g_error("%s, step %u: pts %" G_GINT64_FORMAT " dts %" G_GINT64_FORMAT " ms", row->name, i, pts_ns / MS, dts_ns / MS);
    }
    g_assert_cmpuint(mended, ==, row->mended);
}

/* RTP tells only pts: after the first reordered pictures every dts is true. */
static void test_learns_depth(void) {
    static const int64_t shuffle[] = {0, 3, 1, 2}; /* I P B B */
    SkyTimeline timeline;
    sky_timeline_init(&timeline, TRUE, 40 * MS, 0);
    int64_t last_ns = INT64_MIN;
    unsigned mended = 0;
    for (int64_t i = 0; i < 120; i++) {
        int64_t in_ns = (i == 0 ? 0 : (i - 1) / 3 * 3 + shuffle[(i - 1) % 3 + 1]) * 40 * MS;
        int64_t pts_ns = 0, dts_ns = 0;
        mended += sky_timeline_next(&timeline, in_ns, SKY_TIME_NONE, i * 40 * MS, &pts_ns, &dts_ns) ? 1 : 0;
        g_assert_cmpint(dts_ns, >, last_ns);
        g_assert_cmpint(pts_ns, >=, dts_ns);
        if (i > 4)
            g_assert_cmpint(pts_ns, ==, in_ns);
        last_ns = dts_ns;
    }
    g_assert_cmpuint(mended, <=, 2);
}

/* A camera whose clock is set back by less than a second, again and again: its pictures keep their order and their distance. */
static void test_set_back(void) {
    for (int64_t step_ms = 16; step_ms <= 200; step_ms += 23)
        for (int64_t back_ms = 5; back_ms < 1000; back_ms += 33) {
            SkyTimeline timeline;
            sky_timeline_init(&timeline, TRUE, 40 * MS, 0);
            unsigned mended = 0, off = 0;
            for (int64_t i = 0; i < 200; i++) {
                int64_t in_ns = i * step_ms * MS - i / 50 * back_ms * MS, pts_ns = 0, dts_ns = 0;
                gboolean goes_back = i > 0 && i % 50 == 0 && back_ms > step_ms;
                mended += sky_timeline_next(&timeline, in_ns, SKY_TIME_NONE, i * step_ms * MS, &pts_ns, &dts_ns) && goes_back ? 1 : 0;
                off += pts_ns != dts_ns || (back_ms > step_ms && pts_ns != i * step_ms * MS);
            }
            g_test_message("%d ms a picture, back by %d ms: %u of 200 off", (int)step_ms, (int)back_ms, off);
            g_assert_cmpuint(mended, ==, back_ms > step_ms ? 3 : 0);
            g_assert_cmpuint(off, ==, 0);
        }
}

/* B pictures, each two before the one that they need: of a camera whose exposure makes them uneven, or whose rate goes up at dawn. */
static void test_reordered_unevenly(void) {
    static const struct {
        int64_t step_ms, later_ms, uneven_ms;
    } ways[] = {{40, 40, 0}, {40, 40, 14}, {200, 40, 0}, {100, 40, 5}, {40, 200, 10}};
    for (unsigned way = 0; way < G_N_ELEMENTS(ways); way++) {
        SkyTimeline timeline;
        sky_timeline_init(&timeline, TRUE, 40 * MS, 0);
        int64_t shown_ms[303] = {0};
        for (int i = 1; i < 303; i++)
            shown_ms[i] = shown_ms[i - 1] + (i < 150 ? ways[way].step_ms : ways[way].later_ms) + (i * 7 % 3 - 1) * ways[way].uneven_ms;
        unsigned mended = 0, off = 0;
        for (int i = 0; i < 300; i++) {
            int64_t in_ns = shown_ms[i % 3 == 0 ? i + 2 : i - 1] * MS, pts_ns = 0, dts_ns = 0;
            mended += sky_timeline_next(&timeline, in_ns, SKY_TIME_NONE, (shown_ms[i] + 500) * MS, &pts_ns, &dts_ns) && i > 9;
            off += i > 9 && pts_ns != in_ns - shown_ms[2] * MS;
        }
        g_test_message("way %u: %u mended, %u off", way, mended, off);
        g_assert_cmpuint(mended, ==, 0);
        g_assert_cmpuint(off, ==, 0);
    }
}

static void test_restart(void) {
    SkyTimeline timeline;
    sky_timeline_init(&timeline, FALSE, 40 * MS, 0);
    for (int64_t i = 0; i < 6; i++) {
        int64_t pts_ns = 0, dts_ns = 0;
        if (i == 3)
            sky_timeline_restart(&timeline);
        g_assert_false(
            sky_timeline_next(&timeline, 1000 * MS + i % 3 * 100 * MS, 1000 * MS + i % 3 * 100 * MS, 0, &pts_ns, &dts_ns));
        g_assert_cmpint(dts_ns, ==, i * 100 * MS);
    }
}

/* Whatever comes, the promise holds. */
static void test_noise(void) {
    g_autoptr(GRand) dice = g_rand_new_with_seed(1);
    for (int turn = 0; turn < 400; turn++) {
        SkyTimeline timeline;
        sky_timeline_init(&timeline, turn % 2, 40 * MS, (uint32_t)turn % 5);
        int64_t last_ns = INT64_MIN, arrival_ns = 0;
        for (int i = 0; i < 300; i++) {
            int shift = g_rand_int_range(dice, 0, 63);
            int64_t pts_ns = (int64_t)((uint64_t)g_rand_int(dice) << 32 | g_rand_int(dice)) >> shift;
            int64_t dts_ns = g_rand_int_range(dice, 0, 3) == 0 ? SKY_TIME_NONE : pts_ns - g_rand_int_range(dice, -5, 50) * MS;
            if (turn % 4 > 1)
                dts_ns = SKY_TIME_NONE;
            arrival_ns += g_rand_int_range(dice, 0, 50) * MS;
            int64_t media_pts_ns = 0, media_dts_ns = 0;
            sky_timeline_next(&timeline, g_rand_int_range(dice, 0, 9) == 0 ? SKY_TIME_NONE : pts_ns, dts_ns, arrival_ns,
                              &media_pts_ns, &media_dts_ns);
            g_assert_cmpint(media_dts_ns, >, last_ns);
            g_assert_cmpint(media_pts_ns, >=, media_dts_ns);
            last_ns = media_dts_ns;
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strconcat("/timeline/", rows[i].name, NULL);
        g_test_add_data_func(name, &rows[i], test_row);
    }
    g_test_add_func("/timeline/learns-depth", test_learns_depth);
    g_test_add_func("/timeline/set-back", test_set_back);
    g_test_add_func("/timeline/reordered-unevenly", test_reordered_unevenly);
    g_test_add_func("/timeline/restart", test_restart);
    g_test_add_func("/timeline/noise", test_noise);
    return g_test_run();
}
