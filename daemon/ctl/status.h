/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* What is to be said of a camera beside its state, of the daemon's answer to "status": why it is not ok, when it is tried again, until
 * when it is disarmed, whether it is flooded or the box too slow for it. "" where nothing is. New memory. */
char *sky_status_camera_note(GHashTable *answer, const char *id);
