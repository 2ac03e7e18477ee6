/* SPDX-License-Identifier: Apache-2.0 */
#include "event/travel.h"

#include <math.h>

#define EDGE 0.02f    /* nearer to the picture's edge than this: cut off by it, or will be in a moment */
#define TOUCHES_ACROSS 0.012f /* nearer than this: cut off by it for sure. Masks are off by a pixel or two of 320, */
#define TOUCHES_DOWN 0.02f    /* or of 180 */
#define SLIVER_ACROSS 0.0225f /* thinner than this at the edge: its outline is hardly seen, nor which way it goes */
#define SLIVER_DOWN 0.04f
#define CORNER_MAX 0.04f      /* of the picture: what is larger has an inside, which tells things from light */

gboolean sky_travel_at_edge(float low, float high, gboolean far_side) {
    return far_side ? high > 1 - EDGE : low < EDGE;
}

static float gone(float low_then, float high_then, float low, float high, float by) {
    float by_low = low - low_then, by_high = high - high_then;
    gboolean low_cut = MIN(low_then, low) < by, high_cut = MAX(high_then, high) > 1 - by;
    if (low_cut && high_cut)
        return 0;
    if (low_cut)
        return fabsf(by_high);
    if (high_cut)
        return fabsf(by_low);
    return by_low * by_high > 0 ? MIN(fabsf(by_low), fabsf(by_high)) : 0;
}

static gboolean touches(float low, float high, float by) {
    return low < by || high > 1 - by;
}

static gboolean in_corner(const SkyBox *box) {
    return touches(box->x, box->x + box->w, TOUCHES_ACROSS) && touches(box->y, box->y + box->h, TOUCHES_DOWN);
}

gboolean sky_travel_is_cornered(const SkyBox *then, const SkyBox *now) {
    return now->w * now->h < CORNER_MAX && (in_corner(then) || in_corner(now));
}

float sky_travel_between(const SkyBox *then, const SkyBox *now) {
    if (sky_travel_is_cornered(then, now))
        return sky_travel_whole(then, now);
    return hypotf(gone(then->x, then->x + then->w, now->x, now->x + now->w, TOUCHES_ACROSS),
                  gone(then->y, then->y + then->h, now->y, now->y + now->h, TOUCHES_DOWN));
}

float sky_travel_whole(const SkyBox *then, const SkyBox *now) {
    float left = now->x - then->x, right = left + now->w - then->w, top = now->y - then->y, bottom = top + now->h - then->h;
    return hypotf(left * right > 0 ? MIN(fabsf(left), fabsf(right)) : 0, top * bottom > 0 ? MIN(fabsf(top), fabsf(bottom)) : 0);
}

gboolean sky_travel_is_cut(const SkyBox *box) {
    return sky_travel_at_edge(box->x, box->x + box->w, FALSE) || sky_travel_at_edge(box->x, box->x + box->w, TRUE) ||
           sky_travel_at_edge(box->y, box->y + box->h, FALSE) || sky_travel_at_edge(box->y, box->y + box->h, TRUE);
}

gboolean sky_travel_is_sliver(const SkyBox *box) {
    return box->x + box->w < SLIVER_ACROSS || box->x > 1 - SLIVER_ACROSS || box->y + box->h < SLIVER_DOWN || box->y > 1 - SLIVER_DOWN;
}

gboolean sky_travel_has_grown(const SkyBox *then, const SkyBox *now) {
    return now->w > 2 * then->w && now->h > 2 * then->h;
}
