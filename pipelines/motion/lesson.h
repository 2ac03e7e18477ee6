/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/bands.h"

/* Which pixels of a picture are learnt. Most are, in most pictures: the masks count where they are told, elsewhere everything is.
 * What learns goes through it piece by piece and does all it does with each, so that a piece comes into the first cache once. */
struct SkyLesson {
    const uint8_t *learn;  /* the samples do */
    const uint8_t *follow; /* mean and noise do */
    const SkyBands *told;  /* the masks are, in these and in `more` next to each; NULL: everywhere */
    unsigned more;
};

typedef struct {
    SkySpan at;                    /* {0, 0}: before the first */
    SkySpan told;                  /* the masks are here, or here next */
    const uint8_t *learn, *follow; /* of the piece */
} SkyPiece;

/* The next bytes of the masks that are told, or of a plane with all of it; FALSE: no more. */
gboolean sky_lesson_next_told(const SkyLesson *lesson, const SkyBackground *background, SkySpan *told);
gboolean sky_lesson_next(const SkyLesson *lesson, const SkyBackground *background, SkyPiece *piece);
