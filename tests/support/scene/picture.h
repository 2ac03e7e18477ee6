/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* A picture as a camera's encoder gets it: I420, 16 to 235 luma, the planes one behind the other without padding. Even sizes. */
typedef struct {
    int width, height;
    uint8_t *luma, *blue, *red; /* one allocation, begins at luma */
    size_t bytes;
} Picture;
void picture_init(Picture *picture, int width, int height);
void picture_clear(Picture *picture);
void picture_copy(Picture *to, const Picture *from); /* of the same size */

typedef struct {
    float luma, blue, red; /* 16..235; chroma around 128 */
} Colour;

/* How much of the colour covers a point (0 to 1), and how its luma differs there. Points are pixel centres. */
typedef float (*Cover)(float x, float y, float *ret_shade, const void *shape);
/* Lays the colour over the picture inside the rectangle. Returns how many pixels it covers at least by half. */
unsigned picture_lay(Picture *picture, float left, float top, float right, float bottom, Colour colour, Cover cover,
                     const void *shape);
/* Multiplies luma by 1 - cover * depth: a shadow, or with negative depth a glow. */
void picture_shade(Picture *picture, float left, float top, float right, float bottom, float depth, Cover cover, const void *shape);

/* The project's tests draw lots alike everywhere. */
typedef struct {
    uint64_t state;
} Dice;
void dice_init(Dice *dice, uint64_t seed);
uint32_t dice_roll(Dice *dice);
float dice_between(Dice *dice, float low, float high);
float dice_bell(Dice *dice); /* about normal, sigma 1 */
/* The same for the same place: what textures are made of. -1 to 1. */
float dice_at(int x, int y, uint32_t seed);
/* Smooth in between; cells of 1. */
float dice_cloud(float x, float y, uint32_t seed);
