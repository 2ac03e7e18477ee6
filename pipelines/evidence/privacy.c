/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/privacy.h"

#include <glib.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <string.h>

#define GREY 128

static int compare(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Where the horizontal line at y crosses the polygon, from left to right. */
static uint32_t find_crossings(const SkyPolygon *polygon, float y, float ret_x[SKY_POLYGON_POINTS_MAX]) {
    uint32_t count = 0;
    for (uint32_t i = 0, j = polygon->count - 1; i < polygon->count; j = i++) {
        SkyPoint a = polygon->points[i], b = polygon->points[j];
        if ((a.y > y) != (b.y > y))
            ret_x[count++] = (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x;
    }
    qsort(ret_x, count, sizeof *ret_x, compare);
    return count;
}

typedef struct {
    uint8_t *data;
    int stride_bytes, width_px, height_px;
} Plane;

/* The pixels from x1 to x2 (0..1) of the row and of the rows beside it, and one more on each side. */
static void fill(const Plane *plane, int row, float x1, float x2) {
    int left = MAX((int)floorf(x1 * (float)plane->width_px) - 1, 0);
    int right = MIN((int)ceilf(x2 * (float)plane->width_px) + 1, plane->width_px);
    for (int y = MAX(row - 1, 0); y <= MIN(row + 1, plane->height_px - 1) && right > left; y++)
        memset(plane->data + (ptrdiff_t)y * plane->stride_bytes + left, GREY, (size_t)(right - left));
}

static float x_at(SkyPoint a, SkyPoint b, float y) {
    return a.y == b.y ? a.x : a.x + (b.x - a.x) * CLAMP((y - a.y) / (b.y - a.y), 0, 1);
}

/* Every pixel that the edge touches: what is too thin for the middle of a row is all edge. */
static void burn_edge(const Plane *plane, SkyPoint a, SkyPoint b) {
    float top = MIN(a.y, b.y), bottom = MAX(a.y, b.y), height = (float)plane->height_px;
    for (int row = (int)(top * height); row <= MIN((int)(bottom * height), plane->height_px - 1); row++) {
        float x1 = x_at(a, b, MAX((float)row / height, top)), x2 = x_at(a, b, MIN((float)(row + 1) / height, bottom));
        if (a.y == b.y)
            x2 = b.x;
        fill(plane, row, MIN(x1, x2), MAX(x1, x2));
    }
}

static void burn_plane(const Plane *plane, const SkyPolygon *polygon) {
    float crossings[SKY_POLYGON_POINTS_MAX];
    for (int row = 0; row < plane->height_px; row++) {
        uint32_t count = find_crossings(polygon, ((float)row + 0.5f) / (float)plane->height_px, crossings);
        for (uint32_t i = 0; i + 1 < count; i += 2)
            fill(plane, row, crossings[i], crossings[i + 1]);
    }
    for (uint32_t i = 0; i < polygon->count; i++)
        burn_edge(plane, polygon->points[i], polygon->points[(i + 1) % polygon->count]);
}

void sky_privacy_burn(AVFrame *frame, const SkyPolygon *polygons, uint32_t count) {
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
    g_assert(format != NULL && format->nb_components == 3 && format->comp[0].depth == 8);
    for (uint32_t i = 0; i < count; i++)
        for (int plane = 0; plane < 3; plane++) {
            int shift_x = plane == 0 ? 0 : format->log2_chroma_w, shift_y = plane == 0 ? 0 : format->log2_chroma_h;
            burn_plane(&(Plane){.data = frame->data[plane],
                                .stride_bytes = frame->linesize[plane],
                                .width_px = AV_CEIL_RSHIFT(frame->width, shift_x),
                                .height_px = AV_CEIL_RSHIFT(frame->height, shift_y)},
                       &polygons[i]);
        }
}
