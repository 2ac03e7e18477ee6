/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event_detector.h"
#include <math.h>
#include <string.h>
#include "base/clock.h"
#include "event/stay.h"
#include "event/tamper.h"
#include "event/track.h"

#define FORGET_NS (1 * SKY_NS_PER_S)         /* a track unseen for so long is another thing when it is seen again */
#define LEFT_NS (3 * SKY_NS_PER_S / 2)       /* what went out over the edge is not waited for longer than this */
#define LEAVING_NS (SKY_NS_PER_S / 2)        /* it went out if it was on its way so shortly before it was seen last */
#define ELSEWHERE 0.1f                       /* of the picture: nearer to where the last one was lost, it may be that one */
#define ELSEWHERE_S 0.3f                     /* and so much more for each second since */
#define BESIDE 0.03f                         /* came in over the edge so far from where one was lost inside: not that one */
#define QUIET_NS (SKY_NS_PER_S * 3 / 4)      /* things that follow each other closer than this are one happening */
#define UPDATE_EVERY_NS (1 * SKY_NS_PER_S)
#define LARGER 2.0f                          /* times the area of what carries the event: it carries it from now on */
#define FAVOUR 1.25f                         /* a favoured moment is worth so much more: a tenth of height and width less is hardly seen */
#define EDGE 0.004f                          /* nearer to the picture's edge than this: cut off by it */

/* One place where one thing at a time can happen: the whole picture, or one zone. */
typedef struct {
    const SkyZone *zone; /* NULL: everywhere */
    int64_t dwell_ns;    /* not 0: only of those who have been there for so long */
    SkyStays stays;
    gboolean open;
    SkyEvent event;
    uint64_t carrier;   /* the track that the event tells of */
    int64_t last_seen_ns, updated_ns;
    SkyBox lost;        /* where the largest was seen last, and the picture's edge cut it */
    gboolean at_edge;
    int64_t leaving_ns; /* when all that was seen was going out of the picture; the last sight of it may be a mere rest */
} Slot;

struct SkyEventDetector {
    SkyZone *zones;
    Slot *slots;
    uint32_t slot_count;
    int64_t min_duration_ns, hold_ns;
    SkyEventSink sink;
    gpointer user;
    uint64_t numbers;
    gboolean favoured; /* the picture that is processed */
    SkyTracker tracker;
    gboolean tells_tamper;
    SkyTamper tamper;
    int64_t doubt_for_ns; /* for so long the pictures may have been those of an event to come */
};

SkyEventDetector *sky_event_detector_new(const SkyEventParams *params, SkyEventSink sink, gpointer user) {
    SkyEventDetector *detector = g_new0(SkyEventDetector, 1);
    detector->zones = g_memdup2(params->zones, params->zone_count * sizeof *params->zones);
    detector->slots = g_new0(Slot, MAX(2 * params->zone_count, 1));
    for (uint32_t i = 0; i < params->zone_count; i++) {
        const SkyZone *zone = &detector->zones[i];
        detector->slots[detector->slot_count++].zone = zone;
        if (zone->dwell_ns > 0)
            detector->slots[detector->slot_count++] = (Slot){.zone = zone, .dwell_ns = zone->dwell_ns};
    }
    detector->slot_count = MAX(detector->slot_count, 1);
    detector->min_duration_ns = params->min_duration_ns;
    detector->hold_ns = params->hold_ns;
    detector->sink = sink;
    detector->user = user;
    detector->tells_tamper = params->tamper;
    sky_tamper_init(&detector->tamper);
    sky_tracker_init(&detector->tracker, &params->perspective);
    return detector;
}

void sky_event_detector_free(SkyEventDetector *detector) {
    if (!detector)
        return;
    g_free(detector->zones);
    g_free(detector->slots);
    g_free(detector);
}

static gboolean is_in(const Slot *slot, const SkyBox *box) {
    if (!slot->zone)
        return TRUE;
    float x = box->x + box->w / 2;
    return sky_polygon_contains(&slot->zone->polygon, x, box->y + box->h) ||
           sky_polygon_contains(&slot->zone->polygon, x, box->y + box->h / 2);
}

