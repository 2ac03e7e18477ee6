/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* A luma picture at analysis size, 8 bit, 16..235 or 0..255 as the camera sends it. Immutable once handed on, recycled through its pool: no
 * allocation per frame once running. Owner: one, on any thread. */
typedef struct SkyFramePool SkyFramePool;
typedef struct {
    uint32_t width_px, height_px, stride_bytes; /* stride: a multiple of 64 */
    int64_t pts_ns;                             /* media time from the first frame of the stream */
    int64_t arrival_ns;                         /* by the gateway's clock, ascending: see decode/show_clock.h */
    uint64_t number;                            /* decoded pictures so far, from 1, the skipped ones counted */
    gboolean key;                               /* decoded from a key frame */
    gboolean damaged;                           /* the decoder reported errors in it */
    uint8_t *luma;                              /* 64-byte aligned */
} SkyFrame;

SkyFramePool *sky_frame_pool_new(uint32_t width_px, uint32_t height_px, uint32_t frames_max);
void sky_frame_pool_free(SkyFramePool *pool);      /* frames still out keep it alive */
SkyFrame *sky_frame_pool_take(SkyFramePool *pool); /* NULL: frames_max are out */
void sky_frame_free(SkyFrame *frame);              /* gives it back */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyFrame, sky_frame_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyFramePool, sky_frame_pool_free)
