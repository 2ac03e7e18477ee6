/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

typedef struct {
    uint32_t analysis_width_px; /* about 320; the height follows the picture's shape; never enlarged; both made even */
    double analysis_fps;        /* 8; 0 = every frame */
} SkyDecodeParams;
