/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/background.h"

/* Light leaves a surface its texture, a thing in front of it does not: where the picture's gradients run with the background's, the
 * foreground is light (shadow, headlight, lamp, cloud's edge), whatever its strength. Correlation of gradients, mean removed, so
 * that the edge of a soft shadow does not count (after Jacques et al., SIBGRAPI 2005, who correlate
 * luma). By blocks of SKY_TEXTURE_BLOCK, only where there is foreground. A surface without texture says nothing, and follows
 * its neighbours. Decides only. */
#define SKY_TEXTURE_BLOCK 8

typedef struct SkyTexture SkyTexture;
SkyTexture *sky_texture_new(uint32_t width_px, uint32_t height_px);
void sky_texture_free(SkyTexture *texture);
/* Clears what is light in the mask; returns how many blocks were. */
uint32_t sky_texture_remove_light(SkyTexture *texture, uint8_t *mask, const uint8_t *luma, const SkyBackground *background);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyTexture, sky_texture_free)
