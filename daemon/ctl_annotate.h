/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/config.h"
#include "event/event.h"
#include "media/frame.h"
#include "motion/motion_result.h"

/* What the analysis saw, as a film for a person to judge: each analysed picture enlarged, moving pixels tinted red, blobs framed in
 * yellow, zones in blue, an event under way in green with the path of its feet. Frames go through a pipe to the ffmpeg program. */
typedef struct SkyAnnotate SkyAnnotate;

/* camera: its zones are drawn; outlives the film. frame_rate: of the film; pictures are repeated or left out to hold it. */
SkyAnnotate *sky_annotate_new(const char *path, const SkyCameraConfig *camera, double frame_rate);
void sky_annotate_frame(SkyAnnotate *annotate, const SkyFrame *frame, const SkyMotionResult *result, const uint8_t *mask);
void sky_annotate_event(SkyAnnotate *annotate, const SkyEvent *event);
/* FALSE: the film could not be made; why is on stderr, from ffmpeg. Frees. */
gboolean sky_annotate_finish(SkyAnnotate *annotate);
