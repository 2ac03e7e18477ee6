/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/polygon.h"
#include "event/track.h"

/* For how long each thing that is followed has been in one place. Who steps out for a moment, or is lost and found again where he
 * was lost, has stayed; a moment is what is given at each call. A value; all zero is empty. Decides only. */
typedef struct {
    uint64_t number; /* of the track; 0: this place is free */
    SkyPoint foot;
    int64_t from_ns, last_ns; /* in it since, and until */
} SkyStay;

typedef struct {
    SkyStay stays[SKY_TRACKS_MAX];
} SkyStays;

/* The track is in it now, at times that never go back. Since when (its first moment in it). */
int64_t sky_stays_see(SkyStays *stays, uint64_t number, SkyPoint foot, int64_t now_ns, int64_t moment_ns);
/* Since when who has stayed longest has; INT64_MAX where nobody is, or was a moment ago. */
int64_t sky_stays_oldest_ns(const SkyStays *stays, int64_t now_ns, int64_t moment_ns);
