/* SPDX-License-Identifier: Apache-2.0 */
#include "event/track.h"
#include <math.h>
#include <string.h>
#include "base/clock.h"
#include "event/match.h"
#include "event/perspective.h"
#include "event/travel.h"

#define SMOOTHING 0.5f     /* share of the new centre */
#define COMING_NEAR_NS INT64_C(2000000000) /* growing for so long is travel too: it comes straight at the camera */
#define STIR 0.003f        /* of the picture: has not moved yet */
#define STRAIGHT_ROAD 1.6f /* in lengths of its way, at most */
#define DIRECT_WOBBLE 0.4f
#define DIRECT_SOFT 0.2f
#define OUTWARD 0.01f      /* of the picture a second */
#define WOBBLE_SMOOTHING 0.3f
#define STRIDE_SMOOTHING 0.4f
#define MOVING_SMOOTHING 0.25f
#define RESTED 0.02f       /* share of late sights in which it moved: less, and it has come to rest */
#define STEP_MIN 0.0015f   /* of the picture: half a pixel of 320 */
#define LEAP_MEMORY 0.99f  /* from one sight in which it moved to the next: by resting nothing is forgotten */
#define REST 8             /* of its bulk: what is smaller is a rest of it */
#define REST_TRAVEL 0.03f  /* of the picture: a rest that goes so far is the thing, seen in part or from afar */
#define BULK_SMOOTHING 0.2f
#define GHOST_NS INT64_C(10000000000) /* a ghost shows so soon after its thing, or not at all */
#define SMALL_NS INT64_C(1500000000) /* a thing goes on by blobs that are too small for so long */
#define FIRST_GAP_NS INT64_C(250000000) /* the picture before the first is no further back than this */
#define STEADY_SEEN 3      /* so many sights are kept in any case */
#define NOTE_EVERY_NS INT64_C(10000000000) /* what lives on in its place ticks so often */
#define FIT_SMOOTHING 0.3f
#define SOFT_SMOOTHING 0.03f /* chance makes an edge for a moment; a thing has edges for good */
#define ALIKE_SMOOTHING 0.05f /* of one in clutter, that lives long */
#define MASS_SMOOTHING 0.5f
#define APART 0.5f         /* of its size: parts of one thing are no further apart */
#define APART_MIN 0.02f    /* of the picture */
#define CLUTTER_S 10.0f    /* how long clutter is remembered */
#define FLIGHTS_S 120.0f
#define FLIGHT_SEEN 4      /* sights: drops that are taken for one thing are not seen so often */
#define CLUTTER_MIN 0.3f   /* blobs a picture that may always happen */
#define GAIN_MAX 3.0f      /* what one sight can tell at most */
#define LOSS_MAX -4.0f
#define MISS_LOSS -0.7f
#define SCORE_MAX 30.0f
#define SCORE_MIN -8.0f
#define SCORE_SPECK 15.0f  /* of one that went straight for a second */
#define SCORE_FIRM 15.0f   /* what is believed so much may change its size: a person waves, or is half hidden for a moment */

void sky_tracker_init(SkyTracker *tracker, const SkyPerspective *perspective) {
    memset(tracker, 0, sizeof *tracker);
    if (perspective)
        tracker->perspective = *perspective;
    tracker->last_ns = SKY_TIME_NONE;
}

void sky_tracker_cut(SkyTracker *tracker) {
    memset(tracker->tracks, 0, sizeof tracker->tracks);
    memset(tracker->lost, 0, sizeof tracker->lost);
    memset(tracker->specks.specks, 0, sizeof tracker->specks.specks);
    memset(tracker->walkers.specks, 0, sizeof tracker->walkers.specks);
    tracker->last_ns = SKY_TIME_NONE;
}

SkyPoint sky_track_foot(const SkyBox *box) {
    return (SkyPoint){box->x + box->w / 2, MIN(box->y + box->h, 1)};
}

/* The bulk of the thing whose ghost the blob may be; 0: nothing much larger was lost here. */
static float ghost_of(const SkyTracker *tracker, const SkyBlob *blob, int64_t now_ns) {
    float bulk = 0;
    for (unsigned i = 0; i < SKY_LOST_MAX; i++) {
        const SkyLost *lost = &tracker->lost[i];
        if (lost->last_ns && now_ns - lost->last_ns < GHOST_NS && sky_box_holds(&lost->box, sky_box_centre(&blob->box)))
            bulk = MAX(bulk, lost->bulk);
    }
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++) {
        const SkyTrack *track = &tracker->tracks[i];
        if (track->number && track->sure && track->last_ns < now_ns && sky_box_holds(&track->box, sky_box_centre(&blob->box)))
            bulk = MAX(bulk, track->bulk);
    }
    return blob->area * REST < bulk ? bulk : 0;
}

