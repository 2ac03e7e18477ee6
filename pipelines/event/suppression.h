/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include "base/counter.h"
#include "base/polygon.h"

/* Why something that moved became no event: told of each track that goes away without having been believed. The first
 * that holds. */
typedef enum {
    SKY_SUPPRESSED_BRIEF,    /* gone too soon: flashes, rain, streaks */
    SKY_SUPPRESSED_UNSTEADY, /* not there in most of its pictures */
    SKY_SUPPRESSED_STILL,    /* never left its place: lamps, screens, ghosts */
    SKY_SUPPRESSED_LEAP,     /* came to another place at one bound: digits, screens, lamps, two places taken for one */
    SKY_SUPPRESSED_SWAY,     /* moved a lot and came nowhere: leaves, water, webs */
    SKY_SUPPRESSED_FLIGHT,   /* faster than its own size a picture: insects and drops near the lens */
    SKY_SUPPRESSED_ERRATIC,  /* no steady way: insects, clutter taken for one thing */
    SKY_SUPPRESSED_SHAPE,    /* its size changes without end. Comes before still and leap */
    SKY_SUPPRESSED_TICK,     /* at work again and again in one small place: a clock in the picture, a sign. Comes first */
    SKY_SUPPRESSED_SIZE,     /* too small or too large for where it stands, where the perspective is known: snow, insects; or all
                                that the picture's edge shows of it is a strip. Of this, after soft */
    SKY_SUPPRESSED_SOFT,     /* in most of its pictures the light changes slowly all about it: what is left of shadows and of
                                patches of sun. Comes before shape and erratic */
    SKY_SUPPRESSED_LIT,      /* looks like its ground where light has swept past: the rim of a cloud's shadow. Comes before soft */
    SKY_SUPPRESSED_CAUSES,
} SkySuppression;

#define SKY_SUPPRESSION_PLACES 4 /* the picture in 4 x 4 */

/* All zero: nothing yet. Thread: one notes, any reads. */
typedef struct {
    /* [cause][row][column] of where it was last, from the top left */
    SkyCounter by_place[SKY_SUPPRESSED_CAUSES][SKY_SUPPRESSION_PLACES][SKY_SUPPRESSION_PLACES];
} SkySuppressed;

void sky_suppressed_note(SkySuppressed *suppressed, SkySuppression cause, SkyPoint at);
uint64_t sky_suppressed_count(const SkySuppressed *suppressed, SkySuppression cause);
/* "sway in row 2, column 3 of 4": the most frequent cause, and where most of it was; rows from the top, columns from the left. "":
 * nothing was suppressed. */
#define SKY_SUPPRESSED_MOST_BYTES 64
void sky_suppressed_most(const SkySuppressed *suppressed, char ret_text[SKY_SUPPRESSED_MOST_BYTES]);
const char *sky_suppression_name(SkySuppression cause); /* "brief", "unsteady", ... */
