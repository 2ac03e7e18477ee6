/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "av/stream_watch.h"
#include "decode/decoder.h"
#include "fuzz.h"

/* One byte of codec, then packets as a camera would send them: a byte of flags (1 key, 2 gap), two of length, the bytes. They go
 * the whole way: what the stream is, wrapped with its padding, decoded, scaled. */

static void on_frame(SkyFrame *frame, gpointer user) {
    guint *sum = user;
    g_assert(frame->width_px >= 2 && frame->width_px <= 64 && frame->width_px % 2 == 0 && frame->height_px % 2 == 0);
    for (uint32_t y = 0; y < frame->height_px; y++)
        *sum += frame->luma[y * frame->stride_bytes] + frame->luma[y * frame->stride_bytes + frame->width_px - 1];
}

static void one_packet(SkyStreamWatch *watch, SkyDecoder *decoder, const uint8_t *data, gsize bytes, SkyPacketTimes *times) {
    g_autofree uint8_t *padded = g_malloc0(bytes + SKY_PACKET_PADDING);
    memcpy(padded, data, bytes);
    SkyStreamLook look = sky_stream_watch_look(watch, padded, bytes, times->key);
    if (!look.valid || look.info == NULL)
        return;
    g_assert(sky_stream_info_width_px(look.info) <= 8192 && sky_stream_info_height_px(look.info) <= 8192);
    times->key = look.key;
    g_autoptr(SkyPacket) packet = sky_packet_new_copy(look.info, times, data, bytes);
    g_autoptr(GError) error = NULL;
    g_assert(sky_decoder_push(decoder, packet, &error) == (error == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    if (bytes == 0)
        return 0;
    static const SkyCodec codecs[] = {SKY_CODEC_H264, SKY_CODEC_H265, SKY_CODEC_MJPEG};
    guint sum = 0;
    g_autoptr(SkyStreamWatch) watch = sky_stream_watch_new(codecs[data[0] % 3], 25, NULL, 0);
    g_autoptr(SkyDecoder) decoder = sky_decoder_new(&(SkyDecodeParams){.analysis_width_px = 64}, on_frame, &sum);
    SkyPacketTimes times = {0};
    for (size_t at = 1; at + 3 < bytes;) {
        gsize length = MIN((gsize)(data[at + 1] << 8 | data[at + 2]), bytes - at - 3);
        times.key = data[at] & 1;
        times.gap = data[at] >> 1 & 1;
        times.pts_ns = times.dts_ns = times.dts_ns + 40000000;
        if (length > 0)
            one_packet(watch, decoder, data + at + 3, length, &times);
        at += 3 + length;
    }
    sky_decoder_drain(decoder);
    return 0;
}
