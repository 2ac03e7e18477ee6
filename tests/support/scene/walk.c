/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene/walk.h"

#include <math.h>
#include "support/scene/ground.h"

#define STRIDE .85f  /* two steps, over the height */
#define SETTLE_S .4f /* from walking to standing */

typedef struct {
    float gone, length; /* pixels */
    float paused_s;
    float phase, swing;
} Gait;

static float pause_left_s(const Route *route, const Gait *gait) {
    return gait->gone >= route->pause_at * gait->length ? route->pause_s - gait->paused_s : 0;
}

static void step(Gait *gait, const Route *route, float tall, float frame_s) {
    float left_s = pause_left_s(route, gait), goal = route->speed > 1.3f ? 1.5f : 1;
    gboolean stands = left_s > 0;
    gait->swing += CLAMP((stands ? .03f : goal) - gait->swing, -frame_s / SETTLE_S, frame_s / SETTLE_S);
    if (stands) {
        gait->paused_s += frame_s;
        gait->phase += .7f * frame_s; /* shifts his weight */
        return;
    }
    float way = route->speed * tall * frame_s;
    gait->gone += way;
    gait->phase += 2 * (float)G_PI * way / (STRIDE * tall * goal);
}

Walk *walk_new(const Picture *picture, const Route *route, int begin, double fps, const char *what, Dice *dice) {
    Walk *walk = g_new0(Walk, 1);
    looks_choose(&walk->looks, dice);
    walk->begin = begin;
    walk->what = what;
    walk->poses = g_array_new(FALSE, FALSE, sizeof(Pose));
    float width = (float)picture->width, height = (float)picture->height;
    float dx = (route->to_x - route->from_x) * width, dy = (route->to_y - route->from_y) * height;
    Gait gait = {.length = sqrtf(dx * dx + dy * dy), .swing = 1, .phase = dice_between(dice, 0, 6)};
    while (gait.gone < gait.length) {
        float part = gait.gone / gait.length;
        Pose pose = {.x = route->from_x * width + part * dx,
                     .y = route->from_y * height + part * dy,
                     .way = dx < 0 ? -1 : 1,
                     .phase = gait.phase,
                     .swing = gait.swing};
        pose.tall = ground_tallness(picture, pose.y);
        g_array_append_val(walk->poses, pose);
        step(&gait, route, pose.tall, (float)(1 / fps));
    }
    return walk;
}

void walk_free(Walk *walk) {
    if (walk == NULL) return;
    g_array_unref(walk->poses);
    g_free(walk);
}

int walk_end(const Walk *walk) {
    return walk->begin + (int)walk->poses->len;
}

void walk_draw(Walk *walk, Picture *picture, int frame, gboolean shadow) {
    if (frame < walk->begin || frame >= walk_end(walk)) return;
    const Pose *pose = &g_array_index(walk->poses, Pose, frame - walk->begin);
    if (shadow) figure_shadow(picture, pose);
    if (figure_draw(picture, &walk->looks, pose) == 0) return;
    if (!walk->seen) walk->first = frame;
    walk->seen = TRUE;
    walk->last = frame;
}
