/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/config.h"
#include "daemon/analysis.h"
#include "event/event.h"

/* What the analysis saw, as a film for a person to judge: each analysed picture enlarged, moving pixels tinted red, zones in blue.
 * What is followed is framed, with its number and the path of its feet: what is believed in cyan, what is not in the colour of the
 * cause for which it would be suppressed if it went away now, that word beside it (dim: not in this picture). An event under way is
 * framed in green. A legend is at the bottom. Frames go through a pipe to the ffmpeg program. */
typedef struct SkyAnnotate SkyAnnotate;

/* camera: its zones are drawn; outlives the film. frame_rate: of the film; pictures are repeated or left out to hold it. */
SkyAnnotate *sky_annotate_new(const char *path, const SkyCameraConfig *camera, double frame_rate);
void sky_annotate_frame(SkyAnnotate *annotate, const SkyAnalysed *picture);
void sky_annotate_event(SkyAnnotate *annotate, const SkyEvent *event);
/* FALSE: the film could not be made; why is on stderr, from ffmpeg. Frees. */
gboolean sky_annotate_finish(SkyAnnotate *annotate);
