/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/bands.h"

/* How often each pixel has come and gone of late: leaves and water do, a thing comes once and goes once. Decides only.
 * Thread: one. Owner: SkyMotion. */
typedef struct {
    uint8_t *blink;   /* 0..255 */
    uint8_t *before;  /* the mask of the last picture */
    SkyBands *were;   /* its bands */
    gpointer memory;  /* of both planes */
    uint8_t *most;    /* no pixel of a band has blinked more */
} SkyBlinking;

#define SKY_BLINKING 200 /* from here on it does */

SkyBlinking *sky_blinking_new(const SkyBackground *background);
void sky_blinking_free(SkyBlinking *blinking);
void sky_blinking_begin(SkyBlinking *blinking);
/* bands: of the mask. */
void sky_blinking_watch(SkyBlinking *blinking, const SkyBackground *background, const uint8_t *mask, const SkyBands *bands,
                        double dt_s);
