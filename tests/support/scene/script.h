/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/scene/walk.h"

/* Who comes when, in each scene with people: walks (Walk) in the order of their beginning, until frames are over. */
typedef void (*Script)(GPtrArray *walks, const Picture *picture, double fps, int frames, Dice *dice);
void script_crossing(GPtrArray *walks, const Picture *picture, double fps, int frames, Dice *dice);
void script_standing(GPtrArray *walks, const Picture *picture, double fps, int frames, Dice *dice);
void script_onset(GPtrArray *walks, const Picture *picture, double fps, int frames, Dice *dice);
void script_storm(GPtrArray *walks, const Picture *picture, double fps, int frames, Dice *dice);
