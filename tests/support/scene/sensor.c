/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene/sensor.h"

#include <math.h>

#define SENSOR_NOISE (1 << 16)

void sensor_init(Sensor *sensor, float sigma, Dice *dice) {
    dice_init(&sensor->dice, dice_roll(dice));
    sensor->noise = g_malloc(SENSOR_NOISE);
    for (int i = 0; i < SENSOR_NOISE; i++) sensor->noise[i] = (int8_t)CLAMP(lrintf(sigma * dice_bell(&sensor->dice)), -100, 100);
}

void sensor_clear(Sensor *sensor) {
    g_clear_pointer(&sensor->noise, g_free);
}

/* Each row takes a random piece of the table: as good as fresh numbers, at a tenth of the time. */
static void see_plane(Sensor *sensor, uint8_t *plane, int width, int height, int divide) {
    for (int y = 0; y < height; y++) {
        const int8_t *noise = sensor->noise + dice_roll(&sensor->dice) % (uint32_t)(SENSOR_NOISE - width);
        uint8_t *row = plane + (size_t)y * (size_t)width;
        for (int x = 0; x < width; x++) {
            int value = row[x] + noise[x] / divide;
            row[x] = (uint8_t)CLAMP(value, 0, 255);
        }
    }
}

void sensor_see(Sensor *sensor, Picture *picture) {
    see_plane(sensor, picture->luma, picture->width, picture->height, 1);
    see_plane(sensor, picture->blue, picture->width / 2, picture->height / 2, 2);
    see_plane(sensor, picture->red, picture->width / 2, picture->height / 2, 2);
}
