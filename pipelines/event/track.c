/* SPDX-License-Identifier: Apache-2.0 */
#include "event/track.h"
#include <math.h>
#include <string.h>

#define SMOOTHING 0.5f     /* share of the new centre */
#define REACH_MIN 0.02f    /* of the picture: less is no travel for however small a thing */
#define REACH_SIZE 0.3f    /* of its shorter side, the same for a large one */
#define COMING_NEAR_NS INT64_C(2000000000) /* growing for so long is travel too: it comes straight at the camera */
#define EDGE 0.02f         /* nearer to the picture's edge than this: cut off by it */
#define WOBBLE_SMOOTHING 0.3f
#define WOBBLE_MAX 0.7f
#define GREATER 8          /* times the area of a track: not that thing */

void sky_tracker_init(SkyTracker *tracker) {
    memset(tracker, 0, sizeof *tracker);
    tracker->last_ns = INT64_MIN;
}

static SkyPoint centre_of(const SkyBox *box) {
    return (SkyPoint){box->x + box->w / 2, box->y + box->h / 2};
}

static SkyBox grown(const SkyBox *box, float by_w, float by_h) {
    return (SkyBox){box->x - by_w, box->y - by_h, box->w + 2 * by_w, box->h + 2 * by_h};
}

static float overlap(const SkyBox *a, const SkyBox *b) {
    float w = MIN(a->x + a->w, b->x + b->w) - MAX(a->x, b->x);
    float h = MIN(a->y + a->h, b->y + b->h) - MAX(a->y, b->y);
    return w > 0 && h > 0 ? w * h : 0;
}

/* Where the track should be now, with room for error: half its size, at least 2 % of the picture. */
static SkyBox expected(const SkyTrack *track, int64_t now_ns) {
    float dt_s = (float)(now_ns - track->last_ns) / 1e9f;
    SkyBox box = track->box;
    box.x += track->speed.x * dt_s;
    box.y += track->speed.y * dt_s;
    return grown(&box, MAX(box.w * 0.25f, 0.02f), MAX(box.h * 0.25f, 0.02f));
}

static SkyTrack *best_for(SkyTracker *tracker, const SkyBlob *blob, int64_t now_ns) {
    SkyTrack *best = NULL;
    float best_share = 0;
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++) {
        SkyTrack *track = &tracker->tracks[i];
        if (!track->number || blob->area > GREATER * track->area)
            continue;
        SkyBox box = expected(track, now_ns);
        float shared = overlap(&box, &blob->box);
        float share = shared / MIN(box.w * box.h, blob->box.w * blob->box.h) + (track->sure ? 0.001f : 0);
        if (shared > 0 && share > best_share) {
            best = track;
            best_share = share;
        }
    }
    return best;
}

static void join_box(SkyBox *box, const SkyBox *other) {
    float right = MAX(box->x + box->w, other->x + other->w), bottom = MAX(box->y + box->h, other->y + other->h);
    box->x = MIN(box->x, other->x);
    box->y = MIN(box->y, other->y);
    box->w = right - box->x;
    box->h = bottom - box->y;
}

static void begin_track(SkyTracker *tracker, const SkyBlob *blob, int64_t now_ns) {
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++) {
        SkyTrack *track = &tracker->tracks[i];
        if (track->number)
            continue;
        *track = (SkyTrack){.number = ++tracker->numbers, .begin_ns = now_ns, .last_ns = now_ns, .seen = 1, .box = blob->box,
                            .origin = blob->box, .outline = blob->box, .area = blob->area, .area_max = blob->area, .contrast = blob->contrast};
        return;
    }
    tracker->left_out++;
}

static gboolean at_edge(float low, float high, gboolean far_side) {
    return far_side ? high > 1 - EDGE : low < EDGE;
}

/* How far a span [low, high] has gone along one axis. A thing that moves takes both its ends with it, a thing that
 * flickers or swings only one; what comes in over the picture's edge shows only the end inside. */
static float gone(float low_then, float high_then, float low, float high) {
    float by_low = low - low_then, by_high = high - high_then;
    gboolean low_cut = at_edge(low_then, high_then, FALSE) || at_edge(low, high, FALSE);
    gboolean high_cut = at_edge(low_then, high_then, TRUE) || at_edge(low, high, TRUE);
    if (low_cut && high_cut)
        return 0;
    if (low_cut)
        return fabsf(by_high);
    if (high_cut)
        return fabsf(by_low);
    return by_low * by_high > 0 ? MIN(fabsf(by_low), fabsf(by_high)) : 0;
}

