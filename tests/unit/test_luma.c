/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/luma.h"

#define W 37
#define H_MAX 37
#define BEYOND 3

static uint8_t pixels[(W + 3) * H_MAX];

static unsigned pixel(const SkyFrame *frame, int x, int y) {
    return frame->luma[CLAMP(y, 0, (int)frame->height_px - 1) * (int)frame->stride_bytes + CLAMP(x, 0, W - 1)];
}

static unsigned binomial(unsigned a, unsigned b, unsigned c) {
    return (a + 2 * b + c + 2) / 4;
}

static unsigned down(const SkyFrame *frame, int x, int y) {
    return binomial(pixel(frame, x, y - 1), pixel(frame, x, y), pixel(frame, x, y + 1));
}

static void compare(const SkyFrame *frame, uint8_t fill) {
    SkyBackground *background = sky_background_new(sky_motion_kernel_choose(SKY_MOTION_KERNEL_ALL), W, frame->height_px);
    uint8_t *scratch = sky_background_new_plane(background), *luma = sky_background_new_plane(background);
    for (size_t i = 0; i < background->bytes; i++)
        scratch[i] = fill;
    sky_luma_take(frame, background, scratch, luma);
    for (int y = 0; y < (int)frame->height_px; y++)
        for (int x = y > 0 ? -BEYOND : 0; x < W + BEYOND; x++) /* the first row's left neighbour is that of the second, repeated */
            g_assert_cmpuint(luma[y * (int)background->stride + x], ==,
                             binomial(down(frame, x - 1, y), down(frame, x, y), down(frame, x + 1, y)));
    int stride = (int)background->stride, last = ((int)frame->height_px - 1) * stride;
    for (int x = 0; x < W; x++) {
        g_assert_cmpuint(luma[x - stride], ==, luma[x]);
        g_assert_cmpuint(luma[last + stride + x], ==, luma[last + x]);
    }
    sky_background_free_plane(background, scratch);
    sky_background_free_plane(background, luma);
    sky_background_free(background);
}

/* To the edges and beyond, whatever was in the scratch plane, in whole strips and parts of one. */
static void test_smooth_to_the_edges(void) {
    for (unsigned i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 2654435761u >> 24);
    for (uint32_t height = 1; height <= H_MAX; height++) {
        SkyFrame frame = {.width_px = W, .height_px = height, .stride_bytes = W + 3, .luma = pixels};
        compare(&frame, 0);
        compare(&frame, 255);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/luma/smooth-to-the-edges", test_smooth_to_the_edges);
    return g_test_run();
}
