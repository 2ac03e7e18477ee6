/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/scene/picture.h"

/* What falls on the picture: daylight that drifts and flickers a little, and ends as it began; or lamps that somebody switches,
 * and a camera that follows with its exposure; or the camera's own infrared; or daylight, and for a while what comes through a rag
 * that somebody has hung over the lens. */
typedef enum { LIGHT_DAY, LIGHT_LAMPS, LIGHT_INFRARED, LIGHT_COVERED } LightKind;
typedef struct Light Light;
Light *light_new(LightKind kind, const Picture *picture, double fps, unsigned frames, Dice *dice);
void light_free(Light *light);
void light_fall(Light *light, Picture *picture, int frame);
