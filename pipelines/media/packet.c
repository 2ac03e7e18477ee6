/* SPDX-License-Identifier: Apache-2.0 */
#include "media/packet.h"

#include <string.h>

#include "base/ref.h"

struct SkyPacket {
    SkyRef ref;
    SkyStreamInfo *info;
    SkyPacketTimes times;
    const uint8_t *data;
    gsize size_bytes;
    GDestroyNotify free_data;
    gpointer owner;
};

SkyPacket *sky_packet_new_wrapped(SkyStreamInfo *info, const SkyPacketTimes *times, const uint8_t *data, gsize size_bytes,
                                  GDestroyNotify free_data, gpointer owner) {
    g_assert(info != NULL && size_bytes > 0 && size_bytes <= SKY_PACKET_BYTES_MAX);
    SkyPacket *packet = g_new(SkyPacket, 1);
    *packet = (SkyPacket){
        .info = sky_stream_info_ref(info),
        .times = *times,
        .data = data,
        .size_bytes = size_bytes,
        .free_data = free_data,
        .owner = owner,
    };
    sky_ref_init(&packet->ref);
    return packet;
}

SkyPacket *sky_packet_new_copy(SkyStreamInfo *info, const SkyPacketTimes *times, const uint8_t *data, gsize size_bytes) {
    g_assert(size_bytes <= SKY_PACKET_BYTES_MAX);
    uint8_t *copy = g_malloc(size_bytes + SKY_PACKET_PADDING);
    memcpy(copy, data, size_bytes);
    memset(copy + size_bytes, 0, SKY_PACKET_PADDING);
    return sky_packet_new_wrapped(info, times, copy, size_bytes, g_free, copy);
}

static void unref_packet(gpointer packet) {
    sky_packet_unref(packet);
}

SkyPacket *sky_packet_mark_gap(SkyPacket *packet) {
    if (packet->times.gap)
        return packet;
    /* Others may hold the same packet (the pre-roll has it too), and for them nothing is missing. */
    SkyPacketTimes times = packet->times;
    times.gap = TRUE;
    return sky_packet_new_wrapped(packet->info, &times, packet->data, packet->size_bytes, unref_packet, packet);
}

SkyPacket *sky_packet_ref(SkyPacket *packet) {
    sky_ref_take(&packet->ref);
    return packet;
}

void sky_packet_unref(SkyPacket *packet) {
    if (packet == NULL || !sky_ref_drop(&packet->ref))
        return;
    if (packet->free_data != NULL)
        packet->free_data(packet->owner);
    sky_stream_info_unref(packet->info);
    g_free(packet);
}

const uint8_t *sky_packet_data(const SkyPacket *packet) {
    return packet->data;
}

gsize sky_packet_size_bytes(const SkyPacket *packet) {
    return packet->size_bytes;
}

const SkyPacketTimes *sky_packet_times(const SkyPacket *packet) {
    return &packet->times;
}

SkyStreamInfo *sky_packet_info(const SkyPacket *packet) {
    return packet->info;
}
