/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/budget.h"
#include "base/counter.h"
#include "decode/decode_params.h"
#include "media/frame.h"
#include "media/packet.h"

/* SkyPacket -> SkyFrame with libavcodec, in software or by a device (hardware.h): one thread, loop filter skipped, packets decoded in
 * order (a picture that is not due is decoded but neither scaled nor handed on). At rest (rest.h: by itself if the policy is adaptive,
 * with any where it is told to spare) the packets of the GOP that comes in are held, at most 256 and as far as the budget goes: they are
 * decoded after all when it turns out that something moves, and dropped with the next key frame else; meanwhile libavcodec holds no memory,
 * but for a device's. Survives anything: bad data is counted, and every picture from there to the next key frame is marked damaged, because
 * it refers to what is broken; after a gap decoding goes on at the next key frame. A device that can not be had, or that does nothing but
 * fail, is left for software.
 * A new SkyStreamInfo opens a new codec; a new picture size begins a new frame pool.
 * Thread: one at a time. Owner: the camera's analysis. */
typedef struct SkyDecoder SkyDecoder;
typedef void (*SkyFrameSink)(SkyFrame *frame, gpointer user); /* borrowed for the call */

typedef struct {
    SkyCounter packets, pictures, frames; /* in, decoded, handed on */
    SkyCounter errors;                    /* refused packets, damaged pictures */
    SkyCounter waiting_for_key;           /* packets dropped before a key frame */
    SkyCounter rested;                    /* packets that needed no decoding */
} SkyDecoderNumbers;

SkyDecoder *sky_decoder_new(const SkyDecodeParams *params, SkyFrameSink sink, gpointer user);
void sky_decoder_free(SkyDecoder *decoder);
/* Before the first push: what is held at rest is charged to it. Borrowed, outlives the decoder; without one, nothing is charged. */
void sky_decoder_set_budget(SkyDecoder *decoder, SkyBudget *budget);
/* Borrowed packet. FALSE with CONFIG where this libavcodec has no such decoder or the pictures no luma; bad data is TRUE and
 * counted. */
gboolean sky_decoder_push(SkyDecoder *decoder, SkyPacket *packet, GError **error);
/* Of the frame that the sink was called with: nothing moved in it. Call it from the sink, or after _push. */
void sky_decoder_looked(SkyDecoder *decoder, gboolean calm);
/* The box is too slow: for span_ns of media time, key frames alone are decoded while nothing moves, whatever the policy. */
void sky_decoder_spare(SkyDecoder *decoder, int64_t span_ns);
/* Media time of the next picture that is wanted; SKY_TIME_NONE: the first one. Thread: the pusher's. */
int64_t sky_decoder_due_ns(const SkyDecoder *decoder);
void sky_decoder_drain(SkyDecoder *decoder); /* end of a file: hands on what is still inside */
const char *sky_decoder_kind_name(SkyDecoderKind kind); /* "auto", "software", "vaapi", "v4l2" */
/* What decodes at the moment, never AUTO. Thread: any. */
SkyDecoderKind sky_decoder_kind(const SkyDecoder *decoder);
/* Why it is not what was asked for: a device that can not be had, or that failed. NULL: it is, or AUTO found no reason to try one.
 * Thread: the pusher's; until the next push. */
const char *sky_decoder_why(const SkyDecoder *decoder);
const SkyDecoderNumbers *sky_decoder_numbers(const SkyDecoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyDecoder, sky_decoder_free)
