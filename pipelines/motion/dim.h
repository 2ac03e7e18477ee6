/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/background.h"
#include "motion/motion_result.h"

/* What no single pixel tells from the background, and a patch of the size of a far person does: the mean of the signed differences
 * over it (a matched filter; Turin, IRE Trans. Information Theory 6(3), 1960), on a grid of every second pixel, against how far
 * that strays where nothing is. So little is seen of light and clutter too: it is told beside the blobs, and who follows it has to
 * want more of it. Decides only. Thread: one. Owner: SkyMotion. */
typedef struct SkyDim SkyDim;
SkyDim *sky_dim_new(const SkyBackground *background);
void sky_dim_free(SkyDim *dim);
/* What was seen so far is of another background. */
void sky_dim_begin(SkyDim *dim);
/* Tells the dim blobs of a picture. What is large, or over SKY_DIM_MAX, is only counted as left out; so is, as one, a picture that
 * is dim all over. Nothing that reaches into what is ignored. */
void sky_dim_look(SkyDim *dim, const uint8_t *luma, const SkyBackground *background, const uint8_t *ignored, uint32_t least_px,
                  double dt_s, SkyMotionResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyDim, sky_dim_free)
