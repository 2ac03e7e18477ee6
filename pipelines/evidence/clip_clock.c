/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/clip_clock.h"

#include "base/clock.h"

#define STEP_FIRST_NS (40 * SKY_NS_PER_MS)
#define STEP_MAX_NS SKY_NS_PER_S
/* Media time and arrival may differ by this much over a gap: buffers of camera and network. */
#define TRUST_NS (2 * SKY_NS_PER_S)
#define MEDIA_JUMP_NS (60 * SKY_NS_PER_S)

static int64_t to_ticks(int64_t ns) {
    return ns / SKY_NS_PER_S * SKY_CLIP_TICKS_PER_S + ns % SKY_NS_PER_S * SKY_CLIP_TICKS_PER_S / SKY_NS_PER_S;
}

/* How long after the last picture this one comes. */
static int64_t advance(const SkyClipClock *clock, const SkyPacketTimes *times) {
    int64_t media_ns = times->dts_ns - clock->last_media_ns;
    int64_t arrival_ns = times->arrival_ns - clock->last_arrival_ns;
    int64_t apart_ns = media_ns > arrival_ns ? media_ns - arrival_ns : arrival_ns - media_ns;
    if (media_ns > 0 && apart_ns <= (times->gap ? TRUST_NS : MEDIA_JUMP_NS))
        return media_ns;
    return MAX(arrival_ns, clock->step_ns);
}

static void follow(SkyClipClock *clock, const SkyPacketTimes *times) {
    if (!clock->begun) {
        clock->begun = TRUE;
        clock->step_ns = STEP_FIRST_NS;
        clock->last_dts = -1;
        clock->last_file_ns = 0;
    } else {
        int64_t step_ns = advance(clock, times);
        clock->gaps += times->gap ? 1 : 0;
        clock->last_file_ns += step_ns;
        if (!times->gap && step_ns > 0 && step_ns <= STEP_MAX_NS)
            clock->step_ns = step_ns;
    }
    clock->offset_ns = clock->last_file_ns - times->dts_ns;
    clock->last_media_ns = times->dts_ns;
    clock->last_arrival_ns = times->arrival_ns;
}

void sky_clip_clock_next(SkyClipClock *clock, const SkyPacketTimes *times, int64_t *ret_dts, int64_t *ret_pts) {
    follow(clock, times);
    int64_t dts = MAX(to_ticks(clock->last_file_ns), clock->last_dts + 1);
    int64_t pts = MAX(to_ticks(times->pts_ns + clock->offset_ns), dts);
    clock->start = clock->last_dts < 0 ? pts : MIN(clock->start, pts);
    clock->last_dts = dts;
    clock->end = MAX(clock->end, pts + MAX(to_ticks(clock->step_ns), 1));
    *ret_dts = dts;
    *ret_pts = pts;
}

double sky_clip_clock_seconds(const SkyClipClock *clock) {
    return (double)(clock->end - clock->start) / SKY_CLIP_TICKS_PER_S;
}
