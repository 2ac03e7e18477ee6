/* SPDX-License-Identifier: Apache-2.0 */
#include "base/polygon.h"

#include <math.h>

#include "base/error.h"

gboolean sky_polygon_contains(const SkyPolygon *polygon, float x, float y) {
    gboolean inside = FALSE;
    for (uint32_t i = 0, j = polygon->count - 1; i < polygon->count; j = i++) {
        SkyPoint a = polygon->points[i], b = polygon->points[j];
        if ((a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x)
            inside = !inside;
    }
    return inside;
}

/* Twice the signed area of the triangle. */
static double turn(SkyPoint a, SkyPoint b, SkyPoint c) {
    return ((double)b.x - a.x) * ((double)c.y - a.y) - ((double)b.y - a.y) * ((double)c.x - a.x);
}

static gboolean segments_cross(SkyPoint a, SkyPoint b, SkyPoint c, SkyPoint d) {
    return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

static gboolean crosses_itself(const SkyPolygon *polygon) {
    for (uint32_t i = 0; i < polygon->count; i++)
        for (uint32_t j = i + 1; j < polygon->count; j++)
            if (segments_cross(polygon->points[i], polygon->points[(i + 1) % polygon->count], polygon->points[j],
                               polygon->points[(j + 1) % polygon->count]))
                return TRUE;
    return FALSE;
}

gboolean sky_polygon_check(const SkyPolygon *polygon, GError **error) {
    if (polygon->count < 3 || polygon->count > SKY_POLYGON_POINTS_MAX) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "a polygon has 3 to %d points, this one has %u", SKY_POLYGON_POINTS_MAX,
                    polygon->count);
        return FALSE;
    }
    double area = 0;
    for (uint32_t i = 0; i < polygon->count; i++) {
        SkyPoint p = polygon->points[i], next = polygon->points[(i + 1) % polygon->count];
        if (!isfinite(p.x) || !isfinite(p.y) || p.x < 0 || p.x > 1 || p.y < 0 || p.y > 1) {
            g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "point %u lies outside the picture, allowed 0..1", i + 1);
            return FALSE;
        }
        area += (double)p.x * next.y - (double)next.x * p.y;
    }
    if (crosses_itself(polygon)) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "the polygon crosses itself");
        return FALSE;
    }
    if (fabs(area) / 2 < 1e-5) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "the polygon has no area");
        return FALSE;
    }
    return TRUE;
}

void sky_polygon_fill(const SkyPolygon *polygon, uint8_t *mask, uint32_t width, uint32_t height, uint32_t stride, uint8_t value) {
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            if (sky_polygon_contains(polygon, ((float)x + 0.5f) / (float)width, ((float)y + 0.5f) / (float)height))
                mask[(size_t)y * stride + x] = value;
}
