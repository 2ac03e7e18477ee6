/* SPDX-License-Identifier: Apache-2.0 */
#include "event/perspective.h"

#define SMALLEST 0.3f /* of a person's height */
#define LARGEST 2.5f
#define EDGE 0.006f    /* of the picture: one row of 180 */

float sky_perspective_height(const SkyPerspective *perspective, float foot) {
    double slope = (perspective->near_height - perspective->far_height) / (perspective->near_foot - perspective->far_foot);
    return (float)MAX(perspective->far_height + slope * (foot - perspective->far_foot), 0);
}

SkySize sky_perspective_size(const SkyPerspective *perspective, const SkyBox *box) {
    if (perspective->far_height <= 0 || box->y < EDGE || box->y + box->h > 1 - EDGE)
        return SKY_SIZE_UNKNOWN;
    float person = sky_perspective_height(perspective, box->y + box->h);
    return box->h >= SMALLEST * person && box->h <= LARGEST * person ? SKY_SIZE_FITS : SKY_SIZE_WRONG;
}
