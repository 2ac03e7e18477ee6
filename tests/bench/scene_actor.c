/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "scene.h"

/* People and cars, drawn with soft edges. */

static void blend(float *canvas, int x, int y, float cover, float luma) {
    if (x >= 0 && y >= 0 && x < SCENE_W && y < SCENE_H)
        canvas[y * SCENE_W + x] += (luma - canvas[y * SCENE_W + x]) * CLAMP(cover, 0, 1);
}

static float covered(float low, float high, int pixel) {
    return CLAMP(MIN(high, (float)pixel + 1) - MAX(low, (float)pixel), 0, 1);
}

static void draw_box(float *canvas, float left, float top, float right, float bottom, float luma) {
    for (int y = (int)floorf(top); y < (int)ceilf(bottom); y++)
        for (int x = (int)floorf(left); x < (int)ceilf(right); x++)
            blend(canvas, x, y, covered(left, right, x) * covered(top, bottom, y), luma);
}

static void draw_oval(float *canvas, float cx, float cy, float rx, float ry, float luma) {
    for (int y = (int)floorf(cy - ry - 1); y <= (int)ceilf(cy + ry); y++)
        for (int x = (int)floorf(cx - rx - 1); x <= (int)ceilf(cx + rx); x++) {
            float away = hypotf(((float)x + 0.5f - cx) / rx, ((float)y + 0.5f - cy) / ry);
            blend(canvas, x, y, (1 - away) * MIN(rx, ry) + 0.5f, luma);
        }
}

static float way_of(const Actor *actor, double time_s) {
    double walked = time_s - actor->begin_s;
    if (time_s > actor->pause_from_s)
        walked -= MIN(time_s - actor->pause_from_s, actor->pause_s);
    return (float)(walked / (actor->end_s - actor->begin_s - actor->pause_s));
}

static void place(const Actor *actor, double time_s, float *ret_x, float *ret_y) {
    float way = way_of(actor, time_s);
    *ret_x = actor->from_x + (actor->to_x - actor->from_x) * way;
    *ret_y = actor->from_y + (actor->to_y - actor->from_y) * way +
             actor->weave * actor->height * sinf((float)(time_s - actor->begin_s) * 2.2f);
}

static float width_of(const Actor *actor) {
    return actor->car ? actor->height * 2.6f : actor->height * 0.42f;
}

gboolean actor_is_seen(const Actor *actor, double time_s) {
    float x, y, half = width_of(actor) / 2;
    place(actor, time_s, &x, &y);
    float w = MIN(x + half, SCENE_W) - MAX(x - half, 0), h = MIN(y, SCENE_H) - MAX(y - actor->height, 0);
    return time_s <= actor->end_s && w > 0 && h > 0 && w * h > 0.3f * 2 * half * actor->height;
}

static void draw_person(const Actor *actor, double time_s, float x, float y, float *canvas) {
    float h = actor->height, w = h * actor->stout;
    gboolean stands = time_s > actor->pause_from_s && time_s < actor->pause_from_s + actor->pause_s;
    /* Who stands still sways a little. */
    float swing = stands ? 0.02f * sinf((float)time_s * 1.3f) : sinf((float)time_s * actor->stride);
    x += stands ? 0.012f * h * sinf((float)time_s * 0.9f) : 0;
    for (int side = -1; side <= 1; side += 2) {
        float foot = x + (float)side * swing * h * 0.16f;
        draw_box(canvas, MIN(x, foot) - w * 0.16f, y - h * 0.48f, MAX(x, foot) + w * 0.16f, y, actor->shade[2]);
    }
    draw_oval(canvas, x, y - h * 0.65f, w * 0.5f, h * 0.26f, actor->shade[1]);
    draw_oval(canvas, x, y - h * 0.92f, h * 0.08f, h * 0.09f, actor->shade[0]);
}

static void draw_car(const Actor *actor, float x, float y, float *canvas) {
    float h = actor->height, half = width_of(actor) / 2;
    draw_box(canvas, x - half, y - h * 0.62f, x + half, y - h * 0.12f, actor->shade[1]);
    draw_box(canvas, x - half * 0.55f, y - h, x + half * 0.6f, y - h * 0.6f, actor->shade[0]);
    draw_oval(canvas, x - half * 0.6f, y - h * 0.16f, h * 0.17f, h * 0.17f, actor->shade[3]);
    draw_oval(canvas, x + half * 0.6f, y - h * 0.16f, h * 0.17f, h * 0.17f, actor->shade[3]);
}

void actor_draw(const Actor *actor, double time_s, float *canvas) {
    float x, y;
    place(actor, time_s, &x, &y);
    g_autofree float *before = actor->fence_px ? g_memdup2(canvas, sizeof(float) * SCENE_W * SCENE_H) : NULL;
    if (actor->car)
        draw_car(actor, x, y, canvas);
    else
        draw_person(actor, time_s, x, y, canvas);
    for (int i = 0; before && i < SCENE_W * SCENE_H; i++)
        if (i % SCENE_W % actor->fence_px < actor->fence_px / 3)
            canvas[i] = before[i];
}

