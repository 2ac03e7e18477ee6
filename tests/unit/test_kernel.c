/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/kernel.h"

#include <glib.h>
#include <string.h>

/* What each plain kernel means, on a picture small enough to count by hand; tests/simd holds the fast ones to it. */
#define STRIDE 64
#define ROWS 9
#define BYTES (STRIDE * ROWS)
#define GUARD (4 * STRIDE + 64)
typedef struct {
    uint8_t memory[BYTES + 2 * GUARD];
} Plane;

static uint8_t *of(Plane *plane) {
    return plane->memory + GUARD;
}

static void test_classify_needs_two(void) {
    static Plane luma, radius, out, sample[SKY_MOTION_SAMPLES];
    const uint8_t *samples[SKY_MOTION_SAMPLES];
    memset(of(&luma), 100, BYTES);
    memset(of(&radius), 5, BYTES);
    for (unsigned k = 0; k < SKY_MOTION_SAMPLES; k++) {
        memset(of(&sample[k]), 200, BYTES);
        samples[k] = of(&sample[k]);
    }
    of(&sample[3])[0] = 105;                         /* one at the radius: not enough */
    of(&sample[3])[1] = 105, of(&sample[9])[1] = 95; /* two, on both sides */
    of(&sample[3])[2] = 106, of(&sample[9])[2] = 95; /* one of them a step too far */
    sky_motion_kernel_c()->classify(of(&luma), samples, of(&radius), BYTES, of(&out));
    g_assert_cmpuint(of(&out)[0], ==, 255);
    g_assert_cmpuint(of(&out)[1], ==, 0);
    g_assert_cmpuint(of(&out)[2], ==, 255);
}

static void test_replace_below_chance(void) {
    static Plane sample, luma, learn, dice;
    memset(of(&luma), 9, BYTES);
    memset(of(&learn), 255, BYTES);
    of(&dice)[0] = 9, of(&dice)[1] = 10, of(&dice)[2] = 0;
    of(&learn)[2] = 0;
    sky_motion_kernel_c()->replace(of(&sample), of(&luma), of(&learn), of(&dice), 10, BYTES);
    g_assert_cmpuint(of(&sample)[0], ==, 9);
    g_assert_cmpuint(of(&sample)[1], ==, 0);
    g_assert_cmpuint(of(&sample)[2], ==, 0);
}

static void test_follow(void) {
    static Plane radius, luma, learn;
    static uint16_t mean[BYTES], noise[BYTES];
    mean[0] = mean[1] = 100 * 256;
    of(&luma)[0] = 110, of(&luma)[1] = 110;
    of(&learn)[0] = 255;
    noise[0] = noise[1] = 4096; /* as much as there can be */
    sky_motion_kernel_c()->follow(mean, noise, of(&radius), of(&luma), of(&learn), 128, 6, 40, BYTES);
    g_assert_cmpuint(mean[0], ==, 105 * 256);
    g_assert_cmpuint(mean[1], ==, 100 * 256); /* not learnt */
    g_assert_cmpuint(noise[0], ==, (4096 + 2560) / 2);
    g_assert_cmpuint(of(&radius)[0], ==, 6 + (4096 + 2560) / 2 * 40 / 4096);
    of(&luma)[0] = 255;
    sky_motion_kernel_c()->follow(mean, noise, of(&radius), of(&luma), of(&learn), 255, 250, 255, BYTES);
    g_assert_cmpuint(noise[0], <=, 4096); /* a jump counts as 16 steps at most */
    g_assert_cmpuint(of(&radius)[0], ==, 255);
}

