/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* A bounded first-in first-out queue of pointers between threads.
 * Thread: any number of pushers and poppers. Owner: the queue owns what is in it; what is left is freed with free_item. */
typedef struct SkyQueue SkyQueue;
typedef enum {
    SKY_QUEUE_OK,
    SKY_QUEUE_FULL,    /* push: refused, the caller keeps the item */
    SKY_QUEUE_EMPTY,   /* pop: nothing came until the deadline */
    SKY_QUEUE_CLOSED,  /* push: refused, the caller keeps the item. pop: closed AND drained */
} SkyQueueStatus;

SkyQueue *sky_queue_new(uint32_t capacity, GDestroyNotify free_item);
void sky_queue_free(SkyQueue *queue);
SkyQueueStatus sky_queue_push(SkyQueue *queue, gpointer item);
/* deadline_ns: CLOCK_MONOTONIC; 0 does not wait, INT64_MAX waits for ever. */
SkyQueueStatus sky_queue_pop(SkyQueue *queue, int64_t deadline_ns, gpointer *ret_item);
void sky_queue_close(SkyQueue *queue); /* wakes all; what is in it can still be popped */
uint32_t sky_queue_length(SkyQueue *queue);
/* When the oldest item was pushed, or SKY_TIME_NONE where empty: the watchdog asks. */
int64_t sky_queue_oldest_ns(SkyQueue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyQueue, sky_queue_free)
