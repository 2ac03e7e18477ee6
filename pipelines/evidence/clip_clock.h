/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "media/packet.h"

/* Packets' times -> times in one file: from 0, dts strictly growing, pts never before dts, in ticks of 1/90000 s. Media time is
 * followed (arrival jitters); where something is missing, or the media time begins anew, the clock at arrival says how long it was.
 * Decides only. Caller's memory; zeroed is a file that has not begun. */
#define SKY_CLIP_TICKS_PER_S 90000
typedef struct {
    gboolean begun;
    int64_t offset_ns; /* time in the file = media time + offset */
    int64_t last_media_ns, last_arrival_ns, last_file_ns;
    int64_t step_ns;   /* from one picture to the next, as seen last */
    int64_t last_dts;  /* ticks */
    int64_t start, end; /* ticks: where the first picture begins (later than 0 by the reordering) and the last one ends */
    uint32_t gaps;     /* places where something is missing */
} SkyClipClock;

void sky_clip_clock_next(SkyClipClock *clock, const SkyPacketTimes *times, int64_t *ret_dts, int64_t *ret_pts);
/* Length so far: of the pictures. */
double sky_clip_clock_seconds(const SkyClipClock *clock);
