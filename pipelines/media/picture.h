/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#define SKY_PICTURE_PIXELS_MAX (8192 * 4352) /* 8K; what is larger is an attack: no decoder takes the memory for it */

/* A decoded picture as a decoder leaves it, of which only the luma is looked at: borrowed for a call, at its full size. */
typedef struct {
    uint32_t width_px, height_px;
    const uint8_t *luma;    /* height_px rows, stride_bytes apart (negative: upside down) */
    ptrdiff_t stride_bytes;
    unsigned bits;          /* a sample: 8 in one byte, or 9..16 in two, the low ones */
    int64_t pts_ns;         /* media time */
    int64_t arrival_ns;     /* by the gateway's clock */
    uint64_t number;        /* this and the rest as in SkyFrame */
    gboolean key, damaged;
} SkyPicture;
