/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include "base/polygon.h"

typedef struct {
    double sensitivity;        /* 0..1, 0.5 is right for most; higher sees fainter things */
    double min_area;           /* of the picture, 0..1; smaller blobs are no objects */
    const SkyPolygon *ignore;  /* nothing in here counts; copied */
    uint32_t ignore_count;
    uint32_t without_kernels;  /* SKY_MOTION_KERNEL_* not to use: for tests; 0 = the fastest there is */
} SkyMotionParams;
