/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* A stream's own time stamps -> media time: from 0 at the first picture, dts strictly growing, pts never before dts, whatever they
 * do: jump, repeat, go back, are missing. Decides only. RTP tells pts alone: dts then follows from the largest pts so far and the
 * depth of reordering that the stream has shown. */
#define SKY_TIMELINE_REORDER_MAX 16
typedef struct {
    gboolean live; /* arrival times are real: they judge a jump and fill a hole */
    gboolean begun, restarted;
    gboolean has_dts;      /* by the first picture; else every dts is worked out from pts */
    int64_t offset_ns;     /* media time = stamp + offset */
    int64_t last_stamp_ns; /* dts where there is one, else pts */
    int64_t last_arrival_ns;
    int64_t ahead_ns;   /* media time before arrival time when stamps last began or jumped */
    int64_t highest_ns; /* media time of the highest stamp so far */
    int64_t last_dts_ns;
    int64_t step_ns; /* from one picture to the next, as seen last */
    uint32_t still;  /* stamps in a row that said nothing new */
    uint32_t depth;  /* of reordering, as shown so far */
    uint32_t forward; /* pictures since a stamp last went back */
    uint32_t known;  /* of those below, how many are of pictures */
    int64_t newest_ns[SKY_TIMELINE_REORDER_MAX + 1]; /* the largest pts so far, ascending */
} SkyTimeline;

/* step_ns: the expected distance of two pictures. depth: of reordering as far as known, else 0; it serves where there is no dts. */
void sky_timeline_init(SkyTimeline *timeline, gboolean live, int64_t step_ns, uint32_t depth);
/* The next stamps begin anew (a file plays again): media time goes on, and that is no mending. */
void sky_timeline_restart(SkyTimeline *timeline);
/* Stamps: SKY_TIME_NONE where missing. TRUE: they had to be mended. */
gboolean sky_timeline_next(SkyTimeline *timeline, int64_t pts_ns, int64_t dts_ns, int64_t arrival_ns, int64_t *ret_pts_ns,
                           int64_t *ret_dts_ns);
