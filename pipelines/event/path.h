/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/polygon.h"

/* Where a thing has been: foot points and their times. The last is where it is; of the others every second goes when there are too
 * many, so that they lie evenly in time from first to last, however long that is. A value; all zero is an empty one. */
#define SKY_PATH_STEPS_MAX 16

typedef struct {
    SkyPoint foot;
    int64_t time_ns;
} SkyStep;

typedef struct {
    SkyStep steps[SKY_PATH_STEPS_MAX];
    uint32_t count;
    int64_t every_ns; /* from one to the next */
} SkyPath;

/* At times that never go back. */
void sky_path_add(SkyPath *path, SkyPoint foot, int64_t time_ns);
/* Its length, of the picture's width across and of its height up and down. */
float sky_path_way(const SkyPath *path);
/* That a second; 0 of a path that takes no time. */
float sky_path_speed(const SkyPath *path);
