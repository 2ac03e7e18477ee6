/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "scene.h"

/* What flies between the camera and the street: rain, snow, insects. */

void air_init(Air *air) {
    for (int i = 0; i < FADE_STEPS; i++)
        air->fade[i] = expf(-((float)i + 0.5f) / (FADE_STEPS / 4) * 1.4f);
}

static void glow(const Air *air, float *canvas, float cx, float cy, float radius, float bright) {
    float narrow = 1 / radius;
    for (int y = MAX((int)(cy - 2 * radius), 0); y <= MIN((int)(cy + 2 * radius), SCENE_H - 1); y++)
        for (int x = MAX((int)(cx - 2 * radius), 0); x <= MIN((int)(cx + 2 * radius), SCENE_W - 1); x++) {
            float dx = ((float)x + 0.5f - cx) * narrow, dy = ((float)y + 0.5f - cy) * narrow;
            int away = (int)((dx * dx + dy * dy) * (FADE_STEPS / 4));
            if (away < FADE_STEPS)
                canvas[y * SCENE_W + x] += bright * air->fade[away];
        }
}

/* Exposure time smears what is fast. */
static void streak(const Air *air, float *canvas, float x, float y, float vx, float vy, float seconds, float radius, float bright) {
    float length = hypotf(vx, vy) * seconds;
    int steps = (int)MIN(1 + length / MAX(radius, 0.5f), 40);
    for (int i = 0; i < steps; i++) {
        float part = (float)i / (float)steps * seconds;
        glow(air, canvas, x + vx * part, y + vy * part, radius, bright / sqrtf((float)steps));
    }
}

static void rain(const Air *air, const SceneClass *kind, double time_s, Dice *dice, float *canvas) {
    float shower = kind->rain * (0.4f + 0.6f * MAX(0, sinf((float)fmod(time_s, 1e4) * 0.05f)));
    unsigned streaks = (unsigned)(shower * 60);
    float wind = 40 * sinf((float)fmod(time_s, 1e4) * 0.02f);
    for (unsigned i = 0; i < streaks; i++) {
        gboolean near = i % 20 == 0;
        float bright = (kind->night ? 45 : 14) * dice_between(dice, 0.5f, 1.5f) * (near ? 1.6f : 1);
        streak(air, canvas, dice_between(dice, -10, SCENE_W + 10), dice_between(dice, -30, SCENE_H), wind, dice_between(dice, 400, 900),
               0.04f, near ? dice_between(dice, 1.2f, 2.6f) : 0.5f, bright);
    }
}

static void snow(Air *air, const SceneClass *kind, Dice *dice, float *canvas) {
    unsigned count = (unsigned)(kind->snow * 120);
    for (unsigned i = 0; i < count; i++) {
        Drop *flake = &air->flakes[i];
        if (flake->life_s <= 0 || flake->y > SCENE_H + 10) {
            float near = dice_between(dice, 0, 1);
            near *= near * near;
            *flake = (Drop){.x = dice_between(dice, -20, SCENE_W + 20),
                            .y = dice_between(dice, -40, -2),
                            .size = 0.6f + 4 * near,
                            .vy = 14 + 150 * near,
                            .vx = dice_between(dice, -20, 20) * (1 + 2 * near),
                            .bright = dice_between(dice, 25, 70),
                            .life_s = 60,
                            .turn = dice_between(dice, 0, 6)};
        }
        flake->x += (flake->vx + 10 * sinf(flake->turn + flake->y * 0.05f)) / SCENE_FPS;
        flake->y += flake->vy / SCENE_FPS;
        streak(air, canvas, flake->x, flake->y, flake->vx, flake->vy, 0.03f, flake->size, flake->bright);
    }
}

/* Near the lens, lit by its infrared lamps: large, bright, blurred, and never straight on for long. */
static void insects(Air *air, const SceneClass *kind, Dice *dice, float *canvas) {
    for (unsigned i = 0; i < G_N_ELEMENTS(air->insects); i++) {
        Drop *one = &air->insects[i];
        if (one->life_s <= 0) {
            if (!dice_happens(dice, kind->insects * 0.012f))
                continue;
            gboolean left = dice_roll(dice) % 2;
            float speed = dice_between(dice, 50, 350), way = dice_between(dice, -1.2f, 1.2f);
            *one = (Drop){.x = left ? -5 : SCENE_W + 5,
                          .y = dice_between(dice, 0, SCENE_H),
                          .vx = (left ? 1 : -1) * speed * cosf(way),
                          .vy = speed * sinf(way),
                          .size = dice_between(dice, 1.5f, 7),
                          .bright = dice_between(dice, 40, 130),
                          .life_s = dice_between(dice, 0.3f, 6),
                          .turn = dice_between(dice, 2, 14)};
        }
        float turn = dice_bell(dice) * one->turn / SCENE_FPS, c = cosf(turn), s = sinf(turn), vx = one->vx;
        one->vx = c * vx - s * one->vy;
        one->vy = s * vx + c * one->vy;
        one->x += one->vx / SCENE_FPS;
        one->y += one->vy / SCENE_FPS;
        one->life_s -= 1.0f / SCENE_FPS;
        float beat = dice_between(dice, 0.6f, 1.2f);
        streak(air, canvas, one->x, one->y, one->vx, one->vy, 0.03f, one->size * beat, one->bright * beat);
        if (one->x < -30 || one->x > SCENE_W + 30 || one->y < -30 || one->y > SCENE_H + 30)
            one->life_s = 0;
    }
}

void air_draw(Air *air, const SceneClass *kind, double time_s, Dice *dice, float *canvas) {
    if (kind->rain > 0)
        rain(air, kind, time_s, dice, canvas);
    if (kind->snow > 0)
        snow(air, kind, dice, canvas);
    if (kind->insects > 0)
        insects(air, kind, dice, canvas);
}
