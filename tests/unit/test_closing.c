/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/closing.h"

#include <string.h>

#define W 100
#define H 60

typedef struct {
    SkyBackground *background;
    SkyBands *bands;
    uint8_t *mask, *whole, *between;
} Rig;

static Rig rig_new(void) {
    Rig rig = {.background = sky_background_new(sky_motion_kernel_c(), W, H)};
    rig.bands = sky_bands_new(rig.background);
    rig.mask = sky_background_new_plane(rig.background);
    rig.whole = sky_background_new_plane(rig.background);
    rig.between = sky_background_new_plane(rig.background);
    return rig;
}

static void rig_clear(Rig *rig) {
    sky_background_free_plane(rig->background, rig->mask);
    sky_background_free_plane(rig->background, rig->whole);
    sky_background_free_plane(rig->background, rig->between);
    sky_bands_free(rig->bands);
    sky_background_free(rig->background);
}

static void set(Rig *rig, uint32_t left, uint32_t top, uint32_t right, uint32_t bottom) {
    for (uint32_t y = top; y < bottom; y++)
        memset(rig->mask + y * rig->background->stride + left, 255, right - left);
}

static uint8_t at(const Rig *rig, uint32_t x, uint32_t y) {
    return rig->mask[y * rig->background->stride + x];
}

static void run(Rig *rig) {
    sky_bands_count(rig->bands, rig->background, rig->mask);
    sky_closing_run(rig->background, rig->mask, rig->bands, rig->between);
}

static void test_cracks_close(void) {
    Rig rig = rig_new();
    set(&rig, 20, 20, 30, 30);
    set(&rig, 34, 20, 40, 30); /* four apart */
    set(&rig, 60, 20, 70, 30);
    set(&rig, 75, 20, 80, 30); /* five */
    run(&rig);
    g_assert_cmpuint(at(&rig, 32, 25), ==, 255);
    g_assert_cmpuint(at(&rig, 72, 25), ==, 0);
    g_assert_cmpuint(at(&rig, 19, 25), ==, 0); /* the outside is what it was */
    g_assert_cmpuint(at(&rig, 25, 19), ==, 0);
    rig_clear(&rig);
}

/* What the upper or lower edge cuts keeps its rows there. */
static void test_goes_on_beyond_the_edge(void) {
    Rig rig = rig_new();
    set(&rig, 20, 0, 30, 2);
    set(&rig, 50, H - 2, 60, H);
    run(&rig);
    for (uint32_t y = 0; y < 2; y++) {
        g_assert_cmpuint(at(&rig, 25, y), ==, 255);
        g_assert_cmpuint(at(&rig, 55, H - 1 - y), ==, 255);
    }
    rig_clear(&rig);
}

static void repeat_ends(const SkyBackground *background, uint8_t *mask) {
    memcpy(mask - background->stride, mask, background->stride);
    memcpy(mask + background->bytes, mask + background->bytes - background->stride, background->stride);
}

/* The same, all rows at once. */
static void close_whole(Rig *rig) {
    const SkyBackground *background = rig->background;
    const SkyMotionKernel *kernel = background->kernel;
    memset(rig->between - background->stride, 0, background->bytes + 2 * background->stride);
    kernel->dilate(rig->whole, background->stride, background->bytes, rig->between);
    kernel->dilate(rig->between, background->stride, background->bytes, rig->whole);
    repeat_ends(background, rig->whole);
    kernel->erode(rig->whole, background->stride, background->bytes, rig->between);
    repeat_ends(background, rig->between);
    kernel->erode(rig->between, background->stride, background->bytes, rig->whole);
    for (uint32_t y = 0; y < H; y++)
        memset(rig->whole + y * background->stride + W, 0, background->stride - W);
    memset(rig->whole - background->stride, 0, background->stride);
    memset(rig->whole + background->bytes, 0, background->stride);
}

/* Spots anywhere, the edges and the bands' ends among them; what was there before is no matter. */
static void test_bands_are_as_the_whole(void) {
    g_autoptr(GRand) dice = g_rand_new_with_seed(3);
    Rig rig = rig_new();
    const SkyBackground *background = rig.background;
    for (unsigned round = 0; round < 300; round++) {
        memset(rig.mask, 0, background->bytes);
        for (unsigned spots = (unsigned)g_rand_int_range(dice, 0, 12); spots > 0; spots--) {
            uint32_t x = (uint32_t)g_rand_int_range(dice, 0, W - 7), y = (uint32_t)g_rand_int_range(dice, 0, H - 7);
            x = g_rand_int_range(dice, 0, 4) == 0 ? 0 : x;
            set(&rig, x, y, x + (uint32_t)g_rand_int_range(dice, 1, 8), y + (uint32_t)g_rand_int_range(dice, 1, 8));
        }
        memcpy(rig.whole - background->stride, rig.mask - background->stride, background->bytes + 2 * background->stride);
        close_whole(&rig);
        memset(rig.between, 255, background->bytes);
        run(&rig);
        g_assert_cmpmem(rig.mask - background->stride, background->bytes + 2 * background->stride,
                        rig.whole - background->stride, background->bytes + 2 * background->stride);
    }
    rig_clear(&rig);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/closing/cracks", test_cracks_close);
    g_test_add_func("/closing/goes-on-beyond-the-edge", test_goes_on_beyond_the_edge);
    g_test_add_func("/closing/bands-are-as-the-whole", test_bands_are_as_the_whole);
    return g_test_run();
}
