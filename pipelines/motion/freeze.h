/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "media/frame.h"

/* A camera that hangs sends the same picture for ever, each of them whole and in time: a place nobody ever comes to.
 * Told from one where nothing happens by what no living picture does: to stay the same to the last bit. A sensor's noise moves some
 * coefficient of every key picture, however much is smoothed out of it and however coarsely it is encoded. So each cell with texture
 * is remembered by its sum alone; the clock that a camera may go on writing into its corner is a few of them. While the encoder's step
 * still swings the bits are not the same, and nothing is told: a picture that hangs costs so little that it soon rests at its finest.
 * Decides only. */
#define SKY_FREEZE_COLUMNS 16
#define SKY_FREEZE_ROWS 9

typedef struct {
    uint32_t sum[SKY_FREEZE_ROWS][SKY_FREEZE_COLUMNS];
    int64_t since_ns[SKY_FREEZE_ROWS][SKY_FREEZE_COLUMNS]; /* arrival of the first picture that had it so; SKY_TIME_NONE: none yet */
} SkyFreeze;

void sky_freeze_init(SkyFreeze *freeze);
/* Whole pictures of one size, by their arrival, ascending; not all need be shown, but key pictures must be among them. Returns since
 * when the picture hangs, once it has for ten minutes; SKY_TIME_NONE: it does not, or has too little texture to be judged. */
int64_t sky_freeze_look(SkyFreeze *freeze, const SkyFrame *frame);
