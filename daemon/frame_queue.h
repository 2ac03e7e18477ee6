/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/budget.h"
#include "media/frame.h"
#include "media/picture.h"

/* Pictures that a source decoded itself, on their way to a worker: brought to analysis size on the source's thread, so that none of
 * the decoder's own memory waits here. What waits is charged to the camera's budget. When full, the oldest goes and is counted.
 * Thread: one pusher, one popper, any reader of the numbers. */
typedef struct SkyFrameQueue SkyFrameQueue;

#define SKY_FRAME_QUEUE_MAX 8 /* frames: a second at the usual 8 */

typedef struct {
    uint64_t pictures;   /* that were pushed */
    uint64_t dropped;    /* of them, that no worker took in time */
    uint64_t bad;        /* of them, of a size that can not be analysed */
    int64_t oldest_ns;   /* when the oldest one was pushed, SKY_TIME_NONE where empty */
} SkyFrameQueueNumbers;

/* budget: borrowed, outlives the queue; may be NULL. */
SkyFrameQueue *sky_frame_queue_new(uint32_t analysis_width_px, SkyBudget *budget);
void sky_frame_queue_free(SkyFrameQueue *queue);
void sky_frame_queue_push(SkyFrameQueue *queue, const SkyPicture *picture); /* borrowed */
SkyFrame *sky_frame_queue_pop(SkyFrameQueue *queue);                        /* NULL where empty; never blocks */
SkyFrameQueueNumbers sky_frame_queue_numbers(SkyFrameQueue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyFrameQueue, sky_frame_queue_free)
