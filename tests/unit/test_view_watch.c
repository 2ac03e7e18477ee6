/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/view_watch.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "support/view_rig.h"

static void blur(uint8_t *luma, int radius) {
    g_autofree uint8_t *sharp = g_memdup2(luma, VIEW_RIG_W * VIEW_RIG_H);
    for (int y = 0; y < VIEW_RIG_H; y++)
        for (int x = 0; x < VIEW_RIG_W; x++) {
            int sum = 0, count = 0;
            for (int dy = -radius; dy <= radius; dy += 2)
                for (int dx = -radius; dx <= radius; dx += 2) {
                    if (x + dx < 0 || x + dx >= VIEW_RIG_W || y + dy < 0 || y + dy >= VIEW_RIG_H)
                        continue;
                    sum += sharp[(y + dy) * VIEW_RIG_W + x + dx];
                    count++;
                }
            luma[y * VIEW_RIG_W + x] = (uint8_t)(sum / count);
        }
}

static void test_stays_clear(void) {
    ViewRig rig = view_rig_new(60, 3);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    for (unsigned at = 0; at < VIEW_RIG_W * VIEW_RIG_H; at++) /* a lamp, or dusk: another gain and offset */
        rig.luma[at] = (uint8_t)(rig.scene[at] * 0.45 + 60);
    view_rig_look(&rig, 40);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    for (unsigned at = 0; at < VIEW_RIG_W * VIEW_RIG_H; at++)
        rig.luma[at] = (uint8_t)(pow(rig.scene[at] / 255.0, 0.5) * 255); /* infrared: another tone curve, edges as they were */
    view_rig_look(&rig, 40);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_back(&rig);
    for (unsigned y = 0; y < VIEW_RIG_H; y++) /* a lorry stops before three fifths of it */
        memset(rig.luma + y * VIEW_RIG_W, 200, VIEW_RIG_W * 3 / 5);
    view_rig_look(&rig, 40);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_back(&rig);
    memmove(rig.luma, rig.scene + 3 * VIEW_RIG_W + 3, VIEW_RIG_W * VIEW_RIG_H - 3 * VIEW_RIG_W - 3); /* wind shakes the pole */
    view_rig_look(&rig, 40);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_clear(&rig);
}

static void test_noise_is_no_edge(void) {
    ViewRig rig = view_rig_new(40, 12); /* a night of much gain */
    view_rig_look(&rig, 60);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    memset(rig.luma, 90, VIEW_RIG_W * VIEW_RIG_H);
    view_rig_look(&rig, 12);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_COVERED);
    view_rig_clear(&rig);
}

static void expect_for(ViewRig *rig, SkyViewState state) {
    int64_t begun_ns = rig->now_ns;
    g_assert_cmpint(rig->view.doubt_for_ns, ==, 0);
    view_rig_look(rig, 9);
    g_assert_cmpint(rig->view.state, ==, SKY_VIEW_CLEAR); /* a hand, a headlight, a flash */
    g_assert_cmpint(rig->view.doubt_for_ns, ==, 9 * SKY_NS_PER_S);
    view_rig_look(rig, 2);
    g_assert_cmpint(rig->view.state, ==, state);
    g_assert_cmpint(rig->view.since_ns, ==, begun_ns);
    g_assert_cmpint(rig->view.doubt_for_ns, ==, 0);
    view_rig_look(rig, 900); /* and never gets used to it */
    g_assert_cmpint(rig->view.state, ==, state);
    view_rig_back(rig);
    view_rig_look(rig, 2);
    g_assert_cmpint(rig->view.state, ==, state);
    view_rig_look(rig, 2);
    g_assert_cmpint(rig->view.state, ==, SKY_VIEW_CLEAR);
}

static void test_covered(void) {
    ViewRig rig = view_rig_new(60, 2);
    memset(rig.luma, 130, VIEW_RIG_W * VIEW_RIG_H);
    expect_for(&rig, SKY_VIEW_COVERED);
    memset(rig.luma, 16, VIEW_RIG_W * VIEW_RIG_H);
    expect_for(&rig, SKY_VIEW_DARK);
    view_rig_clear(&rig);
}

