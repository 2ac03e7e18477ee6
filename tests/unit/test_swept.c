/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/swept.h"

#define W 64
#define H 48

/* Cells 6 to 9 across, 4 to 7 down: 8 by 8 cells with those around it, of which 48 are around. */
static const SkyPart part = {.pixels = 100, .left = 24, .right = 40, .top = 16, .bottom = 32};

static void note(SkySwept *swept, unsigned cells) {
    for (unsigned i = 0; i < cells; i++) /* the two rows above it, from the left */
        sky_swept_note(swept, 4 + i % 8, 2 + i / 8);
}

static void test_share(void) {
    g_autoptr(SkySwept) swept = sky_swept_new(W, H);
    g_assert_false(sky_swept_is_beside(swept, &part));
    note(swept, 7); /* of 48: 0.146 */
    g_assert_false(sky_swept_is_beside(swept, &part));
    note(swept, 8); /* 0.167 */
    g_assert_true(sky_swept_is_beside(swept, &part));
    sky_swept_begin(swept);
    g_assert_false(sky_swept_is_beside(swept, &part));
}

/* What is under the thing, and further off, says nothing of what is beside it. */
static void test_place(void) {
    g_autoptr(SkySwept) swept = sky_swept_new(W, H);
    for (uint32_t row = 0; row < H / SKY_CELL_PX; row++)
        for (uint32_t column = 0; column < W / SKY_CELL_PX; column++)
            if ((row >= 4 && row < 8 && column >= 6 && column < 10) || row < 2 || row >= 10 || column < 4 || column >= 12)
                sky_swept_note(swept, column, row);
    g_assert_false(sky_swept_is_beside(swept, &part));
    note(swept, 8);
    g_assert_true(sky_swept_is_beside(swept, &part));
}

static void test_time(void) {
    g_autoptr(SkySwept) swept = sky_swept_new(W, H);
    note(swept, 16);
    sky_swept_age(swept, SKY_SWEPT_S - 0.1);
    g_assert_true(sky_swept_is_beside(swept, &part));
    sky_swept_age(swept, 0.2);
    g_assert_false(sky_swept_is_beside(swept, &part));
}

/* In a corner less is around, of which less is enough; a size that is no multiple of the cells has them, too. */
static void test_corner(void) {
    g_autoptr(SkySwept) swept = sky_swept_new(W + 1, H + 1);
    const SkyPart corner = {.pixels = 9, .left = W - 3, .right = W + 1, .top = H - 3, .bottom = H + 1}; /* 2 by 2 cells, 12 around */
    sky_swept_note(swept, W / SKY_CELL_PX, H / SKY_CELL_PX - 2);
    g_assert_false(sky_swept_is_beside(swept, &corner));
    sky_swept_note(swept, W / SKY_CELL_PX, H / SKY_CELL_PX - 3);
    g_assert_true(sky_swept_is_beside(swept, &corner));
    g_autoptr(SkySwept) tiny = sky_swept_new(3, 3);
    sky_swept_note(tiny, 0, 0);
    g_assert_false(sky_swept_is_beside(tiny, &(SkyPart){.pixels = 9, .right = 3, .bottom = 3})); /* nothing is around */
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/swept/share", test_share);
    g_test_add_func("/swept/place", test_place);
    g_test_add_func("/swept/time", test_time);
    g_test_add_func("/swept/corner", test_corner);
    return g_test_run();
}
