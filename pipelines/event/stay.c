/* SPDX-License-Identifier: Apache-2.0 */
#include "event/stay.h"

#include <math.h>

#include "base/clock.h"

#define NEAR 0.1f /* of the picture: found again so far from where it was lost */
#define LOST_NS SKY_NS_PER_S /* what was seen more lately is followed still: somebody else */

static gboolean is_over(const SkyStay *stay, int64_t now_ns, int64_t moment_ns) {
    return !stay->number || now_ns - stay->last_ns > moment_ns;
}

/* Of this track, or the one that it goes on from, or a free place. */
static SkyStay *find(SkyStays *stays, uint64_t number, SkyPoint foot, int64_t now_ns, int64_t moment_ns) {
    SkyStay *found = NULL, *lost = NULL;
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++) {
        SkyStay *stay = &stays->stays[i];
        if (stay->number == number && !is_over(stay, now_ns, moment_ns))
            return stay;
        if (is_over(stay, now_ns, moment_ns))
            found = stay;
        else if (now_ns - stay->last_ns > LOST_NS && hypotf(stay->foot.x - foot.x, stay->foot.y - foot.y) <= NEAR)
            lost = stay;
    }
    return lost ? lost : found;
}

int64_t sky_stays_see(SkyStays *stays, uint64_t number, SkyPoint foot, int64_t now_ns, int64_t moment_ns) {
    SkyStay *stay = find(stays, number, foot, now_ns, moment_ns);
    if (!stay) /* full of those who left a moment ago */
        return now_ns;
    if (is_over(stay, now_ns, moment_ns))
        stay->from_ns = now_ns;
    stay->number = number;
    stay->foot = foot;
    stay->last_ns = now_ns;
    return stay->from_ns;
}

int64_t sky_stays_oldest_ns(const SkyStays *stays, int64_t now_ns, int64_t moment_ns) {
    int64_t oldest_ns = INT64_MAX;
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++)
        if (!is_over(&stays->stays[i], now_ns, moment_ns))
            oldest_ns = MIN(oldest_ns, stays->stays[i].from_ns);
    return oldest_ns;
}
