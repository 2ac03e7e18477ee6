/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/bands.h"

/* Closing of a mask by 5 x 5 pixels: cracks and holes up to four pixels wide go. Beyond the upper and the lower edge it goes on as
 * at them. bands: where the mask may have something. between: a plane, its contents lost. The mask's margins are blank before and after. */
void sky_closing_run(const SkyBackground *background, uint8_t *mask, const SkyBands *bands, uint8_t *between);
