/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene/picture.h"

#include <math.h>
#include <string.h>

void picture_init(Picture *picture, int width, int height) {
    size_t luma = (size_t)width * (size_t)height, chroma = luma / 4;
    *picture = (Picture){.width = width, .height = height, .bytes = luma + 2 * chroma};
    picture->luma = g_malloc0(picture->bytes);
    picture->blue = picture->luma + luma;
    picture->red = picture->blue + chroma;
    memset(picture->blue, 128, 2 * chroma);
}

void picture_clear(Picture *picture) {
    g_clear_pointer(&picture->luma, g_free);
}

void picture_copy(Picture *to, const Picture *from) {
    memcpy(to->luma, from->luma, from->bytes);
}

static uint8_t blend(uint8_t under, float over, float cover) {
    return (uint8_t)CLAMP(lrintf((float)under + (over - (float)under) * cover), 0, 255);
}

typedef struct {
    int left, top, right, bottom; /* right and bottom are outside */
} Area;

static Area inside(const Picture *picture, float left, float top, float right, float bottom) {
    return (Area){MAX(0, (int)floorf(left)) & ~1, MAX(0, (int)floorf(top)) & ~1, MIN(picture->width, (int)ceilf(right) + 1),
                  MIN(picture->height, (int)ceilf(bottom) + 1)};
}

unsigned picture_lay(Picture *picture, float left, float top, float right, float bottom, Colour colour, Cover cover,
                     const void *shape) {
    Area area = inside(picture, left, top, right, bottom);
    unsigned covered = 0;
    float shade = 0;
    for (int y = area.top; y < area.bottom; y++)
        for (int x = area.left; x < area.right; x++) {
            float part = cover((float)x + .5f, (float)y + .5f, &shade, shape);
            if (part <= 0) continue;
            uint8_t *luma = &picture->luma[y * picture->width + x];
            *luma = blend(*luma, CLAMP(colour.luma + shade, 16, 235), part);
            covered += part >= .5f;
        }
    for (int y = area.top / 2; y < (area.bottom + 1) / 2; y++)
        for (int x = area.left / 2; x < (area.right + 1) / 2; x++) {
            float part = cover((float)(2 * x + 1), (float)(2 * y + 1), &shade, shape);
            int at = y * (picture->width / 2) + x;
            if (part <= 0) continue;
            picture->blue[at] = blend(picture->blue[at], colour.blue, part);
            picture->red[at] = blend(picture->red[at], colour.red, part);
        }
    return covered;
}

void picture_shade(Picture *picture, float left, float top, float right, float bottom, float depth, Cover cover,
                   const void *shape) {
    Area area = inside(picture, left, top, right, bottom);
    float unused;
    for (int y = area.top; y < area.bottom; y++)
        for (int x = area.left; x < area.right; x++) {
            float part = cover((float)x + .5f, (float)y + .5f, &unused, shape);
            uint8_t *luma = &picture->luma[y * picture->width + x];
            if (part > 0) *luma = (uint8_t)CLAMP(lrintf(16 + (float)(*luma - 16) * (1 - part * depth)), 16, 235);
        }
}
