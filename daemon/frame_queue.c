/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/frame_queue.h"

#include "base/counter.h"
#include "base/queue.h"
#include "decode/frame_maker.h"
#include "decode/show_clock.h"

#define FRAMES_MAX (SKY_FRAME_QUEUE_MAX + 4) /* the consumer may keep a few */

struct SkyFrameQueue {
    SkyFrameMaker *maker;     /* the pusher's, as is the clock */
    SkyShowClock show_clock;
    SkyQueue *frames;
    SkyBudget *budget;
    SkyCounter pictures, dropped, bad;
};

static void free_frame(gpointer frame) {
    sky_frame_free(frame);
}

SkyFrameQueue *sky_frame_queue_new(uint32_t analysis_width_px, SkyBudget *budget) {
    SkyFrameQueue *queue = g_new0(SkyFrameQueue, 1);
    queue->maker = sky_frame_maker_new(analysis_width_px, FRAMES_MAX);
    queue->budget = budget;
    queue->frames = sky_queue_new(SKY_FRAME_QUEUE_MAX, free_frame);
    sky_show_clock_init(&queue->show_clock);
    return queue;
}

void sky_frame_queue_free(SkyFrameQueue *queue) {
    if (!queue)
        return;
    for (SkyFrame *frame; (frame = sky_frame_queue_pop(queue));)
        sky_frame_free(frame);
    sky_queue_free(queue->frames);
    sky_frame_maker_free(queue->maker);
    g_free(queue);
}

static uint64_t bytes_of(const SkyFrame *frame) {
    return (uint64_t)frame->stride_bytes * frame->height_px;
}

/* FALSE: nothing waits. */
static gboolean drop_oldest(SkyFrameQueue *queue) {
    g_autoptr(SkyFrame) oldest = sky_frame_queue_pop(queue);
    sky_counter_add(&queue->dropped, oldest ? 1 : 0);
    return oldest != NULL;
}

static void push(SkyFrameQueue *queue, SkyFrame *frame) {
    while (queue->budget && !sky_budget_charge(queue->budget, bytes_of(frame))) {
        if (drop_oldest(queue))
            continue;
        sky_counter_add(&queue->dropped, 1);
        sky_frame_free(frame);
        return;
    }
    while (sky_queue_push(queue->frames, frame) == SKY_QUEUE_FULL)
        drop_oldest(queue);
}

void sky_frame_queue_push(SkyFrameQueue *queue, const SkyPicture *picture) {
    SkyPicture shown = *picture;
    SkyFrame *frame;
    sky_counter_add(&queue->pictures, 1);
    shown.arrival_ns = sky_show_clock_shown(&queue->show_clock, picture->pts_ns, picture->arrival_ns);
    switch (sky_frame_maker_make(queue->maker, &shown, &frame)) {
    case SKY_FRAME_MADE:
        push(queue, frame);
        return;
    case SKY_FRAME_NONE_FREE:
        sky_counter_add(&queue->dropped, 1);
        return;
    case SKY_FRAME_BAD_SIZE:
        sky_counter_add(&queue->bad, 1);
        return;
    }
    g_assert_not_reached();
}

SkyFrame *sky_frame_queue_pop(SkyFrameQueue *queue) {
    gpointer frame = NULL;
    if (sky_queue_pop(queue->frames, 0, &frame) != SKY_QUEUE_OK)
        return NULL;
    if (queue->budget)
        sky_budget_release(queue->budget, bytes_of(frame));
    return frame;
}

SkyFrameQueueNumbers sky_frame_queue_numbers(SkyFrameQueue *queue) {
    return (SkyFrameQueueNumbers){.pictures = sky_counter_get(&queue->pictures),
                                  .dropped = sky_counter_get(&queue->dropped),
                                  .bad = sky_counter_get(&queue->bad),
                                  .oldest_ns = sky_queue_oldest_ns(queue->frames)};
}
