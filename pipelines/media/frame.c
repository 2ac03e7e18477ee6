/* SPDX-License-Identifier: Apache-2.0 */
#include "media/frame.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/ref.h"

#define ALIGNMENT 64

typedef struct {
    SkyFrame frame; /* first: a frame is its slot */
    SkyFramePool *pool;
    atomic_bool out;
} Slot;

/* Lives as long as its owner or a frame does. No lock: who finds a slot in turns it out. */
struct SkyFramePool {
    SkyRef ref; /* the owner's, and one for each frame that is out */
    uint32_t width_px, height_px, stride_bytes;
    uint32_t slots_count;
    Slot slots[];
};

SkyFramePool *sky_frame_pool_new(uint32_t width_px, uint32_t height_px, uint32_t frames_max) {
    g_assert(width_px > 0 && width_px <= 8192 && height_px > 0 && height_px <= 8192 && frames_max > 0 && frames_max <= 1024);
    SkyFramePool *pool = g_malloc0(sizeof *pool + frames_max * sizeof(Slot));
    sky_ref_init(&pool->ref);
    pool->width_px = width_px;
    pool->height_px = height_px;
    pool->stride_bytes = (width_px + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    pool->slots_count = frames_max;
    return pool;
}

static void pool_unref(SkyFramePool *pool) {
    if (!sky_ref_drop(&pool->ref))
        return;
    for (uint32_t i = 0; i < pool->slots_count; i++)
        free(pool->slots[i].frame.luma);
    g_free(pool);
}

void sky_frame_pool_free(SkyFramePool *pool) {
    if (pool != NULL)
        pool_unref(pool);
}

static gboolean claim(Slot *slot) {
    return !atomic_exchange_explicit(&slot->out, TRUE, memory_order_acquire);
}

SkyFrame *sky_frame_pool_take(SkyFramePool *pool) {
    for (uint32_t i = 0; i < pool->slots_count; i++) {
        Slot *slot = &pool->slots[i];
        if (!claim(slot))
            continue;
        uint8_t *luma = slot->frame.luma;
        if (luma == NULL) { /* the slot's first use: what a pool never lends it never allocates */
            gsize bytes = (gsize)pool->stride_bytes * pool->height_px;
            luma = aligned_alloc(ALIGNMENT, bytes);
            g_assert(luma != NULL);
            memset(luma, 0, bytes); /* the columns between width and stride stay zero */
        }
        slot->frame = (SkyFrame){
            .width_px = pool->width_px, .height_px = pool->height_px, .stride_bytes = pool->stride_bytes, .luma = luma};
        slot->pool = pool;
        sky_ref_take(&pool->ref);
        return &slot->frame;
    }
    return NULL;
}

void sky_frame_free(SkyFrame *frame) {
    if (frame == NULL)
        return;
    Slot *slot = (Slot *)frame;
    SkyFramePool *pool = slot->pool; /* the slot may be someone else's as soon as it is in */
    gboolean was_out = atomic_exchange_explicit(&slot->out, FALSE, memory_order_release);
    g_assert(was_out);
    pool_unref(pool);
}
