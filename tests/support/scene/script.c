/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene/script.h"

#include "support/scene/ground.h"

#define OUTSIDE .12f /* beside the picture, as part of its width: nothing of him is seen there */

static Route across(Dice *dice, float near, float far) {
    Route route = {.from_x = -OUTSIDE, .to_x = 1 + OUTSIDE, .speed = dice_between(dice, .75f, .95f)};
    route.from_y = dice_between(dice, far, near);
    route.to_y = CLAMP(route.from_y + dice_between(dice, -.06f, .06f), far, near);
    if (dice_roll(dice) & 1)
        route =
            (Route){.from_x = route.to_x, .from_y = route.from_y, .to_x = route.from_x, .to_y = route.to_y, .speed = route.speed};
    return route;
}

static int at(double seconds, double fps) {
    return (int)(seconds * fps + .5);
}

/* Nobody is cut off by the clip's end, so that it can be looped; unless he is the only one. FALSE: he does not come. */
static gboolean add(GPtrArray *walks, Walk *walk, int frames) {
    if (walks->len == 0 || walk_end(walk) <= frames) {
        g_ptr_array_add(walks, walk);
        return TRUE;
    }
    walk_free(walk);
    return FALSE;
}

/* One about every ten seconds, the next when the last has gone. */
void script_crossing(GPtrArray *walks, const Picture *picture, double fps, int frames, Dice *dice) {
    for (int begin = at(3, fps); begin < frames;) {
        Route route = across(dice, .95f, .72f);
        Walk *walk = walk_new(picture, &route, begin, fps, "person crosses", dice);
        if (!add(walks, walk, frames)) return;
        begin = MAX(begin + at(10 + dice_between(dice, -.8f, .8f), fps), walk_end(walk) + at(2, fps));
    }
}

void script_standing(GPtrArray *walks, const Picture *picture, double fps, int frames, Dice *dice) {
    for (int begin = at(5, fps); begin < frames;) {
        Route route = across(dice, .92f, .80f);
        route.pause_at = dice_between(dice, .4f, .6f);
        route.pause_s = 20;
        Walk *walk = walk_new(picture, &route, begin, fps, "person crosses, stands 20 s on the way", dice);
        if (!add(walks, walk, frames)) return;
        begin = walk_end(walk) + at(8, fps);
    }
}

/* He stands in the door, whole, from one picture to the next: an onset that is exact. */
void script_onset(GPtrArray *walks, const Picture *picture, double fps, int frames, Dice *dice) {
    for (unsigned turn = 0;; turn++) {
        int begin = at(10 + 30 * turn + dice_between(dice, 0, 5), fps);
        if (begin >= frames) return;
        Route route = {.from_x = GROUND_DOOR_X,
                       .from_y = GROUND_WALL_FOOT + .03f,
                       .to_x = turn & 1 ? -OUTSIDE : 1 + OUTSIDE,
                       .to_y = dice_between(dice, .75f, .9f),
                       .speed = .85f};
        Walk *walk = walk_new(picture, &route, begin, fps, "person comes out of the door at once and walks away", dice);
        if (!add(walks, walk, frames)) return;
    }
}

/* Runners, one after the other; each has the picture to himself. */
void script_storm(GPtrArray *walks, const Picture *picture, double fps, int frames, Dice *dice) {
    for (int begin = at(2, fps); begin < frames; begin += at(3, fps)) {
        Route route = across(dice, .95f, .88f);
        route.speed = 2.4f;
        if (!add(walks, walk_new(picture, &route, begin, fps, "person runs across", dice), frames)) return;
    }
}
