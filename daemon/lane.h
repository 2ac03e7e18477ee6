/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/budget.h"
#include "config/config.h"
#include "daemon/analysis.h"
#include "daemon/event_box.h"
#include "daemon/frame_queue.h"
#include "daemon/workers.h"
#include "evidence/preroll.h"
#include "media/packet_queue.h"

/* One camera's lane through the analysis: packets wait here, a worker takes them through decoder, model and detector, events wait
 * for the main thread. Where the source decodes itself its pictures wait here instead.
 * Where the box is too slow the analysis rate falls, and no alert comes late: after a packet that has waited for 0.35 s (and a picture's
 * interval) what is calm is looked at in key frames alone for 6 s; one that has waited for 0.7 s (a third of a GOP where that is more; 2 s
 * where something began to move a moment ago) is given up, and all up to the newest key frame. Of pictures that wait, the oldest go
 * (frame_queue.h).
 * Reference-counted: a worker may still hold it when its camera is gone. */
typedef struct SkyLane SkyLane;

typedef struct {
    SkyAnalysisNumbers analysis;  /* with the pictures of a source that decodes itself */
    SkyPacketQueueNumbers queue;
    SkyFrameQueueNumbers frames;
    uint64_t late_packets;        /* given up */
    gboolean overloaded;          /* the box is too slow for it, or was within 10 s */
    uint64_t refused_events;
} SkyLaneNumbers;

/* camera: read here only. budget, bell, workers: borrowed, outlive the lane. */
SkyLane *sky_lane_new(const SkyCameraConfig *camera, SkyBudget *budget, SkyWorkers *workers, SkyBell *bell);
/* Before the first packet. The lane settles both: what lies more than early_ns before any event that is still to be told may go. Takes
 * references. sub_preroll: of the analysed stream where preroll is of another one, else NULL. */
void sky_lane_set_preroll(SkyLane *lane, SkyPreroll *preroll, SkyPreroll *sub_preroll, int64_t early_ns);
/* Likewise before the first packet: notes of the view come out, and note is what is known from before (sky_analysis_set_view_sink()). */
void sky_lane_keep_view(SkyLane *lane, const char *note);
char *sky_lane_take_view_note(SkyLane *lane); /* main thread: the newest, once; NULL: none since the last call. New memory */
SkyLane *sky_lane_ref(SkyLane *lane);
void sky_lane_unref(SkyLane *lane);
void sky_lane_push(SkyLane *lane, SkyPacket *packet); /* takes; the source's thread */
void sky_lane_push_picture(SkyLane *lane, const SkyPicture *picture); /* borrowed; the source's thread */
/* The stream broke or is being closed: once what waits is through, open events end, interrupted. Any thread. */
void sky_lane_request_end(SkyLane *lane);
/* Main thread. TRUE: every end that was asked for has been carried out; its events are in the box. */
gboolean sky_lane_is_ended(SkyLane *lane);
gboolean sky_lane_take_event(SkyLane *lane, SkyEvent *ret_event);
/* Why this lane can not decode its stream at all, or NULL. New memory. */
char *sky_lane_trouble(SkyLane *lane);
SkyLaneNumbers sky_lane_numbers(SkyLane *lane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyLane, sky_lane_unref)
