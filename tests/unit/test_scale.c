/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/scale.h"

#include <math.h>
#include <string.h>

/* The definition, in doubles. */
static double mean_of(const uint8_t *from, uint32_t from_width, uint32_t from_height, uint32_t to_width, uint32_t to_height,
                      uint32_t x, uint32_t y) {
    double left = (double)x * from_width / to_width, right = (double)(x + 1) * from_width / to_width;
    double top = (double)y * from_height / to_height, bottom = (double)(y + 1) * from_height / to_height;
    double sum = 0;
    for (uint32_t j = (uint32_t)top; j < from_height && j < bottom; j++)
        for (uint32_t i = (uint32_t)left; i < from_width && i < right; i++)
            sum += from[j * from_width + i] * (fmin(right, i + 1) - fmax(left, i)) * (fmin(bottom, j + 1) - fmax(top, j));
    return sum / ((right - left) * (bottom - top));
}

static const uint32_t sizes[][4] = {
    {640, 360, 320, 180}, {960, 540, 320, 180}, {1280, 720, 320, 180}, {1920, 1080, 320, 180}, {2560, 14, 320, 2},
    {768, 432, 320, 180}, {704, 576, 320, 262}, {1000, 30, 320, 8},    {1400, 30, 320, 8},     {960, 1088, 320, 362},
    {321, 241, 320, 240}, {33, 17, 32, 2},      {64, 64, 64, 64},      {8192, 20, 2, 2},       {5, 5, 4, 4},
    {7, 9, 2, 2},         {2, 2, 2, 2},
};

static void test_mean(void) {
    g_autoptr(GRand) dice = g_rand_new_with_seed(3);
    for (gsize s = 0; s < G_N_ELEMENTS(sizes); s++) {
        uint32_t from_width = sizes[s][0], from_height = sizes[s][1], to_width = sizes[s][2], to_height = sizes[s][3];
        g_autofree uint8_t *from = g_malloc((gsize)from_width *
                                            from_height); /* exactly: the address sanitizer sees a read past it */
        g_autofree uint8_t *to = g_malloc0((gsize)to_width * to_height);
        for (gsize i = 0; i < (gsize)from_width * from_height; i++)
            from[i] = g_rand_int_range(dice, 0, 4) == 0 ? 255 : (uint8_t)g_rand_int_range(dice, 0, 256);
        g_autoptr(SkyScale) scale = sky_scale_new(from_width, from_height, to_width, to_height);
        sky_scale_run(scale, from, from_width, 8, to, to_width);
        for (uint32_t y = 0; y < to_height; y += 1 + to_height / 40)
            for (uint32_t x = 0; x < to_width; x += 1 + to_width / 40) {
                double mean = mean_of(from, from_width, from_height, to_width, to_height, x, y);
                g_assert_cmpfloat_with_epsilon(to[y * to_width + x], mean, 1.6);
            }
    }
}

static void test_flat(void) {
    static const uint8_t levels[] = {0, 1, 16, 127, 235, 254, 255};
    for (gsize s = 0; s < G_N_ELEMENTS(sizes); s++)
        for (gsize l = 0; l < G_N_ELEMENTS(levels); l++) {
            gsize from_bytes = (gsize)sizes[s][0] * sizes[s][1], to_bytes = (gsize)sizes[s][2] * sizes[s][3];
            g_autofree uint8_t *from = g_malloc(from_bytes);
            g_autofree uint8_t *to = g_malloc(to_bytes);
            memset(from, levels[l], from_bytes);
            g_autoptr(SkyScale) scale = sky_scale_new(sizes[s][0], sizes[s][1], sizes[s][2], sizes[s][3]);
            sky_scale_run(scale, from, sizes[s][0], 8, to, sizes[s][2]);
            for (gsize i = 0; i < to_bytes; i++)
                g_assert_cmpuint(to[i], ==, levels[l]);
        }
}

/* More bits, rows with something behind them, and pictures that stand on their head. */
static void test_layouts(void) {
    uint8_t plain[4 * 4], padded[4 * 7], reversed[4 * 4], expected[2 * 2], to[2 * 2];
    uint16_t deep[4 * 4];
    for (unsigned i = 0; i < 16; i++) {
        plain[i] = (uint8_t)(i * 16);
        deep[i] = (uint16_t)(i * 64 + 3);
        padded[i / 4 * 7 + i % 4] = plain[i];
        reversed[(3 - i / 4) * 4 + i % 4] = plain[i];
    }
    g_autoptr(SkyScale) scale = sky_scale_new(4, 4, 2, 2);
    sky_scale_run(scale, plain, 4, 8, expected, 2);
    g_assert_cmpuint(expected[0], ==, (0 + 16 + 64 + 80) / 4);
    sky_scale_run(scale, (const uint8_t *)deep, 8, 10, to, 2);
    g_assert_cmpmem(to, 4, expected, 4);
    sky_scale_run(scale, padded, 7, 8, to, 2);
    g_assert_cmpmem(to, 4, expected, 4);
    sky_scale_run(scale, reversed + 12, -4, 8, to, 2);
    g_assert_cmpmem(to, 4, expected, 4);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scale/mean", test_mean);
    g_test_add_func("/scale/flat", test_flat);
    g_test_add_func("/scale/layouts", test_layouts);
    return g_test_run();
}
