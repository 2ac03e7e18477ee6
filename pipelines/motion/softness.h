/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/background.h"
#include "motion/blob_finder.h"

/* How slowly the light changes about a part of the foreground. What is left of a shadow or of a patch of sun when texture and rim
 * have had their say is a piece too small for both. It still has no edge of its own: the gain, picture over background, is that of
 * its surface whatever edges lie below, and comes as slowly as the penumbra is wide; a thing's begins within a pixel or two (the
 * penumbra's width as the mark of a cast shadow: Stauder, Mech and Ostermann, IEEE Trans. Multimedia 1(1), 1999). Decides only. */

/* 0 where the gain changes over two pixels by all of its distance from 1, at the part's outline or inside; 1 where not at all. What
 * is large, or hardly differs, is not looked at, nor what is not asked for: 0. */
void sky_softness_tell(const SkyBlobFinder *finder, const uint8_t *mask, const uint8_t *luma, const SkyBackground *background,
                       const gboolean asked[SKY_PARTS_MAX], float ret_soft[SKY_PARTS_MAX]);