static float ground_at(const Ground *ground, float x, float y) {
    float sum = 0;
    for (int dy = -4; dy <= 4; dy += 2)
        for (int dx = -4; dx <= 4; dx += 2)
            sum += ground->day[(int)CLAMP(y + (float)dy + SCENE_MARGIN, 0, GROUND_H - 1)]
                              [(int)CLAMP(x + (float)dx + SCENE_MARGIN, 0, GROUND_W - 1)];
    return sum / 25;
}

static void dress(Actor *actor, const Ground *ground, float contrast, Dice *dice) {
    float behind = ground_at(ground, (actor->from_x + actor->to_x) / 2, actor->from_y - actor->height / 2);
    float sign = behind < 70 || (behind < 150 && dice_roll(dice) % 2) ? 1 : -1;
    actor->shade[0] = CLAMP(behind + contrast * 1.2f * (dice_roll(dice) % 2 ? 1 : -1), 8, 245);
    actor->shade[1] = CLAMP(behind + contrast * sign, 8, 245);
    actor->shade[2] = CLAMP(behind + contrast * sign * dice_between(dice, 0.7f, 1.4f), 8, 245);
    actor->shade[3] = 25;
}

void actor_cast(Actor *actor, const SceneClass *kind, const Ground *ground, double now_s, Dice *dice) {
    float near = kind->actors == ACTORS_NEAR ? dice_between(dice, 0.85f, 1) : dice_between(dice, 0, 1); /* 1: low */
    float contrast = dice_between(dice, 22, 80), pace = dice_between(dice, 0.35f, 1.6f); /* heights a second */
    *actor = (Actor){
        .stout = 0.34f, .car = dice_roll(dice) % 4 == 0,
        .height = SCENE_FAR_HEIGHT + near * near * (SCENE_NEAR_HEIGHT - SCENE_FAR_HEIGHT),
        .begin_s = now_s, .pause_from_s = 1e18};
    actor->from_y = actor->to_y = SCENE_FAR_FOOT + near * (SCENE_NEAR_FOOT - SCENE_FAR_FOOT);
    if (kind->actors == ACTORS_FAR) { /* 15 x 30 at 1280 x 720, 20 steps of contrast, a pixel of that a picture at 25 a second */
        *actor = (Actor){.stout = 0.5f, .height = 7.5f, .begin_s = now_s, .pause_from_s = 1e18};
        actor->from_y = actor->to_y = dice_between(dice, 90, 150);
        pace = 25.0f / 4 / 7.5f;
        contrast = 20;
    }
    if (actor->car) {
        actor->height = 12 + near * 38;
        pace *= 2;
    }
    if (kind->actors == ACTORS_FAST)
        pace = dice_between(dice, 2.5f, 5);
    if (kind->actors == ACTORS_SLOW)
        pace = dice_between(dice, 0.12f, 0.3f);
    if (kind->actors == ACTORS_FAINT) /* of day; at night less than half of it is left */
        contrast = dice_between(dice, 18, 30);
    float half = width_of(actor) / 2, speed = actor->height * pace;
    gboolean back = dice_roll(dice) % 2;
    actor->from_x = back ? SCENE_W + half : -half;
    actor->to_x = back ? -half : SCENE_W + half;
    if (kind->actors == ACTORS_FAR) { /* ten seconds out of a door */
        actor->from_x = dice_between(dice, 90, 230);
        actor->to_x = actor->from_x + (back ? -62 : 62);
    }
    if (kind->actors == ACTORS_DOOR) { /* a second and a half from door to door */
        pace = dice_between(dice, 0.7f, 1.6f);
        speed = actor->height * pace;
        actor->from_x = dice_between(dice, 100, 220);
        actor->to_x = actor->from_x + (back ? -1.5f : 1.5f) * speed;
    }
    actor->fence_px = kind->actors == ACTORS_FENCE ? (int)(6 + 9 * near) : 0;
    actor->weave = kind->actors == ACTORS_WEAVING ? 0.35f : 0;
    double walk_s = fabsf(actor->to_x - actor->from_x) / speed;
    actor->end_s = now_s + walk_s;
    actor->stride = 2.5f + 4 * pace;
    if (kind->actors == ACTORS_STANDING || kind->actors == ACTORS_PARKING) {
        actor->car = kind->actors == ACTORS_PARKING;
        actor->pause_from_s = now_s + walk_s * dice_between(dice, 0.3f, 0.7f);
        actor->pause_s = kind->actors == ACTORS_PARKING ? 300 : dice_between(dice, 15, 25);
        actor->end_s += actor->pause_s;
    }
    dress(actor, ground, contrast, dice);
}
