/* SPDX-License-Identifier: Apache-2.0 */
#include "av/av_packet.h"

#include <libavcodec/avcodec.h>
#include <string.h>

#include "base/clock.h"

G_STATIC_ASSERT(SKY_PACKET_PADDING >= AV_INPUT_BUFFER_PADDING_SIZE);

static void unref_buffer(gpointer owner) {
    AVBufferRef *buffer = owner;
    av_buffer_unref(&buffer);
}

static gboolean is_padded(const AVPacket *packet) {
    static const uint8_t zeros[SKY_PACKET_PADDING];
    const AVBufferRef *buffer = packet->buf;
    if (buffer == NULL || packet->data < buffer->data)
        return FALSE;
    gsize offset = (gsize)(packet->data - buffer->data);
    return offset + (gsize)packet->size + SKY_PACKET_PADDING <= buffer->size &&
           memcmp(packet->data + packet->size, zeros, sizeof zeros) == 0;
}

SkyPacket *sky_av_packet_wrap(const AVPacket *packet, SkyStreamInfo *info, const SkyPacketTimes *times) {
    AVBufferRef *buffer = is_padded(packet) ? av_buffer_ref(packet->buf) : NULL;
    if (buffer == NULL)
        return sky_packet_new_copy(info, times, packet->data, (gsize)packet->size);
    return sky_packet_new_wrapped(info, times, packet->data, (gsize)packet->size, unref_buffer, buffer);
}

int64_t sky_av_time_ns(int64_t stamp, AVRational time_base) {
    G_STATIC_ASSERT(SKY_TIME_NONE == AV_NOPTS_VALUE); /* which is also what av_rescale_q() says where the result does not fit */
    return stamp == AV_NOPTS_VALUE ? SKY_TIME_NONE : av_rescale_q(stamp, time_base, (AVRational){1, (int)SKY_NS_PER_S});
}