static void test_blurred(void) {
    ViewRig rig = view_rig_new(60, 2);
    blur(rig.luma, 12);
    expect_for(&rig, SKY_VIEW_BLURRED);
    view_rig_clear(&rig);
}

static void test_moved(void) {
    ViewRig rig = view_rig_new(60, 2);
    view_rig_draw(rig.luma, 2, 60);
    view_rig_look(&rig, 9);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_look(&rig, 2);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_MOVED);
    view_rig_look(&rig, 500);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_MOVED);
    view_rig_look(&rig, 150); /* aimed anew */
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_back(&rig); /* which it knows still, and the other one too */
    view_rig_look(&rig, 60);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_draw(rig.luma, 2, 60);
    view_rig_look(&rig, 60);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    memset(rig.luma, 130, VIEW_RIG_W * VIEW_RIG_H);
    view_rig_look(&rig, 12);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_COVERED);
    view_rig_clear(&rig);
}

/* A hand, then another direction: one thing, from the hand on. */
static void test_covered_then_moved(void) {
    ViewRig rig = view_rig_new(60, 2);
    int64_t begun_ns = rig.now_ns;
    memset(rig.luma, 130, VIEW_RIG_W * VIEW_RIG_H);
    view_rig_look(&rig, 6);
    view_rig_draw(rig.luma, 2, 60);
    view_rig_look(&rig, 5);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_MOVED);
    g_assert_cmpint(rig.view.since_ns, ==, begun_ns);
    memset(rig.luma, 130, VIEW_RIG_W * VIEW_RIG_H);
    view_rig_look(&rig, 2);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_COVERED);
    g_assert_cmpint(rig.view.since_ns, ==, begun_ns);
    g_assert_cmpint(rig.view.doubt_for_ns, ==, 0);
    view_rig_clear(&rig);
}

/* Of more views than it remembers, the one that was not seen for the longest time is told again. */
static void test_remembers_the_last(void) {
    ViewRig rig = view_rig_new(60, 2);
    for (guint32 seed = 2; seed <= 5; seed++) {
        view_rig_draw(rig.luma, seed, 60);
        view_rig_look(&rig, 700);
        g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    }
    for (guint32 seed = 2; seed <= 5; seed++) {
        view_rig_draw(rig.luma, seed, 60);
        view_rig_look(&rig, 60);
        g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    }
    view_rig_back(&rig);
    view_rig_look(&rig, 60);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_MOVED);
    view_rig_clear(&rig);
}

/* A view that goes on changing is none to get used to. */
static void test_a_camera_that_swings(void) {
    ViewRig rig = view_rig_new(60, 2);
    for (guint32 turn = 0; turn < 60; turn++) {
        view_rig_draw(rig.luma, 2 + turn, 60);
        view_rig_look(&rig, 20);
    }
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_MOVED);
    view_rig_clear(&rig);
}

static void test_fog_comes_and_goes(void) {
    ViewRig rig = view_rig_new(60, 1);
    for (int percent = 100; percent >= 0; percent--) {
        for (unsigned at = 0; at < VIEW_RIG_W * VIEW_RIG_H; at++)
            rig.luma[at] = (uint8_t)(170 + (rig.scene[at] - 170) * percent / 100);
        view_rig_look(&rig, 36); /* within an hour */
        g_assert_true(rig.view.state == SKY_VIEW_CLEAR || rig.view.state == SKY_VIEW_EMPTY);
    }
    view_rig_look(&rig, 600);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_EMPTY);
    view_rig_back(&rig);
    view_rig_look(&rig, 5);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_look(&rig, 60);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_clear(&rig);
}

static void test_blind_from_the_start(void) {
    ViewRig rig = view_rig_new(0, 3);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_EMPTY);
    view_rig_draw(rig.luma, 1, 60);
    view_rig_look(&rig, 5);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_clear(&rig);
}

