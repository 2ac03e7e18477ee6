/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "event/event.h"
#include "motion/motion_result.h"

/* What the camera sees at all -> one event of kind tamper, from when it was covered, blurred or turned until it sees again. What
 * went slowly is none: nobody did it. Decides only. */
typedef struct {
    gboolean open;
    SkyEvent event;  /* the open one, else the last; its number is the caller's to give */
    int64_t seen_ns; /* the last picture, SKY_TIME_NONE before */
} SkyTamper;

void sky_tamper_init(SkyTamper *tamper);
/* TRUE: tamper->event has just begun or ended. */
gboolean sky_tamper_step(SkyTamper *tamper, const SkyMotionResult *result);
/* The stream ended: TRUE where one was open, which has ended. It begins anew where the camera comes back no better. */
gboolean sky_tamper_end(SkyTamper *tamper, gboolean interrupted);
