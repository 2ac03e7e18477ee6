/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/light.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS 32
#define LEVEL_OF(luma) ((luma) >> 3)
#define STRETCH 16 /* of a histogram: its median is looked for in these first */
#define STEP_X 4 /* looks at so few pixels, a column further in each row that it looks at */
#define STEP_Y 2
#define GLANCE_Y 8 /* and at first at fewer rows: where things move that shows that there is no curve to speak of */
#define CALM 0.97f /* so many are as they were: nothing to explain */
#define SHARE_MIN 200 /* of the pixels looked at: a level with fewer than 1 in so many says nothing */

typedef struct {
    uint16_t became[LEVELS][256];
    uint32_t seen[256];                        /* of a background luma */
    uint32_t pixels[LEVELS], sum[LEVELS], all; /* of the background luma, for its mean in the level */
    uint32_t unchanged;
} Census;

typedef struct {
    const uint8_t *luma;
    const uint16_t *mean;
    const uint8_t *radius, *skip;
    uint32_t width_px, height_px;
    size_t stride;
} View;

static void add_levels(Census *census) {
    for (unsigned luma = 0; luma < 256; luma++) {
        census->pixels[LEVEL_OF(luma)] += census->seen[luma];
        census->sum[LEVEL_OF(luma)] += census->seen[luma] * luma;
        census->all += census->seen[luma];
    }
}

static void count(Census *census, const View *view, uint32_t step_y) {
    memset(census, 0, sizeof *census);
    uint32_t unchanged = 0, width = view->width_px;
    for (uint32_t y = 1; y < view->height_px; y += step_y) {
        size_t row = y * view->stride;
        const uint8_t *luma = view->luma + row, *radius = view->radius + row, *skip = view->skip + row;
        const uint16_t *mean = view->mean + row;
        for (uint32_t x = y / step_y % STEP_X; x < width; x += STEP_X) {
            if (skip[x])
                continue;
            unsigned before = mean[x] >> 8;
            uint16_t *became = &census->became[LEVEL_OF(before)][luma[x]];
            *became = (uint16_t)(*became + (*became < UINT16_MAX));
            census->seen[before]++;
            unchanged += (unsigned)abs(luma[x] - (int)before) <= radius[x];
        }
    }
    census->unchanged = unchanged;
    add_levels(census);
}

static uint32_t sum_of(const uint16_t *histogram, unsigned count) {
    uint32_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += histogram[i];
    return sum;
}

static float median_of(const uint16_t histogram[256], uint32_t pixels) {
    uint32_t below = 0, half = (pixels + 1) / 2;
    unsigned luma = 0;
    for (uint32_t some; luma < 256 && below + (some = sum_of(histogram + luma, STRETCH)) < half; luma += STRETCH)
        below += some;
    for (; luma < 256; luma++) {
        if (below + histogram[luma] >= half)
            return (float)luma + ((float)pixels / 2 - (float)below) / (float)histogram[luma] - 0.5f;
        below += histogram[luma];
    }
    return 255;
}

/* Points of the curve, rising; at least one where any pixel was seen. */
static unsigned find_points(const Census *census, float from[LEVELS], float to[LEVELS]) {
    unsigned points = 0;
    for (unsigned level = 0; level < LEVELS; level++) {
        if (census->pixels[level] * SHARE_MIN < census->all || census->pixels[level] == 0)
            continue;
        from[points] = (float)census->sum[level] / (float)census->pixels[level] + 0.5f;
        to[points] = median_of(census->became[level], census->pixels[level]);
        if (points > 0 && to[points] < to[points - 1])
            to[points] = to[points - 1];
        points++;
    }
    return points;
}

static void draw_curve(const float *from, const float *to, unsigned points, uint8_t curve[256]) {
    unsigned next = 0;
    for (unsigned luma = 0; luma < 256; luma++) {
        while (next < points && from[next] <= (float)luma)
            next++;
        float value;
        if (points == 0)
            value = (float)luma;
        else if (next == 0)
            value = to[0] + ((float)luma - from[0]) * (from[0] > 0 ? MIN(1, to[0] / from[0]) : 1);
        else if (next == points)
            value = to[points - 1] + ((float)luma - from[points - 1]);
        else
            value = to[next - 1] + (to[next] - to[next - 1]) * ((float)luma - from[next - 1]) / (from[next] - from[next - 1]);
        curve[luma] = (uint8_t)CLAMP(lrintf(value), 0, 255);
    }
}

static float change_by(const Census *census, const uint8_t curve[256]) {
    uint32_t change = 0;
    for (int luma = 0; luma < 256; luma++)
        change += census->seen[luma] * (uint32_t)abs(curve[luma] - luma);
    return census->all ? (float)change / (float)census->all : 0;
}

static uint32_t explained_by(const uint8_t curve[256], const View *view, uint32_t step_y) {
    uint32_t explained = 0, width = view->width_px;
    for (uint32_t y = 1; y < view->height_px; y += step_y) {
        size_t row = y * view->stride;
        const uint8_t *luma = view->luma + row, *radius = view->radius + row, *skip = view->skip + row;
        const uint16_t *mean = view->mean + row;
        for (uint32_t x = y / step_y % STEP_X; x < width; x += STEP_X)
            explained += (abs(luma[x] - curve[mean[x] >> 8]) <= radius[x]) & !skip[x];
    }
    return explained;
}

static void measure(const View *view, uint32_t step_y, float change_min, SkyLight *light) {
    for (unsigned level = 0; level < 256; level++)
        light->curve[level] = (uint8_t)level;
    Census census;
    float from[LEVELS], to[LEVELS];
    count(&census, view, step_y);
    light->change = 0;
    light->explained = light->unchanged = census.all ? (float)census.unchanged / (float)census.all : 1;
    if (light->unchanged >= CALM)
        return;
    unsigned points = find_points(&census, from, to);
    draw_curve(from, to, points, light->curve);
    light->change = change_by(&census, light->curve);
    if (light->change > change_min)
        light->explained = (float)explained_by(light->curve, view, step_y) / (float)census.all;
}

float sky_light_cured(const SkyLight *light) {
    return light->unchanged < 1 ? (light->explained - light->unchanged) / (1 - light->unchanged) : 0;
}

void sky_light_measure(const uint8_t *luma, const uint16_t *mean, const uint8_t *radius, const uint8_t *skip, uint32_t width_px,
                       uint32_t height_px, size_t stride, SkyLight *ret_light) {
    View view = {luma, mean, radius, skip, width_px, height_px, stride};
    measure(&view, GLANCE_Y, SKY_LIGHT_CHANGE_MIN / 2, ret_light);
    if (sky_light_cured(ret_light) > SKY_LIGHT_CURED_MIN / 2)
        measure(&view, STEP_Y, SKY_LIGHT_CHANGE_MIN, ret_light);
}
