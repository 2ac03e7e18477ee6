/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene/light.h"

#include <math.h>
#include <string.h>
#include "support/scene/ground.h"

#define LAMPS 3
#define DRIFT_S 50     /* about */
#define DARK .42f      /* what is left of daylight where lamps matter */
#define EXPOSURE_S .7f /* how fast the camera follows */
#define EXPOSURE_LUMA 104
#define COVERED_FROM_S 20
#define COVERED_TO_S 50
#define RAG 70
#define ONE 256 /* of the pools' fixed point */

typedef struct {
    uint8_t *pool;          /* how strong it is where: ONE - 1 is its middle */
    float strength, warm_s; /* in how long it comes up */
    float level, goal;
    double next_s; /* when it is switched again */
} Lamp;

struct Light {
    LightKind kind;
    double fps;
    Dice dice;
    uint8_t *vignette;
    Lamp lamps[LAMPS];
    float exposure, drift_phase, drift_turn; /* radians, radians a second */
};

static uint8_t *pool_new(const Picture *picture, float centre_x, float centre_y, float reach_x, float reach_y, gboolean hard) {
    uint8_t *pool = g_malloc((size_t)picture->width * (size_t)picture->height);
    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++) {
            float u = ((float)x / (float)picture->width - centre_x) / reach_x,
                  v = ((float)y / (float)picture->height - centre_y) / reach_y;
            float strong = hard ? (fabsf(u) < 1 && fabsf(v) < 1 ? 1 : 0) : expf(-(u * u + v * v));
            pool[y * picture->width + x] = (uint8_t)(strong * (ONE - 1));
        }
    return pool;
}

static void hang_lamps(Light *light, const Picture *picture) {
    float window_y = (GROUND_WINDOW_TOP + GROUND_WINDOW_FOOT) / 2, window_high = (GROUND_WINDOW_FOOT - GROUND_WINDOW_TOP) / 2;
    light->lamps[0] =
        (Lamp){.pool = pool_new(picture, GROUND_DOOR_X, GROUND_WALL_FOOT, .20f, .30f, FALSE), .strength = 1.1f, .warm_s = .05f};
    light->lamps[1] = (Lamp){.pool = pool_new(picture, GROUND_WINDOW_X, window_y, GROUND_WINDOW_HALF, window_high, TRUE),
                             .strength = 1.6f,
                             .warm_s = .05f};
    light->lamps[2] = (Lamp){.pool = pool_new(picture, .8f, .7f, .7f, .9f, FALSE), .strength = .8f, .warm_s = 1.2f};
    for (int i = 0; i < LAMPS; i++) light->lamps[i].next_s = dice_between(&light->dice, 2.5f, 9);
}

Light *light_new(LightKind kind, const Picture *picture, double fps, unsigned frames, Dice *dice) {
    Light *light = g_new0(Light, 1);
    light->kind = kind;
    light->fps = fps;
    light->exposure = 1;
    dice_init(&light->dice, dice_roll(dice));
    double length_s = frames / fps;
    light->drift_turn =
        (float)(2 * G_PI * MAX(1, floor(length_s / DRIFT_S)) / length_s); /* whole turns: a camera that loops makes no jump */
    light->drift_phase = dice_between(&light->dice, 0, 6);
    if (kind == LIGHT_INFRARED) light->vignette = pool_new(picture, .5f, .6f, .62f, .72f, FALSE);
    if (kind == LIGHT_LAMPS) hang_lamps(light, picture);
    return light;
}

void light_free(Light *light) {
    if (light == NULL) return;
    g_free(light->vignette);
    for (int i = 0; i < LAMPS; i++) g_free(light->lamps[i].pool);
    g_free(light);
}

static void fall_evenly(Picture *picture, float gain) {
    uint8_t table[256];
    for (int i = 0; i < 256; i++) table[i] = (uint8_t)CLAMP(lrintf(16 + (float)(i - 16) * gain), 0, 255);
    for (int i = 0; i < picture->width * picture->height; i++) picture->luma[i] = table[picture->luma[i]];
}

static void fall_by_day(Light *light, Picture *picture, double time_s) {
    float drift = .02f * sinf((float)time_s * light->drift_turn + light->drift_phase), mains = .004f * sinf((float)time_s * 2.9f);
    fall_evenly(picture, 1 + drift + mains + .002f * dice_bell(&light->dice));
}

/* Brighter where the sun is; no edge comes through. */
static void cover(Picture *picture) {
    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++)
            picture->luma[y * picture->width + x] = (uint8_t)(RAG + 20 * x / picture->width - 10 * y / picture->height);
    memset(picture->blue, 128, picture->bytes / 3);
}

/* Infrared knows no colours, and the corners are dark. */
static void fall_infrared(Light *light, Picture *picture) {
    for (int i = 0; i < picture->width * picture->height; i++) {
        int bright = 16 + ((picture->luma[i] - 16) * (70 + light->vignette[i] * 3 / 4)) / 290;
        picture->luma[i] = (uint8_t)MIN(bright, 235);
    }
    memset(picture->blue, 128, picture->bytes / 3);
}

static void switch_lamps(Light *light, double time_s) {
    for (int i = 0; i < LAMPS; i++) {
        Lamp *lamp = &light->lamps[i];
        if (time_s >= lamp->next_s) {
            lamp->goal = lamp->goal > 0 ? 0 : 1;
            lamp->next_s = time_s + dice_between(&light->dice, 5, 12);
        }
        float most = (float)(1 / light->fps) / (lamp->goal > 0 ? lamp->warm_s : .05f);
        lamp->level += CLAMP(lamp->goal - lamp->level, -most, most);
    }
}

static void follow(Light *light, const Picture *picture) {
    uint64_t sum = 0;
    int pixels = picture->width * picture->height;
    for (int i = 0; i < pixels; i += 7) sum += picture->luma[i];
    float wanted = light->exposure * (EXPOSURE_LUMA - 16) / MAX(8, (float)sum * 7 / (float)pixels - 16);
    light->exposure += (CLAMP(wanted, .6f, 2.2f) - light->exposure) * MIN(1, (float)(1 / light->fps) / EXPOSURE_S);
}

static void fall_from_lamps(Light *light, Picture *picture, double time_s) {
    switch_lamps(light, time_s);
    int base = (int)(DARK * light->exposure * ONE), strong[LAMPS];
    for (int k = 0; k < LAMPS; k++)
        strong[k] = (int)(light->lamps[k].level * light->lamps[k].strength * DARK * 2 * light->exposure * ONE);
    for (int i = 0; i < picture->width * picture->height; i++) {
        int gain = base;
        for (int k = 0; k < LAMPS; k++) gain += strong[k] * light->lamps[k].pool[i] / ONE;
        int bright = 16 + (picture->luma[i] - 16) * gain / ONE;
        picture->luma[i] = (uint8_t)CLAMP(bright, 16, 235);
    }
    follow(light, picture);
}

void light_fall(Light *light, Picture *picture, int frame) {
    double time_s = frame / light->fps;
    switch (light->kind) {
    case LIGHT_DAY: fall_by_day(light, picture, time_s); return;
    case LIGHT_LAMPS: fall_from_lamps(light, picture, time_s); return;
    case LIGHT_INFRARED: fall_infrared(light, picture); return;
    case LIGHT_COVERED:
        fall_by_day(light, picture, time_s);
        if (time_s >= COVERED_FROM_S && time_s < COVERED_TO_S) cover(picture);
        return;
    }
}
