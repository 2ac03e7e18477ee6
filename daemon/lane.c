/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/lane.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/ref.h"
#include "decode/decoder.h"
#include "media/pace.h"

#define SLICE_NS (20 * SKY_NS_PER_MS)
#define SLOW_NS (350 * SKY_NS_PER_MS) /* the box is too slow: calm pictures are spared */
#define LOAD_MAX 0.95                 /* of the workers: the same, before anything waits; below that nothing waits yet, and sparing makes late */
#define LATE_NS (700 * SKY_NS_PER_MS) /* and here others are given up: an alert that is a second late beats one that is a minute late */
#define DECIDING_LATE_NS (2 * SKY_NS_PER_S) /* but where it is about to be decided: what is given up then comes a whole GOP later */
#define SPARE_NS (6 * SKY_NS_PER_S)   /* of media time: then it is tried again whether the box can do it all */
#define SAY_NS (10 * SKY_NS_PER_S)    /* it is said for longer, or each try would be news */
#define QUEUE_PACKETS_MAX 1024

struct SkyLane {
    SkyRef ref;
    char camera[SKY_ID_BYTES];
    SkyDecoderKind asked, told;         /* told: in the log; whoever runs the job */
    SkyWorkers *workers;
    SkyBell *bell;
    SkyJob job;
    SkyPacketQueue *queue;
    SkyFrameQueue *frames;
    SkyPace pace;                       /* the source's thread: a worker is woken when a picture is due, not for each packet */
    _Atomic int64_t due_ns;             /* when that is, by the decoder; SKY_TIME_NONE: at once */
    int64_t due_seen_ns;                /* the source's thread */
    SkyEventBox *box;
    SkyPreroll *preroll, *sub_preroll;  /* NULL: none is to be settled */
    int64_t early_ns;
    SkyAnalysis *analysis;              /* belongs to whoever runs the job */
    gboolean late;                      /* up to the next key frame; it and what follows: whoever runs the job */
    int64_t key_ns, gop_ns;             /* of the last key frame; from the one before to it */
    SkyCounter late_packets;
    SkyLogLimit slow_log;
    _Atomic int64_t slow_until_ns;      /* 0: it never was */
    _Atomic uint32_t ends_asked, ends_done;
    SkyLock lock;
    char *trouble, *view_note;          /* inside the lock; view_note: not taken yet, NULL */
    _Atomic gboolean troubled;
};

static void on_event(const SkyEvent *event, gpointer user) {
    SkyLane *lane = user;
    sky_event_box_push(lane->box, event);
}

static void note_trouble(SkyLane *lane, const GError *error) {
    sky_lock_enter(&lane->lock);
    g_free(lane->trouble);
    lane->trouble = g_strdup(error->message);
    sky_lock_leave(&lane->lock);
    atomic_store(&lane->troubled, TRUE);
    sky_bell_ring(lane->bell);
}

static void tell_decoder(SkyLane *lane) {
    SkyDecoderKind used = sky_analysis_numbers(lane->analysis).decoder;
    const char *why = sky_analysis_decoder_why(lane->analysis);
    SkyDecoderKind word = why ? SKY_DECODER_AUTO : used; /* AUTO: that it is not what was asked for */
    if (word == lane->told)
        return;
    lane->told = word;
    if (why)
        sky_log(SKY_LOG_WARNING, "decode", lane->camera, "decoder %s: %s: decoding in software", sky_decoder_kind_name(lane->asked),
                why);
    else
        sky_log(SKY_LOG_NOTICE, "decode", lane->camera, "decoding by %s", sky_decoder_kind_name(used));
}

/* Once what was told holds what its clip needs. */
static void settle(SkyLane *lane) {
    int64_t settled_ns = sky_analysis_settled_ns(lane->analysis);
    if (settled_ns == SKY_TIME_NONE || !sky_event_box_is_clear(lane->box))
        return;
    if (lane->preroll)
        sky_preroll_settle(lane->preroll, settled_ns - lane->early_ns);
    if (lane->sub_preroll)
        sky_preroll_settle(lane->sub_preroll, settled_ns - lane->early_ns);
}

static void analyse(SkyLane *lane, SkyPacket *packet) {
    g_autoptr(GError) error = NULL;
    if (!sky_analysis_push(lane->analysis, packet, &error)) {
        if (!atomic_load(&lane->troubled))
            note_trouble(lane, error);
    } else if (atomic_load(&lane->troubled)) { /* another codec came, and that one can be decoded */
        atomic_store(&lane->troubled, FALSE);
        sky_bell_ring(lane->bell);
    }
    atomic_store(&lane->due_ns, sky_analysis_due_ns(lane->analysis));
    settle(lane);
    tell_decoder(lane);
}

