/* SPDX-License-Identifier: Apache-2.0 */
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <string.h>

#include "base/error.h"
#include "scene.h"

struct Codec {
    AVCodecContext *encoder, *decoder;
    AVFrame *in, *out;
    AVPacket *packet;
};

static gboolean open_encoder(Codec *codec, unsigned kbit) {
    const AVCodec *x264 = avcodec_find_encoder_by_name("libx264");
    codec->encoder = x264 ? avcodec_alloc_context3(x264) : NULL;
    if (!codec->encoder)
        return FALSE;
    AVCodecContext *encoder = codec->encoder;
    encoder->width = SCENE_W;
    encoder->height = SCENE_H;
    encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder->time_base = (AVRational){1, SCENE_FPS};
    encoder->framerate = (AVRational){SCENE_FPS, 1};
    encoder->gop_size = 4 * SCENE_FPS;
    encoder->max_b_frames = 0;
    encoder->thread_count = 1;
    encoder->bit_rate = encoder->rc_max_rate = (int64_t)kbit * 1000;
    encoder->rc_buffer_size = (int)kbit * 1000;
    av_opt_set(encoder->priv_data, "preset", "veryfast", 0);
    av_opt_set(encoder->priv_data, "tune", "zerolatency", 0);
    return avcodec_open2(encoder, x264, NULL) >= 0;
}

static gboolean open_decoder(Codec *codec) {
    const AVCodec *h264 = avcodec_find_decoder(AV_CODEC_ID_H264);
    codec->decoder = h264 ? avcodec_alloc_context3(h264) : NULL;
    if (!codec->decoder)
        return FALSE;
    codec->decoder->thread_count = 1;
    codec->decoder->flags |= AV_CODEC_FLAG_LOW_DELAY;
    return avcodec_open2(codec->decoder, h264, NULL) >= 0;
}

Codec *codec_new(unsigned kbit, GError **error) {
    Codec *codec = g_new0(Codec, 1);
    codec->in = av_frame_alloc();
    codec->out = av_frame_alloc();
    codec->packet = av_packet_alloc();
    codec->in->format = AV_PIX_FMT_YUV420P;
    codec->in->width = SCENE_W;
    codec->in->height = SCENE_H;
    av_log_set_level(AV_LOG_ERROR);
    if (av_frame_get_buffer(codec->in, 0) >= 0 && open_encoder(codec, kbit) && open_decoder(codec))
        return codec;
    g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG, "this libavcodec has no libx264");
    codec_free(codec);
    return NULL;
}

void codec_free(Codec *codec) {
    if (!codec)
        return;
    avcodec_free_context(&codec->encoder);
    avcodec_free_context(&codec->decoder);
    av_frame_free(&codec->in);
    av_frame_free(&codec->out);
    av_packet_free(&codec->packet);
    g_free(codec);
}

void codec_pass(Codec *codec, uint8_t luma[SCENE_H * SCENE_W]) {
    AVFrame *in = codec->in, *out = codec->out;
    g_assert(av_frame_make_writable(in) >= 0);
    for (int y = 0; y < SCENE_H; y++)
        memcpy(in->data[0] + y * in->linesize[0], luma + y * SCENE_W, SCENE_W);
    for (int plane = 1; plane <= 2; plane++)
        memset(in->data[plane], 128, (size_t)in->linesize[plane] * SCENE_H / 2);
    in->pts = in->pts == AV_NOPTS_VALUE ? 0 : in->pts + 1;
    g_assert(avcodec_send_frame(codec->encoder, in) >= 0 && avcodec_receive_packet(codec->encoder, codec->packet) >= 0);
    g_assert(avcodec_send_packet(codec->decoder, codec->packet) >= 0);
    av_packet_unref(codec->packet);
    g_assert(avcodec_receive_frame(codec->decoder, out) >= 0);
    for (int y = 0; y < SCENE_H; y++)
        memcpy(luma + y * SCENE_W, out->data[0] + y * out->linesize[0], SCENE_W);
}
