/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/box.h"
#include "base/polygon.h"

/* A colour picture to draw on: RGB, 3 bytes a pixel, coordinates in 0..1. */
typedef struct {
    uint32_t width_px, height_px;
    uint8_t *rgb;
} SkyCanvas;
typedef struct {
    uint8_t red, green, blue;
} SkyColour;

void sky_canvas_init(SkyCanvas *canvas, uint32_t width_px, uint32_t height_px);
void sky_canvas_clear(SkyCanvas *canvas);
/* Fills the canvas from luma of any size by nearest neighbour; where mask is not 0, reddened. mask: width * height. */
void sky_canvas_paint(SkyCanvas *canvas, const uint8_t *luma, uint32_t width_px, uint32_t height_px, uint32_t stride_bytes,
                      const uint8_t *mask);
/* Letters scale times 5 x 7 pixels, at pixel x, y (top left), a box for what is no plain letter (glyph.h); returns the x behind
 * it. UTF-8. */
int sky_canvas_text(SkyCanvas *canvas, int x, int y, int scale, const char *text, SkyColour colour);
/* Darkens pixels x, y and w x h of them, for letters to stand on. */
void sky_canvas_shade(SkyCanvas *canvas, int x, int y, int w, int h);
/* Copies a smaller picture to pixel x, y; what is outside is left out. */
void sky_canvas_put(SkyCanvas *canvas, int x, int y, const SkyCanvas *picture);
void sky_canvas_line(SkyCanvas *canvas, SkyPoint from, SkyPoint to, SkyColour colour);
void sky_canvas_box(SkyCanvas *canvas, const SkyBox *box, SkyColour colour);
void sky_canvas_polygon(SkyCanvas *canvas, const SkyPolygon *polygon, SkyColour colour);
