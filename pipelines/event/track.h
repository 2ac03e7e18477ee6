/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/polygon.h"
#include "event/event_params.h"
#include "event/path.h"
#include "event/speck.h"
#include "event/suppression.h"
#include "event/ticking.h"
#include "motion/motion_result.h"

/* One thing followed from picture to picture, by where its blob is, and whether it travels as things do. Values; decides only.
 * Belief is a track score (Sittler 1964; Blackman, IEEE AES Magazine 19(1), 2004): each sight adds how much better "one thing that
 * goes on as before" explains it than "clutter that happened to be there", with the clutter's density as it has been lately. */
#define SKY_TRACKS_MAX 32

typedef struct {
    uint64_t number;         /* from 1; 0: this place is free */
    int64_t begin_ns, last_ns; /* first and last seen */
    int64_t stirred_ns;      /* when it was last where it had been at first: it moves since then */
    int64_t full_ns;         /* last seen in full, not only by small blobs */
    int64_t since_ns;        /* the picture before the first: it has moved since then at the latest */
    uint32_t seen, missed;   /* pictures from its first sight to its last, with and without it; while it is not sure they fade */
    uint32_t missing;        /* pictures since its last sight */
    SkyBox box;              /* last seen */
    SkyBox origin, outline;  /* the box at first, and now, smoothed */
    SkyPoint speed;          /* of the outline's centre, a second */
    float area, area_max;
    float bulk;              /* area of late, without rests */
    gboolean rest;           /* what is seen is a small rest where the thing was, and stays there: a door, a chair, its ghost in the
                                model; the thing itself is gone */
    SkyBox rest_at;          /* where the rest was first */
    float contrast;          /* mean so far */
    float wobble;            /* mean of late |log2| of its area from one sight to the next: things keep their size, leaves do not */
    float reach;             /* how far it has travelled from its origin at most, of the picture */
    float road;              /* length of the centre's path; much longer than reach: it swings */
    float leap;              /* its greatest step from one sight to the next, slowly forgotten */
    float moving;            /* share of late sights in which it had moved */
    float stride;            /* of late, its own sizes a second */
    float score;             /* belief that it is one thing: log-likelihood ratio against clutter */
    SkyBox noted;            /* where it has been since the last note in the map of ticking places */
    int64_t noted_ns;
    gboolean home;           /* is in a ticking place, as it was at first */
    SkyPath path;            /* of its foot */
    gboolean parted;         /* now it is several blobs, */
    gboolean apart;          /* with room between them */
    float fit;               /* share of late sights whose size is one of people and cars at its place */
    float soft;              /* mean of its sights, the late ones of one seen for long; of those before it stood out nothing is known */
    uint32_t soft_seen;      /* so many */
    float alike;             /* mean of its sights: how it looks like its ground, where light has swept past it */
    uint32_t alike_seen;     /* of so many */
    float mass, mass_max;    /* its area times how clearly it stands out: of late, and at most */
    gboolean dim;            /* known only by what hardly stands out, so far */
    gboolean refuted;        /* by what was seen of it last; not by that it is gone */
    gboolean sure;           /* it is a thing that travels, long enough */
} SkyTrack;

/* A thing that was there and is not seen any more: what shows in its place, much smaller, may be its ghost. */
typedef struct {
    SkyBox box;
    float bulk;
    int64_t last_ns; /* seen; 0: this place is free */
} SkyLost;
#define SKY_LOST_MAX 8

typedef struct {
    SkyTrack tracks[SKY_TRACKS_MAX];
    SkyLost lost[SKY_LOST_MAX]; /* a ring */
    uint32_t lost_next;
    uint64_t numbers;
    SkyCounter left_out;     /* blobs that found no free place, here or in the picture */
    int64_t last_ns;         /* of the last picture, SKY_TIME_NONE before */
    float clutter;           /* blobs a picture, of late, that are no sure thing's */
    float flights;           /* things that only flew by, of late: the more, the more is brisk, and the less is believed of it */
    SkySuppressed suppressed;
    SkyTicking ticking;
    uint32_t light;          /* how much of the last picture was light */
    SkySpecks specks;        /* of what is dim */
    SkySpecks walkers;       /* of the parts of what is apart: one may be a thing that walks among leaves */
    SkyPerspective perspective;
} SkyTracker;

/* perspective: copied; NULL: not known. */
void sky_tracker_init(SkyTracker *tracker, const SkyPerspective *perspective);
/* The stream was cut: nothing is followed any more; what was counted stays, and the places that tick. */
void sky_tracker_cut(SkyTracker *tracker);
/* Moves the tracks on by one picture; tracks that were seen have last_ns = the picture's time. forget_ns: unseen for so long, gone.
 */
void sky_tracker_process(SkyTracker *tracker, const SkyMotionResult *result, int64_t min_duration_ns, int64_t forget_ns);
/* Of when it was last seen: cut off by the picture's edge; and going out over it. Of when it was first seen: came in over it. */
gboolean sky_track_is_at_edge(const SkyTrack *track);
gboolean sky_track_came_in(const SkyTrack *track);
gboolean sky_track_is_leaving(const SkyTrack *track);

SkyPoint sky_track_foot(const SkyBox *box); /* where it stands */
/* How large it is across, of the picture. What has more room between its parts than parts is no larger for it: flakes that fall side by
 * side are no slow giant. */
float sky_track_size(const SkyBox *box, float area);

/* Of one track, for the tracker and its tests. Brisk: small, and faster for its size than people and cars mostly are. */
gboolean sky_track_comes_somewhere(const SkyTrack *track); /* FALSE: it moves a lot, on the spot */
gboolean sky_track_is_brisk(const SkyTrack *track);
gboolean sky_track_is_of_one_size(const SkyTrack *track); /* of late; leaves are not */
gboolean sky_track_fades(const SkyTrack *track); /* there is much less of it than there was */
void sky_track_judge(SkyTrack *track, int64_t min_duration_ns, float flights);
SkySuppression sky_track_cause(const SkyTrack *track, int64_t min_duration_ns);