static float reach_of(const SkyTrack *track) {
    const SkyBox *then = &track->origin, *now = &track->outline;
    float x = gone(then->x, then->x + then->w, now->x, now->x + now->w);
    float y = gone(then->y, then->y + then->h, now->y, now->y + now->h);
    float grown = MAX(now->w - then->w, now->h - then->h) / 4;
    gboolean comes_near = track->last_ns - track->begin_ns > COMING_NEAR_NS && now->w > then->w && now->h > then->h;
    return MAX(hypotf(x, y), comes_near ? grown : 0);
}

static void smooth_box(SkyBox *box, const SkyBox *seen) {
    box->x += (seen->x - box->x) * SMOOTHING;
    box->y += (seen->y - box->y) * SMOOTHING;
    box->w += (seen->w - box->w) * SMOOTHING;
    box->h += (seen->h - box->h) * SMOOTHING;
}

/* box: of all the blobs that are this thing now. */
static void move_track(SkyTrack *track, const SkyBox *box, float area, float contrast, int64_t now_ns) {
    float dt_s = MAX((float)(now_ns - track->last_ns) / 1e9f, 0.001f);
    SkyPoint before = centre_of(&track->outline);
    smooth_box(&track->outline, box);
    SkyPoint centre = centre_of(&track->outline);
    track->speed.x += ((centre.x - before.x) / dt_s - track->speed.x) * SMOOTHING;
    track->speed.y += ((centre.y - before.y) / dt_s - track->speed.y) * SMOOTHING;
    track->box = *box;
    track->wobble += (fabsf(log2f(area / track->area)) - track->wobble) * WOBBLE_SMOOTHING;
    track->area = area;
    track->area_max = MAX(track->area_max, area);
    track->contrast += (contrast - track->contrast) / (float)(track->seen + 1);
    track->seen++;
    track->last_ns = now_ns;
    track->road += hypotf(centre.x - before.x, centre.y - before.y);
    track->reach = MAX(track->reach, reach_of(track));
}

static void make_sure(SkyTrack *track, int64_t min_duration_ns) {
    float size = MIN(track->box.w, track->box.h);
    gboolean long_enough = track->last_ns - track->begin_ns >= min_duration_ns;
    gboolean steady = track->seen >= 3 && track->missed * 2 <= track->seen;
    gboolean travels = track->reach >= MAX(REACH_MIN, size * REACH_SIZE) && track->reach * 4 >= track->road;
    if (long_enough && steady && travels && track->wobble < WOBBLE_MAX)
        track->sure = TRUE;
}

void sky_tracker_process(SkyTracker *tracker, const SkyMotionResult *result, int64_t min_duration_ns, int64_t forget_ns) {
    SkyTrack *owner[SKY_BLOBS_MAX];
    int64_t now_ns = result->arrival_ns;
    for (uint32_t i = 0; i < result->blob_count; i++)
        owner[i] = best_for(tracker, &result->blobs[i], now_ns);
    for (unsigned t = 0; t < SKY_TRACKS_MAX; t++) {
        SkyTrack *track = &tracker->tracks[t];
        if (!track->number)
            continue;
        SkyBox box = {0};
        float area = 0, contrast = 0;
        for (uint32_t i = 0; i < result->blob_count; i++)
            if (owner[i] == track) {
                if (area > 0)
                    join_box(&box, &result->blobs[i].box);
                else
                    box = result->blobs[i].box;
                contrast = MAX(contrast, result->blobs[i].contrast);
                area += result->blobs[i].area;
            }
        if (area > 0)
            move_track(track, &box, area, contrast, now_ns);
        else
            track->missed++;
        make_sure(track, min_duration_ns);
        if (now_ns - track->last_ns > forget_ns)
            track->number = 0;
    }
    for (uint32_t i = 0; i < result->blob_count; i++)
        if (!owner[i])
            begin_track(tracker, &result->blobs[i], now_ns);
    tracker->last_ns = now_ns;
}
