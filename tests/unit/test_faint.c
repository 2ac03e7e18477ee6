/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/faint.h"

#include <math.h>
#include <string.h>

/* A gray ground under noise of a known kind, and something in it that is fainter than that. */
#define W 96
#define H 64
#define DT_S 0.125

typedef struct {
    SkyBackground *background;
    SkyFaint *faint;
    uint8_t *luma, *learn, *mask;
    GRand *dice;
    double sigma, keeps; /* noise, and how much of it stays to the next picture: 0 is white */
    double *noise;
    gboolean looks;      /* at the last picture */
} Rig;

static Rig rig_new(double sigma, double keeps) {
    Rig rig = {.background = sky_background_new(sky_motion_kernel_c(), W, H), .sigma = sigma, .keeps = keeps};
    rig.faint = sky_faint_new(rig.background);
    rig.luma = sky_background_new_plane(rig.background);
    rig.learn = sky_background_new_plane(rig.background);
    rig.mask = sky_background_new_plane(rig.background);
    rig.dice = g_rand_new_with_seed(3);
    rig.noise = g_new0(double, rig.background->bytes);
    memset(rig.luma, 100, rig.background->bytes);
    memset(rig.learn, 255, rig.background->bytes);
    sky_background_set_threshold(rig.background, 6, 40);
    sky_background_reset(rig.background, rig.luma);
    return rig;
}

static void rig_clear(Rig *rig) {
    sky_background_free_plane(rig->background, rig->luma);
    sky_background_free_plane(rig->background, rig->learn);
    sky_background_free_plane(rig->background, rig->mask);
    sky_faint_free(rig->faint);
    sky_background_free(rig->background);
    g_rand_free(rig->dice);
    g_free(rig->noise);
}

static double bell(GRand *dice) {
    double sum = 0;
    for (unsigned i = 0; i < 6; i++)
        sum += g_rand_double_range(dice, -1, 1);
    return sum / sqrt(2);
}

/* A box of 16 x 16 at left, so much brighter; 0: none. */
static void show(Rig *rig, int left, double brighter, double dt_s, gboolean learn) {
    size_t stride = rig->background->stride;
    for (size_t at = 0; at < rig->background->bytes; at++) {
        size_t x = at % stride, y = at / stride;
        rig->noise[at] = rig->noise[at] * rig->keeps + rig->sigma * sqrt(1 - rig->keeps * rig->keeps) * bell(rig->dice);
        gboolean inside = x >= (size_t)left && x < (size_t)left + 16 && y >= 24 && y < 40;
        rig->luma[at] = (uint8_t)CLAMP(lrint(100 + rig->noise[at] + (inside ? brighter : 0)), 0, 255);
    }
    memset(rig->mask, 0, rig->background->bytes);
    rig->looks = sky_faint_add(rig->faint, rig->luma, rig->background, dt_s, rig->mask);
    if (!learn)
        return;
    sky_faint_learn(rig->faint, &(SkyLesson){.learn = rig->learn, .follow = rig->learn}, rig->background, dt_s);
    sky_background_learn(rig->background, rig->luma, &(SkyLesson){.learn = rig->learn, .follow = rig->learn}, dt_s, 16, 4, FALSE);
}

static void rest(Rig *rig, double seconds) {
    for (unsigned i = 0; i < seconds / DT_S; i++)
        show(rig, 0, 0, DT_S, TRUE);
}

/* Share of a box of 16 x 16. */
static double share_at(const Rig *rig, int left, int top) {
    unsigned set = 0;
    for (int y = top; y < top + 16; y++)
        for (int x = left; x < left + 16; x++)
            set += rig->mask[(size_t)y * rig->background->stride + (size_t)x] != 0;
    return set / 256.0;
}

static void test_finds(void) {
    Rig rig = rig_new(3, 0);
    rest(&rig, 30);
    g_assert_true(rig.looks);
    g_assert_cmpfloat(share_at(&rig, 40, 24), <, 0.05);
    for (unsigned i = 0; i < 6; i++)
        show(&rig, 40, 7, DT_S, FALSE);
    g_assert_cmpuint(rig.background->radius[30 * rig.background->stride + 48], >, 7); /* no picture alone could tell it */
    g_assert_cmpfloat(share_at(&rig, 40, 24), >, 0.8);
    g_assert_cmpfloat(share_at(&rig, 72, 24), <, 0.05);
    rig_clear(&rig);
}

/* However bright it was: what it leaves behind is gone within half a second. */
static void test_no_trail(void) {
    Rig rig = rig_new(3, 0);
    rest(&rig, 30);
    for (unsigned i = 0; i < 8; i++)
        show(&rig, 40, 150, DT_S, FALSE);
    g_assert_cmpfloat(share_at(&rig, 40, 24), ==, 1);
    for (unsigned i = 0; i < 4; i++)
        show(&rig, 72, 150, DT_S, FALSE);
    g_assert_cmpfloat(share_at(&rig, 40, 24), <, 0.2);
    rig_clear(&rig);
}

static void expect_not(double sigma, double keeps, double dt_s) {
    Rig rig = rig_new(sigma, keeps);
    for (unsigned i = 0; i < 160; i++) {
        show(&rig, 40, i > 140 ? 7 : 0, dt_s, TRUE);
        g_assert_false(rig.looks);
        g_assert_cmpfloat(share_at(&rig, 40, 24), ==, 0);
    }
    rig_clear(&rig);
}

static void test_only_white_noise(void) {
    expect_not(0.8, 0, DT_S);  /* a quiet sensor */
    expect_not(4, 0.5, DT_S);  /* what an encoder leaves, leaves, water */
    expect_not(4, 0, 2);       /* key frames alone: anything looks white */
}

/* Begun anew, it looks at the noise again before it believes anything. */
static void test_begins_anew(void) {
    Rig rig = rig_new(3, 0);
    rest(&rig, 10);
    g_assert_true(rig.looks);
    sky_faint_begin(rig.faint);
    rest(&rig, 3);
    g_assert_false(rig.looks);
    rest(&rig, 3);
    g_assert_true(rig.looks);
    rig.sigma = 0.3; /* day comes */
    rest(&rig, 10);
    g_assert_false(rig.looks);
    rig_clear(&rig);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/faint/finds", test_finds);
    g_test_add_func("/faint/no-trail", test_no_trail);
    g_test_add_func("/faint/only-white-noise", test_only_white_noise);
    g_test_add_func("/faint/begins-anew", test_begins_anew);
    return g_test_run();
}