static void note_key(SkyLane *lane, const SkyPacketTimes *times) {
    lane->gop_ns = lane->key_ns != SKY_TIME_NONE && times->dts_ns > lane->key_ns ? times->dts_ns - lane->key_ns : 0;
    lane->key_ns = times->dts_ns;
}

/* Each camera for itself, at its own key frames: those that come back from being spared make the load that the next ones are spared
 * for, and so all have their turn. */
static void slow_down(SkyLane *lane, int64_t now_ns, int64_t waited_ns, double load) {
    atomic_store(&lane->slow_until_ns, now_ns + SAY_NS);
    sky_analysis_spare(lane->analysis, SPARE_NS);
    sky_log_limited(&lane->slow_log, SKY_LOG_WARNING, "analysis", lane->camera,
                    "this box is too slow: analysis is busy for %.0f %% of the time, a picture has waited for %.1f s: fewer are looked at",
                    load * 100, (double)waited_ns / SKY_NS_PER_S);
}

/* Where a GOP is long, much is lost with the rest of it: more patience. Up to a pace's interval is no fault of the box. */
static int64_t patience_ns(const SkyLane *lane) {
    int64_t late_ns = sky_analysis_is_deciding(lane->analysis) ? DECIDING_LATE_NS : LATE_NS;
    return MAX(late_ns, lane->gop_ns / 3) + lane->pace.interval_ns;
}

/* A lane that is late gives up the rest of its GOP, and goes on at the newest key frame: what the box can do goes to each camera alike,
 * and to what is new. */
static gboolean is_given_up(SkyLane *lane, SkyPacket *packet) {
    const SkyPacketTimes *times = sky_packet_times(packet);
    int64_t now_ns = sky_clock_monotonic_ns(), waited_ns = now_ns - times->arrival_ns;
    double load = sky_workers_load(lane->workers);
    if (times->key)
        note_key(lane, times);
    gboolean late = waited_ns > patience_ns(lane);
    lane->late = times->key ? late && sky_packet_queue_has_key(lane->queue) : lane->late || late;
    if ((times->key && load > LOAD_MAX) || waited_ns > SLOW_NS + lane->pace.interval_ns)
        slow_down(lane, now_ns, waited_ns, load);
    if (lane->late)
        sky_counter_add(&lane->late_packets, 1);
    return lane->late;
}

/* Of those that the source decodes the oldest goes where too many wait: here it is only said. */
static SkyFrame *take_picture(SkyLane *lane) {
    int64_t pushed_ns = sky_frame_queue_numbers(lane->frames).oldest_ns, now_ns = sky_clock_monotonic_ns();
    if (pushed_ns != SKY_TIME_NONE && now_ns - pushed_ns > SLOW_NS)
        slow_down(lane, now_ns, now_ns - pushed_ns, sky_workers_load(lane->workers));
    return sky_frame_queue_pop(lane->frames);
}

static gboolean run(gpointer user) {
    SkyLane *lane = user;
    int64_t until_ns = sky_clock_monotonic_ns() + SLICE_NS;
    do {
        uint32_t asked = atomic_load(&lane->ends_asked);
        g_autoptr(SkyPacket) packet = sky_packet_queue_pop(lane->queue);
        if (packet) {
            if (!is_given_up(lane, packet))
                analyse(lane, packet);
            continue;
        }
        g_autoptr(SkyFrame) frame = take_picture(lane);
        if (frame) {
            sky_analysis_push_frame(lane->analysis, frame);
            settle(lane);
            continue;
        }
        if (atomic_load(&lane->ends_done) == asked)
            return FALSE;
        sky_analysis_end(lane->analysis, TRUE);
        atomic_store(&lane->ends_done, asked);
        sky_bell_ring(lane->bell);
    } while (sky_clock_monotonic_ns() < until_ns);
    return TRUE;
}

static void ref_job(gpointer user) {
    sky_lane_ref(user);
}

static void unref_job(gpointer user) {
    sky_lane_unref(user);
}

SkyLane *sky_lane_new(const SkyCameraConfig *camera, SkyBudget *budget, SkyWorkers *workers, SkyBell *bell) {
    SkyLane *lane = g_new0(SkyLane, 1);
    sky_ref_init(&lane->ref);
    g_strlcpy(lane->camera, camera->id, sizeof lane->camera);
    lane->asked = camera->decoder;
    lane->told = SKY_DECODER_SOFTWARE; /* that alone is not worth a line */
    sky_lock_init(&lane->lock);
    lane->workers = workers;
    lane->bell = bell;
    lane->job = (SkyJob){.run = run, .ref = ref_job, .unref = unref_job, .user = lane};
    lane->queue = sky_packet_queue_new(QUEUE_PACKETS_MAX, camera->memory_bytes_max / (camera->sub_url ? 8 : 4), budget);
    lane->frames = sky_frame_queue_new(camera->analysis_width_px, budget);
    sky_pace_init(&lane->pace, camera->analysis_fps);
    lane->due_ns = lane->due_seen_ns = SKY_TIME_NONE;
    lane->key_ns = SKY_TIME_NONE;
    lane->box = sky_event_box_new(bell);
    lane->analysis = sky_analysis_new(camera, on_event, lane);
    sky_analysis_set_budget(lane->analysis, budget);
    return lane;
}

