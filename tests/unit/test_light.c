/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/light.h"

#include <string.h>

#define W 96
#define H 64

static uint8_t luma[H * W], radius[H * W], skip[H * W];
static uint16_t mean[H * W];

/* A background of all brightnesses from 40 to 135. */
static void lay_ground(void) {
    memset(radius, 4, sizeof radius);
    memset(skip, 0, sizeof skip);
    for (unsigned i = 0; i < H * W; i++) {
        luma[i] = (uint8_t)(40 + i % W);
        mean[i] = (uint16_t)(luma[i] << 8);
    }
}

static void dim(double gain) {
    for (unsigned i = 0; i < H * W; i++)
        luma[i] = (uint8_t)((mean[i] >> 8) * gain + 0.5);
}

static void test_nothing(void) {
    SkyLight light;
    lay_ground();
    sky_light_measure(luma, mean, radius, skip, W, H, W, &light);
    g_assert_cmpfloat(light.change, ==, 0);
    g_assert_cmpfloat(light.unchanged, ==, 1);
    for (unsigned i = 0; i < 256; i++)
        g_assert_cmpuint(light.curve[i], ==, i);
}

static void test_exposure(void) {
    SkyLight light;
    lay_ground();
    dim(0.7);
    sky_light_measure(luma, mean, radius, skip, W, H, W, &light);
    g_assert_cmpfloat(light.explained, >, 0.95f);
    g_assert_cmpfloat(light.unchanged, <, 0.05f);
    g_assert_cmpint(ABS(light.curve[100] - 70), <=, 2);
    for (unsigned i = 1; i < 256; i++)
        g_assert_cmpuint(light.curve[i], >=, light.curve[i - 1]);
}

/* A thing of a third of the picture, in the middle of a change of the light, moves the medians of no level. */
static void test_thing_does_not_fool(void) {
    SkyLight light;
    lay_ground();
    dim(0.7);
    memset(luma, 220, H / 3 * W);
    sky_light_measure(luma, mean, radius, skip, W, H, W, &light);
    g_assert_cmpint(ABS(light.curve[100] - 70), <=, 2);
    g_assert_cmpfloat(light.explained, >, 0.6f);
    lay_ground();
    memset(luma, 220, H / 3 * W);
    sky_light_measure(luma, mean, radius, skip, W, H, W, &light);
    g_assert_cmpfloat(light.explained, <=, light.unchanged); /* a thing alone is no light */
}

static void test_skipped_is_not_seen(void) {
    SkyLight light;
    lay_ground();
    memset(luma, 220, H / 2 * W);
    memset(skip, 255, H / 2 * W);
    sky_light_measure(luma, mean, radius, skip, W, H, W, &light);
    g_assert_cmpfloat(light.unchanged, ==, 1);
    memset(skip, 255, sizeof skip); /* nothing to look at */
    sky_light_measure(luma, mean, radius, skip, W, H, W, &light);
    g_assert_cmpfloat(light.change, ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/light/nothing", test_nothing);
    g_test_add_func("/light/exposure", test_exposure);
    g_test_add_func("/light/thing-does-not-fool", test_thing_does_not_fool);
    g_test_add_func("/light/skipped-is-not-seen", test_skipped_is_not_seen);
    return g_test_run();
}
