/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/margins.h"
#include <string.h>

#define REACH 2

void sky_margins_continue(const SkyBackground *background, uint8_t *mask) {
    size_t stride = background->stride, width = background->width_px;
    for (uint32_t y = 0; y < background->height_px; y++) {
        uint8_t *row = mask + y * stride;
        memset(row + width, row[width - 1], REACH);
        memset(row - REACH, row[0], REACH);
    }
    for (unsigned i = 1; i <= REACH; i++) {
        memcpy(mask - i * stride - REACH, mask - REACH, stride);
        memcpy(mask + background->bytes + (i - 1) * stride - REACH, mask + background->bytes - stride - REACH, stride);
    }
}
