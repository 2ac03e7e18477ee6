/* SPDX-License-Identifier: Apache-2.0 */
#include "media/packet_queue.h"

#include "base/clock.h"
#include "base/lock.h"

typedef struct {
    SkyPacket *packet;
    int64_t pushed_ns;
    gboolean gap; /* something before it was dropped */
} Slot;

struct SkyPacketQueue {
    SkyLock lock;
    SkyBudget *budget;
    uint64_t bytes_max, bytes;
    uint64_t dropped_packets, dropped_gops;
    gboolean gap_at_end; /* the next packet that is kept follows a loss */
    gboolean await_key;  /* the GOP that is coming in has lost a packet: its rest can not be decoded and is not kept */
    uint32_t capacity, first, length;
    uint32_t keys; /* key frames of them */
    Slot slots[]; /* a ring */
};

SkyPacketQueue *sky_packet_queue_new(uint32_t packets_max, uint64_t bytes_max, SkyBudget *budget) {
    g_assert(packets_max > 0 && packets_max <= 1u << 20);
    SkyPacketQueue *queue = g_malloc0(sizeof *queue + packets_max * sizeof(Slot));
    sky_lock_init(&queue->lock);
    queue->budget = budget;
    queue->bytes_max = bytes_max;
    queue->capacity = packets_max;
    return queue;
}

static Slot *first_slot(SkyPacketQueue *queue) {
    return &queue->slots[queue->first];
}

/* Inside the lock, not empty. The bytes are no longer the queue's: its charge goes with them. */
static SkyPacket *take_first(SkyPacketQueue *queue) {
    SkyPacket *packet = first_slot(queue)->packet;
    gsize bytes = sky_packet_size_bytes(packet);
    queue->first = (queue->first + 1) % queue->capacity;
    queue->length--;
    queue->keys -= sky_packet_times(packet)->key;
    queue->bytes -= bytes;
    if (queue->budget != NULL)
        sky_budget_release(queue->budget, bytes);
    return packet;
}

static void drop_first(SkyPacketQueue *queue) {
    sky_packet_unref(take_first(queue));
    queue->dropped_packets++;
}

/* Inside the lock, not empty: everything before the second key frame. Where there is none, the GOP is still coming in. */
static void drop_oldest_gop(SkyPacketQueue *queue) {
    do
        drop_first(queue);
    while (queue->length > 0 && !sky_packet_times(first_slot(queue)->packet)->key);
    queue->dropped_gops++;
    if (queue->length > 0)
        first_slot(queue)->gap = TRUE;
    else
        queue->gap_at_end = queue->await_key = TRUE;
}

void sky_packet_queue_free(SkyPacketQueue *queue) {
    if (queue == NULL)
        return;
    while (queue->length > 0)
        sky_packet_unref(take_first(queue));
    sky_lock_clear(&queue->lock);
    g_free(queue);
}

/* Inside the lock. TRUE: there is room and the bytes are charged. */
static gboolean make_room(SkyPacketQueue *queue, gsize bytes) {
    if (bytes > queue->bytes_max)
        return FALSE;
    while (queue->length > 0 && (queue->length == queue->capacity || queue->bytes + bytes > queue->bytes_max))
        drop_oldest_gop(queue);
    while (queue->budget != NULL && !sky_budget_charge(queue->budget, bytes)) {
        if (queue->length == 0)
            return FALSE;
        drop_oldest_gop(queue);
    }
    return TRUE;
}

/* Inside the lock. FALSE: not kept. */
static gboolean keep(SkyPacketQueue *queue, SkyPacket *packet) {
    gsize bytes = sky_packet_size_bytes(packet);
    gboolean key = sky_packet_times(packet)->key;
    if (queue->await_key && !key)
        return FALSE;
    if (!make_room(queue, bytes)) {
        queue->gap_at_end = queue->await_key = TRUE;
        return FALSE;
    }
    if (queue->await_key && !key) { /* making room took the beginning of this packet's own GOP */
        if (queue->budget != NULL)
            sky_budget_release(queue->budget, bytes);
        return FALSE;
    }
    queue->slots[(queue->first + queue->length++) % queue->capacity] = (Slot){packet, sky_clock_monotonic_ns(), queue->gap_at_end};
    queue->bytes += bytes;
    queue->keys += key;
    queue->gap_at_end = queue->await_key = FALSE;
    return TRUE;
}

void sky_packet_queue_push(SkyPacketQueue *queue, SkyPacket *packet) {
    sky_lock_enter(&queue->lock);
    gboolean kept = keep(queue, packet);
    if (!kept)
        queue->dropped_packets++;
    sky_lock_leave(&queue->lock);
    if (!kept)
        sky_packet_unref(packet);
}

SkyPacket *sky_packet_queue_pop(SkyPacketQueue *queue) {
    SkyPacket *packet = NULL;
    gboolean gap = FALSE;
    sky_lock_enter(&queue->lock);
    if (queue->length > 0) {
        gap = first_slot(queue)->gap;
        packet = take_first(queue);
    }
    sky_lock_leave(&queue->lock);
    return gap ? sky_packet_mark_gap(packet) : packet;
}

gboolean sky_packet_queue_has_key(SkyPacketQueue *queue) {
    sky_lock_enter(&queue->lock);
    gboolean has = queue->keys > 0;
    sky_lock_leave(&queue->lock);
    return has;
}

SkyPacketQueueNumbers sky_packet_queue_numbers(SkyPacketQueue *queue) {
    sky_lock_enter(&queue->lock);
    SkyPacketQueueNumbers numbers = {
        .packets = queue->length,
        .bytes = queue->bytes,
        .dropped_packets = queue->dropped_packets,
        .dropped_gops = queue->dropped_gops,
        .oldest_ns = queue->length > 0 ? first_slot(queue)->pushed_ns : SKY_TIME_NONE,
    };
    sky_lock_leave(&queue->lock);
    return numbers;
}
