/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/luma.h"
#include <string.h>

#define STRIP_ROWS 16 /* an even number, for the kernels' sake; so few are still in the first cache when they are smoothed */
#define SIDE (SKY_PLANE_MARGIN / 2)

static const uint8_t *row_of(const SkyFrame *frame, int64_t y) {
    return frame->luma + (size_t)CLAMP(y, 0, (int64_t)frame->height_px - 1) * frame->stride_bytes;
}

void sky_luma_take(const SkyFrame *frame, const SkyBackground *background, uint8_t *scratch, uint8_t *ret_luma) {
    size_t stride = background->stride, width = background->width_px;
    for (uint32_t y = 0; y < frame->height_px; y += STRIP_ROWS) {
        uint32_t rows = MIN(STRIP_ROWS, frame->height_px - y);
        uint8_t *to = scratch - stride;
        for (uint32_t i = 0; i < rows + 2; i++, to += stride) {
            const uint8_t *from = row_of(frame, (int64_t)y + i - 1);
            memset(to - SIDE, from[0], SIDE);
            memcpy(to, from, width);
            memset(to + width, from[width - 1], SIDE);
        }
        memset(to - SIDE, row_of(frame, (int64_t)y + rows + 1)[0], SIDE + 1); /* a row's end is next to the one's below begin */
        background->kernel->smooth(scratch, stride, rows * stride, ret_luma + y * stride);
    }
    sky_luma_repeat_rows(background, ret_luma);
}

void sky_luma_repeat_rows(const SkyBackground *background, uint8_t *luma) {
    memcpy(luma - background->stride, luma, background->stride);
    memcpy(luma + background->bytes, luma + background->bytes - background->stride, background->stride);
}
