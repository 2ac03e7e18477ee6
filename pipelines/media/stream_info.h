/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* What a video stream is, until it changes. Immutable, reference-counted; may cross threads. */
typedef enum { SKY_CODEC_H264, SKY_CODEC_H265, SKY_CODEC_MJPEG } SkyCodec;

typedef struct SkyStreamInfo SkyStreamInfo;

/* parameter_sets: Annex B with 4-byte start codes (SPS, PPS; H.265 VPS too), copied; may be NULL, 0 (not known yet, MJPEG).
 * width, height: 0 where not known; at most 8192. frame_rate: 0 where not known. */
SkyStreamInfo *sky_stream_info_new(SkyCodec codec, uint32_t width_px, uint32_t height_px, double frame_rate,
                                   const uint8_t *parameter_sets, gsize parameter_sets_bytes);
SkyStreamInfo *sky_stream_info_ref(SkyStreamInfo *info);
void sky_stream_info_unref(SkyStreamInfo *info);

SkyCodec sky_stream_info_codec(const SkyStreamInfo *info);
uint32_t sky_stream_info_width_px(const SkyStreamInfo *info);
uint32_t sky_stream_info_height_px(const SkyStreamInfo *info);
double sky_stream_info_frame_rate(const SkyStreamInfo *info);
const uint8_t *sky_stream_info_parameter_sets(const SkyStreamInfo *info, gsize *ret_bytes); /* followed by 64 zero bytes */
/* Same codec, size and parameter sets: a decoder or a clip may go on. */
gboolean sky_stream_info_equal(const SkyStreamInfo *a, const SkyStreamInfo *b);
const char *sky_codec_name(SkyCodec codec); /* "H.264", "H.265", "MJPEG" */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyStreamInfo, sky_stream_info_unref)