static void look_at_size(SkyTrack *track, const SkyPerspective *perspective) {
    SkySize size = sky_perspective_size(perspective, &track->box);
    if (size != SKY_SIZE_UNKNOWN)
        track->fit += ((size == SKY_SIZE_FITS ? 1 : 0) - track->fit) * FIT_SMOOTHING;
}

/* It has been on its way for longer than it is a thing. */
static void go_on_from(SkyTrack *track, const SkySpeck *speck) {
    track->begin_ns = track->stirred_ns = speck->begin_ns;
    track->since_ns = MIN(track->since_ns, speck->begin_ns);
    track->seen = speck->seen + 1;
    track->missed = speck->missed;
    track->origin = speck->origin;
    track->speed = speck->speed;
    track->leap = speck->leap;
    track->moving = 1;
    track->road = speck->road;
    track->path = (SkyPath){0};
    sky_path_add(&track->path, sky_track_foot(&speck->origin), speck->begin_ns);
}

/* speck: what it was before; NULL: it begins to stand out now. NULL: there is no free place. */
static SkyTrack *begin_track(SkyTracker *tracker, const SkyBlob *blob, const SkySpeck *speck, int64_t now_ns) {
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++) {
        SkyTrack *track = &tracker->tracks[i];
        if (track->number)
            continue;
        float bulk = ghost_of(tracker, blob, now_ns);
        int64_t since_ns = tracker->last_ns == SKY_TIME_NONE ? now_ns : CLAMP(tracker->last_ns, now_ns - FIRST_GAP_NS, now_ns);
        *track = (SkyTrack){.number = ++tracker->numbers,
                            .begin_ns = now_ns,
                            .last_ns = now_ns,
                            .since_ns = since_ns,
                            .stirred_ns = now_ns,
                            .full_ns = now_ns,
                            .seen = 1,
                            .box = blob->box,
                            .origin = blob->box,
                            .outline = blob->box,
                            .area = blob->area,
                            .area_max = blob->area,
                            .fit = 1,
                            .noted = blob->box,
                            .noted_ns = now_ns,
                            .bulk = MAX(bulk, blob->area),
                            .rest = bulk > 0,
                            .rest_at = blob->box,
                            .contrast = blob->contrast,
                            .soft = blob->soft,
                            .soft_seen = 1};
        SkySpeck taken;
        if (!speck && bulk <= 0 && sky_specks_take(&tracker->specks, &blob->box, now_ns, &taken))
            speck = &taken;
        if (speck)
            go_on_from(track, speck);
        sky_path_add(&track->path, sky_track_foot(&blob->box), now_ns);
        look_at_size(track, &tracker->perspective);
        return track;
    }
    sky_counter_add(&tracker->left_out, 1);
    return NULL;
}

static gboolean goes_straight(const SkyTrack *track, float way) {
    return track->road <= way * STRAIGHT_ROAD;
}

/* Never missed, straight, of one size and with edges of its own: nothing that trembles or is left of light, so where its box is it is.
 * The smoothed one lags by a picture. */
static gboolean is_direct(const SkyTrack *track, float way) {
    return track->missed == 0 && goes_straight(track, way) && track->wobble < DIRECT_WOBBLE && track->soft < DIRECT_SOFT;
}

static float reach_of(const SkyTrack *track) {
    const SkyBox *then = &track->origin, *now = &track->outline;
    float grown = MAX(now->w - then->w, now->h - then->h) / 4;
    gboolean comes_near = track->last_ns - track->begin_ns > COMING_NEAR_NS && now->w > then->w && now->h > then->h &&
                          !sky_travel_is_cornered(then, now);
    float way = sky_travel_between(then, now);
    if (is_direct(track, way))
        way = MAX(way, sky_travel_between(then, &track->box));
    return MAX(way, comes_near ? grown : 0);
}

gboolean sky_track_is_at_edge(const SkyTrack *track) {
    return sky_travel_is_cut(&track->box);
}

gboolean sky_track_came_in(const SkyTrack *track) {
    return sky_travel_is_cut(&track->origin);
}

