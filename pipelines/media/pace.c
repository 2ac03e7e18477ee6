/* SPDX-License-Identifier: Apache-2.0 */
#include "media/pace.h"

#include "base/clock.h"

void sky_pace_init(SkyPace *pace, double per_second) {
    *pace = (SkyPace){.interval_ns = per_second > 0 ? (int64_t)(SKY_NS_PER_S / per_second) : 0, .due_ns = SKY_TIME_NONE};
}

gboolean sky_pace_is_due(SkyPace *pace, int64_t pts_ns) {
    if (pace->interval_ns == 0)
        return TRUE;
    if (pace->due_ns == SKY_TIME_NONE || pace->due_ns - pts_ns > 2 * pace->interval_ns) { /* the first one, or time has gone back */
        pace->due_ns = pts_ns + pace->interval_ns;
        return TRUE;
    }
    if (pts_ns < pace->due_ns - SKY_NS_PER_MS) /* stamps are rounded */
        return FALSE;
    pace->due_ns = MAX(pace->due_ns + pace->interval_ns, pts_ns + pace->interval_ns / 2); /* after a pause: no rush to catch up */
    return TRUE;
}
