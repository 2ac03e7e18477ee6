/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A rectangle in a picture, in 0..1 of its width and height: left, top, width, height. */
typedef struct {
    float x, y, w, h;
} SkyBox;
