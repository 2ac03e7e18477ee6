/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* Letters for pictures, 5 x 7 pixels: ASCII capitals, digits and a few signs; small letters are shown as capitals, all else as a
 * box. */
#define SKY_GLYPH_W 5
#define SKY_GLYPH_H 7
/* Row by row, the lowest 5 bits of each, the leftmost highest. */
const uint8_t *sky_ctl_glyph(uint32_t character);
