/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include "event/track.h"
#include "event/travel.h"

#define REACH_MIN 0.02f    /* of the picture: less is no travel for however small a thing */
#define REACH_WOBBLE 3     /* times as much more for each octave by which its size changes beyond CHANGES_SIZE */
#define CHANGES_SIZE 0.4f
#define REACH_SIZE 0.3f    /* of its shorter side, the same for a large one */
#define ROAD_MAX 4         /* times its reach */
#define MOVING_MIN 0.4f
#define LEAPS_MIN 1.4f     /* its reach in greatest steps */
#define WOBBLE_MAX 0.7f
#define STRIDE_MAX 11.0f   /* own sizes a second. A sprinter does 6, a car that passes near 8 */
#define LARGE 0.15f        /* of the picture: a thing so large is not near the lens but near the camera */
#define ROOM_MAX 2.0f      /* of its area: people and cars fill half of their box, and more */
#define SIZE_MIN 0.001f    /* of the picture */
#define BRISK 2.8f         /* own sizes a second; people walk at 1 to 2 */
#define BRISK_AMONG 1.8f   /* from here on where much flies: some of that is no faster */
#define WOBBLE_USUAL 0.2f  /* of people and cars that are small, mostly; wings beat */
#define BRISK_COST 7.0f    /* score, for each size a second more */
#define AMONG_COST 28.0f   /* the same where much flies */
#define FLIGHTS_MANY 2.0f
#define SCORE_SURE 6.0f
#define FIT_MIN 0.6f       /* of late sights: legs alone, or an arm on high, for one picture in three */
#define SOFT_MAX 0.4f      /* of what is left of shadows 19 of 20 are softer than 0.55, of people and cars under 0.2 */
#define SOFT_UNSURE 0.2f   /* the same of what the picture's edge cuts off (half of its outline is not seen), and of what goes off into
                              nothing, or has come out of it: dust, smoke, a shadow's first and last */
#define ALIKE_MAX 0.35f    /* of what clouds leave over 7 of 10 are more alike, of people and cars in that light 3 of 10 for a picture */
#define ALIKE_REACH 0.2f   /* of the picture: what is left over comes no further. Whose clothes are like the ground, may */
#define FADING 0.7f        /* of its greatest mass */
#define HOME_REACH 0.3f    /* of the picture: what ticks comes no further than a clock is wide */

float sky_track_size(const SkyBox *box, float area) {
    return sqrtf(MAX(MIN(box->w * box->h, area * ROOM_MAX), SIZE_MIN * SIZE_MIN));
}

static float size_of(const SkyTrack *track) {
    return sky_track_size(&track->box, track->area);
}

static gboolean is_long(const SkyTrack *track, int64_t min_duration_ns) {
    return track->last_ns - track->since_ns >= min_duration_ns;
}

static gboolean is_steady(const SkyTrack *track) {
    return track->seen >= 3 && track->missed * 2 <= track->seen;
}

/* What is small, and larger now, now smaller, seems to go a little way by chance. */
static gboolean has_left(const SkyTrack *track) {
    float least = REACH_MIN * (1 + REACH_WOBBLE * MAX(0, track->wobble - CHANGES_SIZE));
    return track->reach >= MAX(least, MIN(track->box.w, track->box.h) * REACH_SIZE);
}

gboolean sky_track_comes_somewhere(const SkyTrack *track) {
    return track->reach * ROAD_MAX >= track->road;
}

static gboolean walks(const SkyTrack *track) {
    return track->reach >= track->leap * LEAPS_MIN && track->moving >= MOVING_MIN;
}

static gboolean flies(const SkyTrack *track) {
    return track->stride > STRIDE_MAX && size_of(track) < LARGE;
}

static float briskness(const SkyTrack *track, float from) {
    return size_of(track) < LARGE ? MAX(0, track->stride - from) : 0;
}

