/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/background.h"

/* A mask beyond the picture's edge, where kernels read: what goes on there is most likely what goes on at it. Two pixels; without
 * this, things lose their rims. A row's left neighbour is the end of the row above. */
void sky_margins_continue(const SkyBackground *background, uint8_t *mask);
