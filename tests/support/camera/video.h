/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <libavcodec/avcodec.h>
#include <stdint.h>

/* The video stream of one MP4 or MKV file, a picture at a time, from its first key frame; nothing is decoded.
 * Thread: one at a time. Owner: whoever opened it. */
typedef enum { VIDEO_H264, VIDEO_H265, VIDEO_MJPEG } VideoCodec;
typedef struct Video Video;

/* Times begin at the first picture's dts. */
typedef struct {
    AVPacket *packet; /* whoever received it frees it */
    int64_t pts_ns, dts_ns;
} VideoPicture;

/* Fails with a line that names the file. */
Video *video_open(const char *path, GError **error);
void video_free(Video *video);
VideoCodec video_codec(const Video *video);
const AVCodecParameters *video_parameters(const Video *video);
/* FALSE: MJPEG with Huffman tables of its own. It arrives as garbage. */
gboolean video_fits_rtp(const Video *video);
gboolean video_next(Video *video, VideoPicture *ret_picture); /* FALSE: the end */
gboolean video_rewind(Video *video);                          /* FALSE: the file has become unreadable */
int64_t video_length_ns(const Video *video);                  /* of what has been read: to the end of its last picture */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Video, video_free)
