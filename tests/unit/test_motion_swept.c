/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/motion.h"

#include "base/clock.h"
#include "motion/swept.h"

#define W 160
#define H 90
#define FPS 8
#define FROM 40 /* columns that the shadow sweeps over */
#define TO 120

typedef struct {
    SkyMotion *motion;
    uint8_t ground[H][W], luma[H][W];
    int64_t now_ns;
    SkyMotionResult result;
} Rig;

/* Gravel: stones of three pixels. */
static void rig_init(Rig *rig) {
    *rig = (Rig){.motion = sky_motion_new(&(SkyMotionParams){.sensitivity = 0.5, .min_area = 0.002})};
    g_autoptr(GRand) dice = g_rand_new_with_seed(1);
    for (unsigned y = 0; y < H; y++)
        for (unsigned x = 0; x < W; x++)
            rig->ground[y][x] = (uint8_t)(x % 3 + y % 3 == 0 ? g_rand_int_range(dice, 90, 150) : rig->ground[y - y % 3][x - x % 3]);
}

/* A shadow in the columns from there to there, which are no columns where there is none; and somebody in a coat through which the gravel
 * is still to be guessed. */
static void show(Rig *rig, unsigned from, unsigned to, gboolean somebody) {
    for (unsigned y = 0; y < H; y++)
        for (unsigned x = 0; x < W; x++) {
            gboolean shadow = x >= from && x < to && y >= 20 && y < 70, coat = somebody && x >= 74 && x < 86 && y >= 30 && y < 54;
            unsigned luma = rig->ground[y][x];
            rig->luma[y][x] = (uint8_t)(coat ? 120 + luma / 3 + (x / 2 + y) % 3 * 15 : shadow ? luma * 6 / 10 : luma);
        }
    SkyFrame frame = {.width_px = W, .height_px = H, .stride_bytes = W, .pts_ns = rig->now_ns, .arrival_ns = rig->now_ns,
                      .luma = *rig->luma};
    sky_motion_process(rig->motion, &frame, &rig->result);
    rig->now_ns += SKY_NS_PER_S / FPS;
}

static float alike_after(Rig *rig, double seconds) {
    while ((double)rig->now_ns / 1e9 < seconds)
        show(rig, 0, 0, FALSE);
    show(rig, 0, 0, TRUE);
    g_assert_cmpuint(rig->result.blob_count, ==, 1);
    return rig->result.blobs[0].alike;
}

/* Whoever is like his ground is told so for as long as the light that swept past him is remembered, by the pictures' times. */
static void test_light_is_forgotten(void) {
    Rig rig;
    rig_init(&rig);
    for (unsigned i = 0; i < 6 * FPS; i++)
        show(&rig, 0, 0, FALSE);
    g_assert_cmpfloat(alike_after(&rig, 7), ==, 0); /* no light has */
    for (unsigned left = FROM; left < TO; left += 2) {
        show(&rig, left, left + 24, FALSE);
        g_assert_cmpuint(rig.result.light_blocks, >, 50);
        g_assert_cmpuint(rig.result.blob_count, ==, 0);
    }
    double swept_s = (double)rig.now_ns / 1e9;
    g_assert_cmpfloat(alike_after(&rig, swept_s + 1), >, 0.2);
    g_assert_cmpfloat(alike_after(&rig, swept_s + SKY_SWEPT_S - 3), >, 0.2);
    g_assert_cmpfloat(alike_after(&rig, swept_s + SKY_SWEPT_S + 1), ==, 0);
    sky_motion_free(rig.motion);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/motion_swept/light_is_forgotten", test_light_is_forgotten);
    return g_test_run();
}