void sky_lane_set_preroll(SkyLane *lane, SkyPreroll *preroll, SkyPreroll *sub_preroll, int64_t early_ns) {
    lane->preroll = sky_preroll_ref(preroll);
    lane->sub_preroll = sub_preroll ? sky_preroll_ref(sub_preroll) : NULL;
    lane->early_ns = early_ns;
    sky_analysis_set_preroll(lane->analysis, preroll);
}

static void on_view_note(const char *note, gpointer user) {
    SkyLane *lane = user;
    sky_lock_enter(&lane->lock);
    g_free(lane->view_note);
    lane->view_note = g_strdup(note);
    sky_lock_leave(&lane->lock);
}

void sky_lane_keep_view(SkyLane *lane, const char *note) {
    sky_analysis_set_view_sink(lane->analysis, note, on_view_note, lane);
}

char *sky_lane_take_view_note(SkyLane *lane) {
    sky_lock_enter(&lane->lock);
    char *note = g_steal_pointer(&lane->view_note);
    sky_lock_leave(&lane->lock);
    return note;
}

SkyLane *sky_lane_ref(SkyLane *lane) {
    sky_ref_take(&lane->ref);
    return lane;
}

void sky_lane_unref(SkyLane *lane) {
    if (!lane || !sky_ref_drop(&lane->ref))
        return;
    sky_analysis_free(lane->analysis);
    sky_packet_queue_free(lane->queue);
    sky_frame_queue_free(lane->frames);
    sky_event_box_free(lane->box);
    sky_preroll_unref(lane->preroll);
    sky_preroll_unref(lane->sub_preroll);
    sky_lock_clear(&lane->lock);
    g_free(lane->trouble);
    g_free(lane->view_note);
    g_free(lane);
}

/* Its pace is the decoder's: out of step, each picture would wait for the packets up to the next wake. */
static void keep_step(SkyLane *lane) {
    int64_t due_ns = atomic_load(&lane->due_ns);
    if (due_ns == lane->due_seen_ns && due_ns != SKY_TIME_NONE)
        return;
    lane->pace.due_ns = lane->due_seen_ns = due_ns;
}

void sky_lane_push(SkyLane *lane, SkyPacket *packet) {
    keep_step(lane);
    gboolean due = sky_pace_is_due(&lane->pace, sky_packet_times(packet)->dts_ns);
    sky_packet_queue_push(lane->queue, packet);
    if (due)
        sky_workers_wake(lane->workers, &lane->job);
}

void sky_lane_push_picture(SkyLane *lane, const SkyPicture *picture) {
    sky_frame_queue_push(lane->frames, picture);
    sky_workers_wake(lane->workers, &lane->job);
}

void sky_lane_request_end(SkyLane *lane) {
    atomic_fetch_add(&lane->ends_asked, 1);
    sky_workers_wake(lane->workers, &lane->job);
}

gboolean sky_lane_is_ended(SkyLane *lane) {
    return atomic_load(&lane->ends_done) == atomic_load(&lane->ends_asked);
}

gboolean sky_lane_take_event(SkyLane *lane, SkyEvent *ret_event) {
    return sky_event_box_take(lane->box, ret_event);
}

char *sky_lane_trouble(SkyLane *lane) {
    if (!atomic_load(&lane->troubled))
        return NULL;
    sky_lock_enter(&lane->lock);
    char *trouble = g_strdup(lane->trouble);
    sky_lock_leave(&lane->lock);
    return trouble;
}

SkyLaneNumbers sky_lane_numbers(SkyLane *lane) {
    SkyLaneNumbers numbers = {.analysis = sky_analysis_numbers(lane->analysis),
                              .queue = sky_packet_queue_numbers(lane->queue),
                              .frames = sky_frame_queue_numbers(lane->frames),
                              .late_packets = sky_counter_get(&lane->late_packets),
                              .overloaded = sky_clock_monotonic_ns() < atomic_load(&lane->slow_until_ns),
                              .refused_events = sky_event_box_refused(lane->box)};
    numbers.analysis.pictures += numbers.frames.pictures;
    numbers.analysis.decode_errors += numbers.frames.bad;
    return numbers;
}
