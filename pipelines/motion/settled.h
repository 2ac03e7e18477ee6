/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/background.h"

/* What has come to stay, pixel by pixel: it is foreground and has been the same for long (a parked car), or it is never the same and
 * never long at once, but there for more than a third of the time, counted over minutes (a branch in slow wind, a flag that was hung
 * up). Both are looks of the place now: the ground is what is seen most of the time (Stauffer and Grimson, CVPR 1999).
 * Decides only. Thread: one. Owner: SkyMotion. */
typedef struct {
    uint8_t *still;   /* seconds for which it has been the same; 255: it is there for much of the time */
    uint8_t *was;     /* luma when last looked at */
    uint16_t *served; /* how much it is there, of late */
    gpointer memory;  /* of all three */
    uint8_t *busy;    /* of each stretch of the plane: any is */
    size_t bytes;
    double due_s;     /* since the last look */
} SkySettled;

#define SKY_SETTLED_S 45 /* still for so long: it has. People stand for 20 s and more */

SkySettled *sky_settled_new(const SkyBackground *background);
void sky_settled_free(SkySettled *settled);
void sky_settled_begin(SkySettled *settled);
/* Once a picture; looks once a second. mask: of the things seen now. */
void sky_settled_watch(SkySettled *settled, const SkyBackground *background, const uint8_t *luma, const uint8_t *mask, double dt_s);