gboolean sky_track_is_leaving(const SkyTrack *track) {
    const SkyBox *box = &track->box;
    return (sky_travel_at_edge(box->x, box->x + box->w, FALSE) && track->speed.x < -OUTWARD) ||
           (sky_travel_at_edge(box->x, box->x + box->w, TRUE) && track->speed.x > OUTWARD) ||
           (sky_travel_at_edge(box->y, box->y + box->h, FALSE) && track->speed.y < -OUTWARD) ||
           (sky_travel_at_edge(box->y, box->y + box->h, TRUE) && track->speed.y > OUTWARD);
}

/* How much better the box fits a thing that goes on as before than clutter of that density. */
static float gain_of(const SkyTrack *track, const SkyBox *box, float area, float clutter, float dt_s) {
    float loose = track->seen < 2 ? 1.0f : 0; /* its speed is not known yet */
    float sx = 0.12f * box->w + 0.006f + loose * (0.6f * box->w + 0.05f) * dt_s;
    float sy = 0.12f * box->h + 0.006f + loose * (0.6f * box->h + 0.05f) * dt_s;
    SkyPoint now = sky_box_centre(box), then = sky_box_centre(&track->box);
    float dx = (now.x - then.x - track->speed.x * dt_s) / sx, dy = (now.y - then.y - track->speed.y * dt_s) / sy;
    float off = dx * dx + dy * dy, resized = log2f(area / track->area) / 0.5f;
    if (sky_track_is_at_edge(track)) { /* only a part of it is seen, and its centre is not its own */
        off /= 4;
        resized /= 2;
    }
    float gain = -logf((clutter + CLUTTER_MIN) * 6.2832f * sx * sy) - off / 2 - resized * resized / 2;
    return CLAMP(gain, LOSS_MAX, GAIN_MAX);
}

static void smooth_box(SkyBox *box, const SkyBox *seen) {
    box->x += (seen->x - box->x) * SMOOTHING;
    box->y += (seen->y - box->y) * SMOOTHING;
    box->w += (seen->w - box->w) * SMOOTHING;
    box->h += (seen->h - box->h) * SMOOTHING;
}

static void look_for_rest(SkyTrack *track, const SkyBox *box, float area) {
    gboolean was_rest = track->rest;
    track->rest = area * REST < track->bulk;
    if (track->rest && !was_rest)
        track->rest_at = *box;
    if (track->rest && sky_travel_whole(&track->rest_at, box) > REST_TRAVEL) {
        track->rest = FALSE;
        track->bulk = area;
    }
    if (!track->rest)
        track->bulk += (area - track->bulk) * BULK_SMOOTHING;
}

/* Travel is one stretch of way: what changes place and then stays there (digits, lamps) has come nowhere by doing so now and then.
 * That it leapt is not forgotten. */
static void set_off_anew(SkyTrack *track) {
    track->origin = track->outline = track->box;
    track->reach = track->road = 0;
}

/* Where it has been was the way of no thing: it has come to rest; or what was seen was clutter, blobs of any size where leaves happened
 * to move. What comes in over the edge grows. */
static gboolean has_come_nowhere(const SkyTrack *track) {
    gboolean rests = track->moving < RESTED && track->reach > 0;
    gboolean changes = !sky_track_is_of_one_size(track) && track->score < SCORE_FIRM && !sky_track_is_at_edge(track);
    return rests || changes || track->refuted;
}

/* How far it has come in this picture: from where it was; where only now the edge cuts it off, further from where it began: it has shrunk
 * at its inner end before, and that one alone counts from now on. */
static float gone_by(const SkyTrack *track, const SkyBox *box) {
    float gone = sky_travel_between(&track->box, box);
    if (!sky_travel_is_cut(box) || sky_track_is_at_edge(track))
        return gone;
    return MAX(gone, sky_travel_between(&track->origin, box) - sky_travel_between(&track->origin, &track->box));
}

