/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/picture.h"

#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>

#include "av/av_cleanup.h"
#include "av/av_error.h"
#include "base/error.h"

#define WIDTH_MIN_PX 64
#define HD_HEIGHT_PX 720

static gboolean is_full_range(const AVFrame *frame) {
    return frame->color_range == AVCOL_RANGE_JPEG || frame->format == AV_PIX_FMT_YUVJ420P || frame->format == AV_PIX_FMT_YUVJ422P ||
           frame->format == AV_PIX_FMT_YUVJ444P;
}

/* What the stream says; where it says nothing, what its size makes likely (ITU-R BT.709 for HD, BT.601 below). */
static int colours_of(const AVFrame *frame) {
    if (frame->colorspace == AVCOL_SPC_BT709 || (frame->colorspace == AVCOL_SPC_UNSPECIFIED && frame->height >= HD_HEIGHT_PX))
        return SWS_CS_ITU709;
    return SWS_CS_ITU601;
}

static struct SwsContext *open_scaler(const AVFrame *frame, int width_px, int height_px) {
    struct SwsContext *scaler = sws_getContext(frame->width, frame->height, frame->format, width_px, height_px, AV_PIX_FMT_YUVJ420P,
                                               SWS_BICUBIC | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (scaler != NULL)
        sws_setColorspaceDetails(scaler, sws_getCoefficients(colours_of(frame)), is_full_range(frame),
                                 sws_getCoefficients(SWS_CS_ITU601), 1,
                                 0, 1 << 16, 1 << 16);
    return scaler;
}

static gboolean scale(const AVFrame *frame, AVFrame *picture) {
    struct SwsContext *scaler = open_scaler(frame, picture->width, picture->height);
    if (scaler == NULL)
        return FALSE;
    int lines = sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, picture->data,
                          picture->linesize);
    sws_freeContext(scaler);
    return lines == picture->height;
}

AVFrame *sky_picture_convert(const AVFrame *frame, int width_max_px, GError **error) {
    int width_px = width_max_px > 0 ? MIN(frame->width, width_max_px) : frame->width;
    int height_px = MAX((int)((int64_t)frame->height * width_px / frame->width), 1);
    g_autoptr(AVFrame) picture = av_frame_alloc();
    g_assert(picture != NULL);
    picture->format = AV_PIX_FMT_YUVJ420P;
    picture->color_range = AVCOL_RANGE_JPEG;
    picture->width = width_px;
    picture->height = height_px;
    picture->sample_aspect_ratio = frame->sample_aspect_ratio;
    picture->colorspace = AVCOL_SPC_BT470BG; /* so that scaling it once more changes no colour */
    if (av_frame_get_buffer(picture, 0) >= 0 && scale(frame, picture))
        return g_steal_pointer(&picture);
    g_set_error_literal(error, SKY_ERROR, SKY_ERR_DATA, "the picture's pixel format can not be converted");
    return NULL;
}

/* quality: 1 (best) to 31, as the quantiser of the encoder. */
static AVPacket *encode(const AVFrame *frame, int quality, GError **error) {
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    g_autoptr(AVCodecContext) encoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;
    g_autoptr(AVPacket) packet = av_packet_alloc();
    g_autoptr(AVFrame) input = av_frame_clone(frame);
    if (encoder == NULL || packet == NULL || input == NULL) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG, "this libavcodec can not write JPEG");
        return NULL;
    }
    encoder->pix_fmt = AV_PIX_FMT_YUVJ420P;
    encoder->color_range = AVCOL_RANGE_JPEG;
    encoder->width = frame->width;
    encoder->height = frame->height;
    encoder->sample_aspect_ratio = frame->sample_aspect_ratio;
    encoder->time_base = (AVRational){1, 25};
    encoder->thread_count = 1;
    encoder->flags |= AV_CODEC_FLAG_QSCALE;
    encoder->global_quality = input->quality = FF_QP2LAMBDA * quality;
    input->pts = 0;
    int failed = avcodec_open2(encoder, codec, NULL);
    if (failed >= 0)
        failed = avcodec_send_frame(encoder, input);
    if (failed >= 0)
        failed = avcodec_receive_packet(encoder, packet);
    if (failed < 0) {
        sky_av_error_set(error, failed, "encoding the picture");
        return NULL;
    }
    return g_steal_pointer(&packet);
}

/* NULL without an error: at no quality does it fit. */
static GBytes *encode_at_size(const AVFrame *frame, gsize bytes_max, GError **error) {
    static const int qualities[] = {3, 5, 8, 12, 18};
    for (gsize i = 0; i < G_N_ELEMENTS(qualities); i++) {
        g_autoptr(AVPacket) packet = encode(frame, qualities[i], error);
        if (packet == NULL)
            return NULL;
        if ((gsize)packet->size <= bytes_max)
            return g_bytes_new(packet->data, (gsize)packet->size);
    }
    return NULL;
}

GBytes *sky_picture_encode(const AVFrame *frame, gsize bytes_max, GError **error) {
    g_autoptr(AVFrame) smaller = NULL;
    for (const AVFrame *picture = frame; picture != NULL && picture->width >= MIN(WIDTH_MIN_PX, frame->width);) {
        g_autoptr(GError) failed = NULL;
        GBytes *bytes = encode_at_size(picture, bytes_max, &failed);
        if (bytes != NULL)
            return bytes;
        if (failed != NULL) {
            g_propagate_error(error, g_steal_pointer(&failed));
            return NULL;
        }
        AVFrame *next = sky_picture_convert(frame, MAX(picture->width * 3 / 4, 1), NULL);
        av_frame_free(&smaller);
        picture = smaller = next;
    }
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "no picture fits into %" G_GSIZE_FORMAT " bytes", bytes_max);
    return NULL;
}
