/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "media/frame.h"
#include "motion/background.h"

/* A picture's luma, smoothed (3 x 3, as SkyMotionKernel does it), in a plane of the background's shape. Beyond its edges, three columns
 * and a row each way, it goes on as at them: kernels look there. scratch: another plane, its contents lost. */
void sky_luma_take(const SkyFrame *frame, const SkyBackground *background, uint8_t *scratch, uint8_t *ret_luma);
/* The rows above and below are as the first and the last. */
void sky_luma_repeat_rows(const SkyBackground *background, uint8_t *luma);