/* box: of all the blobs that are this thing now. */
static void move_track(SkyTrack *track, const SkyBox *box, float area, float contrast, float clutter, int64_t now_ns) {
    float dt_s = MAX((float)(now_ns - track->last_ns) / 1e9f, 0.001f);
    track->score = MIN(track->score + gain_of(track, box, area, clutter, dt_s), SCORE_MAX);
    track->score = MAX(track->score, SCORE_MIN);
    track->refuted = track->score <= SCORE_MIN;
    SkyPoint was_at = sky_box_centre(&track->box), is_at = sky_box_centre(box);
    float step = hypotf(is_at.x - was_at.x, is_at.y - was_at.y), gone = gone_by(track, box);
    float stride = MAX(step, gone) / dt_s / sky_track_size(box, area);
    track->moving += ((step > STEP_MIN ? 1 : 0) - track->moving) * MOVING_SMOOTHING;
    track->leap = MAX(track->leap * (step > STEP_MIN ? LEAP_MEMORY : 1), gone);
    track->stride = track->seen < 2 ? stride : track->stride + (stride - track->stride) * STRIDE_SMOOTHING;
    SkyPoint before = sky_box_centre(&track->outline);
    smooth_box(&track->outline, box);
    SkyPoint centre = sky_box_centre(&track->outline);
    track->speed.x += ((centre.x - before.x) / dt_s - track->speed.x) * SMOOTHING;
    track->speed.y += ((centre.y - before.y) / dt_s - track->speed.y) * SMOOTHING;
    look_for_rest(track, box, area);
    track->box = *box;
    track->noted = sky_box_join(&track->noted, box);
    sky_path_add(&track->path, sky_track_foot(box), now_ns);
    track->wobble += (fabsf(log2f(area / track->area)) - track->wobble) * WOBBLE_SMOOTHING;
    track->area = area;
    track->area_max = MAX(track->area_max, area);
    track->contrast += (contrast - track->contrast) / (float)(track->seen + 1);
    track->seen++;
    track->missed += track->missing;
    track->missing = 0;
    track->last_ns = now_ns;
    track->road += hypotf(centre.x - before.x, centre.y - before.y);
    if (!track->sure && has_come_nowhere(track))
        set_off_anew(track);
    float reach = reach_of(track);
    track->reach = MAX(track->reach, reach);
    if (!track->sure && reach < STIR)
        track->stirred_ns = now_ns;
}

/* What is believed tells nothing of its place: people wait at a door, and it does not tick. */
static void note_place(SkyTracker *tracker, SkyTrack *track, int64_t now_ns) {
    sky_ticking_note(&tracker->ticking, &track->noted, now_ns);
    track->noted = track->box;
    track->noted_ns = now_ns;
}

static void forget(SkyTracker *tracker, SkyTrack *track, int64_t min_duration_ns, int64_t now_ns) {
    track->number = 0;
    if (track->sure) {
        if (!track->rest)
            tracker->lost[tracker->lost_next++ % SKY_LOST_MAX] = (SkyLost){track->box, track->bulk, track->last_ns};
        return;
    }
    note_place(tracker, track, now_ns);
    if (sky_track_is_brisk(track) && track->seen >= FLIGHT_SEEN)
        tracker->flights += 1;
    sky_suppressed_note(&tracker->suppressed, sky_track_cause(track, min_duration_ns), sky_box_centre(&track->box));
}

/* Parts of one thing lie close together, for their size. */
static gboolean is_near(const SkyBox *a, const SkyBox *b) {
    float dx = MAX(a->x - b->x - b->w, b->x - a->x - a->w), dy = MAX(a->y - b->y - b->h, b->y - a->y - a->h);
    return dx <= MAX(APART_MIN, APART * MAX(a->w, b->w)) && dy <= MAX(APART_MIN, APART * MAX(a->h, b->h));
}

/* Too small for a thing, but for one as far away as people are so small. */
static gboolean is_small(const SkyTracker *tracker, const SkyBlob *blob) {
    return blob->small && sky_perspective_size(&tracker->perspective, &blob->box) != SKY_SIZE_FITS;
}

static void add_blob(SkyBlob *sum, const SkyBlob *blob, gboolean small) {
    sum->box = sky_box_join(&sum->box, &blob->box);
    sum->soft = (sum->soft * sum->area + blob->soft * blob->area) / (sum->area + blob->area);
    sum->alike = (sum->alike * sum->area + blob->alike * blob->area) / (sum->area + blob->area);
    sum->area += blob->area;
    sum->contrast = MAX(sum->contrast, blob->contrast);
    sum->small = sum->small && small;
}

/* For a moment; but what is small and brisk may be anything that flies, unless it runs straight on. */
static gboolean may_be_small(const SkyTrack *track, int64_t now_ns) {
    return now_ns - track->full_ns <= SMALL_NS && (!sky_track_is_brisk(track) || goes_straight(track, track->reach));
}

/* All the blobs that are this track's now, as one. Of a sure one, the largest and what is near it; the others are set free: whoever
 * walks away from somebody is a thing of his own. What is not sure keeps them all (leaves that are told apart look steadier than
 * they are), and is apart meanwhile. FALSE: none is. */
