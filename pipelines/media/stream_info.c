/* SPDX-License-Identifier: Apache-2.0 */
#include "media/stream_info.h"

#include <string.h>

#include "base/ref.h"
#include "media/packet.h"

struct SkyStreamInfo {
    SkyRef ref;
    SkyCodec codec;
    uint32_t width_px, height_px;
    double frame_rate;
    gsize parameter_sets_bytes;
    uint8_t parameter_sets[]; /* and SKY_PACKET_PADDING zero bytes */
};

SkyStreamInfo *sky_stream_info_new(SkyCodec codec, uint32_t width_px, uint32_t height_px, double frame_rate,
                                   const uint8_t *parameter_sets, gsize parameter_sets_bytes) {
    g_assert(width_px <= 8192 && height_px <= 8192);
    g_assert(parameter_sets_bytes <= SKY_PACKET_BYTES_MAX);
    SkyStreamInfo *info = g_malloc0(sizeof *info + parameter_sets_bytes + SKY_PACKET_PADDING);
    sky_ref_init(&info->ref);
    info->codec = codec;
    info->width_px = width_px;
    info->height_px = height_px;
    info->frame_rate = frame_rate;
    info->parameter_sets_bytes = parameter_sets_bytes;
    if (parameter_sets_bytes > 0)
        memcpy(info->parameter_sets, parameter_sets, parameter_sets_bytes);
    return info;
}

SkyStreamInfo *sky_stream_info_ref(SkyStreamInfo *info) {
    sky_ref_take(&info->ref);
    return info;
}

void sky_stream_info_unref(SkyStreamInfo *info) {
    if (info != NULL && sky_ref_drop(&info->ref))
        g_free(info);
}

SkyCodec sky_stream_info_codec(const SkyStreamInfo *info) {
    return info->codec;
}

uint32_t sky_stream_info_width_px(const SkyStreamInfo *info) {
    return info->width_px;
}

uint32_t sky_stream_info_height_px(const SkyStreamInfo *info) {
    return info->height_px;
}

double sky_stream_info_frame_rate(const SkyStreamInfo *info) {
    return info->frame_rate;
}

const uint8_t *sky_stream_info_parameter_sets(const SkyStreamInfo *info, gsize *ret_bytes) {
    *ret_bytes = info->parameter_sets_bytes;
    return info->parameter_sets;
}

gboolean sky_stream_info_equal(const SkyStreamInfo *a, const SkyStreamInfo *b) {
    if (a == b)
        return TRUE;
    return a->codec == b->codec && a->width_px == b->width_px && a->height_px == b->height_px &&
           a->parameter_sets_bytes == b->parameter_sets_bytes &&
           memcmp(a->parameter_sets, b->parameter_sets, a->parameter_sets_bytes) == 0;
}

const char *sky_codec_name(SkyCodec codec) {
    switch (codec) {
    case SKY_CODEC_H264:
        return "H.264";
    case SKY_CODEC_H265:
        return "H.265";
    case SKY_CODEC_MJPEG:
        return "MJPEG";
    }
    g_assert_not_reached();
}
