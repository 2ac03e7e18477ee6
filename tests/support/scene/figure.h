/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/scene/picture.h"

/* Somebody seen from the side: head, trunk, arms, legs that walk. */
typedef struct {
    Colour skin, hair, coat, trousers, shoes;
    float stout; /* 1: usual */
    gboolean long_coat, striped;
    uint32_t seed; /* of the cloth */
} Looks;
void looks_choose(Looks *looks, Dice *dice);

typedef struct {
    float x, y;  /* between the feet, pixels */
    float tall;  /* pixels */
    float way;   /* 1: looks to the right, -1 */
    float phase; /* of the gait, radians; a step is pi */
    float swing; /* 1: walks; 0: stands; over 1: runs */
} Pose;
void figure_shadow(Picture *picture, const Pose *pose);
/* Returns how many pixels show it. */
unsigned figure_draw(Picture *picture, const Looks *looks, const Pose *pose);
