/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* A point or a simple polygon in a picture: x to the right, y down, both 0..1. */
typedef struct {
    float x, y;
} SkyPoint;

#define SKY_POLYGON_POINTS_MAX 64
typedef struct {
    uint32_t count; /* 3..SKY_POLYGON_POINTS_MAX */
    SkyPoint points[SKY_POLYGON_POINTS_MAX];
} SkyPolygon;

/* Even-odd rule. A point on the edge may be either. */
gboolean sky_polygon_contains(const SkyPolygon *polygon, float x, float y);
/* CONFIG error: too few points, outside 0..1, not finite, crosses itself, no area. */
gboolean sky_polygon_check(const SkyPolygon *polygon, GError **error);
/* Sets mask[y * stride + x] = value for each pixel whose centre is inside. */
void sky_polygon_fill(const SkyPolygon *polygon, uint8_t *mask, uint32_t width, uint32_t height, uint32_t stride, uint8_t value);
