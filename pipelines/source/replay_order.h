/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <libavcodec/avcodec.h>

/* When the pictures of a file are shown that tells no pts (H.264 and H.265 raw, or as AVI, which tells dts alone): in the order of their
 * picture order counts (H.264 8.2.1, H.265 8.3.1), the first one at the first dts, the second one at the second. A file without any
 * stamps has its dts counted by its frame rate. Thread: one at a time. */
typedef struct SkyReplayOrder SkyReplayOrder;

/* step: from one dts to the next, in the packets' time base, where they tell none. */
SkyReplayOrder *sky_replay_order_new(const AVCodecParameters *parameters, int64_t step);
void sky_replay_order_free(SkyReplayOrder *order);
/* Takes what packet holds; in decode order. */
void sky_replay_order_push(SkyReplayOrder *order, AVPacket *packet);
/* No more will come. */
void sky_replay_order_end(SkyReplayOrder *order);
/* The next one in decode order, with its pts and no dts. FALSE: it waits for those to come. */
gboolean sky_replay_order_pop(SkyReplayOrder *order, AVPacket *ret_packet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyReplayOrder, sky_replay_order_free)