static gboolean gather(const SkyTracker *tracker, SkyTrack *track, SkyTrack *owner[], const SkyMotionResult *result,
                       SkyBlob *ret_blob) {
    *ret_blob = (SkyBlob){0};
    track->apart = track->parted = FALSE;
    for (uint32_t i = 0; i < result->blob_count; i++) {
        const SkyBlob *blob = &result->blobs[i];
        gboolean small = is_small(tracker, blob);
        if (owner[i] != track || (small && !may_be_small(track, result->arrival_ns)))
            continue;
        gboolean near = ret_blob->area <= 0 || is_near(&ret_blob->box, &blob->box);
        if (!near && track->sure) {
            owner[i] = NULL;
            continue;
        }
        track->apart |= !near;
        if (ret_blob->area > 0) {
            track->parted |= !small;
            add_blob(ret_blob, blob, small);
        } else {
            *ret_blob = *blob;
            ret_blob->small = small;
        }
    }
    return ret_blob->area > 0;
}

/* A thing that is none of the blobs goes on by what hardly stands out, if not much else is dim, for as long as by what is small; one
 * that has never stood out, for as long as there is any. */
static gboolean find_dim(const SkyTracker *tracker, const SkyTrack *track, const SkyMotionResult *result, SkyBlob *ret_blob) {
    gboolean stood_out = result->arrival_ns - track->full_ns <= SMALL_NS && sky_specks_are_few(&tracker->specks);
    if (!track->sure || (!track->dim && !stood_out))
        return FALSE;
    return sky_match_dim(track, result, ret_blob);
}

/* Whoever waved at one place may walk now, and somebody may have come out of leaves that flickered. */
static void fade(SkyTrack *track) {
    if (!sky_track_comes_somewhere(track))
        set_off_anew(track);
    track->seen = MAX(track->seen / 4, STEADY_SEEN);
    track->missed /= 4;
    track->mass_max = track->mass;
}

/* From one digit to another, whatever it was one with in between: a blob of a moment is no way. */
static gboolean is_home(const SkyTicking *ticking, const SkyTrack *track) {
    return sky_ticking_covers(ticking, &track->origin) && sky_ticking_covers(ticking, &track->box);
}

static void see(SkyTracker *tracker, SkyTrack *track, const SkyBlob *blob, int64_t min_duration_ns, int64_t now_ns) {
    track->full_ns = blob->small ? track->full_ns : now_ns;
    track->dim = track->dim && blob->small;
    move_track(track, &blob->box, blob->area, blob->contrast, tracker->clutter, now_ns);
    look_at_size(track, &tracker->perspective);
    track->mass += (blob->area * blob->contrast - track->mass) * MASS_SMOOTHING;
    track->mass_max = MAX(track->mass_max, track->mass);
    if (!sky_track_fades(track) || blob->soft > track->soft) { /* edges of what hardly stands out any more: it tells of none */
        track->soft_seen++;
        track->soft += (blob->soft - track->soft) * MAX(1 / (float)track->soft_seen, SOFT_SMOOTHING);
    }
    track->alike_seen++;
    track->alike += (blob->alike - track->alike) * MAX(1 / (float)track->alike_seen, ALIKE_SMOOTHING);
    if (!track->sure && now_ns - track->noted_ns >= NOTE_EVERY_NS) {
        note_place(tracker, track, now_ns);
        fade(track);
    }
    track->home = !track->sure && is_home(&tracker->ticking, track);
    sky_track_judge(track, min_duration_ns, tracker->flights);
}

static void watch_clutter(SkyTracker *tracker, SkyTrack *const owner[], const SkyMotionResult *result) {
    float blobs = 0, dt_s = tracker->last_ns == SKY_TIME_NONE ? 0 : (float)(result->arrival_ns - tracker->last_ns) / 1e9f;
    for (uint32_t i = 0; i < result->blob_count; i++)
        blobs += !is_small(tracker, &result->blobs[i]) && (!owner[i] || !owner[i]->sure);
    tracker->flights -= tracker->flights * CLAMP(dt_s / FLIGHTS_S, 0, 1);
    tracker->clutter += (blobs - tracker->clutter) * CLAMP(dt_s / CLUTTER_S, 0, 1);
}

/* Who has passed in front of a clock leaves the clock, not a rest of himself that may grow. */
static gboolean is_tick_again(const SkyTracker *tracker, const SkyTrack *track) {
    return track->sure && track->rest && sky_ticking_covers(&tracker->ticking, &track->box);
}

