/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/box.h"
#include "event/suppression.h"

/* One thing that the detector follows, as of the last picture, for a person who wants to see why something is an event or is none.
 * A value. */
typedef struct {
    uint64_t number;      /* from 1, the same from picture to picture */
    SkyBox box;           /* last seen */
    gboolean seen;        /* in the last picture; else it is waited for */
    gboolean sure;        /* it travels like an object: an event, where the zones want it */
    gboolean rest;        /* what is left where a thing was: holds no event up */
    SkySuppression cause; /* of one that is not sure: what it would be counted as if it went away now */
} SkyFollowed;

#define SKY_FOLLOWED_MAX 32
