/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "media/stream_info.h"

/* Looks at each access unit of one stream and knows what the stream is now: its parameter sets, told beforehand or in band, and the
 * size that they say. Thread: one at a time. Owner: the source. */
typedef struct SkyStreamWatch SkyStreamWatch;

typedef struct {
    gboolean valid;       /* FALSE: not an access unit of this codec; drop it */
    gboolean has_picture; /* FALSE: only parameter sets and the like; they are remembered */
    gboolean key;         /* a decoder can start here */
    gboolean plain;       /* H.264: for long nothing has said where one can, so each picture of I slices alone counts as key */
    SkyStreamInfo *info;  /* borrowed until the next look; NULL: parameter sets are still missing */
} SkyStreamLook;

/* extradata: Annex B parameter sets from the SDP or the container, may be NULL, 0. frame_rate: 0 where not known. */
SkyStreamWatch *sky_stream_watch_new(SkyCodec codec, double frame_rate, const uint8_t *extradata, gsize extradata_bytes);
void sky_stream_watch_free(SkyStreamWatch *watch);
/* claims_key: what libavformat says; it knows recovery points, and is believed beside the NAL units. data: padded as a packet. */
SkyStreamLook sky_stream_watch_look(SkyStreamWatch *watch, const uint8_t *data, gsize bytes, gboolean claims_key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyStreamWatch, sky_stream_watch_free)
