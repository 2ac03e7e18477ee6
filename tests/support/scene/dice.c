/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene/picture.h"

#include <math.h>

/* splitmix64, Steele et al. 2014 */
static uint64_t mix(uint64_t z) {
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void dice_init(Dice *dice, uint64_t seed) {
    dice->state = mix(seed + 1);
}

uint32_t dice_roll(Dice *dice) {
    return (uint32_t)(mix(dice->state += UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

float dice_between(Dice *dice, float low, float high) {
    return low + (high - low) * (float)(dice_roll(dice) >> 8) * 0x1p-24f;
}

float dice_bell(Dice *dice) {
    float sum = 0;
    for (int i = 0; i < 12; i++) sum += dice_between(dice, 0, 1);
    return sum - 6;
}

float dice_at(int x, int y, uint32_t seed) {
    uint64_t place = (uint64_t)(uint32_t)x << 32 | (uint32_t)y;
    return (float)(int32_t)(mix(place ^ mix(seed)) >> 32) * 0x1p-31f;
}

float dice_cloud(float x, float y, uint32_t seed) {
    float left = floorf(x), top = floorf(y), u = x - left, v = y - top;
    int i = (int)left, j = (int)top;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    float above = dice_at(i, j, seed) * (1 - u) + dice_at(i + 1, j, seed) * u;
    float below = dice_at(i, j + 1, seed) * (1 - u) + dice_at(i + 1, j + 1, seed) * u;
    return above * (1 - v) + below * v;
}
