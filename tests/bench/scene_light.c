/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "scene.h"

/* Sun, clouds, lamps, headlights, and the camera's own exposure. */

void light_init(Light *light, const SceneClass *kind, Dice *dice) {
    *light = (Light){.gain = 1, .gain_goal = 1, .night = kind->night && !kind->over ? 1 : 0};
    light->night_goal = light->night;
    light->lamp_x = dice_between(dice, 40, SCENE_W - 40);
    light->lamp_y = dice_between(dice, 20, 90);
    light->change_s = dice_between(dice, 10, 40);
    light->switch_s = dice_between(dice, 40, 90);
    light->exposure_s = dice_between(dice, 5, 20);
    light->sweep_begin_s = dice_between(dice, 8, 20);
    light->cloud_phase = dice_between(dice, 0, 100);
}

static void plan_lamp(Light *light, double time_s, Dice *dice) {
    if (time_s > light->change_s) {
        light->lamp_goal = light->lamp_goal > 0 ? 0 : dice_between(dice, 0.5f, 2);
        light->change_s = time_s + dice_between(dice, 20, 120);
        light->blinks_until_s = dice_roll(dice) % 3 == 0 ? time_s + 1.2 : time_s; /* a tube that will not start */
    }
    light->lamp = time_s < light->blinks_until_s && dice_roll(dice) % 2 ? 0 : light->lamp_goal;
}

static void draw_lamp(const Light *light, float *canvas) {
    float across[SCENE_W]; /* how far off, squared */
    for (int x = 0; x < SCENE_W; x++) {
        float dx = ((float)x - light->lamp_x) / 90;
        across[x] = dx * dx;
    }
    for (int y = 0; y < SCENE_H && light->lamp > 0; y++) {
        float dy = ((float)y - light->lamp_y) / 60;
        for (int x = 0; x < SCENE_W; x++)
            canvas[y * SCENE_W + x] *= 1 + light->lamp / (1 + across[x] + dy * dy) * 1.5f;
    }
}

static void draw_sweep(Light *light, double time_s, Dice *dice, float *canvas) {
    if (time_s < light->sweep_begin_s)
        return;
    if (light->sweep_s == 0) {
        light->sweep_s = dice_between(dice, 1.5f, 6);
        light->sweep_y = dice_between(dice, 60, 130);
        light->sweep_way = dice_roll(dice) % 2 ? 1 : -1;
    }
    float part = (float)((time_s - light->sweep_begin_s) / light->sweep_s);
    float cx = SCENE_W / 2 + light->sweep_way * (part - 0.5f) * (SCENE_W + 160), width = 25 + 50 * part;
    float across[SCENE_W]; /* of a bell that is the product of two */
    for (int x = 0; x < SCENE_W; x++) {
        float dx = ((float)x - cx) / width;
        across[x] = 2.2f * expf(-dx * dx);
    }
    for (int y = 0; y < SCENE_H; y++) {
        float dy = ((float)y - light->sweep_y) / 32, down = expf(-dy * dy);
        for (int x = 0; x < SCENE_W; x++)
            canvas[y * SCENE_W + x] *= 1 + across[x] * down;
    }
    if (part > 1) {
        light->sweep_begin_s = time_s + dice_between(dice, 8, 40);
        light->sweep_s = 0;
    }
}

static void draw_clouds(const Light *light, float amount, double time_s, float *canvas) {
    float along[SCENE_W + SCENE_H];
    for (int i = 0; i < SCENE_W + SCENE_H; i++) { /* shadows a few pixels soft that come over the picture, at changing speed */
        float at = (float)i * 0.012f + (float)fmod(time_s, 1e5) * 0.09f + light->cloud_phase;
        float thick = sinf(at) + 0.6f * sinf(at * 2.3f + 1) + 0.3f * sinf(at * 5.1f);
        along[i] = 1 - amount * 0.45f / (1 + expf(-thick * 14));
    }
    for (int y = 0; y < SCENE_H; y++)
        for (int x = 0; x < SCENE_W; x++)
            canvas[y * SCENE_W + x] *= along[x + y];
}

static void plan_night(Light *light, double time_s, Dice *dice) {
    if (time_s > light->switch_s) {
        light->night_goal = 1 - light->night_goal;
        light->switch_s = time_s + dice_between(dice, 60, 240);
        light->gain = light->night_goal > 0 ? 2.2f : 0.3f; /* the filter clicks, the exposure is wrong for a moment */
    }
    light->night = light->night_goal;
    light->gain += (1 - light->gain) * 0.35f;
}

/* Infrared: another picture of the same street, bright in the middle. */
static void draw_night(const Light *light, gboolean infrared, float *canvas) {
    float across[SCENE_W], contrast[SCENE_W];
    for (int x = 0; x < SCENE_W; x++) {
        float dx = (float)(x - SCENE_W / 2) / SCENE_W;
        across[x] = dx * dx;
        contrast[x] = !infrared ? 0.42f : x / 40 % 2 ? 0.5f : 0.8f;
    }
    float middle = infrared ? 110 : 0, level = infrared ? 95 : 10;
    for (int y = 0; y < SCENE_H; y++) {
        float dy = (float)(y - SCENE_H / 2) / SCENE_H;
        for (int x = 0; x < SCENE_W; x++) {
            float luma = canvas[y * SCENE_W + x], lit = level + (luma - middle) * contrast[x];
            canvas[y * SCENE_W + x] += (lit * (1 - 1.1f * (across[x] + dy * dy)) - luma) * light->night;
        }
    }
}

void light_draw(Light *light, const SceneClass *kind, double time_s, Dice *dice, float *canvas) {
    if (kind->infrared > 0)
        plan_night(light, time_s, dice);
    if (light->night > 0)
        draw_night(light, kind->infrared > 0, canvas);
    if (kind->lamp > 0) {
        plan_lamp(light, time_s, dice);
        draw_lamp(light, canvas);
    }
    if (kind->headlights > 0)
        draw_sweep(light, time_s, dice, canvas);
    if (kind->clouds > 0)
        draw_clouds(light, kind->clouds, time_s, canvas);
    if (kind->exposure > 0) {
        if (time_s > light->exposure_s) {
            light->gain_goal = dice_between(dice, 0.65f, 1.3f);
            light->exposure_s = time_s + dice_between(dice, 5, 30);
        }
        light->gain += (light->gain_goal - light->gain) * 0.3f;
    }
    float hum = (float)fmod(time_s * 100, 1) * 6.2832f + (float)fmod(time_s, 100);
    for (int y = 0; y < SCENE_H && (light->gain != 1 || kind->flicker > 0); y++) {
        float gain = light->gain * (1 + kind->flicker * 0.07f * sinf((float)y * 0.05f + hum * 2.7f));
        for (int x = 0; x < SCENE_W; x++)
            canvas[y * SCENE_W + x] *= gain;
    }
}
