/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/camera.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

/* Events that the camera makes itself count from here: the detector's never get so far. */
#define OWN_EVENTS (UINT64_C(1) << 62)
/* The pre-roll holds at most this much more than a clip begins early, and the least duration: an event is known some time after it
 * began; one of tampering ten looks later. It lets go earlier what no event can ask for any more. */
#define DETECTION_NS (12 * SKY_NS_PER_S)
#define RATE_WINDOW_NS (5 * SKY_NS_PER_S)
/* Of somebody who crosses the picture in 5 s all is found at 2 pictures a second, and nothing at 1. Bad lines bring bursts: three windows. */
#define FEW_RATE 1.7
#define FEW_WINDOWS 3
/* A stream that has nothing within this of a moment does not show it: links bring a second of pictures at once. */
#define AWAY_NS (2 * SKY_NS_PER_S)

struct SkyCamera {
    SkyConfig *config;
    const SkyCameraConfig *values; /* in config */
    SkyBudget *budget;
    SkyCameraSink sink;
    SkyViewMemory *views; /* NULL: what it sees is not remembered */
    SkyPreroll *preroll, *sub_preroll; /* sub_preroll: NULL where there is one stream */
    SkyLane *lane;
    SkyStream *analysed, *main;    /* main: NULL where there is one stream. Both NULL where disabled */
    SkyVerdict verdict;
    int64_t verdict_since_ns;
    SkyLogLimit verdict_limit;
    guint untold; /* changes of it, in the log */
    SkyOutage outage;
    SkyEvent outage_event;
    uint64_t own_events;
    gboolean stopping, stopped;
    int64_t rate_since_ns;
    uint64_t rate_frames;
    uint64_t rate_rested;
    double analysis_rate;
    guint few_windows; /* in a row */
    gboolean nowhere;
};

static const char *analysed_url(const SkyCameraConfig *values) {
    return values->sub_url ? values->sub_url : values->main_url;
}

/* Zones too small for these places are not judged. */
static gboolean looks_nowhere(const SkyCameraConfig *values) {
    enum { WIDTH = 160, HEIGHT = 90 };
    uint8_t counts[WIDTH * HEIGHT];
    memset(counts, values->zone_count == 0, sizeof counts);
    for (uint32_t i = 0; i < values->zone_count; i++)
        sky_polygon_fill(&values->zones[i].polygon, counts, WIDTH, HEIGHT, WIDTH, 1);
    gboolean somewhere = memchr(counts, 1, sizeof counts) != NULL;
    for (uint32_t i = 0; i < values->ignore_count; i++)
        sky_polygon_fill(&values->ignore[i], counts, WIDTH, HEIGHT, WIDTH, 0);
    return somewhere && memchr(counts, 1, sizeof counts) == NULL;
}

