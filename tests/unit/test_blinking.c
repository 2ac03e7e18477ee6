/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/blinking.h"

#include <math.h>
#include <string.h>

#define W 100
#define H 60

/* Only bands with something to do are worked on: to the bit as if all were, for whatever comes, goes and stays away for long. */
static void test_bands_are_as_the_whole(void) {
    g_autoptr(GRand) dice = g_rand_new_with_seed(7);
    SkyBackground *background = sky_background_new(sky_motion_kernel_c(), W, H);
    SkyBlinking *blinking = sky_blinking_new(background);
    g_autoptr(SkyBands) bands = sky_bands_new(background);
    uint8_t *mask = sky_background_new_plane(background), *blink = sky_background_new_plane(background);
    uint8_t *before = sky_background_new_plane(background);
    for (unsigned round = 0; round < 600; round++) {
        double dt_s = g_rand_int_range(dice, 0, 10) == 0 ? 2 : g_rand_double_range(dice, 0.001, 0.2);
        memset(mask, 0, background->bytes);
        if (round / 60 % 2 == 0) /* then nothing for a while */
            for (unsigned spots = (unsigned)g_rand_int_range(dice, 0, 4); spots > 0; spots--)
                memset(mask + (unsigned)g_rand_int_range(dice, 0, H) * background->stride, 255, (size_t)g_rand_int_range(dice, 1, W));
        sky_bands_count(bands, background, mask);
        sky_blinking_watch(blinking, background, mask, bands, dt_s);
        background->kernel->blink(blink, before, mask, (uint8_t)lrint(CLAMP(dt_s * 255 / 6, 1, 255)),
                                  (uint8_t)lrint(48 * MIN(dt_s / 0.08, 1)), background->bytes);
        g_assert_cmpmem(blinking->blink, background->bytes, blink, background->bytes);
        g_assert_cmpmem(blinking->before, background->bytes, before, background->bytes);
    }
    sky_background_free_plane(background, mask);
    sky_background_free_plane(background, blink);
    sky_background_free_plane(background, before);
    sky_blinking_free(blinking);
    sky_background_free(background);
}

/* Five times within a second is blinking, coming and going once is not. */
static void test_what_blinks(void) {
    SkyBackground *background = sky_background_new(sky_motion_kernel_c(), W, H);
    SkyBlinking *blinking = sky_blinking_new(background);
    g_autoptr(SkyBands) bands = sky_bands_new(background);
    uint8_t *mask = sky_background_new_plane(background);
    for (unsigned i = 0; i < 6; i++) {
        mask[50] = i % 2 ? 255 : 0;
        mask[51] = i == 2 ? 255 : 0;
        sky_bands_count(bands, background, mask);
        sky_blinking_watch(blinking, background, mask, bands, 0.125);
    }
    g_assert_cmpuint(blinking->blink[50], >=, SKY_BLINKING);
    g_assert_cmpuint(blinking->blink[51], <, SKY_BLINKING);
    g_assert_cmpuint(blinking->blink[51], >, 0);
    sky_blinking_begin(blinking);
    g_assert_cmpuint(blinking->blink[50], ==, 0);
    sky_background_free_plane(background, mask);
    sky_blinking_free(blinking);
    sky_background_free(background);
}

static gboolean is_blank(const uint8_t *plane, size_t bytes) {
    return plane[0] == 0 && memcmp(plane, plane + 1, bytes - 1) == 0;
}

/* One thing, seen for so long, and gone again for so many pictures: whatever band it has left its mark in is as new. */
static void begins_anew(double dt_s, unsigned gone) {
    SkyBackground *background = sky_background_new(sky_motion_kernel_c(), W, H);
    SkyBlinking *blinking = sky_blinking_new(background);
    g_autoptr(SkyBands) bands = sky_bands_new(background);
    uint8_t *mask = sky_background_new_plane(background);
    for (unsigned i = 0; i <= gone; i++) {
        memset(mask + 20 * background->stride, i == 0 ? 255 : 0, W);
        sky_bands_count(bands, background, mask);
        sky_blinking_watch(blinking, background, mask, bands, dt_s);
    }
    g_assert_false(is_blank(blinking->blink, background->bytes) && is_blank(blinking->before, background->bytes));
    sky_blinking_begin(blinking);
    g_assert_true(is_blank(blinking->blink, background->bytes) && is_blank(blinking->before, background->bytes));
    sky_background_free_plane(background, mask);
    sky_blinking_free(blinking);
    sky_background_free(background);
}

static void test_begins_anew(void) {
    begins_anew(0.125, 0);
    begins_anew(0.125, 1);  /* it blinks still, and is there no longer */
    begins_anew(0.0005, 0); /* it is there, and so short a time has raised nothing */
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/blinking/bands-are-as-the-whole", test_bands_are_as_the_whole);
    g_test_add_func("/blinking/what-blinks", test_what_blinks);
    g_test_add_func("/blinking/begins-anew", test_begins_anew);
    return g_test_run();
}
