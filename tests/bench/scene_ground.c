/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "scene.h"

/* A street: sky, houses with windows, road with marks, posts; trees and water where the class has them. */

static void add_grain(Ground *ground, Dice *dice, int cell, float amount) {
    float node[GROUND_H / 2 + 3][GROUND_W / 2 + 3];
    int rows = GROUND_H / cell + 2, columns = GROUND_W / cell + 2;
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++)
            node[y][x] = dice_bell(dice) * amount;
    for (int y = 0; y < GROUND_H; y++)
        for (int x = 0; x < GROUND_W; x++) {
            int cy = y / cell, cx = x / cell;
            float fy = (float)(y % cell) / (float)cell, fx = (float)(x % cell) / (float)cell;
            ground->day[y][x] += (node[cy][cx] * (1 - fx) + node[cy][cx + 1] * fx) * (1 - fy) +
                                 (node[cy + 1][cx] * (1 - fx) + node[cy + 1][cx + 1] * fx) * fy;
        }
}

static void add_patch(Ground *ground, int left, int top, int width, int height, float luma) {
    for (int y = MAX(top, 0); y < MIN(top + height, GROUND_H); y++)
        for (int x = MAX(left, 0); x < MIN(left + width, GROUND_W); x++)
            ground->day[y][x] = luma;
}

static void add_house(Ground *ground, Dice *dice, int left, int bottom) {
    int width = (int)dice_between(dice, 40, 90), height = (int)dice_between(dice, 30, 70);
    float wall = dice_between(dice, 70, 170);
    add_patch(ground, left, bottom - height, width, height, wall);
    for (int y = bottom - height + 6; y < bottom - 10; y += 16)
        for (int x = left + 6; x < left + width - 8; x += 14)
            add_patch(ground, x, y, 7, 9, wall + (dice_roll(dice) % 2 ? -45.0f : 35.0f));
}

static void add_region(float plane[GROUND_H][GROUND_W], float cx, float cy, float rx, float ry) {
    for (int y = 0; y < GROUND_H; y++)
        for (int x = 0; x < GROUND_W; x++) {
            float dx = ((float)x - cx) / rx, dy = ((float)y - cy) / ry;
            plane[y][x] = MAX(plane[y][x], CLAMP((1 - hypotf(dx, dy)) * 4, 0, 1));
        }
}

static void add_leaves(Ground *ground, Dice *dice) {
    for (int y = 0; y < GROUND_H; y++)
        for (int x = 0; x < GROUND_W; x++)
            if (ground->tree[y][x] > 0)
                ground->day[y][x] += ground->tree[y][x] * (75 + 28 * dice_bell(dice) - ground->day[y][x]);
    for (int y = 1; y + 1 < GROUND_H; y++) /* leaves are wider than a pixel */
        for (int x = 1; x + 1 < GROUND_W; x++)
            if (ground->tree[y][x] > 0)
                ground->day[y][x] =
                    (ground->day[y][x] * 2 + ground->day[y][x - 1] + ground->day[y][x + 1] + ground->day[y - 1][x]) / 5;
}

static void find_leaves(Ground *ground) {
    for (int y = 0; y < SCENE_H; y++)
        for (int x = SCENE_W - 1; x >= 0; x--)
            if (ground->tree[y + SCENE_MARGIN][x + SCENE_MARGIN] > 0) {
                ground->leaves[y].to = MAX(ground->leaves[y].to, x + 1);
                ground->leaves[y].from = x;
            }
}

void ground_make(Ground *ground, const SceneClass *kind, Dice *dice) {
    int horizon = (int)dice_between(dice, 60, 85);
    float road = dice_between(dice, 85, 130);
    for (int y = 0; y < GROUND_H; y++)
        for (int x = 0; x < GROUND_W; x++)
            ground->day[y][x] = y < horizon ? 190 - (float)y * 0.3f : road + (float)(y - horizon) * 0.1f;
    for (int left = (int)dice_between(dice, -30, 10); left < GROUND_W; left += (int)dice_between(dice, 60, 120))
        add_house(ground, dice, left, horizon + 6);
    for (int x = 10; x < GROUND_W; x += 46)
        add_patch(ground, x, horizon + 50, 22, 3, road + 55);
    add_patch(ground, 0, horizon + 12, GROUND_W, 2, road - 25);
    for (unsigned i = 0; i < 3; i++)
        add_patch(ground, (int)dice_between(dice, 0, GROUND_W), horizon - 40, 3, 70, 55);
    add_grain(ground, dice, 16, 7);
    add_grain(ground, dice, 5, 5);
    add_grain(ground, dice, 2, 3);
    if (kind->trees > 0) {
        for (unsigned i = 0; i < 3; i++)
            add_region(ground->tree, dice_between(dice, 20, GROUND_W - 20), dice_between(dice, 40, 100), dice_between(dice, 22, 45),
                       dice_between(dice, 18, 36));
        add_leaves(ground, dice);
        find_leaves(ground);
    }
    if (kind->water > 0)
        add_region(ground->wave, dice_between(dice, 80, GROUND_W - 80), GROUND_H - 40, 120, 34);
}