/* How well the box shows the thing: its size; half of that where the edge of the picture cuts it. */
static float value_of(const SkyBox *box) {
    gboolean cut = box->x < EDGE || box->y < EDGE || box->x + box->w > 1 - EDGE || box->y + box->h > 1 - EDGE;
    return box->w * box->h * (cut ? 0.5f : 1);
}

static float score_of(const SkyTrack *track) {
    float seconds = (float)(track->last_ns - track->begin_ns) / 1e9f;
    float lasting = 1 - expf(-seconds / 1.5f);
    float clear = 1 - expf(-track->contrast / 2);
    float large = 1 - expf(-track->area_max / 0.004f);
    return CLAMP(0.4f * lasting + 0.3f * clear + 0.3f * large, 0, 1);
}

static void tell(SkyEventDetector *detector, Slot *slot, SkyEventPhase phase, int64_t now_ns) {
    slot->event.phase = phase;
    slot->event.time_ns = now_ns;
    slot->updated_ns = now_ns;
    detector->sink(&slot->event, detector->user);
}

static SkyEventKind kind_of(const Slot *slot) {
    if (slot->dwell_ns > 0)
        return SKY_EVENT_DWELL;
    return slot->zone && slot->zone->id[0] ? SKY_EVENT_INTRUSION : SKY_EVENT_MOTION;
}

/* since_ns: in the zone. */
static void begin(SkyEventDetector *detector, Slot *slot, const SkyTrack *track, int64_t since_ns, int64_t now_ns) {
    int64_t before_ns = slot->event.number > 0 ? slot->event.end_ns : INT64_MIN; /* one thing at a time */
    slot->open = TRUE;
    slot->carrier = track->number;
    slot->last_seen_ns = track->last_ns;
    slot->leaving_ns = INT64_MIN / 2;
    int64_t came_ns = slot->dwell_ns > 0 ? since_ns : track->stirred_ns;
    slot->event = (SkyEvent){.number = ++detector->numbers, .kind = kind_of(slot),
                             .begin_ns = MAX(came_ns, before_ns), .detected_ns = now_ns, .end_ns = SKY_TIME_NONE,
                             .from = sky_track_foot(&track->origin), .to = sky_track_foot(&track->box)};
    for (uint32_t i = 0; i < track->path.count; i++)
        if (track->path.steps[i].time_ns >= slot->event.begin_ns)
            sky_path_add(&slot->event.path, track->path.steps[i].foot, track->path.steps[i].time_ns);
    if (slot->dwell_ns > 0 && slot->event.path.count > 0)
        slot->event.from = slot->event.path.steps[0].foot;
    if (slot->zone)
        g_strlcpy(slot->event.zone, slot->zone->id, sizeof slot->event.zone);
}

static void end(SkyEventDetector *detector, Slot *slot, int64_t now_ns, gboolean interrupted) {
    slot->open = FALSE;
    slot->event.end_ns = slot->last_seen_ns;
    slot->event.interrupted = interrupted;
    tell(detector, slot, SKY_EVENT_END, now_ns);
}

/* What carries the event moves on. */
static void include(Slot *slot, const SkyTrack *track, int64_t now_ns, gboolean favoured) {
    SkyEvent *event = &slot->event;
    slot->carrier = track->number;
    event->box = track->box;
    event->to = sky_track_foot(&track->box);
    sky_path_add(&event->path, event->to, now_ns);
    float value = value_of(&track->box);
    if (value * (favoured ? FAVOUR : 1) > event->best_value * (event->best_favoured ? FAVOUR : 1)) {
        event->best_value = value;
        event->best_ns = now_ns;
        event->best_favoured = favoured;
        event->best_box = track->box;
    }
    event->score = MAX(event->score, score_of(track));
}

/* TRUE where the track is not what the open event lost: it came later, somewhere else, or from outside while the other was lost
 * inside. Another happening, then. */
