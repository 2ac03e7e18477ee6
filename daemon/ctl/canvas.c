/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/canvas.h"

#include <math.h>
#include <string.h>

#include "daemon/ctl/glyph.h"

void sky_canvas_init(SkyCanvas *canvas, uint32_t width_px, uint32_t height_px) {
    *canvas = (SkyCanvas){.width_px = width_px, .height_px = height_px, .rgb = g_malloc0_n(width_px, (gsize)height_px * 3)};
}

void sky_canvas_clear(SkyCanvas *canvas) {
    g_clear_pointer(&canvas->rgb, g_free);
}

void sky_canvas_paint(SkyCanvas *canvas, const uint8_t *luma, uint32_t width_px, uint32_t height_px, uint32_t stride_bytes,
                      const uint8_t *mask) {
    uint8_t *out = canvas->rgb;
    for (uint32_t y = 0; y < canvas->height_px; y++) {
        uint32_t from_y = y * height_px / canvas->height_px;
        for (uint32_t x = 0; x < canvas->width_px; x++, out += 3) {
            uint32_t from_x = x * width_px / canvas->width_px;
            uint8_t value = luma[(gsize)from_y * stride_bytes + from_x];
            gboolean moves = mask && mask[(gsize)from_y * width_px + from_x];
            out[0] = moves ? (uint8_t)(128 + value / 2) : value;
            out[1] = out[2] = moves ? value / 2 : value;
        }
    }
}

static void pixel(SkyCanvas *canvas, int at_x, int at_y, SkyColour colour) {
    if (at_x < 0 || at_y < 0 || at_x >= (int)canvas->width_px || at_y >= (int)canvas->height_px)
        return;
    uint8_t *out = canvas->rgb + 3 * ((gsize)at_y * canvas->width_px + (gsize)at_x);
    out[0] = colour.red;
    out[1] = colour.green;
    out[2] = colour.blue;
}

static void dot(SkyCanvas *canvas, double x, double y, SkyColour colour) {
    pixel(canvas, (int)lround(x), (int)lround(y), colour);
}

/* Two pixels thick, so that it survives the film's compression. */
void sky_canvas_line(SkyCanvas *canvas, SkyPoint from, SkyPoint to, SkyColour colour) {
    double x0 = CLAMP(from.x, 0, 1) * (canvas->width_px - 1), y0 = CLAMP(from.y, 0, 1) * (canvas->height_px - 1);
    double x1 = CLAMP(to.x, 0, 1) * (canvas->width_px - 1), y1 = CLAMP(to.y, 0, 1) * (canvas->height_px - 1);
    int steps = MAX((int)ceil(MAX(fabs(x1 - x0), fabs(y1 - y0))), 1);
    for (int i = 0; i <= steps; i++) {
        double x = x0 + (x1 - x0) * i / steps, y = y0 + (y1 - y0) * i / steps;
        dot(canvas, x, y, colour);
        dot(canvas, x + 1, y, colour);
        dot(canvas, x, y + 1, colour);
    }
}

void sky_canvas_box(SkyCanvas *canvas, const SkyBox *box, SkyColour colour) {
    SkyPoint corners[] = {{box->x, box->y},
                          {box->x + box->w, box->y},
                          {box->x + box->w, box->y + box->h},
                          {box->x, box->y + box->h}};
    for (int i = 0; i < 4; i++)
        sky_canvas_line(canvas, corners[i], corners[(i + 1) % 4], colour);
}

void sky_canvas_polygon(SkyCanvas *canvas, const SkyPolygon *polygon, SkyColour colour) {
    for (uint32_t i = 0; i < polygon->count; i++)
        sky_canvas_line(canvas, polygon->points[i], polygon->points[(i + 1) % polygon->count], colour);
}

static void letter(SkyCanvas *canvas, int x, int y, int scale, const uint8_t *glyph, SkyColour colour) {
    for (int row = 0; row < SKY_GLYPH_H * scale; row++)
        for (int column = 0; column < SKY_GLYPH_W * scale; column++)
            if (glyph[row / scale] >> (SKY_GLYPH_W - 1 - column / scale) & 1)
                pixel(canvas, x + column, y + row, colour);
}

int sky_canvas_text(SkyCanvas *canvas, int x, int y, int scale, const char *text, SkyColour colour) {
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    for (const char *at = valid; *at; at = g_utf8_next_char(at), x += (SKY_GLYPH_W + 1) * scale)
        letter(canvas, x, y, scale, sky_ctl_glyph(g_utf8_get_char(at)), colour);
    return x;
}

void sky_canvas_shade(SkyCanvas *canvas, int x, int y, int w, int h) {
    for (int row = MAX(y, 0); row < MIN(y + h, (int)canvas->height_px); row++)
        for (int column = MAX(x, 0); column < MIN(x + w, (int)canvas->width_px); column++) {
            uint8_t *out = canvas->rgb + 3 * ((gsize)row * canvas->width_px + (gsize)column);
            for (int i = 0; i < 3; i++)
                out[i] /= 4;
        }
}

void sky_canvas_put(SkyCanvas *canvas, int x, int y, const SkyCanvas *picture) {
    int left = MAX(x, 0), right = MIN(x + (int)picture->width_px, (int)canvas->width_px);
    for (int row = MAX(y, 0); row < MIN(y + (int)picture->height_px, (int)canvas->height_px) && right > left; row++)
        memcpy(canvas->rgb + 3 * ((gsize)row * canvas->width_px + (gsize)left),
               picture->rgb + 3 * ((gsize)(row - y) * picture->width_px + (gsize)(left - x)), 3 * (gsize)(right - left));
}
