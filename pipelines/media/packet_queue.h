/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/budget.h"
#include "media/packet.h"

/* Packets between a source and an analysis worker. Bounded in bytes (charged to the camera's budget) and in count; when full, the
 * oldest whole GOP goes, is counted, and the next packet that comes out bears `gap`. A packet that can not fit at all is dropped.
 * Thread: one pusher, one popper, any reader of the numbers. */
typedef struct SkyPacketQueue SkyPacketQueue;
typedef struct {
    uint32_t packets;
    uint64_t bytes;
    uint64_t dropped_packets; /* since it was made */
    uint64_t dropped_gops;
    int64_t oldest_ns; /* when the oldest one was pushed (monotonic), SKY_TIME_NONE where empty */
} SkyPacketQueueNumbers;

/* budget: borrowed, outlives the queue; may be NULL. */
SkyPacketQueue *sky_packet_queue_new(uint32_t packets_max, uint64_t bytes_max, SkyBudget *budget);
void sky_packet_queue_free(SkyPacketQueue *queue);
void sky_packet_queue_push(SkyPacketQueue *queue, SkyPacket *packet); /* takes */
SkyPacket *sky_packet_queue_pop(SkyPacketQueue *queue);               /* NULL where empty; never blocks */
gboolean sky_packet_queue_has_key(SkyPacketQueue *queue);             /* a key frame waits: a decoder can go on there */
SkyPacketQueueNumbers sky_packet_queue_numbers(SkyPacketQueue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyPacketQueue, sky_packet_queue_free)