static gboolean is_another(const Slot *slot, const SkyTrack *track, int64_t now_ns) {
    if (track->begin_ns <= slot->last_seen_ns || now_ns - slot->last_seen_ns < QUIET_NS)
        return FALSE;
    const SkyBox *lost = &slot->lost, *came = &track->origin;
    float room = ELSEWHERE + ELSEWHERE_S * (float)(track->begin_ns - slot->last_seen_ns) / 1e9f;
    float dx = MAX(MAX(lost->x - came->x - came->w, came->x - lost->x - lost->w), 0);
    float dy = MAX(MAX(lost->y - came->y - came->h, came->y - lost->y - lost->h), 0);
    gboolean from_outside = sky_track_came_in(track) && !slot->at_edge;
    return hypotf(dx, dy) > (from_outside ? BESIDE : room);
}

typedef struct {
    const SkyTrack *largest, *carrier; /* NULL: none, not seen */
    int64_t largest_since_ns, carrier_since_ns; /* in the zone */
    uint32_t objects, leaving;
    gboolean waiting; /* for the carrier: not seen in this picture, and not yet given up */
} Present;

static Present look_at(const SkyEventDetector *detector, Slot *slot, int64_t now_ns) {
    Present present = {0};
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++) {
        const SkyTrack *track = &detector->tracker.tracks[i];
        if (!track->number || !track->sure || track->rest)
            continue;
        gboolean carries = slot->open && track->number == slot->carrier;
        if (track->last_ns != now_ns || !is_in(slot, &track->box)) {
            present.waiting |= carries && track->last_ns != now_ns;
            continue;
        }
        int64_t since_ns = sky_stays_see(&slot->stays, track->number, sky_track_foot(&track->box), now_ns, detector->hold_ns);
        if (now_ns - since_ns < slot->dwell_ns)
            continue;
        present.objects++;
        present.leaving += sky_track_is_leaving(track);
        if (carries) {
            present.carrier = track;
            present.carrier_since_ns = since_ns;
        }
        if (!present.largest || track->area > present.largest->area) {
            present.largest = track;
            present.largest_since_ns = since_ns;
        }
    }
    return present;
}

/* Who carries the event now; NULL: the one that does is not seen just now. */
static const SkyTrack *carrier_of(const Present *present) {
    const SkyTrack *carrier = present->carrier;
    if (present->waiting || (carrier && present->largest->area < carrier->area * LARGER))
        return carrier;
    return present->largest;
}

static void take(Slot *slot, const Present *present, int64_t now_ns, gboolean favoured) {
    const SkyTrack *carrier = carrier_of(present);
    slot->last_seen_ns = now_ns;
    slot->lost = present->largest->box;
    slot->at_edge = sky_track_is_at_edge(present->largest);
    slot->event.objects = MAX(slot->event.objects, present->objects);
    slot->leaving_ns = present->leaving == present->objects ? now_ns : slot->leaving_ns;
    if (!carrier)
        return;
    include(slot, carrier, now_ns, favoured);
    slot->event.inside_ns = now_ns - (carrier == present->carrier ? present->carrier_since_ns : present->largest_since_ns);
}

static void process_slot(SkyEventDetector *detector, Slot *slot, int64_t now_ns) {
    Present present = look_at(detector, slot, now_ns);
    if (present.largest && slot->open && is_another(slot, present.largest, now_ns))
        end(detector, slot, now_ns, FALSE);
    gboolean was_open = slot->open;
    if (present.largest && !was_open) {
        begin(detector, slot, present.largest, present.largest_since_ns, now_ns);
        present.carrier = present.largest;
        present.carrier_since_ns = present.largest_since_ns;
        present.waiting = FALSE;
    }
    if (present.largest)
        take(slot, &present, now_ns, detector->favoured);
    gboolean left = slot->last_seen_ns - slot->leaving_ns <= LEAVING_NS;
    int64_t hold_ns = left ? MIN(detector->hold_ns, LEFT_NS) : detector->hold_ns;
    if (!was_open && slot->open)
        tell(detector, slot, SKY_EVENT_BEGIN, now_ns);
    else if (slot->open && now_ns - slot->last_seen_ns >= hold_ns)
        end(detector, slot, now_ns, FALSE);
    else if (present.largest && now_ns - slot->updated_ns >= UPDATE_EVERY_NS)
        tell(detector, slot, SKY_EVENT_UPDATE, now_ns);
}

