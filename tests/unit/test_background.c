/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/lesson.h"

#include <string.h>

#define W 70 /* no multiple of anything */
#define H 33

typedef struct {
    SkyBackground *background;
    uint8_t *luma, *learn, *out;
} Rig;

static Rig rig_new(uint8_t luma) {
    Rig rig = {.background = sky_background_new(sky_motion_kernel_choose(SKY_MOTION_KERNEL_ALL), W, H)};
    rig.luma = sky_background_new_plane(rig.background);
    rig.learn = sky_background_new_plane(rig.background);
    rig.out = sky_background_new_plane(rig.background);
    memset(rig.luma, luma, rig.background->bytes);
    memset(rig.learn, 255, rig.background->bytes);
    sky_background_reset(rig.background, rig.luma);
    return rig;
}

static void rig_clear(Rig *rig) {
    sky_background_free_plane(rig->background, rig->luma);
    sky_background_free_plane(rig->background, rig->learn);
    sky_background_free_plane(rig->background, rig->out);
    sky_background_free(rig->background);
}

static size_t foreground(Rig *rig) {
    const SkyBackground *background = rig->background;
    background->kernel->classify(rig->luma, (const uint8_t *const *)background->samples, background->radius, background->bytes,
                                 rig->out);
    size_t set = 0;
    for (uint32_t y = 0; y < H; y++)
        set += background->kernel->count(rig->out + y * background->stride, 64);
    return set;
}

static void test_shape(void) {
    Rig rig = rig_new(90);
    g_assert_cmpuint(rig.background->stride % 64, ==, 0);
    g_assert_cmpuint(rig.background->stride, >=, W + SKY_PLANE_MARGIN);
    g_assert_cmpuint(sky_background_luma(rig.background, 5), ==, 90);
    g_assert_cmpuint(foreground(&rig), ==, 0);
    memset(rig.luma, 140, rig.background->bytes);
    g_assert_cmpuint(foreground(&rig), ==, 64 * H);
    rig_clear(&rig);
}

/* After its time constant a lasting change is the background, and what must not be learnt is not. */
static void test_learns_in_time(void) {
    Rig rig = rig_new(90);
    memset(rig.luma, 140, rig.background->bytes);
    memset(rig.learn, 0, rig.background->bytes / 2 / 64 * 64);
    for (unsigned i = 0; i < 16; i++)
        sky_background_learn(rig.background, rig.luma, &(SkyLesson){.learn = rig.learn, .follow = rig.learn}, 0.125, 16, 4, FALSE);
    size_t soon = foreground(&rig);
    for (unsigned i = 0; i < 160; i++)
        sky_background_learn(rig.background, rig.luma, &(SkyLesson){.learn = rig.learn, .follow = rig.learn}, 0.125, 16, 4, FALSE);
    size_t late = foreground(&rig);
    g_assert_cmpuint(late, <, soon);
    g_assert_cmpuint(late, >=, 64 * H / 2 - 64);
    g_assert_cmpuint(late, <=, 64 * H / 2 + 64);
    g_assert_cmpint(ABS(sky_background_luma(rig.background, rig.background->bytes - 1) - 140), <=, 3);
    g_assert_cmpuint(sky_background_luma(rig.background, 0), ==, 90);
    rig_clear(&rig);
}

/* Light is remembered, but the mean stays: what is there in the usual light. */
static void test_remembers_without_following(void) {
    Rig rig = rig_new(90);
    memset(rig.luma, 140, rig.background->bytes);
    memset(rig.out, 0, rig.background->bytes);
    uint8_t radius = rig.background->radius[0];
    for (unsigned i = 0; i < 64; i++)
        sky_background_learn(rig.background, rig.luma, &(SkyLesson){.learn = rig.learn, .follow = rig.out}, 0.125, 16, 4, FALSE);
    g_assert_cmpuint(sky_background_luma(rig.background, 0), ==, 90);
    g_assert_cmpuint(rig.background->radius[0], ==, radius);
    g_assert_cmpuint(foreground(&rig), <, 64 * H / 20);
    rig_clear(&rig);
}

static void test_renews_beside(void) {
    Rig rig = rig_new(90);
    memset(rig.luma, 140, rig.background->bytes);
    memset(rig.learn, 0, rig.background->bytes / 2 / 64 * 64);
    size_t untouched = rig.background->bytes / 2 / 64 * 64;
    sky_background_renew(rig.background, rig.luma, rig.learn);
    g_assert_cmpuint(foreground(&rig), ==, 64 * (H + 1) / 2); /* what is seen now is the background, where the mask says so */
    g_assert_cmpuint(sky_background_luma(rig.background, untouched - 1), ==, 90);
    g_assert_cmpuint(sky_background_luma(rig.background, untouched), ==, 140);
    memset(rig.luma, 90, rig.background->bytes);
    g_assert_cmpuint(foreground(&rig), ==, 0); /* and what was */
    rig_clear(&rig);
}

static void test_relight(void) {
    Rig rig = rig_new(100);
    uint8_t curve[256];
    for (unsigned i = 0; i < 256; i++)
        curve[i] = (uint8_t)(i / 2);
    sky_background_relight(rig.background, curve);
    memset(rig.luma, 50, rig.background->bytes);
    g_assert_cmpuint(foreground(&rig), ==, 0);
    g_assert_cmpuint(sky_background_luma(rig.background, 0), ==, 50);
    rig_clear(&rig);
}

static void test_threshold(void) {
    Rig rig = rig_new(100);
    sky_background_set_threshold(rig.background, 10, 0);
    sky_background_reset(rig.background, rig.luma);
    memset(rig.luma, 110, rig.background->bytes);
    g_assert_cmpuint(foreground(&rig), ==, 0);
    memset(rig.luma, 111, rig.background->bytes);
    g_assert_cmpuint(foreground(&rig), ==, 64 * H);
    rig_clear(&rig);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/background/shape", test_shape);
    g_test_add_func("/background/learns-in-time", test_learns_in_time);
    g_test_add_func("/background/remembers-without-following", test_remembers_without_following);
    g_test_add_func("/background/renews-beside", test_renews_beside);
    g_test_add_func("/background/relight", test_relight);
    g_test_add_func("/background/threshold", test_threshold);
    return g_test_run();
}
