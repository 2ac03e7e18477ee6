/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/hardware.h"

#include <libavutil/hwcontext.h>

#include "av/av_codec.h"
#include "base/error.h"

#define SMALL_PX (1280 * 720)
#define ERRORS_MAX 50 /* two seconds at the usual 25 */

void sky_hardware_init(SkyHardware *hardware, SkyDecoderKind asked) {
    *hardware = (SkyHardware){.asked = asked, .used = SKY_DECODER_SOFTWARE};
}

void sky_hardware_clear(SkyHardware *hardware) {
    av_buffer_unref(&hardware->device);
    g_clear_pointer(&hardware->why, g_free);
}

static gboolean has_render_node(void) {
    g_autoptr(GDir) devices = g_dir_open("/dev/dri", 0, NULL);
    const char *name;
    while (devices != NULL && (name = g_dir_read_name(devices)) != NULL)
        if (g_str_has_prefix(name, "renderD"))
            return TRUE;
    return FALSE;
}

static SkyDecoderKind wanted(const SkyHardware *hardware, SkyStreamInfo *info) {
    if (hardware->asked != SKY_DECODER_AUTO)
        return hardware->asked;
    uint64_t pixels = (uint64_t)sky_stream_info_width_px(info) * sky_stream_info_height_px(info);
    gboolean worth_it = pixels > SMALL_PX && sky_stream_info_codec(info) != SKY_CODEC_MJPEG;
    return worth_it && has_render_node() ? SKY_DECODER_VAAPI : SKY_DECODER_SOFTWARE;
}

gboolean sky_hardware_give_up(SkyHardware *hardware, const char *why) {
    if (hardware->used == SKY_DECODER_SOFTWARE)
        return FALSE;
    g_free(hardware->why);
    hardware->why = g_strdup(why);
    hardware->failed |= 1u << hardware->used;
    hardware->used = SKY_DECODER_SOFTWARE;
    hardware->errors = 0;
    return TRUE;
}

/* libavcodec offers what it could decode to, and asks again without what then did not work. */
static enum AVPixelFormat on_formats(AVCodecContext *context, const enum AVPixelFormat *formats) {
    for (gsize i = 0; formats[i] != AV_PIX_FMT_NONE; i++)
        if (formats[i] == AV_PIX_FMT_VAAPI)
            return formats[i];
    sky_hardware_give_up(context->opaque, "the device does not decode this stream");
    return avcodec_default_get_format(context, formats);
}

static gboolean open_device(SkyHardware *hardware) {
    if (hardware->device == NULL) {
        int failed = av_hwdevice_ctx_create(&hardware->device, AV_HWDEVICE_TYPE_VAAPI, NULL, NULL, 0);
        if (failed < 0) {
            sky_hardware_give_up(hardware, has_render_node() ? "no VA-API driver works with /dev/dri/renderD*"
                                                             : "there is no /dev/dri/renderD*");
            return FALSE;
        }
    }
    return TRUE;
}

static const AVCodec *wrapper_of(SkyCodec codec) {
    switch (codec) {
    case SKY_CODEC_H264:
        return avcodec_find_decoder_by_name("h264_v4l2m2m");
    case SKY_CODEC_H265:
        return avcodec_find_decoder_by_name("hevc_v4l2m2m");
    case SKY_CODEC_MJPEG:
        return NULL;
    }
    g_assert_not_reached();
}

static AVCodecContext *device_context(SkyHardware *hardware, SkyStreamInfo *info, const AVCodec *software) {
    gboolean v4l2 = hardware->used == SKY_DECODER_V4L2;
    const AVCodec *codec = v4l2 ? wrapper_of(sky_stream_info_codec(info)) : software;
    if (codec == NULL) {
        sky_hardware_give_up(hardware, "this libavcodec has none for this codec");
        return NULL;
    }
    if (!v4l2 && !open_device(hardware))
        return NULL;
    AVCodecContext *context = avcodec_alloc_context3(codec);
    g_assert(context != NULL);
    context->opaque = hardware;
    if (v4l2) {
        context->pkt_timebase = (AVRational){1, 1000000}; /* the kernel's stamps: ours come back as they were */
        context->coded_width = (int)sky_stream_info_width_px(info);
        context->coded_height = (int)sky_stream_info_height_px(info);
    } else {
        context->hw_device_ctx = av_buffer_ref(hardware->device);
        context->get_format = on_formats;
    }
    return context;
}

AVCodecContext *sky_hardware_context(SkyHardware *hardware, SkyStreamInfo *info, GError **error) {
    const AVCodec *software = avcodec_find_decoder(sky_av_codec_id(sky_stream_info_codec(info)));
    if (software == NULL) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "decode: this libavcodec can not decode %s",
                    sky_codec_name(sky_stream_info_codec(info)));
        return NULL;
    }
    SkyDecoderKind kind = wanted(hardware, info);
    hardware->used = hardware->failed & 1u << kind ? SKY_DECODER_SOFTWARE : kind;
    hardware->errors = 0;
    AVCodecContext *context = hardware->used != SKY_DECODER_SOFTWARE ? device_context(hardware, info, software) : NULL;
    if (context == NULL)
        context = avcodec_alloc_context3(software);
    g_assert(context != NULL);
    return context;
}

gboolean sky_hardware_fetch(AVFrame *picture) {
    if (picture->hw_frames_ctx == NULL)
        return TRUE;
    AVFrame *fetched = av_frame_alloc();
    g_assert(fetched != NULL);
    gboolean ok = av_hwframe_transfer_data(fetched, picture, 0) >= 0 && av_frame_copy_props(fetched, picture) >= 0;
    if (ok) {
        av_frame_unref(picture);
        av_frame_move_ref(picture, fetched);
    }
    av_frame_free(&fetched);
    return ok;
}

gboolean sky_hardware_judge(SkyHardware *hardware, gboolean good) {
    hardware->errors = good ? 0 : hardware->errors + 1;
    return hardware->errors >= ERRORS_MAX && sky_hardware_give_up(hardware, "the device fails all the time");
}
