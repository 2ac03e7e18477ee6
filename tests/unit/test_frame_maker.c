/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/frame_maker.h"

#include <string.h>

#define STRIDE 704

/* Dark above, bright below. */
static uint8_t rows[480 * STRIDE];

static SkyPicture picture(uint32_t width_px, uint32_t height_px) {
    for (uint32_t y = 0; y < height_px; y++)
        memset(rows + y * STRIDE, y < height_px / 2 ? 20 : 200, STRIDE);
    return (SkyPicture){.width_px = width_px, .height_px = height_px, .luma = rows, .stride_bytes = STRIDE, .bits = 8,
                        .pts_ns = 7, .arrival_ns = 8, .number = 9, .key = TRUE, .damaged = TRUE};
}

static void test_sizes(void) {
    g_autoptr(SkyFrameMaker) maker = sky_frame_maker_new(320, 1);
    static const struct {
        uint32_t width_px, height_px, to_width_px, to_height_px;
    } sizes[] = {{640, 360, 320, 180}, {640, 480, 320, 240}, {320, 240, 320, 240}, {160, 120, 160, 120},
                 {641, 359, 320, 180}, {2, 480, 2, 480},     {3, 240, 2, 160}};
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        SkyPicture from = picture(sizes[i].width_px, sizes[i].height_px);
        g_autoptr(SkyFrame) frame = NULL;
        g_assert_cmpint(sky_frame_maker_make(maker, &from, &frame), ==, SKY_FRAME_MADE);
        g_assert_cmpuint(frame->width_px, ==, sizes[i].to_width_px);
        g_assert_cmpuint(frame->height_px, ==, sizes[i].to_height_px);
        g_assert_cmpuint(frame->luma[0], ==, 20);
        g_assert_cmpuint(frame->luma[(frame->height_px - 1) * frame->stride_bytes + frame->width_px - 1], ==, 200);
        g_assert_true(frame->pts_ns == 7 && frame->arrival_ns == 8 && frame->number == 9 && frame->key && frame->damaged);
    }
}

static void test_upside_down(void) {
    g_autoptr(SkyFrameMaker) maker = sky_frame_maker_new(320, 1);
    SkyPicture from = picture(640, 480);
    from.luma += (480 - 1) * STRIDE;
    from.stride_bytes = -STRIDE;
    g_autoptr(SkyFrame) frame = NULL;
    g_assert_cmpint(sky_frame_maker_make(maker, &from, &frame), ==, SKY_FRAME_MADE);
    g_assert_cmpuint(frame->luma[0], ==, 200);
}

static void test_refuses(void) {
    g_autoptr(SkyFrameMaker) maker = sky_frame_maker_new(320, 2);
    g_autoptr(SkyFrame) first = NULL;
    g_autoptr(SkyFrame) second = NULL;
    SkyFrame *none = NULL;
    static const uint32_t bad[][2] = {{0, 100}, {1, 100}, {100, 1}, {8193, 100}, {100, 8193}};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        SkyPicture from = {.width_px = bad[i][0], .height_px = bad[i][1], .luma = rows, .stride_bytes = STRIDE, .bits = 8};
        g_assert_cmpint(sky_frame_maker_make(maker, &from, &none), ==, SKY_FRAME_BAD_SIZE);
    }
    SkyPicture from = picture(640, 360);
    g_assert_cmpint(sky_frame_maker_make(maker, &from, &first), ==, SKY_FRAME_MADE);
    g_assert_cmpint(sky_frame_maker_make(maker, &from, &second), ==, SKY_FRAME_MADE);
    g_assert_cmpint(sky_frame_maker_make(maker, &from, &none), ==, SKY_FRAME_NONE_FREE);
    g_clear_pointer(&first, sky_frame_free);
    g_assert_cmpint(sky_frame_maker_make(maker, &from, &first), ==, SKY_FRAME_MADE);
    g_assert_null(none);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frame-maker/sizes", test_sizes);
    g_test_add_func("/frame-maker/upside-down", test_upside_down);
    g_test_add_func("/frame-maker/refuses", test_refuses);
    return g_test_run();
}
