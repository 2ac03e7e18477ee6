/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/analysis.h"

#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "decode/decoder.h"
#include "motion/motion.h"
#include "motion/view_watch.h"

/* How fast the share of damaged pictures is followed: the last 16 or so, 2 s. */
#define DAMAGE_RATE (1.0f / 16)
#define DAMAGE_MOST 0.5f
#define DECIDING_NS (3 * SKY_NS_PER_S / 2) /* of moving: three times what is shipped; what is not told by then may be leaves */
#define VIEW_NOTE_NS (3600 * SKY_NS_PER_S)
#define BEHIND_KEY_NS (160 * SKY_NS_PER_MS) /* a picture's interval as shipped, and one picture of the camera's */

struct SkyAnalysis {
    SkyDecoder *decoder;
    SkyMotion *motion;
    SkyViewWatch *watch;
    SkyEventDetector *detector;
    SkyPreroll *preroll; /* NULL: no pictures are taken */
    SkyEventSink sink;
    gpointer user;
    SkyAnalysisObserver observer;
    gpointer observer_user;
    SkyViewSink view_sink; /* NULL: nobody keeps it */
    gpointer view_user;
    int64_t view_due_ns;   /* SKY_TIME_NONE: nothing was looked at yet */
    uint32_t view_learnt;  /* when it was last told */
    gboolean view_told;
    SkyCounter events;
    SkyCounter foreign_frames; /* decoded elsewhere */
    SkyCounter shaken;
    uint32_t moving; /* open events of things that move */
    int64_t settled_ns;
    int64_t stirred_ns; /* something moves in each picture since then; SKY_TIME_NONE: nothing does */
    gboolean deciding;
    float damage; /* share of damaged pictures lately */
    _Atomic int view;
    _Atomic int64_t last_frame_ns;
};

void sky_analysis_defaults(SkyCameraConfig *ret_camera) {
    *ret_camera = (SkyCameraConfig){
        .id = "file",
        .enabled = TRUE,
        .decoder = SKY_DECODER_AUTO,
        .sensitivity = 0.5,
        .min_area = 0.00048,
        .decode_policy = SKY_DECODE_ADAPTIVE,
        .analysis_fps = 8,
        .analysis_width_px = 320,
        .min_duration_ns = 400 * SKY_NS_PER_MS,
        .hold_ns = 3 * SKY_NS_PER_S,
        .tamper = TRUE,
        .severity = 3,
    };
}

static void on_event(const SkyEvent *event, gpointer user) {
    SkyAnalysis *analysis = user;
    gboolean moves = event->kind != SKY_EVENT_TAMPER;
    if (event->phase == SKY_EVENT_BEGIN) {
        sky_counter_add(&analysis->events, 1);
        analysis->moving += moves;
    }
    if (event->phase == SKY_EVENT_END)
        analysis->moving -= moves;
    analysis->sink(event, analysis->user);
}

/* A few damaged pictures are the motion model's business. Where most are, what moves in them is noise: they are passed over, and
 * the stream counts as one that shows nothing. */
static gboolean is_shown(SkyAnalysis *analysis, const SkyFrame *frame) {
    analysis->damage += ((frame->damaged ? 1 : 0) - analysis->damage) * DAMAGE_RATE;
    gboolean clear = analysis->damage <= DAMAGE_MOST;
    if (clear)
        atomic_store_explicit(&analysis->last_frame_ns, frame->arrival_ns, memory_order_relaxed);
    return clear || !frame->damaged;
}

static void observe(const SkyAnalysis *analysis, const SkyFrame *frame, const SkyMotionResult *result) {
    uint32_t width_px, height_px;
    SkyFollowed followed[SKY_FOLLOWED_MAX];
    SkyAnalysed picture = {.frame = frame, .result = result, .followed = followed};
    picture.mask = sky_motion_mask(analysis->motion, &width_px, &height_px);
    picture.followed_count = sky_event_detector_followed(analysis->detector, followed);
    analysis->observer(&picture, analysis->observer_user);
}