/* What the decoder was not sure of is not looked at; another size is another camera. */
static void test_damaged_and_resized(void) {
    ViewRig rig = view_rig_new(60, 0);
    memset(rig.luma, 130, VIEW_RIG_W * VIEW_RIG_H);
    SkyFrame frame = {.width_px = VIEW_RIG_W, .height_px = VIEW_RIG_H, .stride_bytes = VIEW_RIG_W, .luma = rig.luma, .damaged = TRUE};
    for (unsigned i = 0; i < 60; i++) {
        frame.arrival_ns = rig.now_ns += SKY_NS_PER_S;
        g_assert_cmpint(sky_view_watch_look(rig.watch, &frame).state, ==, SKY_VIEW_CLEAR);
    }
    frame.width_px = VIEW_RIG_W / 2;
    g_assert_cmpint(sky_view_watch_look(rig.watch, &frame).state, ==, SKY_VIEW_LEARNING);
    view_rig_clear(&rig);
}

/* The same picture to the last bit, for more than ten minutes. What is told of the lens goes before it. */
static void test_hangs(void) {
    ViewRig rig = view_rig_new(60, 0);
    view_rig_look(&rig, 570);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    int64_t since_ns = rig.now_ns - 590 * SKY_NS_PER_S;
    view_rig_look(&rig, 20);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_FROZEN);
    g_assert_cmpint(rig.view.since_ns, ==, since_ns);
    g_assert_cmpint(rig.view.doubt_for_ns, ==, 0);
    for (unsigned at = 0; at < VIEW_RIG_W * VIEW_RIG_H; at += 3)
        rig.luma[at] ^= 1;
    view_rig_look(&rig, 1);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_draw(rig.luma, 2, 60);
    view_rig_look(&rig, 700);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_FROZEN); /* what it was turned to is its view by now */
    blur(rig.luma, 12); /* hangs too, and has texture enough to show it */
    view_rig_look(&rig, 700);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_BLURRED);
    view_rig_clear(&rig);
}

static void dark(ViewRig *rig, unsigned seconds) {
    memset(rig->luma, 16, VIEW_RIG_W * VIEW_RIG_H);
    view_rig_look(rig, seconds);
}

/* A yard without light: a headlight, then a lamp that goes on when somebody comes. Nobody covers anything when it is dark again. */
static void test_light_in_the_dark(void) {
    ViewRig rig = view_rig_new(0, 2);
    dark(&rig, 60);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_EMPTY);
    view_rig_back(&rig);
    view_rig_draw(rig.scene, 1, 60);
    for (unsigned seconds = 1; seconds < 200; seconds += 40) {
        view_rig_back(&rig);
        view_rig_look(&rig, seconds);
        dark(&rig, 60);
        g_assert_cmpint(rig.view.state, ==, SKY_VIEW_EMPTY);
    }
    /* But after a day of light it is somebody, or the lamp that has failed. */
    view_rig_back(&rig);
    view_rig_look(&rig, 3700);
    dark(&rig, 12);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_DARK);
    view_rig_clear(&rig);
}

/* A new place whose edges lie where the old one had none: nothing is left of that, but it is not covered. */
static void test_aimed_at_another_half(void) {
    ViewRig rig = view_rig_new(60, 2);
    memset(rig.luma + VIEW_RIG_W * VIEW_RIG_H / 2, 110, VIEW_RIG_W * VIEW_RIG_H / 2);
    SkyViewWatch *fresh = sky_view_watch_new();
    sky_view_watch_free(rig.watch);
    rig.watch = fresh;
    view_rig_look(&rig, 20);
    view_rig_draw(rig.luma, 2, 60);
    memset(rig.luma, 110, VIEW_RIG_W * VIEW_RIG_H / 2);
    view_rig_look(&rig, 11);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_MOVED);
    view_rig_look(&rig, 650);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_clear(&rig);
}

