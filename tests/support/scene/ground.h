/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/scene/picture.h"

/* A yard before a house, as a camera under the eaves opposite sees it: wall, door, two windows, paving, a strip of grass.
 * Nothing moves. */
void ground_draw(Picture *picture, uint32_t seed);

/* Where things are, as parts of the picture's width and height. */
#define GROUND_HORIZON .26f
#define GROUND_WALL_FOOT .53f
#define GROUND_DOOR_X .5f
#define GROUND_DOOR_HALF .045f
#define GROUND_DOOR_TOP .28f
#define GROUND_WINDOW_X .22f
#define GROUND_WINDOW_HALF .07f
#define GROUND_WINDOW_TOP .25f
#define GROUND_WINDOW_FOOT .42f
/* How tall in pixels is who stands with his feet at y. */
float ground_tallness(const Picture *picture, float foot_y);
