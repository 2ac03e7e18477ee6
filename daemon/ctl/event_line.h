/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "event/event.h"

/* An event of `analyze` as one line of JSON with its newline: clip, kind, zone, start, end, detected (seconds), box, score,
 * objects. event: an END, its times media time. New memory. */
char *sky_ctl_event_line(const char *clip, const SkyEvent *event);
/* "gate" of "footage/gate.mp4": the file's name without its last ending. New memory. */
char *sky_ctl_clip_name(const char *path);
