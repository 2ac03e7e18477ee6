/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/show_clock.h"

#include "base/clock.h"

#define FOLLOW_NS (30 * SKY_NS_PER_S) /* of media time: a delay that stays is taken over so slowly */
#define JUMP_NS (5 * SKY_NS_PER_S)    /* media time that lies so far off was begun anew */
#define BACK_NS (SKY_NS_PER_S / 4)    /* so was what goes back and comes so late: a reordered picture does not */
#define STEP_MIN_NS SKY_NS_PER_MS

void sky_show_clock_init(SkyShowClock *clock) {
    *clock = (SkyShowClock){.newest_ns = SKY_TIME_NONE, .pts_ns = SKY_TIME_NONE, .shown_ns = SKY_TIME_NONE};
}

void sky_show_clock_arrived(SkyShowClock *clock, int64_t arrival_ns) {
    clock->newest_ns = clock->newest_ns == SKY_TIME_NONE ? arrival_ns : MAX(clock->newest_ns, arrival_ns);
}

static void follow(SkyShowClock *clock, int64_t pts_ns, int64_t late_ns) {
    if (ABS(late_ns) > JUMP_NS || (pts_ns < clock->pts_ns && late_ns > BACK_NS)) {
        clock->offset_ns += late_ns;
        return;
    }
    int64_t passed_ns = CLAMP(pts_ns - clock->pts_ns, 0, SKY_NS_PER_S);
    if (late_ns > 0)
        clock->offset_ns += (int64_t)((double)late_ns * (double)passed_ns / FOLLOW_NS);
}

int64_t sky_show_clock_shown(SkyShowClock *clock, int64_t pts_ns, int64_t arrival_ns) {
    sky_show_clock_arrived(clock, arrival_ns);
    if (!clock->begun) {
        clock->offset_ns = arrival_ns - pts_ns;
        clock->pts_ns = pts_ns;
        clock->begun = TRUE;
    }
    follow(clock, pts_ns, arrival_ns - pts_ns - clock->offset_ns);
    clock->offset_ns = MIN(clock->offset_ns, clock->newest_ns - pts_ns); /* nothing is seen before it came */
    int64_t shown_ns = pts_ns + clock->offset_ns;
    if (clock->shown_ns != SKY_TIME_NONE)
        shown_ns = MAX(shown_ns, clock->shown_ns + STEP_MIN_NS);
    clock->pts_ns = pts_ns;
    clock->shown_ns = shown_ns;
    return shown_ns;
}