SkyCamera *sky_camera_new(const SkyCameraParams *params, const SkyCameraSink *sink) {
    SkyCamera *camera = g_new0(SkyCamera, 1);
    camera->config = sky_config_ref(params->config);
    camera->values = sky_config_camera(camera->config, params->id);
    camera->budget = params->budget;
    camera->sink = *sink;
    camera->nowhere = looks_nowhere(camera->values);
    camera->verdict = (SkyVerdict){.health = SKY_CAMERA_CONNECTING, .next_try_ns = SKY_TIME_NONE};
    camera->verdict_since_ns = camera->rate_since_ns = sky_clock_monotonic_ns();
    sky_outage_init(&camera->outage);
    const SkyCameraConfig *values = camera->values;
    const SkyStorageConfig *storage = &sky_config_values(camera->config)->storage;
    int64_t span_ns = storage->pre_roll_ns + values->min_duration_ns + DETECTION_NS;
    camera->preroll = sky_preroll_new(values->memory_bytes_max / 4 * 3, span_ns, params->budget);
    if (values->sub_url) /* the other half of an analysed stream's quarter is its queue */
        camera->sub_preroll = sky_preroll_new(values->memory_bytes_max / 8, span_ns, params->budget);
    camera->lane = sky_lane_new(values, params->budget, params->workers, params->bell);
    sky_lane_set_preroll(camera->lane, camera->preroll, camera->sub_preroll, storage->pre_roll_ns);
    if (!values->enabled) { /* known at once: nobody is told first that it connects */
        camera->verdict = sky_verdict(&(SkyVerdictInput){.enabled = FALSE}, camera->verdict_since_ns);
        sky_log(SKY_LOG_NOTICE, "camera", values->id, "%s: %s", sky_camera_health_name(camera->verdict.health), camera->verdict.why);
        return camera;
    }
    const SkyStreamSurroundings around = {.accounts = params->accounts, .transports = params->transports, .bell = params->bell};
    if (params->views && !values->tamper)
        sky_view_memory_forget(params->views, values->id); /* nobody would look at it: not even when that changes */
    if (values->tamper && params->views) {
        camera->views = params->views;
        sky_lane_keep_view(camera->lane, sky_view_memory_recall(camera->views, values->id, analysed_url(values), sky_clock_utc_ns()));
    }
    if (values->sub_url)
        camera->main = sky_stream_new(values, values->main_url, &around, NULL, camera->preroll);
    camera->analysed = sky_stream_new(values, analysed_url(values), &around, camera->lane,
                                      values->sub_url ? camera->sub_preroll : camera->preroll);
    return camera;
}

void sky_camera_free(SkyCamera *camera) {
    if (!camera)
        return;
    sky_stream_free(camera->analysed);
    sky_stream_free(camera->main);
    sky_lane_unref(camera->lane);
    sky_preroll_unref(camera->preroll);
    sky_preroll_unref(camera->sub_preroll);
    sky_config_unref(camera->config);
    g_free(camera);
}

/* ---- the streams ---- */

static void turn_streams(SkyCamera *camera, int64_t now_ns) {
    if (camera->analysed)
        sky_stream_turn(camera->analysed, now_ns);
    if (camera->main)
        sky_stream_turn(camera->main, now_ns);
}

void sky_camera_retry(SkyCamera *camera, const char *account) {
    int64_t now_ns = sky_clock_monotonic_ns();
    if (camera->analysed)
        sky_stream_retry(camera->analysed, account, now_ns);
    if (camera->main)
        sky_stream_retry(camera->main, account, now_ns);
}

/* ---- the verdict ---- */

static void tell_outage(SkyCamera *camera, SkyEventPhase phase, int64_t now_ns) {
    SkyEvent *event = &camera->outage_event;
    if (phase == SKY_EVENT_BEGIN)
        *event = (SkyEvent){.number = OWN_EVENTS + ++camera->own_events,
                            .kind = SKY_EVENT_OFFLINE,
                            .begin_ns = camera->outage.bad_since_ns,
                            .detected_ns = now_ns,
                            .best_ns = now_ns,
                            .score = 1,
                            .objects = 0};
    event->phase = phase;
    event->time_ns = now_ns;
    event->end_ns = phase == SKY_EVENT_END ? now_ns : SKY_TIME_NONE;
    event->interrupted = phase == SKY_EVENT_END && camera->stopping;
    camera->sink.event(camera, event, camera->sink.user);
}

static int64_t waiting_since(const SkyLaneNumbers *numbers) {
    int64_t packet_ns = numbers->queue.oldest_ns, frame_ns = numbers->frames.oldest_ns;
    return packet_ns == SKY_TIME_NONE ? frame_ns : frame_ns == SKY_TIME_NONE ? packet_ns : MIN(packet_ns, frame_ns);
}

