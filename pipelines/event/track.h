/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/polygon.h"
#include "motion/motion_result.h"

/* One thing followed from picture to picture, by where its blob is. Values; decides only. */
#define SKY_TRACKS_MAX 32

typedef struct {
    uint64_t number;         /* from 1; 0: this place is free */
    int64_t begin_ns, last_ns; /* first and last seen */
    uint32_t seen, missed;   /* pictures since the begin, with and without it */
    SkyBox box;              /* last seen */
    SkyBox origin, outline;  /* the box at first, and now, smoothed */
    SkyPoint speed;          /* of the outline's centre, a second */
    float area, area_max;
    float contrast;          /* mean so far */
    float wobble;            /* mean of late |log2| of its area from one sight to the next: things keep their size, leaves do not */
    float reach;             /* how far it has travelled from its origin at most, of the picture */
    float road;              /* length of the centre's path; much longer than reach: it swings */
    gboolean sure;           /* it is a thing that travels, long enough */
} SkyTrack;

typedef struct {
    SkyTrack tracks[SKY_TRACKS_MAX];
    uint64_t numbers;
    uint64_t left_out;       /* blobs that found no free place */
    int64_t last_ns;
} SkyTracker;

void sky_tracker_init(SkyTracker *tracker);
/* Moves the tracks on by one picture; tracks that were seen have last_ns = the picture's time. forget_ns: unseen for so long, gone. */
void sky_tracker_process(SkyTracker *tracker, const SkyMotionResult *result, int64_t min_duration_ns, int64_t forget_ns);
