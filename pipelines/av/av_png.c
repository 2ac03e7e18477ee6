/* SPDX-License-Identifier: Apache-2.0 */
#include "av/av_png.h"

#include <libavcodec/avcodec.h>
#include <string.h>

#include "av/av_cleanup.h"
#include "av/av_error.h"
#include "base/error.h"

static AVFrame *frame_of(const uint8_t *rgb, uint32_t width_px, uint32_t height_px) {
    g_autoptr(AVFrame) frame = av_frame_alloc();
    g_assert(frame != NULL);
    frame->format = AV_PIX_FMT_RGB24;
    frame->width = (int)width_px;
    frame->height = (int)height_px;
    if (av_frame_get_buffer(frame, 0) < 0)
        return NULL;
    for (uint32_t y = 0; y < height_px; y++)
        memcpy(frame->data[0] + (gssize)y * frame->linesize[0], rgb + (gsize)y * width_px * 3, (gsize)width_px * 3);
    return g_steal_pointer(&frame);
}

gboolean sky_av_png_write(const char *path, const uint8_t *rgb, uint32_t width_px, uint32_t height_px, GError **error) {
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
    g_autoptr(AVCodecContext) encoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;
    g_autoptr(AVPacket) packet = av_packet_alloc();
    g_autoptr(AVFrame) frame = frame_of(rgb, width_px, height_px);
    if (encoder == NULL || packet == NULL || frame == NULL) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG, "this libavcodec can not write PNG");
        return FALSE;
    }
    encoder->pix_fmt = AV_PIX_FMT_RGB24;
    encoder->width = frame->width;
    encoder->height = frame->height;
    encoder->time_base = (AVRational){1, 25};
    encoder->thread_count = 1;
    int failed = avcodec_open2(encoder, codec, NULL);
    if (failed >= 0)
        failed = avcodec_send_frame(encoder, frame);
    if (failed >= 0)
        failed = avcodec_receive_packet(encoder, packet);
    if (failed < 0) {
        sky_av_error_set(error, failed, "encoding the picture");
        return FALSE;
    }
    return g_file_set_contents(path, (const char *)packet->data, packet->size, error);
}