static gboolean is_behind_key(const SkyAnalysis *analysis, int64_t at_ns) {
    int64_t key_ns = analysis->preroll ? sky_preroll_key_ns(analysis->preroll, at_ns) : SKY_TIME_NONE;
    return key_ns != SKY_TIME_NONE && at_ns >= key_ns && at_ns - key_ns < BEHIND_KEY_NS;
}

static void note_stir(SkyAnalysis *analysis, const SkyMotionResult *result) {
    if (result->scene != SKY_SCENE_OK || result->blob_count == 0)
        analysis->stirred_ns = SKY_TIME_NONE;
    else if (analysis->stirred_ns == SKY_TIME_NONE)
        analysis->stirred_ns = result->arrival_ns;
    analysis->deciding = analysis->stirred_ns != SKY_TIME_NONE && analysis->moving == 0 &&
                         result->arrival_ns - analysis->stirred_ns < DECIDING_NS;
}

/* What is recalled is known from the time when it was noted, until it is seen again: or a box that starts again and again would hold what
 * it saw yesterday for what it saw a moment ago. */
static void tell_view(SkyAnalysis *analysis, SkyViewState state, int64_t now_ns) {
    if (!analysis->view_sink)
        return;
    if (analysis->view_due_ns == SKY_TIME_NONE)
        analysis->view_due_ns = now_ns + VIEW_NOTE_NS;
    gboolean seen_again = !analysis->view_told && state == SKY_VIEW_CLEAR;
    /* One that is learnt does not wait for the hour: by a note that lacks it a restart takes it for a camera that was turned. */
    uint32_t learnt = sky_view_watch_learnt(analysis->watch);
    if (!seen_again && now_ns < analysis->view_due_ns && learnt == analysis->view_learnt)
        return;
    g_autofree char *note = sky_view_watch_note(analysis->watch);
    if (!note)
        return;
    analysis->view_due_ns = now_ns + VIEW_NOTE_NS;
    analysis->view_learnt = learnt;
    analysis->view_told = TRUE;
    analysis->view_sink(note, analysis->view_user);
}

static void on_frame(SkyFrame *frame, gpointer user) {
    SkyAnalysis *analysis = user;
    if (!is_shown(analysis, frame))
        return;
    SkyMotionResult result;
    sky_motion_process(analysis->motion, frame, &result);
    result.view = sky_view_watch_look(analysis->watch, frame);
    tell_view(analysis, result.view.state, frame->arrival_ns);
    if (result.shift_x_px != 0 || result.shift_y_px != 0)
        sky_counter_add(&analysis->shaken, 1);
    atomic_store_explicit(&analysis->view, (int)result.view.state, memory_order_relaxed);
    sky_event_detector_favour(analysis->detector, is_behind_key(analysis, result.arrival_ns));
    sky_event_detector_process(analysis->detector, &result);
    analysis->settled_ns = sky_event_detector_settled_ns(analysis->detector, result.arrival_ns);
    note_stir(analysis, &result);
    sky_decoder_looked(analysis->decoder, result.scene == SKY_SCENE_OK && result.blob_count == 0 && analysis->moving == 0 &&
                                              result.view.doubt_for_ns == 0);
    if (analysis->observer)
        observe(analysis, frame, &result);
}

SkyAnalysis *sky_analysis_new(const SkyCameraConfig *camera, SkyEventSink sink, gpointer user) {
    SkyCameraConfig defaults;
    if (!camera) {
        sky_analysis_defaults(&defaults);
        camera = &defaults;
    }
    SkyAnalysis *analysis = g_new0(SkyAnalysis, 1);
    analysis->sink = sink;
    analysis->user = user;
    analysis->view = SKY_VIEW_LEARNING;
    analysis->last_frame_ns = analysis->settled_ns = analysis->stirred_ns = analysis->view_due_ns = SKY_TIME_NONE;
    analysis->decoder =
        sky_decoder_new(&(SkyDecodeParams){.decoder = camera->decoder,
                                           .policy = camera->decode_policy,
                                           .analysis_width_px = camera->analysis_width_px,
                                           .analysis_fps = camera->analysis_fps},
                        on_frame, analysis);
    analysis->motion = sky_motion_new(&(SkyMotionParams){.sensitivity = camera->sensitivity,
                                                         .min_area = camera->min_area,
                                                         .ignore = camera->ignore,
                                                         .ignore_count = camera->ignore_count});
    analysis->watch = sky_view_watch_new();
    analysis->detector = sky_event_detector_new(&(SkyEventParams){.zones = camera->zones,
                                                                  .zone_count = camera->zone_count,
                                                                  .min_duration_ns = camera->min_duration_ns,
                                                                  .hold_ns = camera->hold_ns,
                                                                  .perspective = camera->perspective,
                                                                  .tamper = camera->tamper},
                                                on_event, analysis);
    return analysis;
}