/* A camera that comes and goes is a few lines a minute; what it is in the end is told all the same, up to a minute late. */
static void log_verdict(SkyCamera *camera) {
    const SkyVerdict *verdict = &camera->verdict;
    if (camera->untold == 0 || !sky_log_limit_take(&camera->verdict_limit))
        return;
    g_autofree char *before = camera->untold > 1 ? g_strdup_printf(" (%u changes before it held back)", camera->untold - 1) : NULL;
    sky_log(verdict->health == SKY_CAMERA_OK ? SKY_LOG_NOTICE : SKY_LOG_WARNING, "camera", camera->values->id, "%s%s%s%s",
            sky_camera_health_name(verdict->health), verdict->why[0] ? ": " : "", verdict->why, before ? before : "");
    camera->untold = 0;
}

static void judge(SkyCamera *camera, int64_t now_ns) {
    SkyLaneNumbers numbers = sky_lane_numbers(camera->lane);
    g_autofree char *trouble = sky_lane_trouble(camera->lane);
    SkyVerdict verdict = sky_verdict(&(SkyVerdictInput){.enabled = camera->values->enabled,
                                                        .analysed = camera->analysed ? sky_stream_state(camera->analysed) : NULL,
                                                        .main = camera->main ? sky_stream_state(camera->main) : NULL,
                                                        .trouble = trouble,
                                                        .view = numbers.analysis.view,
                                                        .turns = !camera->values->tamper,
                                                        .last_picture_ns = numbers.analysis.last_frame_ns,
                                                        .keyless_ns = camera->analysed ? sky_stream_keyless_ns(camera->analysed) : 0,
                                                        .waiting_since_ns = waiting_since(&numbers),
                                                        .nowhere = camera->nowhere,
                                                        .few = camera->few_windows >= FEW_WINDOWS},
                                     now_ns);
    gboolean changed = verdict.health != camera->verdict.health || strcmp(verdict.why, camera->verdict.why) != 0;
    if (verdict.health != camera->verdict.health)
        camera->verdict_since_ns = now_ns;
    camera->untold += verdict.health != camera->verdict.health || (changed && verdict.health == SKY_CAMERA_OK);
    camera->verdict = verdict;
    log_verdict(camera);
    if (changed)
        camera->sink.verdict(camera, camera->sink.user);
    SkyOutageStep step =
        sky_outage_step(&camera->outage, verdict.health, sky_config_values(camera->config)->offline_hold_ns, now_ns);
    if (step != SKY_OUTAGE_NOTHING)
        tell_outage(camera, step == SKY_OUTAGE_BEGINS ? SKY_EVENT_BEGIN : SKY_EVENT_END, now_ns);
}

/* Who rests, or is spared, wakes when something moves: only a window in which all was looked at that ever is tells anything. */
static void count_few(SkyCamera *camera, const SkyLaneNumbers *numbers) {
    if (camera->verdict.health != SKY_CAMERA_OK || camera->verdict_since_ns > camera->rate_since_ns)
        camera->few_windows = 0;
    else if (!numbers->overloaded &&
             (camera->values->decode_policy == SKY_DECODE_KEYFRAMES || numbers->analysis.rested == camera->rate_rested))
        camera->few_windows = camera->analysis_rate < FEW_RATE ? camera->few_windows + 1 : 0;
}

static void measure_rate(SkyCamera *camera, int64_t now_ns) {
    int64_t span_ns = now_ns - camera->rate_since_ns;
    if (span_ns < RATE_WINDOW_NS)
        return;
    SkyLaneNumbers numbers = sky_lane_numbers(camera->lane);
    camera->analysis_rate = (double)(numbers.analysis.frames - camera->rate_frames) * 1e9 / (double)span_ns;
    count_few(camera, &numbers);
    camera->rate_frames = numbers.analysis.frames;
    camera->rate_rested = numbers.analysis.rested;
    camera->rate_since_ns = now_ns;
}

static void remember_view(SkyCamera *camera) {
    g_autofree char *note = sky_lane_take_view_note(camera->lane);
    if (note)
        sky_view_memory_note(camera->views, camera->values->id, analysed_url(camera->values), note, sky_clock_utc_ns());
}

static gboolean is_quiet(SkyCamera *camera) {
    return (!camera->analysed || sky_stream_is_stopped(camera->analysed)) &&
           (!camera->main || sky_stream_is_stopped(camera->main)) && sky_lane_is_ended(camera->lane);
}

