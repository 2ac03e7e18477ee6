/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/box.h"
#include "event/event_params.h"

/* How tall things can be, by where they stand: for a camera over level ground, a height is to the next as their feet's distances
 * from the horizon (Hoiem, Efros and Hebert, Putting Objects in Perspective, IJCV 80(1), 2008). Snow and insects near the lens are
 * somewhere else, and have another size. Decides only. */
typedef enum {
    SKY_SIZE_UNKNOWN, /* perspective not known, or the picture's upper or lower edge cuts the box */
    SKY_SIZE_FITS,    /* a child that stoops to a lorry */
    SKY_SIZE_WRONG,
} SkySize;

/* Of a person whose feet are there, in heights of the picture; 0 at the horizon and above it. The perspective must be known. */
float sky_perspective_height(const SkyPerspective *perspective, float foot);
SkySize sky_perspective_size(const SkyPerspective *perspective, const SkyBox *box);
