/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/bands.h"
#include "motion/swept.h"

/* Light leaves a surface its texture, a thing in front of it does not: where the picture's gradients run with the background's, as
 * strong as the gain lets them be, the foreground is light (shadow, headlight, lamp, cloud's edge), whatever its strength. Judged
 * for a whole region of one gain at once, as few pixels say little (Sanin, Sanderson and Lovell, "Shadow detection: a survey",
 * Pattern Recognition 45(4), 2012, find this the surest of the kinds they compare; correlation after Jacques et al., SIBGRAPI
 * 2005). A region is made of cells of SKY_CELL_PX pixels with foreground, each lit nearly as its neighbour. What lies beside a
 * large lit region and is lit between it and not at all is its rim. What has no texture stays. Decides only. */

typedef struct SkyTexture SkyTexture;
SkyTexture *sky_texture_new(uint32_t width_px, uint32_t height_px);
void sky_texture_free(SkyTexture *texture);
/* Clears what is light in the mask, whose bands these are, and notes where wide regions of it are; returns how many cells were. */
uint32_t sky_texture_remove_light(SkyTexture *texture, uint8_t *mask, const SkyBands *bands, const uint8_t *luma,
                                  const SkyBackground *background, SkySwept *swept);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyTexture, sky_texture_free)
