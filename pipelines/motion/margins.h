/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/background.h"

/* What lies beyond the picture's edge in a mask: kernels read there. A row's left neighbour is the end of the row above. */

/* Of some rows of it: nothing. */
void sky_margins_blank(const SkyBackground *background, uint8_t *mask, size_t bytes);
/* What goes on beyond the edge is most likely what goes on at it. Two pixels; without this, things lose their rims there. */
void sky_margins_continue(const SkyBackground *background, uint8_t *mask);
