/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/shift.h"

#include <math.h>
#include <string.h>
#include "motion/lesson.h"

/* A textured ground seen by a camera that stands askew by known amounts. */
#define W 160
#define H 96
#define DT_S 0.125

typedef struct {
    SkyBackground *background;
    SkyShift *shift;
    uint8_t *luma, *skip, *out;
} Rig;

/* Smooth, with edges of all directions; the same everywhere on the endless ground. */
static double ground_at(double x, double y) {
    return 120 + 40 * sin(x * 0.31) * cos(y * 0.23) + 30 * sin(x * 0.11 - y * 0.37 + 1) + 20 * cos(x * 0.53 + y * 0.41);
}

/* The ground lies x, y further right and down than at first. */
static void draw(Rig *rig, double x, double y, double gain) {
    for (int row = 0; row < H; row++)
        for (size_t column = 0; column < rig->background->stride; column++)
            rig->luma[(size_t)row * rig->background->stride + column] =
                (uint8_t)CLAMP(ground_at((double)column - x, row - y) * gain + 0.5, 0, 255);
}

static Rig rig_new(void) {
    Rig rig = {.background = sky_background_new(sky_motion_kernel_c(), W, H), .shift = sky_shift_new()};
    rig.luma = sky_background_new_plane(rig.background);
    rig.skip = sky_background_new_plane(rig.background);
    rig.out = sky_background_new_plane(rig.background);
    draw(&rig, 0, 0, 1);
    sky_background_reset(rig.background, rig.luma);
    sky_shift_begin(rig.shift, rig.background, rig.skip);
    return rig;
}

static void rig_clear(Rig *rig) {
    sky_background_free_plane(rig->background, rig->luma);
    sky_background_free_plane(rig->background, rig->skip);
    sky_background_free_plane(rig->background, rig->out);
    sky_background_free(rig->background);
    sky_shift_free(rig->shift);
}

static SkyShiftBy find(Rig *rig) {
    return sky_shift_find(rig->shift, rig->luma, rig->background, rig->skip, DT_S, FALSE);
}

static void expect(SkyShiftBy by, double x, double y) {
    g_assert_cmpfloat_with_epsilon((double)by.x / SKY_SHIFT_STEPS, x, 0.3);
    g_assert_cmpfloat_with_epsilon((double)by.y / SKY_SHIFT_STEPS, y, 0.3);
}

static void test_measures(void) {
    static const double shifts[][2] = {{3, -2}, {-1, 4}, {0.5, 0}, {0.75, -0.5}, {2.5, 3.25}, {-6, 5.5}, {0, -1.25}};
    for (unsigned i = 0; i < G_N_ELEMENTS(shifts); i++) {
        Rig rig = rig_new();
        draw(&rig, shifts[i][0], shifts[i][1], 1);
        expect(find(&rig), shifts[i][0], shifts[i][1]);
        draw(&rig, shifts[i][0], shifts[i][1], 0.93); /* and as a cloud comes */
        expect(find(&rig), shifts[i][0], shifts[i][1]);
        rig_clear(&rig);
    }
}

static void expect_none(Rig *rig) {
    SkyShiftBy by = find(rig);
    g_assert_cmpint(by.x, ==, 0);
    g_assert_cmpint(by.y, ==, 0);
}

static void test_leaves_alone(void) {
    Rig rig = rig_new();
    expect_none(&rig);
    draw(&rig, 0.25, -0.25, 1); /* so little is the background's own tolerance */
    expect_none(&rig);
    draw(&rig, 0, 0, 0.7);
    expect_none(&rig);
    for (size_t at = 0; at < rig.background->bytes; at++)
        rig.luma[at] = (uint8_t)(at * 2654435761u >> 13); /* another picture */
    expect_none(&rig);
    memset(rig.luma, 90, rig.background->bytes);
    expect_none(&rig);
    sky_background_reset(rig.background, rig.luma); /* nothing to hold on to */
    sky_shift_begin(rig.shift, rig.background, rig.skip);
    draw(&rig, 3, 0, 1);
    expect_none(&rig);
    rig_clear(&rig);
}

static void move_within(Rig *rig, int right, double x) {
    for (int row = 0; row < H; row++)
        for (int column = 0; column < right; column++)
            rig->luma[(size_t)row * rig->background->stride + (size_t)column] = (uint8_t)lrint(ground_at(column - x, row));
}

static SkyShiftBy find_while_switching(Rig *rig) {
    return sky_shift_find(rig->shift, rig->luma, rig->background, rig->skip, DT_S, TRUE);
}

/* A camera that stands still does not begin to swing while a light is switched; one that swings goes on. */
static void test_switch_begins_none(void) {
    Rig rig = rig_new();
    draw(&rig, 0, 4, 1);
    SkyShiftBy by = find_while_switching(&rig);
    g_assert_cmpint(by.y, ==, 0);
    expect(find(&rig), 0, 4); /* once is not swinging: the picture in which the switch begins */
    by = find_while_switching(&rig);
    g_assert_cmpint(by.y, ==, 0);
    for (unsigned i = 0; i < 40; i++) {
        draw(&rig, i % 2 ? 3 : -3, 0, 1);
        expect(find(&rig), i % 2 ? 3 : -3, 0);
    }
    draw(&rig, 0, 4, 1);
    expect(find_while_switching(&rig), 0, 4);
    rig_clear(&rig);
}

