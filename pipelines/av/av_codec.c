/* SPDX-License-Identifier: Apache-2.0 */
#include "av/av_codec.h"

#include <libavcodec/avcodec.h>

#include "base/error.h"

enum AVCodecID sky_av_codec_id(SkyCodec codec) {
    switch (codec) {
    case SKY_CODEC_H264:
        return AV_CODEC_ID_H264;
    case SKY_CODEC_H265:
        return AV_CODEC_ID_HEVC;
    case SKY_CODEC_MJPEG:
        return AV_CODEC_ID_MJPEG;
    }
    g_assert_not_reached();
}

gboolean sky_av_codec_of(enum AVCodecID id, SkyCodec *ret_codec, GError **error) {
    static const SkyCodec ours[] = {SKY_CODEC_H264, SKY_CODEC_H265, SKY_CODEC_MJPEG};
    for (gsize i = 0; i < G_N_ELEMENTS(ours); i++)
        if (sky_av_codec_id(ours[i]) == id) {
            *ret_codec = ours[i];
            return TRUE;
        }
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "codec %s is not one of H.264, H.265, MJPEG", avcodec_get_name(id));
    return FALSE;
}