void sky_analysis_free(SkyAnalysis *analysis) {
    if (!analysis)
        return;
    sky_decoder_free(analysis->decoder);
    sky_motion_free(analysis->motion);
    sky_view_watch_free(analysis->watch);
    sky_event_detector_free(analysis->detector);
    sky_preroll_unref(analysis->preroll);
    g_free(analysis);
}

void sky_analysis_set_observer(SkyAnalysis *analysis, SkyAnalysisObserver observer, gpointer user) {
    analysis->observer = observer;
    analysis->observer_user = user;
}

void sky_analysis_set_view_sink(SkyAnalysis *analysis, const char *note, SkyViewSink sink, gpointer user) {
    if (note)
        sky_view_watch_recall(analysis->watch, note);
    analysis->view_sink = sink;
    analysis->view_user = user;
}

void sky_analysis_set_budget(SkyAnalysis *analysis, SkyBudget *budget) {
    sky_decoder_set_budget(analysis->decoder, budget);
}

void sky_analysis_set_preroll(SkyAnalysis *analysis, SkyPreroll *preroll) {
    analysis->preroll = sky_preroll_ref(preroll);
}

gboolean sky_analysis_push(SkyAnalysis *analysis, SkyPacket *packet, GError **error) {
    return sky_decoder_push(analysis->decoder, packet, error);
}

void sky_analysis_spare(SkyAnalysis *analysis, int64_t span_ns) {
    sky_decoder_spare(analysis->decoder, span_ns);
}

int64_t sky_analysis_due_ns(const SkyAnalysis *analysis) {
    return sky_decoder_due_ns(analysis->decoder);
}

int64_t sky_analysis_settled_ns(const SkyAnalysis *analysis) {
    return analysis->settled_ns;
}

gboolean sky_analysis_is_deciding(const SkyAnalysis *analysis) {
    return analysis->deciding;
}

void sky_analysis_push_frame(SkyAnalysis *analysis, SkyFrame *frame) {
    sky_counter_add(&analysis->foreign_frames, 1);
    on_frame(frame, analysis);
}

void sky_analysis_end(SkyAnalysis *analysis, gboolean interrupted) {
    sky_decoder_drain(analysis->decoder);
    sky_event_detector_end_all(analysis->detector, interrupted);
    analysis->stirred_ns = SKY_TIME_NONE;
    analysis->deciding = FALSE;
}

const char *sky_analysis_decoder_why(const SkyAnalysis *analysis) {
    return sky_decoder_why(analysis->decoder);
}

SkyAnalysisNumbers sky_analysis_numbers(const SkyAnalysis *analysis) {
    const SkyDecoderNumbers *decoder = sky_decoder_numbers(analysis->decoder);
    return (SkyAnalysisNumbers){
        .decoder = sky_decoder_kind(analysis->decoder),
        .packets = sky_counter_get(&decoder->packets),
        .pictures = sky_counter_get(&decoder->pictures),
        .frames = sky_counter_get(&decoder->frames) + sky_counter_get(&analysis->foreign_frames),
        .decode_errors = sky_counter_get(&decoder->errors),
        .rested = sky_counter_get(&decoder->rested),
        .shaken = sky_counter_get(&analysis->shaken),
        .events = sky_counter_get(&analysis->events),
        .suppressed = sky_event_detector_suppressed(analysis->detector),
        .left_out = sky_event_detector_left_out(analysis->detector),
        .view = (SkyViewState)atomic_load_explicit(&analysis->view, memory_order_relaxed),
        .last_frame_ns = atomic_load_explicit(&analysis->last_frame_ns, memory_order_relaxed),
    };
}
