/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/frame_maker.h"

#include "decode/scale.h"

struct SkyFrameMaker {
    uint32_t wanted_width_px, frames_max;
    uint32_t width_px, height_px; /* of the pictures that the pool and the scale were made for */
    SkyFramePool *pool;
    SkyScale *scale;
};

SkyFrameMaker *sky_frame_maker_new(uint32_t width_px, uint32_t frames_max) {
    SkyFrameMaker *maker = g_new0(SkyFrameMaker, 1);
    maker->wanted_width_px = width_px;
    maker->frames_max = frames_max;
    return maker;
}

void sky_frame_maker_free(SkyFrameMaker *maker) {
    if (maker == NULL)
        return;
    sky_frame_pool_free(maker->pool);
    sky_scale_free(maker->scale);
    g_free(maker);
}

/* About the wanted width, the picture's shape kept, both even, never enlarged. */
static void analysis_size(const SkyFrameMaker *maker, uint32_t *ret_width_px, uint32_t *ret_height_px) {
    uint32_t width_px = MAX(MIN(maker->wanted_width_px, maker->width_px) / 2 * 2, 2);
    uint64_t height_px = ((uint64_t)maker->height_px * width_px + maker->width_px) / (2 * (uint64_t)maker->width_px) * 2;
    *ret_width_px = width_px;
    *ret_height_px = CLAMP((uint32_t)height_px, 2, maker->height_px / 2 * 2);
}

/* FALSE: no picture that can be analysed. */
static gboolean fit(SkyFrameMaker *maker, const SkyPicture *picture) {
    if (picture->width_px < 2 || picture->height_px < 2 || picture->width_px > 8192 || picture->height_px > 8192)
        return FALSE;
    if (picture->width_px == maker->width_px && picture->height_px == maker->height_px)
        return TRUE;
    g_clear_pointer(&maker->pool, sky_frame_pool_free);
    g_clear_pointer(&maker->scale, sky_scale_free);
    maker->width_px = picture->width_px;
    maker->height_px = picture->height_px;
    uint32_t width_px, height_px;
    analysis_size(maker, &width_px, &height_px);
    maker->pool = sky_frame_pool_new(width_px, height_px, maker->frames_max);
    maker->scale = sky_scale_new(maker->width_px, maker->height_px, width_px, height_px);
    return TRUE;
}

SkyFrameStatus sky_frame_maker_make(SkyFrameMaker *maker, const SkyPicture *picture, SkyFrame **ret_frame) {
    if (!fit(maker, picture))
        return SKY_FRAME_BAD_SIZE;
    SkyFrame *frame = sky_frame_pool_take(maker->pool);
    if (frame == NULL)
        return SKY_FRAME_NONE_FREE;
    sky_scale_run(maker->scale, picture->luma, picture->stride_bytes, picture->bits, frame->luma, frame->stride_bytes);
    frame->pts_ns = picture->pts_ns;
    frame->arrival_ns = picture->arrival_ns;
    frame->number = picture->number;
    frame->key = picture->key;
    frame->damaged = picture->damaged;
    *ret_frame = frame;
    return SKY_FRAME_MADE;
}
