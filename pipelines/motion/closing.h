/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/background.h"

/* Closing of a mask by 5 x 5 pixels: cracks and holes up to four pixels wide go. Beyond the upper and the lower edge it goes on as
 * at them. Only bands of rows with foreground are worked on: most of most pictures has none. between: a plane, its
 * contents lost. The mask's margins are blank before and after. */
void sky_closing_run(const SkyBackground *background, uint8_t *mask, uint8_t *between);
