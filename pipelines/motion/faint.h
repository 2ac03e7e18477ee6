/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/lesson.h"

/* What is lost in the noise of one picture and not in that of some in a row: the mean of the last ones' differences from the
 * background (a recursive mean: white noise keeps sqrt(a / (2 - a)) of itself at a share of a), each clipped so that what one
 * picture can tell leaves no trail, against how far that mean strays where nothing is. Only where the noise is the sensor's, as at
 * night: white in time, that is twice as far apart from picture to picture, squared, as from the mean (von Neumann, Annals of
 * Mathematical Statistics 12(4), 1941). Leaves, shadows and what an encoder leaves are not, and a mean would only prolong them.
 * Decides only. Thread: one. Owner: SkyMotion. */
typedef struct SkyFaint SkyFaint;
SkyFaint *sky_faint_new(const SkyBackground *background);
void sky_faint_free(SkyFaint *faint);
/* What was seen so far is of another background. */
void sky_faint_begin(SkyFaint *faint);
/* Sets in the mask what is foreground by this; FALSE: it does not look, the noise is not of that kind. */
gboolean sky_faint_add(SkyFaint *faint, const uint8_t *luma, const SkyBackground *background, double dt_s, uint8_t *mask);
/* What mean and noise follow is where nothing is. */
void sky_faint_learn(SkyFaint *faint, const SkyLesson *lesson, const SkyBackground *background, double dt_s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyFaint, sky_faint_free)
