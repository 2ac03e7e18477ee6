/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/scene/picture.h"

/* The noise of the camera's chip. */
typedef struct {
    int8_t *noise; /* SENSOR_NOISE numbers, about normal */
    Dice dice;
} Sensor;
void sensor_init(Sensor *sensor, float sigma, Dice *dice);
void sensor_clear(Sensor *sensor);
void sensor_see(Sensor *sensor, Picture *picture);