/* The camera is aimed a little beside: so far beside is every pixel, so one weight does for all. */
static void draw_shifted(const Ground *ground, float shift_x, float shift_y, float *canvas) {
    int whole_x = (int)floorf(shift_x), whole_y = (int)floorf(shift_y);
    float fx = shift_x - (float)whole_x, fy = shift_y - (float)whole_y;
    g_assert(ABS(whole_x) < SCENE_MARGIN && ABS(whole_y) < SCENE_MARGIN); /* also its neighbour is in the ground */
    for (int y = 0; y < SCENE_H; y++) {
        const float *up = &ground->day[y + SCENE_MARGIN + whole_y][SCENE_MARGIN + whole_x], *down = up + GROUND_W;
        float *row = canvas + y * SCENE_W;
        for (int x = 0; x < SCENE_W; x++)
            row[x] = (up[x] * (1 - fx) + up[x + 1] * fx) * (1 - fy) + (down[x] * (1 - fx) + down[x + 1] * fx) * fy;
    }
}

static float sample(const float plane[GROUND_H][GROUND_W], float x, float y) {
    x += SCENE_MARGIN;
    y += SCENE_MARGIN;
    int ix = (int)x, iy = (int)y;
    float fx = x - (float)ix, fy = y - (float)iy;
    const float *up = &plane[iy][ix], *down = up + GROUND_W;
    return (up[0] * (1 - fx) + up[1] * fx) * (1 - fy) + (down[0] * (1 - fx) + down[1] * fx) * fy;
}

static void draw_trees(const Ground *ground, float amount, float time, float shift_x, float shift_y, float *canvas) {
    float gust = amount * (0.35f + 0.65f * MAX(0, sinf(time * 0.21f) + 0.4f * sinf(time * 0.83f)));
    g_assert(fabsf(shift_x) + 6 * amount < SCENE_MARGIN && fabsf(shift_y) + 2 * amount < SCENE_MARGIN); /* samples stay in the ground */
    float sway[SCENE_W + SCENE_H], shiver[SCENE_W], nod[SCENE_W];
    for (int i = 0; i < SCENE_W + SCENE_H; i++)
        sway[i] = 2.6f * sinf(time * 3.7f + (float)i * 0.05f);
    for (int x = 0; x < SCENE_W; x++) {
        shiver[x] = 1.5f * sinf(time * 9.1f + (float)x * 0.3f);
        nod[x] = 1.3f * sinf(time * 5.3f + (float)x * 0.2f);
    }
    for (int y = 0; y < SCENE_H; y++)
        for (int x = ground->leaves[y].from; x < ground->leaves[y].to; x++) {
            float tree = ground->tree[y + SCENE_MARGIN][x + SCENE_MARGIN] * gust;
            if (tree > 0)
                canvas[y * SCENE_W + x] = sample(ground->day, (float)x + shift_x + tree * (sway[y + x] + shiver[x]),
                                                 (float)y + shift_y + tree * nod[x]);
        }
}

/* sin(a + b) = sin a cos b + cos a sin b: of each wave a part goes along the row, the other along the column. */
static void draw_ripples(const Ground *ground, float amount, float time, float *canvas) {
    float small[SCENE_W], sin_long[SCENE_W], cos_long[SCENE_W], sin_short[SCENE_W], cos_short[SCENE_W];
    for (int x = 0; x < SCENE_W; x++) {
        small[x] = 9 * sinf((float)x * 0.35f + time * 4.1f);
        sincosf((float)x * 0.11f, &sin_long[x], &cos_long[x]);
        sincosf((float)x * 0.9f + time * 7.7f, &sin_short[x], &cos_short[x]);
    }
    for (int y = 0; y < SCENE_H; y++) {
        float sin_y, cos_y, sin_steep, cos_steep;
        sincosf((float)y * 0.8f - time * 3.3f, &sin_y, &cos_y);
        sincosf((float)y * 0.5f, &sin_steep, &cos_steep);
        const float *wave = &ground->wave[y + SCENE_MARGIN][SCENE_MARGIN];
        for (int x = 0; x < SCENE_W; x++)
            canvas[y * SCENE_W + x] += amount * wave[x] * (small[x] + 9 * (sin_y * cos_long[x] + cos_y * sin_long[x]) +
                                                           6 * (sin_short[x] * cos_steep + cos_short[x] * sin_steep));
    }
}

void ground_draw(const Ground *ground, const SceneClass *kind, double time_s, float shift_x, float shift_y, float *canvas) {
    float time = (float)fmod(time_s, 1000);
    if (shift_x != 0 || shift_y != 0)
        draw_shifted(ground, shift_x, shift_y, canvas);
    else
        for (int y = 0; y < SCENE_H; y++)
            memcpy(canvas + y * SCENE_W, &ground->day[y + SCENE_MARGIN][SCENE_MARGIN], SCENE_W * sizeof *canvas);
    if (kind->trees > 0)
        draw_trees(ground, kind->trees, time, shift_x, shift_y, canvas);
    if (kind->water > 0)
        draw_ripples(ground, kind->water, time, canvas);
}
