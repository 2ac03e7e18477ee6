/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/background.h"

/* How far the whole picture lies beside the background: a mast in the wind, a lorry that passes below it. Representative points
 * (Uomori et al., IEEE Trans. Consumer Electronics 36(3), 1990): the steepest place of each cell of the background, matched over
 * whole pixels by the sum of clipped differences, then by a step of Lucas and Kanade (IJCAI 1981) over the points that fit. Light
 * does not count: its mean is taken out in each ninth of the picture. Things that move do not move the picture: most ninths must
 * fit better shifted than not. What lasts is no shake: it leaks into the background, which learns it within a minute.
 * Where nothing shakes, a look at some hundred pixels is all. Decides only. Thread: one. Owner: SkyMotion. */
#define SKY_SHIFT_STEPS 4  /* a pixel */
#define SKY_SHIFT_MAX_PX 6 /* each way; further off is another picture */

/* Where the background is in the picture, right and down, in steps; 0, 0: as it always is. */
typedef struct {
    int x, y;
} SkyShiftBy;

typedef struct SkyShift SkyShift;
SkyShift *sky_shift_new(void);
void sky_shift_free(SkyShift *shift);
/* The background has become another one. skip: a plane, 255 where nothing is to be looked at. */
void sky_shift_begin(SkyShift *shift, const SkyBackground *background, const uint8_t *skip);
/* switching: a light is, and throws other edges; where those lie beside the old ones it looks like a shift, so that of a camera which
 * has not swung before none is told. */
SkyShiftBy sky_shift_find(SkyShift *shift, const uint8_t *luma, const SkyBackground *background, const uint8_t *skip, double dt_s,
                          gboolean switching);
/* luma as it would be without that: between pixels bilinear, and the background where the picture does not reach. */
void sky_shift_undo(SkyShiftBy by, const uint8_t *luma, const SkyBackground *background, uint8_t *ret_luma);
/* Clears the plane where the picture does not reach. */
void sky_shift_blank_rim(SkyShiftBy by, const SkyBackground *background, uint8_t *plane);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyShift, sky_shift_free)
