/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "scene.h"

/* The camera itself: it shakes, its sensor is noisy, its encoder is cheap, its clock ticks in the picture. */
#define BLOCK 4 /* a macroblock of 1280 x 720 */

void lens_init(Lens *lens, Dice *dice) {
    for (unsigned i = 0; i < 65536; i++)
        lens->bell[i] = dice_bell(dice);
    memcpy(lens->bell + 65536, lens->bell, SCENE_W * sizeof *lens->bell);
}

/* A mast in gusts of wind, and the lorries that pass below it. */
void lens_shake(Lens *lens, const SceneClass *kind, double time_s, Dice *dice) {
    if (kind->shake <= 0)
        return;
    float time = (float)fmod(time_s, 1e4);
    lens->gust = kind->shake * MAX(0, 0.3f + sinf(time * 0.13f) + 0.5f * sinf(time * 0.41f));
    lens->shift_x = lens->gust * (0.9f * sinf(time * 5.1f) + 0.35f * dice_bell(dice));
    lens->shift_y = lens->gust * (0.5f * sinf(time * 7.3f + 1) + 0.25f * dice_bell(dice));
}

static void add_noise(const Lens *lens, float sigma, Dice *dice, float *picture) {
    uint32_t at = dice_roll(dice);
    for (int y = 0; y < SCENE_H; y++, at += SCENE_W + 7919) {
        const float *bell = lens->bell + (at & 65535);
        float *row = picture + y * SCENE_W;
        for (int x = 0; x < SCENE_W; x++)
            row[x] += sigma * bell[x];
    }
}

/* What an encoder makes of noise is wider than a pixel. */
static void add_patches(const Lens *lens, float amount, Dice *dice, float *picture) {
    uint32_t at = dice_roll(dice); /* where there are none, too: a class with them is the one without, but for them */
    if (amount <= 0)
        return;
    float patches[SCENE_W + 2];
    for (int y = 0; y < SCENE_H; y++) {
        const float *bell = lens->bell + ((at + (uint32_t)(y / 3 * 1201)) & 65535);
        for (int x = 0; x < SCENE_W && y % 3 == 0; x += 3)
            patches[x] = patches[x + 1] = patches[x + 2] = amount * bell[x / 3];
        float *row = picture + y * SCENE_W;
        for (int x = 0; x < SCENE_W; x++)
            row[x] += patches[x];
    }
}

/* At each key frame all blocks are coded anew: they jump, and the fine detail comes back only slowly. */
static void pump(Lens *lens, float amount, Dice *dice, float *picture) {
    gboolean key = lens->pictures % (2 * SCENE_FPS) == 0;
    for (int by = 0; by < SCENE_H / BLOCK; by++) {
        float off[SCENE_W];
        for (int bx = 0; bx < SCENE_W / BLOCK; bx++) {
            if (key)
                lens->block[by][bx] = amount * 4.5f * dice_bell(dice);
            for (int x = bx * BLOCK; x < (bx + 1) * BLOCK; x++)
                off[x] = lens->block[by][bx];
            lens->block[by][bx] *= 0.93f;
        }
        for (int y = by * BLOCK; y < (by + 1) * BLOCK; y++)
            for (int x = 0; x < SCENE_W; x++)
                picture[y * SCENE_W + x] += off[x];
    }
}

/* Coarse: half of the detail is lost. */
static float coarse(float mean, float luma, float amount) {
    int step = (int)((mean * amount + luma * (2 - amount)) / 8 + 64.5f) - 64; /* to the next; not cut off below 0 */
    return (float)(4 * step);
}

/* Blocks that have hardly changed are not sent: they stay, then jump. */
static void starve(Lens *lens, float amount, float *picture) {
    gboolean key = lens->pictures % (6 * SCENE_FPS) == 0;
    for (int top = 0; top < SCENE_H; top += BLOCK)
        for (int left = 0; left < SCENE_W; left += BLOCK) {
            float *block = picture + top * SCENE_W + left, *shown = lens->shown + top * SCENE_W + left, apart = 0, sum = 0;
            for (int y = 0; y < BLOCK; y++)
                for (int x = 0; x < BLOCK; x++) {
                    apart += block[y * SCENE_W + x] - shown[y * SCENE_W + x];
                    sum += block[y * SCENE_W + x];
                }
            gboolean sent = key || fabsf(apart) > BLOCK * BLOCK * 3 * amount;
            for (int y = 0; y < BLOCK; y++)
                for (int x = 0; x < BLOCK; x++) {
                    if (sent)
                        shown[y * SCENE_W + x] = coarse(sum / (BLOCK * BLOCK), block[y * SCENE_W + x], amount);
                    block[y * SCENE_W + x] = shown[y * SCENE_W + x];
                }
        }
}

static const uint8_t digits[10] = {0x77, 0x24, 0x5d, 0x6d, 0x2e, 0x6b, 0x7b, 0x25, 0x7f, 0x6f};

static void bar(float *picture, int left, int top, int width, int height, gboolean lit) {
    for (int y = top; y < top + height; y++)
        for (int x = left; x < left + width; x++)
            picture[y * SCENE_W + x] = lit ? 235 : 30;
}

static void draw_clock(double time_s, float *picture) {
    unsigned seconds = (unsigned)time_s, shown[6] = {seconds / 36000 % 10, seconds / 3600 % 10, seconds / 600 % 6,
                                                     seconds / 60 % 10,    seconds / 10 % 6,    seconds % 10};
    for (int i = 0; i < 6; i++) {
        int x = 236 + i * 13, y = 6;
        uint8_t on = digits[shown[i]];
        bar(picture, x, y, 12, 17, FALSE);
        bar(picture, x + 2, y + 1, 7, 2, on & 1);
        bar(picture, x + 1, y + 2, 2, 6, on & 2);
        bar(picture, x + 8, y + 2, 2, 6, on & 4);
        bar(picture, x + 2, y + 7, 7, 2, on & 8);
        bar(picture, x + 1, y + 9, 2, 6, on & 16);
        bar(picture, x + 8, y + 9, 2, 6, on & 32);
        bar(picture, x + 2, y + 14, 7, 2, on & 64);
    }
}

void lens_take(Lens *lens, const SceneClass *kind, Dice *dice, float *canvas, uint8_t *luma) {
    if (kind->clock > 0)
        draw_clock((double)lens->pictures / SCENE_FPS, canvas);
    add_noise(lens, 0.9f + 6 * kind->noise, dice, canvas);
    add_patches(lens, 4 * kind->noise, dice, canvas);
    if (kind->pumping > 0)
        pump(lens, kind->pumping, dice, canvas);
    if (kind->low_rate > 0)
        starve(lens, kind->low_rate, canvas);
    for (int i = 0; i < SCENE_H * SCENE_W; i++) {
        float least = MAX(canvas[i] + 0.5f, 0); /* not CLAMP: this way round it is two instructions for four pixels */
        luma[i] = (uint8_t)(int)MIN(least, 255);
    }
    lens->pictures++;
}
