/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/scene/picture.h"

/* What is in the air before the camera: rain, or insects in its infrared light. */
typedef enum { AIR_CLEAR, AIR_RAIN, AIR_INSECTS } AirKind;
typedef struct Air Air;
Air *air_new(AirKind kind, const Picture *picture, double fps, Dice *dice);
void air_free(Air *air);
void air_draw(Air *air, Picture *picture, int frame);
