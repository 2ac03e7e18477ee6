/* SPDX-License-Identifier: Apache-2.0 */
#include "base/queue.h"

#include "base/clock.h"
#include "base/lock.h"

typedef struct {
    gpointer item;
    int64_t pushed_ns;
} Slot;

struct SkyQueue {
    SkyLock lock;
    GDestroyNotify free_item;
    uint32_t capacity, first, length;
    gboolean closed;
    Slot slots[]; /* a ring */
};

SkyQueue *sky_queue_new(uint32_t capacity, GDestroyNotify free_item) {
    g_assert(capacity > 0 && capacity <= 1u << 20);
    SkyQueue *queue = g_malloc0(sizeof *queue + capacity * sizeof(Slot));
    sky_lock_init(&queue->lock);
    queue->capacity = capacity;
    queue->free_item = free_item;
    return queue;
}

/* Inside the lock, not empty. */
static gpointer take_first(SkyQueue *queue) {
    gpointer item = queue->slots[queue->first].item;
    queue->first = (queue->first + 1) % queue->capacity;
    queue->length--;
    return item;
}

void sky_queue_free(SkyQueue *queue) {
    if (queue == NULL)
        return;
    while (queue->length > 0) {
        gpointer item = take_first(queue);
        if (queue->free_item != NULL)
            queue->free_item(item);
    }
    sky_lock_clear(&queue->lock);
    g_free(queue);
}

SkyQueueStatus sky_queue_push(SkyQueue *queue, gpointer item) {
    SkyQueueStatus status = SKY_QUEUE_OK;
    sky_lock_enter(&queue->lock);
    if (queue->closed) {
        status = SKY_QUEUE_CLOSED;
    } else if (queue->length == queue->capacity) {
        status = SKY_QUEUE_FULL;
    } else {
        queue->slots[(queue->first + queue->length++) % queue->capacity] = (Slot){item, sky_clock_monotonic_ns()};
        sky_lock_leave_and_wake_one(&queue->lock);
        return SKY_QUEUE_OK;
    }
    sky_lock_leave(&queue->lock);
    return status;
}

SkyQueueStatus sky_queue_pop(SkyQueue *queue, int64_t deadline_ns, gpointer *ret_item) {
    SkyQueueStatus status = SKY_QUEUE_OK;
    sky_lock_enter(&queue->lock);
    while (queue->length == 0 && !queue->closed && deadline_ns > 0 && sky_lock_wait_until(&queue->lock, deadline_ns))
        ;
    if (queue->length > 0)
        *ret_item = take_first(queue);
    else
        status = queue->closed ? SKY_QUEUE_CLOSED : SKY_QUEUE_EMPTY;
    sky_lock_leave(&queue->lock);
    return status;
}

void sky_queue_close(SkyQueue *queue) {
    sky_lock_enter(&queue->lock);
    queue->closed = TRUE;
    sky_lock_wake(&queue->lock);
    sky_lock_leave(&queue->lock);
}

uint32_t sky_queue_length(SkyQueue *queue) {
    sky_lock_enter(&queue->lock);
    uint32_t length = queue->length;
    sky_lock_leave(&queue->lock);
    return length;
}

int64_t sky_queue_oldest_ns(SkyQueue *queue) {
    sky_lock_enter(&queue->lock);
    int64_t oldest_ns = queue->length > 0 ? queue->slots[queue->first].pushed_ns : SKY_TIME_NONE;
    sky_lock_leave(&queue->lock);
    return oldest_ns;
}
