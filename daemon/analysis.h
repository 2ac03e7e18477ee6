/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/budget.h"
#include "config/config.h"
#include "event/event_detector.h"
#include "evidence/preroll.h"
#include "media/frame.h"
#include "media/packet.h"
#include "motion/motion_result.h"

/* What becomes of one camera's packets: decoder -> motion -> event detector, with the camera's settings. The daemon's workers and
 * `skynetctl analyze` run this very code. A live stream that comes back after _end goes on with the background learnt so far.
 * Thread: one at a time, but the numbers may be read from any. Owner: the camera, or the tool. */
typedef struct SkyAnalysis SkyAnalysis;

typedef struct {
    SkyDecoderKind decoder;             /* what decodes, never AUTO */
    uint64_t packets, pictures, frames; /* in, decoded here, analysed */
    uint64_t decode_errors;             /* refused packets, damaged pictures */
    uint64_t rested;                    /* packets that needed no decoding: nothing moved */
    uint64_t shaken;                    /* pictures that the camera's shake was taken out of */
    uint64_t events;                    /* begun */
    const SkySuppressed *suppressed;    /* what moved and was none; borrowed, of the analysis, counts on */
    uint64_t left_out;                  /* what moved and could not be followed: too much at once */
    SkyViewState view;                  /* of the last picture; LEARNING before the first */
    int64_t last_frame_ns;              /* arrival of the last picture while most are whole, SKY_TIME_NONE before */
} SkyAnalysisNumbers;

/* One picture analysed. All borrowed. */
typedef struct {
    const SkyFrame *frame;
    const SkyMotionResult *result;
    const uint8_t *mask; /* width * height of the frame, 255 moving, 0 not */
    const SkyFollowed *followed;
    uint32_t followed_count;
} SkyAnalysed;
/* Every picture analysed, after its events were told. */
typedef void (*SkyAnalysisObserver)(const SkyAnalysed *picture, gpointer user);

/* What the view watch knows, as sky_view_watch_note(): when a view is learnt, or one from an earlier analysis is seen again, and each
 * hour. Borrowed. */
typedef void (*SkyViewSink)(const char *note, gpointer user);

/* camera: copied as far as it is needed; NULL for sky_analysis_defaults(). The sink is called inside _push and _end. */
SkyAnalysis *sky_analysis_new(const SkyCameraConfig *camera, SkyEventSink sink, gpointer user);
void sky_analysis_free(SkyAnalysis *analysis); /* tells nothing: call _end first */
void sky_analysis_set_observer(SkyAnalysis *analysis, SkyAnalysisObserver observer, gpointer user);
/* Before the first picture. note: what an earlier analysis of that camera told; NULL: nothing. One that is no note is left. */
void sky_analysis_set_view_sink(SkyAnalysis *analysis, const char *note, SkyViewSink sink, gpointer user);
void sky_analysis_set_budget(SkyAnalysis *analysis, SkyBudget *budget); /* as sky_decoder_set_budget */
/* Where the pictures of its events are taken from: of moments nearly alike one just behind a key frame is the best, for hardly anything
 * need be decoded for it. Takes a reference. */
void sky_analysis_set_preroll(SkyAnalysis *analysis, SkyPreroll *preroll);
/* Packet borrowed. FALSE with CONFIG where no decoder for it exists; bad data is TRUE and counted. */
gboolean sky_analysis_push(SkyAnalysis *analysis, SkyPacket *packet, GError **error);
void sky_analysis_spare(SkyAnalysis *analysis, int64_t span_ns); /* as sky_decoder_spare */
int64_t sky_analysis_due_ns(const SkyAnalysis *analysis);                  /* as sky_decoder_due_ns */
/* No event that is still to be told began earlier; SKY_TIME_NONE before the first picture. Thread: that of _push. */
int64_t sky_analysis_settled_ns(const SkyAnalysis *analysis);
/* Something began to move a moment ago, and it is still open whether anybody is told: each picture counts. Thread: that of _push. */
gboolean sky_analysis_is_deciding(const SkyAnalysis *analysis);
/* A picture that was decoded elsewhere, at analysis size. Borrowed. */
void sky_analysis_push_frame(SkyAnalysis *analysis, SkyFrame *frame);
/* The stream ended: takes the pictures still in the decoder, ends the open event. interrupted: it was cut. */
void sky_analysis_end(SkyAnalysis *analysis, gboolean interrupted);
/* Why the decoder is not the one that was asked for, or NULL. Thread: that of _push, borrowed until the next. */
const char *sky_analysis_decoder_why(const SkyAnalysis *analysis);
SkyAnalysisNumbers sky_analysis_numbers(const SkyAnalysis *analysis);

/* The analysis part of a camera's configuration where nothing is configured; the config table has the same values. */
void sky_analysis_defaults(SkyCameraConfig *ret_camera);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyAnalysis, sky_analysis_free)
