/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/background.h"

/* What lies beyond the picture's edge in a plane: kernels read there. A row's left neighbour is the end of the row above. */

/* Luma: as at the edge. The first and the last row have neighbours like the rest, and learn nothing black. */
void sky_margins_repeat_columns(const SkyBackground *background, uint8_t *luma);
void sky_margins_repeat_rows(const SkyBackground *background, uint8_t *luma);
/* A mask, or some rows of it: nothing. */
void sky_margins_blank(const SkyBackground *background, uint8_t *mask, size_t bytes);
/* A mask: what goes on beyond the edge is most likely what goes on at it. Two pixels; without this, things lose their rims there. */
void sky_margins_continue(const SkyBackground *background, uint8_t *mask);
