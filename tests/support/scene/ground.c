/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene/ground.h"

#include <math.h>

#define TALLNESS .72f /* of a person, over the distance of his feet from the horizon */

float ground_tallness(const Picture *picture, float foot_y) {
    return (foot_y - GROUND_HORIZON * (float)picture->height) * TALLNESS;
}

/* Everything below takes u and v, parts of width and height; scale is height / 360, so that textures are as fine at any size. */
static Colour brick(float u, float v, float aspect, uint32_t seed) {
    float x = u * aspect * 26, y = v * 60;
    int row = (int)floorf(y);
    x += row & 1 ? .5f : 0;
    float in_x = x - floorf(x), in_y = y - (float)row;
    float joint = in_x < .06f || in_y < .14f ? 18 : 0;
    float own = 11 * dice_at((int)floorf(x), row, seed) + 5 * dice_cloud(u * 90 * aspect, v * 90, seed + 1) +
                9 * dice_cloud(u * 5, v * 5, seed + 2);
    return (Colour){108 + joint + own, 120, 142 - joint / 3};
}

static Colour paving(float u, float v, float aspect, uint32_t seed) {
    float depth = .30f / (v - GROUND_HORIZON); /* far slabs are small: a plane seen from above */
    float x = (u - .5f) * aspect * depth * 9, y = depth * 11;
    float in_x = x - floorf(x), in_y = y - floorf(y), gap = .035f;
    float joint = in_x < gap || in_y < gap ? -22 : 0;
    float own = 7 * dice_at((int)floorf(x), (int)floorf(y), seed) + 6 * dice_cloud(u * 130 * aspect, v * 130, seed + 3) +
                8 * dice_cloud(u * 7, v * 9, seed + 4);
    return (Colour){134 + joint + own, 126, 129};
}

static Colour grass(float u, float v, float aspect, uint32_t seed) {
    float blades = 16 * dice_cloud(u * 190 * aspect, v * 70, seed + 5) + 12 * dice_cloud(u * 40 * aspect, v * 40, seed + 6);
    return (Colour){82 + blades, 112, 118 + blades / 8};
}

static Colour door(float u, float v, uint32_t seed) {
    float in_x = (u - GROUND_DOOR_X) / GROUND_DOOR_HALF, in_y = (v - GROUND_DOOR_TOP) / (GROUND_WALL_FOOT - GROUND_DOOR_TOP);
    gboolean frame = fabsf(in_x) > .86f || in_y < .05f;
    gboolean panel = fabsf(in_x) > .2f && fabsf(in_x) < .65f && ((in_y > .14f && in_y < .45f) || (in_y > .55f && in_y < .9f));
    float grain = 4 * dice_cloud(u * 400, v * 12, seed + 7);
    return (Colour){(frame ? 170 : panel ? 62 : 74) + grain, frame ? 128 : 134, frame ? 128 : 122};
}

static Colour window(float u, float v, float centre, uint32_t seed) {
    float in_x = (u - centre) / GROUND_WINDOW_HALF, in_y = (v - GROUND_WINDOW_TOP) / (GROUND_WINDOW_FOOT - GROUND_WINDOW_TOP);
    gboolean frame = fabsf(in_x) > .9f || fabsf(in_x) < .05f || in_y < .07f || in_y > .93f;
    float mirrored = 30 * (1 - in_y) + 12 * dice_cloud(u * 14 + in_y, v * 10, seed + 8);
    return (Colour){frame ? 188 : 44 + mirrored, frame ? 128 : 136, frame ? 128 : 122};
}

static gboolean is_window(float u, float v, float centre) {
    return fabsf(u - centre) < GROUND_WINDOW_HALF && v > GROUND_WINDOW_TOP && v < GROUND_WINDOW_FOOT;
}

static Colour colour_of(float u, float v, float aspect, uint32_t seed) {
    if (v > .80f + .05f * sinf(u * 5) + .30f * u) return grass(u, v, aspect, seed);
    if (v > GROUND_WALL_FOOT) return paving(u, v, aspect, seed);
    if (v > GROUND_WALL_FOOT - .025f && fabsf(u - GROUND_DOOR_X) > GROUND_DOOR_HALF)
        return (Colour){76 + 6 * dice_at((int)(u * 300), 0, seed), 128, 130};
    if (fabsf(u - GROUND_DOOR_X) < GROUND_DOOR_HALF && v > GROUND_DOOR_TOP) return door(u, v, seed);
    if (is_window(u, v, GROUND_WINDOW_X)) return window(u, v, GROUND_WINDOW_X, seed);
    if (is_window(u, v, 1 - GROUND_WINDOW_X)) return window(u, v, 1 - GROUND_WINDOW_X, seed + 20);
    if (v < .07f) return (Colour){58 + 10 * dice_at((int)(u * 60), (int)(v * 60), seed), 126, 134}; /* eaves */
    return brick(u, v, aspect, seed);
}

void ground_draw(Picture *picture, uint32_t seed) {
    int width = picture->width, height = picture->height;
    float aspect = (float)width / (float)height;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            Colour sum = {0};
            for (int part = 0; part < 4; part++) { /* four points a pixel: a lens does not alias either */
                float u = ((float)x + .25f + .5f * (float)(part & 1)) / (float)width;
                float v = ((float)y + .25f + .5f * (float)(part >> 1)) / (float)height;
                Colour colour = colour_of(u, v, aspect, seed);
                sum.luma += colour.luma / 4;
                sum.blue += colour.blue / 4;
                sum.red += colour.red / 4;
            }
            picture->luma[y * width + x] = (uint8_t)CLAMP(lrintf(sum.luma), 16, 235);
            int at = y / 2 * (width / 2) + x / 2;
            picture->blue[at] = (uint8_t)CLAMP(lrintf(sum.blue), 16, 240);
            picture->red[at] = (uint8_t)CLAMP(lrintf(sum.red), 16, 240);
        }
}
