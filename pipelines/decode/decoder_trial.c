/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decoder_trial.h"

#include <libavutil/opt.h>
#include <string.h>

#include "av/av_cleanup.h"
#include "av/av_codec.h"
#include "av/av_error.h"
#include "av/av_library.h"
#include "av/stream_watch.h"
#include "base/clock.h"
#include "base/error.h"
#include "decode/decoder.h"

#define WIDTH_PX 640
#define HEIGHT_PX 360
#define STEP_NS (40 * SKY_NS_PER_MS)

static AVCodecContext *open_encoder(SkyCodec codec, GError **error) {
    const AVCodec *encoder = avcodec_find_encoder(sky_av_codec_id(codec));
    if (encoder == NULL) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "no encoder to try it with");
        return NULL;
    }
    g_autoptr(AVCodecContext) context = avcodec_alloc_context3(encoder);
    g_assert(context != NULL);
    context->width = WIDTH_PX;
    context->height = HEIGHT_PX;
    context->pix_fmt = codec == SKY_CODEC_MJPEG ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    context->time_base = (AVRational){1, 25};
    context->gop_size = SKY_DECODER_TRIAL_PICTURES;
    context->max_b_frames = 0;
    context->thread_count = 1;
    /* Of those who have them: quick, and not talkative. */
    av_opt_set(context->priv_data, "preset", "ultrafast", 0);
    av_opt_set(context->priv_data, "x265-params", "log-level=none:pools=1", 0);
    int failed = avcodec_open2(context, encoder, NULL);
    if (failed >= 0)
        return g_steal_pointer(&context);
    sky_av_error_set(error, failed, "the encoder to try it with");
    return NULL;
}

/* A ramp that moves. */
static void paint(AVFrame *picture, int number) {
    for (int y = 0; y < HEIGHT_PX; y++)
        for (int x = 0; x < WIDTH_PX; x++)
            picture->data[0][y * picture->linesize[0] + x] = (uint8_t)(32 + (x + y + 4 * number) % 192);
    for (int plane = 1; plane < 3; plane++)
        for (int y = 0; y < HEIGHT_PX / 2; y++)
            memset(picture->data[plane] + y * picture->linesize[plane], 128, WIDTH_PX / 2);
}

/* What the encoder has ready, as packets of a stream. */
static void collect(AVCodecContext *encoder, SkyStreamWatch *watch, GPtrArray *packets) {
    g_autoptr(AVPacket) packet = av_packet_alloc();
    g_assert(packet != NULL);
    while (avcodec_receive_packet(encoder, packet) >= 0) {
        SkyStreamLook look = sky_stream_watch_look(watch, packet->data, (gsize)packet->size, packet->flags & AV_PKT_FLAG_KEY);
        int64_t time_ns = (int64_t)packets->len * STEP_NS;
        SkyPacketTimes times = {.pts_ns = time_ns, .dts_ns = time_ns, .arrival_ns = time_ns, .key = look.key};
        if (look.has_picture && look.info != NULL)
            g_ptr_array_add(packets, sky_packet_new_copy(look.info, &times, packet->data, (gsize)packet->size));
        av_packet_unref(packet);
    }
}

static GPtrArray *make_stream(SkyCodec codec, GError **error) {
    g_autoptr(AVCodecContext) encoder = open_encoder(codec, error);
    if (encoder == NULL)
        return NULL;
    GPtrArray *packets = g_ptr_array_new_with_free_func((GDestroyNotify)sky_packet_unref);
    g_autoptr(SkyStreamWatch) watch = sky_stream_watch_new(codec, 25, NULL, 0);
    for (int i = 0; i < SKY_DECODER_TRIAL_PICTURES; i++) {
        g_autoptr(AVFrame) picture = av_frame_alloc();
        g_assert(picture != NULL);
        picture->width = WIDTH_PX;
        picture->height = HEIGHT_PX;
        picture->format = encoder->pix_fmt;
        picture->pts = i;
        g_assert(av_frame_get_buffer(picture, 0) >= 0);
        paint(picture, i);
        avcodec_send_frame(encoder, picture);
        collect(encoder, watch, packets);
    }
    avcodec_send_frame(encoder, NULL);
    collect(encoder, watch, packets);
    return packets;
}

static void count(SkyFrame *frame, gpointer user) {
    if (!frame->damaged)
        ((SkyDecoderTrial *)user)->pictures++;
}

gboolean sky_decoder_trial_run(SkyDecoderKind kind, SkyCodec codec, SkyDecoderTrial *ret_trial, GError **error) {
    sky_av_library_init();
    g_autoptr(GPtrArray) packets = make_stream(codec, error);
    if (packets == NULL)
        return FALSE;
    SkyDecoderTrial trial = {0};
    g_autoptr(SkyDecoder) decoder = sky_decoder_new(&(SkyDecodeParams){.decoder = kind, .analysis_width_px = 320}, count, &trial);
    int64_t before_ns = sky_clock_monotonic_ns();
    for (guint i = 0; i < packets->len && sky_decoder_push(decoder, g_ptr_array_index(packets, i), error); i++)
        ;
    trial.used = sky_decoder_kind(decoder);
    trial.why = g_strdup(sky_decoder_why(decoder));
    sky_decoder_drain(decoder);
    trial.picture_ns = (sky_clock_monotonic_ns() - before_ns) / SKY_DECODER_TRIAL_PICTURES;
    if (error != NULL && *error != NULL) {
        sky_decoder_trial_clear(&trial);
        return FALSE;
    }
    *ret_trial = trial;
    return TRUE;
}

void sky_decoder_trial_clear(SkyDecoderTrial *trial) {
    g_clear_pointer(&trial->why, g_free);
}
