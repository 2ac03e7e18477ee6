/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/box.h"

/* Places where something changes again and again and never comes away: the clock that a camera writes into its picture, a sign, a
 * flag. Learnt from what was followed and never believed, by cells; forgotten when it is over. Rain falls everywhere, so a place is
 * one only where much more happens than elsewhere. Decides only. Owner: the tracker. */
#define SKY_TICKING_COLUMNS 32
#define SKY_TICKING_ROWS 18

typedef struct {
    float ticks[SKY_TICKING_ROWS][SKY_TICKING_COLUMNS];     /* of late */
    int64_t noted_ns[SKY_TICKING_ROWS][SKY_TICKING_COLUMNS]; /* the last of them; 0: none */
    float mean;     /* of all cells' ticks */
    int64_t aged_ns;
} SkyTicking;

/* Something has been at work in this box, and it was no thing. A large box is no place. */
void sky_ticking_note(SkyTicking *ticking, const SkyBox *box, int64_t now_ns);
/* All of the box lies in such a place, or beside it: the next digit; or most of it in each row: a clock is a line, and the digits of the
 * hour tick too seldom to be known. */
gboolean sky_ticking_covers(const SkyTicking *ticking, const SkyBox *box);
/* Once a picture, at ascending times. */
void sky_ticking_age(SkyTicking *ticking, int64_t now_ns);
