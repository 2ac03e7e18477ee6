/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/dim.h"

#include <string.h>

/* A gray ground with a little noise, and something in it that hardly stands out. */
#define W 160
#define H 96
#define DT_S 0.125
#define LEAST_PX 23

typedef struct {
    SkyBackground *background;
    SkyDim *dim;
    uint8_t *luma, *ignored;
    GRand *dice;
    SkyMotionResult result;
} Rig;

static void look(Rig *rig, int left, int top, int width, int height, int brighter) {
    size_t stride = rig->background->stride;
    for (size_t at = 0; at < rig->background->bytes; at++) {
        int x = (int)(at % stride), y = (int)(at / stride);
        gboolean inside = x >= left && x < left + width && y >= top && y < top + height;
        rig->luma[at] = (uint8_t)(100 + (g_rand_int_range(rig->dice, 0, 8) == 0) + (inside ? brighter : 0));
    }
    rig->result = (SkyMotionResult){0};
    sky_dim_look(rig->dim, rig->luma, rig->background, rig->ignored, LEAST_PX, DT_S, &rig->result);
}

static void rest(Rig *rig, double seconds) {
    for (unsigned i = 0; i < seconds / DT_S; i++)
        look(rig, 0, 0, 0, 0, 0);
}

static Rig rig_new(void) {
    Rig rig = {.background = sky_background_new(sky_motion_kernel_c(), W, H), .dice = g_rand_new_with_seed(5)};
    rig.dim = sky_dim_new(rig.background);
    rig.luma = sky_background_new_plane(rig.background);
    rig.ignored = sky_background_new_plane(rig.background);
    memset(rig.luma, 100, rig.background->bytes);
    sky_background_set_threshold(rig.background, 7, 0); /* the radius is 7 everywhere */
    sky_background_reset(rig.background, rig.luma);
    sky_dim_begin(rig.dim);
    return rig;
}

static void rig_clear(Rig *rig) {
    sky_background_free_plane(rig->background, rig->luma);
    sky_background_free_plane(rig->background, rig->ignored);
    sky_dim_free(rig->dim);
    sky_background_free(rig->background);
    g_rand_free(rig->dice);
}

static void test_far_person(void) {
    Rig rig = rig_new();
    rest(&rig, 20);
    g_assert_cmpuint(rig.result.dim_count, ==, 0);
    for (int brighter = -6; brighter <= 6; brighter += 12) {
        look(&rig, 60, 40, 4, 8, brighter);
        g_assert_cmpuint(rig.result.dim_count, ==, 1);
        const SkyBlob *blob = &rig.result.dim[0];
        g_assert_false(blob->small);
        g_assert_cmpfloat_with_epsilon((blob->box.x + blob->box.w / 2) * W, 62, 1.2f);
        g_assert_cmpfloat_with_epsilon((blob->box.y + blob->box.h / 2) * H, 44, 1.2f);
        g_assert_cmpfloat(blob->area * W * H, >=, 24);
        g_assert_cmpfloat(blob->area * W * H, <=, 80);
    }
    look(&rig, 60, 40, 4, 8, 1);
    g_assert_cmpuint(rig.result.dim_count, ==, 0);
    rig_clear(&rig);
}

/* However bright: two pixels each way are no patch. */
static void test_drop(void) {
    Rig rig = rig_new();
    rest(&rig, 20);
    look(&rig, 60, 40, 2, 2, 120);
    g_assert_cmpuint(rig.result.dim_count, ==, 0);
    look(&rig, 60, 40, 2, 4, 120);
    g_assert_true(rig.result.dim_count == 0 || rig.result.dim[0].small);
    rig_clear(&rig);
}

static void test_what_is_not_told(void) {
    Rig rig = rig_new();
    rest(&rig, 3);
    look(&rig, 60, 40, 4, 8, 6); /* it does not know yet what is usual */
    g_assert_cmpuint(rig.result.dim_count, ==, 0);
    rest(&rig, 20);
    look(&rig, 40, 30, 24, 20, 5); /* large */
    g_assert_cmpuint(rig.result.dim_count, ==, 0);
    g_assert_cmpuint(rig.result.dim_left_out, ==, 1);
    look(&rig, 0, 0, W, H, 5);
    g_assert_cmpuint(rig.result.dim_count, ==, 0);
    g_assert_cmpuint(rig.result.dim_left_out, ==, 1);
    for (size_t y = 0; y < H; y++)
        memset(rig.ignored + y * rig.background->stride, 255, 63);
    look(&rig, 60, 40, 4, 8, 6);
    g_assert_cmpuint(rig.result.dim_count, ==, 0);
    look(&rig, 70, 40, 4, 8, 6);
    g_assert_cmpuint(rig.result.dim_count, ==, 1);
    sky_dim_begin(rig.dim);
    look(&rig, 70, 40, 4, 8, 6);
    g_assert_cmpuint(rig.result.dim_count, ==, 0);
    rig_clear(&rig);
}

/* What flickers in its place strays there, and only there. */
static void test_restless_place(void) {
    Rig rig = rig_new();
    rest(&rig, 20);
    for (unsigned i = 0; i < 400; i++)
        look(&rig, 60, 40, 4, 8, i % 2 ? 5 : -5);
    g_assert_cmpuint(rig.result.dim_count, ==, 0);
    look(&rig, 100, 40, 4, 8, 5);
    g_assert_cmpuint(rig.result.dim_count, ==, 1);
    rig_clear(&rig);
}

static void test_limit(void) {
    Rig rig = rig_new();
    rest(&rig, 20);
    size_t stride = rig.background->stride;
    memset(rig.luma, 100, rig.background->bytes);
    for (unsigned i = 0; i < SKY_DIM_MAX + 4; i++) /* not so many that the picture is dim all over */
        for (unsigned y = 0; y < 8; y++)
            memset(rig.luma + (6 + i / 5 * 22 + y) * stride + 8 + i % 5 * 30, 107, 4);
    rig.result = (SkyMotionResult){0};
    sky_dim_look(rig.dim, rig.luma, rig.background, rig.ignored, LEAST_PX, DT_S, &rig.result);
    g_assert_cmpuint(rig.result.dim_count + rig.result.dim_left_out, ==, SKY_DIM_MAX + 4);
    g_assert_cmpuint(rig.result.dim_count, ==, SKY_DIM_MAX);
    rig_clear(&rig);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dim/far-person", test_far_person);
    g_test_add_func("/dim/drop", test_drop);
    g_test_add_func("/dim/what-is-not-told", test_what_is_not_told);
    g_test_add_func("/dim/restless-place", test_restless_place);
    g_test_add_func("/dim/limit", test_limit);
    return g_test_run();
}