static void test_blink_and_settle(void) {
    static Plane blink, before, mask, still, was, luma, radius;
    const SkyMotionKernel *kernel = sky_motion_kernel_c();
    of(&mask)[0] = 255, of(&blink)[1] = 250, of(&mask)[1] = 255, of(&blink)[2] = 3;
    kernel->blink(of(&blink), of(&before), of(&mask), 5, 48, BYTES);
    g_assert_cmpuint(of(&blink)[0], ==, 48);
    g_assert_cmpuint(of(&blink)[1], ==, 255); /* never over */
    g_assert_cmpuint(of(&blink)[2], ==, 0);   /* never under */
    g_assert_cmpuint(of(&before)[0], ==, 255);
    memset(of(&radius), 4, BYTES);
    of(&luma)[0] = 4, of(&luma)[1] = 5;
    of(&still)[0] = of(&still)[1] = 7, of(&still)[2] = 7, of(&mask)[2] = 0;
    kernel->settle(of(&still), of(&was), of(&luma), of(&radius), of(&mask), BYTES);
    g_assert_cmpuint(of(&still)[0], ==, 8); /* at the radius: the same */
    g_assert_cmpuint(of(&still)[1], ==, 0); /* a step beyond */
    g_assert_cmpuint(of(&still)[2], ==, 0); /* no foreground */
}

static void test_may_learn(void) {
    static Plane things, blink, still, learn;
    memset(of(&things), 255, BYTES);
    of(&things)[0] = 0;
    of(&blink)[1] = 199, of(&blink)[2] = 200, of(&still)[3] = 44, of(&still)[4] = 45;
    sky_motion_kernel_c()->may_learn(of(&things), of(&blink), 200, of(&still), 45, BYTES, of(&learn));
    const uint8_t expected[] = {255, 0, 255, 0, 255};
    g_assert_cmpmem(of(&learn), 5, expected, 5);
}

static void test_shapes(void) {
    static Plane mask, out, grown, skip;
    const SkyMotionKernel *kernel = sky_motion_kernel_c();
    for (unsigned y = 2; y < 6; y++)
        memset(of(&mask) + y * STRIDE + 20, 255, 4);
    g_assert_cmpuint(kernel->majority(of(&mask), of(&skip), STRIDE, BYTES, 16, of(&out)), ==, 4);
    g_assert_cmpuint(of(&out)[4 * STRIDE + 22], ==, 255); /* all 16 around it */
    of(&skip)[4 * STRIDE + 22] = 255;
    g_assert_cmpuint(kernel->majority(of(&mask), of(&skip), STRIDE, BYTES, 16, of(&out)), ==, 3);
    g_assert_cmpuint(of(&out)[4 * STRIDE + 22], ==, 0);
    g_assert_cmpuint(kernel->majority(of(&mask), of(&skip), STRIDE, BYTES, 17, of(&out)), ==, 0);
    g_assert_cmpuint(kernel->count(of(&out), BYTES), ==, 0);
    kernel->dilate(of(&mask), STRIDE, BYTES, of(&grown));
    g_assert_cmpuint(kernel->count(of(&grown), BYTES), ==, 36);
    kernel->erode(of(&grown), STRIDE, BYTES, of(&out));
    g_assert_cmpmem(of(&out), BYTES, of(&mask), BYTES);
    kernel->without(of(&grown), of(&mask), BYTES);
    g_assert_cmpuint(kernel->count(of(&grown), BYTES), ==, 20);
}

static void test_smooth_and_map(void) {
    static Plane luma, out;
    uint8_t table[256];
    of(&luma)[4 * STRIDE + 20] = 160;
    sky_motion_kernel_c()->smooth(of(&luma), STRIDE, BYTES, of(&out));
    g_assert_cmpuint(of(&out)[4 * STRIDE + 20], ==, 40);
    g_assert_cmpuint(of(&out)[4 * STRIDE + 21], ==, 20);
    g_assert_cmpuint(of(&out)[3 * STRIDE + 19], ==, 10);
    for (unsigned i = 0; i < 256; i++)
        table[i] = (uint8_t)(255 - i);
    sky_motion_kernel_c()->map(of(&out), table, BYTES);
    g_assert_cmpuint(of(&out)[4 * STRIDE + 20], ==, 215);
    g_assert_cmpuint(of(&out)[0], ==, 255);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernel/classify-needs-two", test_classify_needs_two);
    g_test_add_func("/kernel/replace-below-chance", test_replace_below_chance);
    g_test_add_func("/kernel/follow", test_follow);
    g_test_add_func("/kernel/blink-and-settle", test_blink_and_settle);
    g_test_add_func("/kernel/may-learn", test_may_learn);
    g_test_add_func("/kernel/shapes", test_shapes);
    g_test_add_func("/kernel/smooth-and-map", test_smooth_and_map);
    return g_test_run();
}