/* Strange looks, and between them minutes in which a lorry hides too much for any verdict: they do not add up. */
static void test_looks_far_apart(void) {
    ViewRig rig = view_rig_new(60, 2);
    g_autofree uint8_t *lorry = g_memdup2(rig.scene, VIEW_RIG_W * VIEW_RIG_H);
    for (unsigned y = 0; y < VIEW_RIG_H; y++)
        memset(lorry + y * VIEW_RIG_W, 200, VIEW_RIG_W * 77 / 100);
    for (unsigned i = 0; i < 12; i++) {
        memcpy(rig.luma, lorry, VIEW_RIG_W * VIEW_RIG_H);
        view_rig_look(&rig, 20);
        g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
        g_assert_cmpint(rig.view.doubt_for_ns, ==, 0);
        memset(rig.luma, 130, VIEW_RIG_W * VIEW_RIG_H);
        view_rig_look(&rig, 1);
    }
    /* Nor do those before and after an outage. */
    view_rig_look(&rig, 8);
    rig.now_ns += 60 * SKY_NS_PER_S;
    view_rig_look(&rig, 9);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_look(&rig, 1);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_COVERED);
    view_rig_clear(&rig);
}

/* One picture a second that comes now a little early, now a little late: each is looked at. */
static void test_jitter(void) {
    ViewRig rig = view_rig_new(60, 2);
    memset(rig.luma, 130, VIEW_RIG_W * VIEW_RIG_H);
    int64_t begun_ns = rig.now_ns;
    for (unsigned i = 0; i < 10; i++) {
        rig.now_ns = begun_ns + i * SKY_NS_PER_S + (i % 2 ? -40 : 0) * SKY_NS_PER_MS;
        rig.view = view_rig_look_once(rig.watch, rig.luma, rig.now_ns);
    }
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_COVERED);
    view_rig_clear(&rig);
}

/* One look a second, however many pictures come. */
static void test_pace(void) {
    ViewRig rig = view_rig_new(60, 0);
    memset(rig.luma, 130, VIEW_RIG_W * VIEW_RIG_H);
    for (unsigned i = 0; i < 8 * 8; i++) {
        rig.view = view_rig_look_once(rig.watch, rig.luma, rig.now_ns);
        rig.now_ns += SKY_NS_PER_S / 8;
    }
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_clear(&rig);
}

static void test_sizes(void) {
    static const uint32_t sizes[][2] = {{1, 1}, {4, 4}, {28, 28}, {33, 57}, {64, 64}, {321, 181}, {1920, 1080}};
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        uint32_t width_px = sizes[i][0], height_px = sizes[i][1];
        g_autofree uint8_t *luma = g_malloc0((gsize)width_px * height_px); /* not a byte more */
        g_autoptr(SkyViewWatch) watch = sky_view_watch_new();
        for (int64_t s = 0; s < 12; s++) {
            SkyFrame frame = {.width_px = width_px, .height_px = height_px, .stride_bytes = width_px, .arrival_ns = s * SKY_NS_PER_S,
                              .luma = luma};
            SkyViewState state = sky_view_watch_look(watch, &frame).state;
            g_assert_true(state == SKY_VIEW_LEARNING || state == SKY_VIEW_EMPTY || (state == SKY_VIEW_CLEAR && width_px <= 64));
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/view-watch/stays-clear", test_stays_clear);
    g_test_add_func("/view-watch/noise-is-no-edge", test_noise_is_no_edge);
    g_test_add_func("/view-watch/covered", test_covered);
    g_test_add_func("/view-watch/blurred", test_blurred);
    g_test_add_func("/view-watch/moved", test_moved);
    g_test_add_func("/view-watch/covered-then-moved", test_covered_then_moved);
    g_test_add_func("/view-watch/remembers-the-last", test_remembers_the_last);
    g_test_add_func("/view-watch/a-camera-that-swings", test_a_camera_that_swings);
    g_test_add_func("/view-watch/fog-comes-and-goes", test_fog_comes_and_goes);
    g_test_add_func("/view-watch/blind-from-the-start", test_blind_from_the_start);
    g_test_add_func("/view-watch/damaged-and-resized", test_damaged_and_resized);
    g_test_add_func("/view-watch/hangs", test_hangs);
    g_test_add_func("/view-watch/light-in-the-dark", test_light_in_the_dark);
    g_test_add_func("/view-watch/aimed-at-another-half", test_aimed_at_another_half);
    g_test_add_func("/view-watch/looks-far-apart", test_looks_far_apart);
    g_test_add_func("/view-watch/jitter", test_jitter);
    g_test_add_func("/view-watch/pace", test_pace);
    g_test_add_func("/view-watch/sizes", test_sizes);
    return g_test_run();
}
