/* SPDX-License-Identifier: Apache-2.0 */
#include "support/camera/video.h"

#include <libavformat/avformat.h>
#include "av/av_cleanup.h"
#include "base/clock.h"
#include "base/error.h"

#define JPEG_HUFFMAN 0xc4
#define JPEG_SCAN 0xda

static const AVRational nanosecond = {1, 1000000000};

struct Video {
    AVFormatContext *file;
    AVStream *stream;
    VideoCodec codec;
    int64_t first_dts; /* in the stream's time base */
    int64_t end_ns, usual_ns;
    gboolean wants_key, fits_rtp;
};

static gboolean fail(GError **error, const char *path, const char *what) {
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "%s: %s", path, what);
    return FALSE;
}

/* RTP wants lengths before the NAL units, and the parameter sets apart: what MP4 and MKV have, and streams without a container
 * have not. */
static gboolean identify(Video *video, const char *path, GError **error) {
    const AVCodecParameters *parameters = video->stream->codecpar;
    gboolean boxed = parameters->extradata_size > 6 && parameters->extradata[0] <= 1 && parameters->extradata[1] != 0;
    if (parameters->codec_id == AV_CODEC_ID_MJPEG) video->codec = VIDEO_MJPEG;
    else if (parameters->codec_id == AV_CODEC_ID_H264) video->codec = VIDEO_H264;
    else if (parameters->codec_id == AV_CODEC_ID_HEVC) video->codec = VIDEO_H265;
    else return fail(error, path, "neither H.264 nor H.265 nor MJPEG");
    return video->codec == VIDEO_MJPEG || boxed ? TRUE : fail(error, path, "not an MP4 or MKV file");
}

static int64_t decode_time(const AVPacket *packet) {
    return packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
}

static gboolean open_streams(Video *video, const char *path, GError **error) {
    int status = avformat_open_input(&video->file, path, NULL, NULL);
    if (status >= 0) status = avformat_find_stream_info(video->file, NULL);
    if (status < 0) return fail(error, path, av_err2str(status));
    int index = av_find_best_stream(video->file, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    if (index < 0) return fail(error, path, "no video in it");
    for (unsigned i = 0; i < video->file->nb_streams; i++)
        if ((int)i != index) video->file->streams[i]->discard = AVDISCARD_ALL;
    video->stream = video->file->streams[index];
    AVRational rate = av_guess_frame_rate(video->file, video->stream, NULL);
    video->usual_ns = rate.num > 0 ? av_rescale(SKY_NS_PER_S, rate.den, rate.num) : 40 * SKY_NS_PER_MS;
    return identify(video, path, error);
}

/* RTP (RFC 2435) carries no Huffman tables: the receiver takes the usual ones, which have 12 and 162 codes. */
static gboolean has_usual_tables(const AVPacket *picture) {
    const guint8 *at = picture->data + 2, *end = picture->data + picture->size;
    while (at + 4 <= end && at[0] == 0xff && at[1] != JPEG_SCAN) {
        const guint8 *table = at + 4, *next = at + 2 + (at[2] << 8 | at[3]);
        while (at[1] == JPEG_HUFFMAN && table + 17 <= MIN(next, end)) {
            unsigned codes = 0;
            for (int i = 1; i <= 16; i++) codes += table[i];
            if (codes != (table[0] >> 4 ? 162 : 12)) return FALSE;
            table += 17 + codes;
        }
        at = next;
    }
    return TRUE;
}

static gboolean find_first(Video *video, const char *path, GError **error) {
    VideoPicture first = {0};
    video->wants_key = TRUE;
    if (!video_next(video, &first)) return fail(error, path, "no key frame in it");
    video->first_dts = decode_time(first.packet);
    video->fits_rtp = video->codec != VIDEO_MJPEG || has_usual_tables(first.packet);
    av_packet_free(&first.packet);
    return video_rewind(video) || fail(error, path, "cannot be read twice");
}

Video *video_open(const char *path, GError **error) {
    g_autoptr(Video) video = g_new0(Video, 1);
    if (!open_streams(video, path, error) || !find_first(video, path, error)) return NULL;
    return g_steal_pointer(&video);
}

void video_free(Video *video) {
    if (video == NULL) return;
    avformat_close_input(&video->file);
    g_free(video);
}

VideoCodec video_codec(const Video *video) {
    return video->codec;
}

gboolean video_fits_rtp(const Video *video) {
    return video->fits_rtp;
}

const AVCodecParameters *video_parameters(const Video *video) {
    return video->stream->codecpar;
}

static gboolean is_wanted(const Video *video, const AVPacket *packet) {
    if (packet->stream_index != video->stream->index || decode_time(packet) == AV_NOPTS_VALUE) return FALSE;
    return !video->wants_key || (packet->flags & AV_PKT_FLAG_KEY);
}

gboolean video_next(Video *video, VideoPicture *ret_picture) {
    g_autoptr(AVPacket) packet = av_packet_alloc();
    for (;;) {
        if (av_read_frame(video->file, packet) < 0) return FALSE;
        if (is_wanted(video, packet)) break;
        av_packet_unref(packet);
    }
    video->wants_key = FALSE;
    AVRational base = video->stream->time_base;
    int64_t dts = decode_time(packet) - video->first_dts;
    int64_t pts = packet->pts != AV_NOPTS_VALUE ? packet->pts - video->first_dts : dts;
    ret_picture->dts_ns = av_rescale_q(dts, base, nanosecond);
    ret_picture->pts_ns = av_rescale_q(pts, base, nanosecond);
    int64_t lasts_ns = packet->duration > 0 ? av_rescale_q(packet->duration, base, nanosecond) : video->usual_ns;
    video->end_ns = ret_picture->dts_ns + lasts_ns;
    ret_picture->packet = g_steal_pointer(&packet);
    return TRUE;
}

gboolean video_rewind(Video *video) {
    video->wants_key = TRUE;
    return av_seek_frame(video->file, video->stream->index, video->first_dts, AVSEEK_FLAG_BACKWARD) >= 0;
}

int64_t video_length_ns(const Video *video) {
    return video->end_ns;
}
