/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "media/frame.h"
#include "motion/motion_params.h"
#include "motion/motion_result.h"

/* SkyFrame -> SkyMotionResult: the camera's shake, background model, foreground, blobs. Decides only: no I/O, no threads, no clock
 * of its own. A new picture size begins a new model. No allocation per frame once running.
 * Thread: one at a time. Owner: the camera's analysis. */
typedef struct SkyMotion SkyMotion;

SkyMotion *sky_motion_new(const SkyMotionParams *params);
void sky_motion_free(SkyMotion *motion);
void sky_motion_process(SkyMotion *motion, const SkyFrame *frame, SkyMotionResult *ret_result);
/* After _process: the cleaned foreground of that frame, width*height of the frame, 255 moving, 0 not; valid until the next. */
const uint8_t *sky_motion_mask(SkyMotion *motion, uint32_t *ret_width_px, uint32_t *ret_height_px);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyMotion, sky_motion_free)
