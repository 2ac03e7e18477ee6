/* SPDX-License-Identifier: Apache-2.0 */
#include "event/match.h"

#include <math.h>
#include "event/travel.h"

#define GREATER 8          /* times the area of a track: not that thing */
#define STRIDE_MAX 11.0f   /* own sizes a second, no thing goes faster: as of what is judged */
#define ALIKE 1.5f         /* from one picture to the next a thing's height and width change no more */
#define GUESS_COST 3.0f    /* score: that it is the same thing is a guess, which tells nothing for it */

SkyBox sky_match_expected(const SkyTrack *track, int64_t now_ns) {
    float dt_s = (float)(now_ns - track->last_ns) / 1e9f;
    SkyBox box = track->box;
    box.x += track->speed.x * dt_s;
    box.y += track->speed.y * dt_s;
    return sky_box_grown(&box, MAX(box.w * 0.25f, 0.02f), MAX(box.h * 0.25f, 0.02f));
}

static SkyTrack *best_for(SkyTracker *tracker, const SkyBlob *blob, int64_t now_ns) {
    SkyTrack *best = NULL;
    float best_share = 0;
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++) {
        SkyTrack *track = &tracker->tracks[i];
        if (!track->number || blob->area > GREATER * track->area)
            continue;
        SkyBox box = sky_match_expected(track, now_ns);
        float shared = sky_box_overlap(&box, &blob->box);
        float share = shared / MIN(box.w * box.h, blob->box.w * blob->box.h) + (track->sure ? 0.001f : 0);
        if (shared > 0 && share > best_share) {
            best = track;
            best_share = share;
        }
    }
    return best;
}

static gboolean is_alike(float a, float b) {
    return MAX(a, b) <= MIN(a, b) * ALIKE;
}

static float stride_of(const SkyBox *then, const SkyBox *now, float dt_s) {
    SkyPoint from = sky_box_centre(then), to = sky_box_centre(now);
    return hypotf(to.x - from.x, to.y - from.y) / dt_s / sqrtf(then->w * then->h);
}

/* Of what came in over the picture's edge just now less was seen then. */
static gboolean may_run(const SkyTrack *track, const SkyBlob *blob, float dt_s) {
    const SkyBox *then = &track->box, *now = &blob->box;
    gboolean came_across = sky_travel_at_edge(then->x, then->x + then->w, FALSE) || sky_travel_at_edge(then->x, then->x + then->w, TRUE);
    return is_alike(then->h, now->h) && (is_alike(then->w, now->w) || (came_across && then->w < now->w)) &&
           stride_of(then, now, dt_s) <= STRIDE_MAX;
}

static gboolean is_owner(const SkyTrack *track, SkyTrack *const owner[], uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (owner[i] == track)
            return TRUE;
    return FALSE;
}

/* Where there are two to choose from, neither is believed: rain and swarms are all alike. */
static void find_runners(SkyTracker *tracker, const SkyMotionResult *result, SkyTrack *owner[]) {
    float dt_s = (float)(result->arrival_ns - tracker->last_ns) / 1e9f;
    SkyTrack *runner[SKY_BLOBS_MAX] = {NULL};
    uint32_t claims[SKY_TRACKS_MAX] = {0}, choices[SKY_BLOBS_MAX] = {0};
    for (unsigned t = 0; t < SKY_TRACKS_MAX; t++) {
        SkyTrack *track = &tracker->tracks[t];
        if (!track->number || track->seen > 1 || track->last_ns != tracker->last_ns || is_owner(track, owner, result->blob_count))
            continue;
        for (uint32_t i = 0; i < result->blob_count; i++)
            if (!owner[i] && !result->blobs[i].small && may_run(track, &result->blobs[i], dt_s)) {
                runner[i] = track;
                choices[i]++;
                claims[t]++;
            }
    }
    for (uint32_t i = 0; i < result->blob_count; i++) {
        SkyTrack *track = runner[i];
        if (choices[i] != 1 || claims[track - tracker->tracks] != 1)
            continue;
        SkyPoint from = sky_box_centre(&track->box), to = sky_box_centre(&result->blobs[i].box);
        track->speed = (SkyPoint){(to.x - from.x) / dt_s, (to.y - from.y) / dt_s};
        track->score -= GUESS_COST;
        owner[i] = track;
    }
}

void sky_match_blobs(SkyTracker *tracker, const SkyMotionResult *result, SkyTrack *ret_owner[SKY_BLOBS_MAX]) {
    for (uint32_t i = 0; i < result->blob_count; i++)
        ret_owner[i] = best_for(tracker, &result->blobs[i], result->arrival_ns);
    if (tracker->last_ns != SKY_TIME_NONE && tracker->last_ns < result->arrival_ns)
        find_runners(tracker, result, ret_owner);
}

gboolean sky_match_dim(const SkyTrack *track, const SkyMotionResult *result, SkyBlob *ret_blob) {
    float most = 0;
    SkyBox box = sky_match_expected(track, result->arrival_ns);
    for (uint32_t i = 0; i < result->dim_count; i++) {
        float shared = sky_box_overlap(&box, &result->dim[i].box);
        if (shared > most && result->dim[i].area <= GREATER * track->area) {
            *ret_blob = result->dim[i];
            ret_blob->small = TRUE;
            most = shared;
        }
    }
    return most > 0;
}
