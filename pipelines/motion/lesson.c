/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/lesson.h"

#define PIECE 2048 /* bytes: two samples, mean, noise and what they learn from are ten times that */

gboolean sky_lesson_next_told(const SkyLesson *lesson, const SkyBackground *background, SkySpan *told) {
    if (lesson->told)
        return sky_bands_next(lesson->told, lesson->more, told);
    gboolean first = told->to == 0;
    *told = (SkySpan){0, background->bytes};
    return first;
}

gboolean sky_lesson_next(const SkyLesson *lesson, const SkyBackground *background, SkyPiece *piece) {
    static const uint8_t all[PIECE] = {[0 ... PIECE - 1] = 255};
    size_t from = piece->at.to;
    if (from == background->bytes)
        return FALSE;
    if (from == piece->told.to && !sky_lesson_next_told(lesson, background, &piece->told))
        piece->told = (SkySpan){background->bytes, background->bytes};
    gboolean told = from >= piece->told.from;
    piece->at = (SkySpan){from, MIN(from + PIECE, told ? piece->told.to : piece->told.from)};
    piece->learn = told ? lesson->learn + from : all;
    piece->follow = told ? lesson->follow + from : all;
    return TRUE;
}
