/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>

/* g_autoptr for libav's types. AVFormatContext: one that was opened for input. */
static inline void sky_av_free_packet(AVPacket *packet) {
    av_packet_free(&packet);
}
static inline void sky_av_free_frame(AVFrame *frame) {
    av_frame_free(&frame);
}
static inline void sky_av_free_codec(AVCodecContext *codec) {
    avcodec_free_context(&codec);
}
static inline void sky_av_free_parser(AVCodecParserContext *parser) {
    av_parser_close(parser);
}
static inline void sky_av_free_filter(AVBSFContext *filter) {
    av_bsf_free(&filter);
}
static inline void sky_av_free_input(AVFormatContext *input) {
    avformat_close_input(&input);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AVPacket, sky_av_free_packet)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AVFrame, sky_av_free_frame)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AVCodecContext, sky_av_free_codec)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AVCodecParserContext, sky_av_free_parser)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AVBSFContext, sky_av_free_filter)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AVFormatContext, sky_av_free_input)