void sky_camera_turn(SkyCamera *camera, int64_t now_ns) {
    turn_streams(camera, now_ns);
    /* Asked before the events are taken: what the end put into the box is taken below. */
    camera->stopped = camera->stopping && is_quiet(camera);
    SkyEvent event;
    while (sky_lane_take_event(camera->lane, &event))
        camera->sink.event(camera, &event, camera->sink.user);
    measure_rate(camera, now_ns);
    if (camera->views && !camera->stopping) /* one that leaves may have been forgotten already */
        remember_view(camera);
    if (!camera->stopping)
        judge(camera, now_ns);
}

/* ---- the end ---- */

void sky_camera_request_stop(SkyCamera *camera) {
    if (camera->stopping)
        return;
    camera->stopping = TRUE;
    if (camera->analysed)
        sky_stream_request_stop(camera->analysed);
    if (camera->main)
        sky_stream_request_stop(camera->main);
    sky_lane_request_end(camera->lane); /* also where no attempt was under way */
    if (camera->outage.told)
        tell_outage(camera, SKY_EVENT_END, sky_clock_monotonic_ns());
}

gboolean sky_camera_is_stopped(SkyCamera *camera) {
    return camera->stopped;
}

/* ---- looking ---- */

const SkyCameraConfig *sky_camera_config(const SkyCamera *camera) {
    return camera->values;
}

static gboolean shows(SkyPreroll *preroll, int64_t at_ns) {
    SkyPrerollNumbers numbers = sky_preroll_numbers(preroll);
    return numbers.oldest_ns != SKY_TIME_NONE && numbers.oldest_ns <= at_ns + AWAY_NS && numbers.newest_ns >= at_ns - AWAY_NS;
}

SkyPreroll *sky_camera_preroll(SkyCamera *camera, int64_t at_ns) {
    gboolean is_away = camera->sub_preroll && !shows(camera->preroll, at_ns) && shows(camera->sub_preroll, at_ns);
    return is_away ? camera->sub_preroll : camera->preroll;
}

gboolean sky_camera_is_of_sub(const SkyCamera *camera, const SkyPreroll *preroll) {
    return preroll == camera->sub_preroll;
}

SkyPreroll *sky_camera_spare_preroll(const SkyCamera *camera, const SkyPreroll *preroll) {
    return sky_camera_is_of_sub(camera, preroll) ? NULL : camera->sub_preroll;
}

gboolean sky_camera_is_overloaded(SkyCamera *camera) {
    return sky_lane_numbers(camera->lane).overloaded;
}

void sky_camera_read(SkyCamera *camera, SkyCameraStatus *ret_status) {
    *ret_status = (SkyCameraStatus){.verdict = camera->verdict,
                                    .since_ns = camera->verdict_since_ns,
                                    .lane = sky_lane_numbers(camera->lane),
                                    .preroll = sky_preroll_numbers(camera->preroll),
                                    .analysis_rate = camera->analysis_rate,
                                    .memory_bytes = sky_budget_used(camera->budget)};
    if (camera->sub_preroll)
        ret_status->preroll.dropped_packets += sky_preroll_numbers(camera->sub_preroll).dropped_packets;
    ret_status->stream.last_packet_ns = SKY_TIME_NONE;
    if (!camera->analysed)
        return;
    sky_stream_read(camera->analysed, &ret_status->stream);
    sky_stream_count_onvif(camera->analysed, &ret_status->onvif);
    if (camera->main)
        sky_stream_count_onvif(camera->main, &ret_status->onvif);
    ret_status->plain_keys = sky_stream_has_plain_keys(camera->analysed) || (camera->main && sky_stream_has_plain_keys(camera->main));
    ret_status->reconnects = sky_stream_state(camera->analysed)->reconnects;
}

void sky_camera_status_clear(SkyCameraStatus *status) {
    sky_stream_numbers_clear(&status->stream);
}