/* A third of the picture moves by itself: the rest decides, whether it shakes or not. */
static void test_things_do_not_drag(void) {
    Rig rig = rig_new();
    move_within(&rig, W / 3, 4);
    expect_none(&rig);
    draw(&rig, 2, 1, 1);
    move_within(&rig, W / 3, -5);
    expect(find(&rig), 2, 1);
    move_within(&rig, W * 3 / 4, -5); /* too little is left to be believed */
    SkyShiftBy by = find(&rig);
    g_assert_cmpint(by.x, !=, 2 * SKY_SHIFT_STEPS);
    rig_clear(&rig);
}

/* Where nothing is to be looked at, nothing is; and what is left must be enough of the picture. */
static void test_skips(void) {
    Rig rig = rig_new();
    memset(rig.skip, 255, rig.background->bytes / 3);
    sky_shift_begin(rig.shift, rig.background, rig.skip);
    draw(&rig, 3, 1, 1);
    memset(rig.luma, 200, rig.background->bytes / 3);
    expect(find(&rig), 3, 1);
    memset(rig.skip, 255, rig.background->bytes * 3 / 4);
    sky_shift_begin(rig.shift, rig.background, rig.skip);
    expect_none(&rig);
    rig_clear(&rig);
}

/* Some pixels for two seconds are shake; for a minute, the camera has been turned, and the background has to go there. */
static void test_lasting_is_learnt(void) {
    Rig rig = rig_new();
    memset(rig.out, 255, rig.background->bytes);
    uint8_t *seen = sky_background_new_plane(rig.background);
    SkyShiftBy by = {0, 0};
    for (unsigned i = 0; i < 60 / DT_S; i++) {
        draw(&rig, 1.5, -1, 1);
        by = find(&rig);
        if (i < 2 / DT_S)
            expect(by, 1.5, -1);
        memcpy(seen, rig.luma, rig.background->bytes);
        if (by.x != 0 || by.y != 0)
            sky_shift_undo(by, rig.luma, rig.background, seen);
        sky_background_learn(rig.background, seen, &(SkyLesson){.learn = rig.out, .follow = rig.out}, DT_S, 16, 4, FALSE);
    }
    g_assert_cmpint(by.x, ==, 0);
    g_assert_cmpint(by.y, ==, 0);
    sky_background_free_plane(rig.background, seen);
    rig_clear(&rig);
}

static void test_undoes(void) {
    static const SkyShiftBy ways[] = {{8, -12}, {-2, 1}, {3, 3}, {-24, 24}, {1, 0}, {0, -1}};
    for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
        Rig rig = rig_new();
        draw(&rig, (double)ways[i].x / SKY_SHIFT_STEPS, (double)ways[i].y / SKY_SHIFT_STEPS, 1);
        sky_shift_undo(ways[i], rig.luma, rig.background, rig.out);
        for (uint32_t y = 0; y < H; y++)
            for (uint32_t x = 0; x < W; x++) /* what comes from beyond the edge is the background itself */
                g_assert_cmpint(ABS(rig.out[y * rig.background->stride + x] - (int)lrint(ground_at(x, y))), <=, 3);
        rig_clear(&rig);
    }
}

static void expect_rim(Rig *rig, SkyShiftBy by, unsigned left, unsigned top, unsigned right, unsigned bottom) {
    memset(rig->out, 255, rig->background->bytes);
    sky_shift_blank_rim(by, rig->background, rig->out);
    for (unsigned y = 0; y < H; y++)
        for (unsigned x = 0; x < W; x++) {
            gboolean rim = x < left || y < top || x >= W - right || y >= H - bottom;
            g_assert_cmpuint(rig->out[y * rig->background->stride + x], ==, rim ? 0 : 255);
        }
}

static void test_rim(void) {
    Rig rig = rig_new();
    expect_rim(&rig, (SkyShiftBy){0, 0}, 0, 0, 0, 0);
    expect_rim(&rig, (SkyShiftBy){8, 4}, 0, 0, 2, 1); /* the picture ends two pixels and one before the background */
    expect_rim(&rig, (SkyShiftBy){-8, -4}, 2, 1, 0, 0);
    expect_rim(&rig, (SkyShiftBy){5, -5}, 0, 2, 2, 0); /* half a pixel needs its neighbour */
    rig_clear(&rig);
}

static void test_small_picture(void) {
    g_autoptr(SkyBackground) background = sky_background_new(sky_motion_kernel_c(), 30, 20);
    g_autoptr(SkyShift) shift = sky_shift_new();
    uint8_t *luma = sky_background_new_plane(background), *skip = sky_background_new_plane(background);
    for (size_t at = 0; at < background->bytes; at++)
        luma[at] = (uint8_t)(at * 37);
    sky_background_reset(background, luma);
    sky_shift_begin(shift, background, skip);
    for (unsigned i = 0; i < 20; i++)
        g_assert_cmpint(sky_shift_find(shift, luma + 2, background, skip, DT_S, FALSE).x, ==, 0);
    sky_background_free_plane(background, luma);
    sky_background_free_plane(background, skip);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/shift/measures", test_measures);
    g_test_add_func("/shift/leaves-alone", test_leaves_alone);
    g_test_add_func("/shift/switch-begins-none", test_switch_begins_none);
    g_test_add_func("/shift/things-do-not-drag", test_things_do_not_drag);
    g_test_add_func("/shift/skips", test_skips);
    g_test_add_func("/shift/lasting-is-learnt", test_lasting_is_learnt);
    g_test_add_func("/shift/undoes", test_undoes);
    g_test_add_func("/shift/rim", test_rim);
    g_test_add_func("/shift/small-picture", test_small_picture);
    return g_test_run();
}