void sky_event_detector_favour(SkyEventDetector *detector, gboolean favoured) {
    detector->favoured = favoured;
}

static void tell_tamper(SkyEventDetector *detector) {
    SkyEvent *event = &detector->tamper.event;
    if (event->phase == SKY_EVENT_BEGIN)
        event->number = ++detector->numbers;
    detector->sink(event, detector->user);
}

void sky_event_detector_process(SkyEventDetector *detector, const SkyMotionResult *result) {
    if (result->scene == SKY_SCENE_OK) {
        sky_counter_add(&detector->tracker.left_out, result->blobs_left_out);
        sky_tracker_process(&detector->tracker, result, detector->min_duration_ns, FORGET_NS);
    }
    for (uint32_t i = 0; i < detector->slot_count; i++)
        process_slot(detector, &detector->slots[i], result->arrival_ns);
    detector->doubt_for_ns = detector->tells_tamper ? result->view.doubt_for_ns : 0;
    if (detector->tells_tamper && sky_tamper_step(&detector->tamper, result))
        tell_tamper(detector);
}

void sky_event_detector_end_all(SkyEventDetector *detector, gboolean interrupted) {
    for (uint32_t i = 0; i < detector->slot_count; i++)
        if (detector->slots[i].open)
            end(detector, &detector->slots[i], detector->slots[i].last_seen_ns, interrupted);
    if (sky_tamper_end(&detector->tamper, interrupted))
        tell_tamper(detector);
    sky_tracker_cut(&detector->tracker);
}

/* Of rests too: one that walks off was none. And of what may yet become a thing. */
static int64_t oldest_stir_ns(const SkyTracker *tracker, int64_t now_ns) {
    int64_t oldest_ns = MIN(sky_specks_oldest_ns(&tracker->specks, now_ns), sky_specks_oldest_ns(&tracker->walkers, now_ns));
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++)
        if (tracker->tracks[i].number)
            oldest_ns = MIN(oldest_ns, tracker->tracks[i].stirred_ns);
    return oldest_ns;
}

int64_t sky_event_detector_settled_ns(const SkyEventDetector *detector, int64_t now_ns) {
    int64_t settled_ns = now_ns - detector->doubt_for_ns, stir_ns = oldest_stir_ns(&detector->tracker, now_ns);
    for (uint32_t i = 0; i < detector->slot_count; i++) {
        const Slot *slot = &detector->slots[i];
        int64_t came_ns = slot->dwell_ns > 0 ? sky_stays_oldest_ns(&slot->stays, now_ns, detector->hold_ns) : stir_ns;
        if (slot->event.number > 0) /* no two at a time: the one that is open ends before another begins */
            came_ns = MAX(came_ns, slot->last_seen_ns);
        settled_ns = MIN(settled_ns, slot->open ? MIN(came_ns, slot->event.time_ns) : came_ns);
    }
    return settled_ns;
}

const SkySuppressed *sky_event_detector_suppressed(const SkyEventDetector *detector) {
    return &detector->tracker.suppressed;
}

uint64_t sky_event_detector_left_out(const SkyEventDetector *detector) {
    const SkyTracker *tracker = &detector->tracker;
    return sky_counter_get(&tracker->left_out) + sky_counter_get(&tracker->specks.left_out) + sky_counter_get(&tracker->walkers.left_out);
}

uint32_t sky_event_detector_followed(const SkyEventDetector *detector, SkyFollowed ret_followed[SKY_FOLLOWED_MAX]) {
    G_STATIC_ASSERT(SKY_FOLLOWED_MAX >= SKY_TRACKS_MAX);
    const SkyTracker *tracker = &detector->tracker;
    uint32_t count = 0;
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++) {
        const SkyTrack *track = &tracker->tracks[i];
        if (track->number)
            ret_followed[count++] = (SkyFollowed){.number = track->number,
                                                  .box = track->box,
                                                  .seen = track->last_ns == tracker->last_ns,
                                                  .sure = track->sure,
                                                  .rest = track->rest,
                                                  .cause = sky_track_cause(track, detector->min_duration_ns)};
    }
    return count;
}