/* Nothing that is told or followed lies there. */
static gboolean is_free(const SkyTracker *tracker, const SkyMotionResult *result, const SkyBlob *dim) {
    for (uint32_t i = 0; i < result->blob_count; i++)
        if (!is_small(tracker, &result->blobs[i]) && sky_box_overlap(&result->blobs[i].box, &dim->box) > 0)
            return FALSE;
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++) {
        const SkyTrack *track = &tracker->tracks[i];
        if (!track->number)
            continue;
        SkyBox box = sky_match_expected(track, result->arrival_ns);
        if (sky_box_overlap(&box, &dim->box) > 0)
            return FALSE;
    }
    return TRUE;
}

/* speck: that has gone one way for long enough. FALSE: there is no free place. */
static gboolean begin_sure(SkyTracker *tracker, const SkySpeck *speck, gboolean dim, int64_t min_duration_ns, int64_t now_ns) {
    SkyBlob blob = {.box = speck->box, .area = speck->area, .soft = speck->soft, .small = dim};
    SkyTrack *track = begin_track(tracker, &blob, speck, now_ns);
    if (!track)
        return FALSE;
    track->reach = reach_of(track);
    track->home = is_home(&tracker->ticking, track);
    track->soft_seen = dim ? 0 : speck->seen;
    track->score = SCORE_SPECK;
    track->dim = dim;
    sky_track_judge(track, min_duration_ns, tracker->flights);
    return TRUE;
}

static void look_within(SkyTracker *tracker, SkyTrack *const owner[], const SkyMotionResult *result, int64_t min_duration_ns) {
    for (uint32_t i = 0; i < result->blob_count; i++)
        if (owner[i] && owner[i]->parted && !owner[i]->sure && !is_small(tracker, &result->blobs[i]))
            sky_specks_see(&tracker->walkers, &result->blobs[i], result->arrival_ns);
    sky_specks_age(&tracker->walkers, 0, result->arrival_ns);
    SkySpeck speck;
    while (sky_specks_promote(&tracker->walkers, TRUE, result->arrival_ns, &speck))
        if (!begin_sure(tracker, &speck, FALSE, min_duration_ns, result->arrival_ns))
            return;
}

static void look_for_dim(SkyTracker *tracker, const SkyMotionResult *result, int64_t min_duration_ns) {
    int64_t now_ns = result->arrival_ns;
    for (uint32_t i = 0; i < result->dim_count; i++)
        if (is_free(tracker, result, &result->dim[i]))
            sky_specks_see(&tracker->specks, &result->dim[i], now_ns);
    /* Where light moves, so do its edges, and its corners seem to walk; it is there in each picture, which drops that look like it are
     * not. */
    uint32_t light = result->light_parts + (result->light_blocks > 0);
    sky_specks_age(&tracker->specks, result->dim_left_out + MIN(light, tracker->light), now_ns);
    tracker->light = light;
    SkySpeck speck;
    while (sky_specks_promote(&tracker->specks, FALSE, now_ns, &speck))
        if (!begin_sure(tracker, &speck, TRUE, min_duration_ns, now_ns))
            return;
}

void sky_tracker_process(SkyTracker *tracker, const SkyMotionResult *result, int64_t min_duration_ns, int64_t forget_ns) {
    SkyTrack *owner[SKY_BLOBS_MAX];
    int64_t now_ns = result->arrival_ns;
    sky_match_blobs(tracker, result, owner);
    watch_clutter(tracker, owner, result);
    sky_ticking_age(&tracker->ticking, now_ns);
    for (unsigned t = 0; t < SKY_TRACKS_MAX; t++) {
        SkyTrack *track = &tracker->tracks[t];
        if (!track->number)
            continue;
        SkyBlob blob;
        if (gather(tracker, track, owner, result, &blob) || find_dim(tracker, track, result, &blob)) {
            see(tracker, track, &blob, min_duration_ns, now_ns);
        } else {
            track->missing++;
            track->score = MAX(track->score + MISS_LOSS, SCORE_MIN);
        }
        if (now_ns - track->last_ns > forget_ns || is_tick_again(tracker, track))
            forget(tracker, track, min_duration_ns, now_ns);
    }
    for (uint32_t i = 0; i < result->blob_count; i++)
        if (!owner[i] && !is_small(tracker, &result->blobs[i]))
            begin_track(tracker, &result->blobs[i], NULL, now_ns);
    look_within(tracker, owner, result, min_duration_ns);
    look_for_dim(tracker, result, min_duration_ns);
    tracker->last_ns = now_ns;
}