gboolean sky_track_is_brisk(const SkyTrack *track) {
    return track->seen >= 2 && briskness(track, BRISK) > 0;
}

/* Where much has flown by of late, more is brisk, most of all what changes its size from picture to picture, and has to prove itself for
 * longer. */
static float needed(const SkyTrack *track, float flights) {
    float many = MIN(flights / FLIGHTS_MANY, 1), beats = MAX(0, track->wobble - WOBBLE_USUAL);
    float from = BRISK + (BRISK_AMONG - beats - BRISK) * many, cost = BRISK_COST + (AMONG_COST - BRISK_COST) * many;
    return SCORE_SURE + cost * briskness(track, from);
}

static gboolean has_size(const SkyTrack *track) {
    return track->fit >= FIT_MIN;
}

gboolean sky_track_fades(const SkyTrack *track) {
    return track->mass > 0 && track->mass < track->mass_max * FADING;
}

gboolean sky_track_is_of_one_size(const SkyTrack *track) {
    return track->wobble < WOBBLE_MAX;
}

/* And is still where it began: it has come out of nothing. */
static gboolean has_spread(const SkyTrack *track) {
    return sky_travel_has_grown(&track->origin, &track->box) && sky_box_overlap(&track->origin, &track->box) > 0;
}

static gboolean has_edges(const SkyTrack *track) {
    gboolean unsure = sky_track_is_at_edge(track) || sky_track_fades(track) || has_spread(track);
    return track->soft <= (unsure ? SOFT_UNSURE : SOFT_MAX);
}

static gboolean is_ground(const SkyTrack *track) {
    return track->alike > ALIKE_MAX && track->reach < ALIKE_REACH;
}

static gboolean ticks(const SkyTrack *track) {
    return track->home && track->reach < HOME_REACH;
}

void sky_track_judge(SkyTrack *track, int64_t min_duration_ns, float flights) {
    gboolean travels = has_left(track) && walks(track) && sky_track_comes_somewhere(track) && !flies(track) && !ticks(track);
    gboolean is_one = is_steady(track) && has_size(track) && !track->apart && sky_track_is_of_one_size(track);
    gboolean is_in = !sky_travel_is_sliver(&track->box);
    gboolean is_light = !has_edges(track) || is_ground(track);
    if (is_long(track, min_duration_ns) && travels && is_one && is_in && !is_light && track->score >= needed(track, flights))
        track->sure = TRUE;
}

SkySuppression sky_track_cause(const SkyTrack *track, int64_t min_duration_ns) {
    if (ticks(track))
        return SKY_SUPPRESSED_TICK;
    if (!is_long(track, min_duration_ns))
        return SKY_SUPPRESSED_BRIEF;
    if (!is_steady(track))
        return SKY_SUPPRESSED_UNSTEADY;
    if (!has_size(track))
        return SKY_SUPPRESSED_SIZE;
    if (flies(track))
        return SKY_SUPPRESSED_FLIGHT;
    if (!sky_track_comes_somewhere(track) && track->road >= 2 * REACH_MIN)
        return SKY_SUPPRESSED_SWAY;
    if (is_ground(track))
        return SKY_SUPPRESSED_LIT;
    if (!sky_track_is_of_one_size(track))
        return has_edges(track) ? SKY_SUPPRESSED_SHAPE : SKY_SUPPRESSED_SOFT;
    if (track->refuted)
        return SKY_SUPPRESSED_ERRATIC;
    if (!has_left(track))
        return track->leap >= REACH_MIN ? SKY_SUPPRESSED_LEAP : SKY_SUPPRESSED_STILL;
    if (!walks(track))
        return SKY_SUPPRESSED_LEAP;
    if (!has_edges(track))
        return SKY_SUPPRESSED_SOFT;
    return sky_travel_is_sliver(&track->box) ? SKY_SUPPRESSED_SIZE : SKY_SUPPRESSED_ERRATIC;
}
