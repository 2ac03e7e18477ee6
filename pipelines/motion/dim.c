/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/dim.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "motion/blob_finder.h"

#define CELL 2        /* pixels, each way: luma is smooth, one pixel of them stands for all */
#define ROW_CELLS 16  /* a row is a multiple of so many, for the kernels' sake */
#define UNIT (16 * 6) /* of a patch: luma * 16, summed over its cells */
#define STRAY_FIRST UNIT
#define STRAY_S 8.0
#define STRAY_PARTS 16 /* it is slow: so often in that time is enough */
#define LEARNING_S 4.0
#define FLOOR (UNIT * 3 / 2)
#define TIMES 5       /* the usual stray, that is 4 sigma: the kernel's */
#define CELLS_MIN 4
#define LARGE 0.02    /* of the picture: larger ones stand out by single pixels, or are light */
#define FLOODED 0.05  /* of the picture */

struct SkyDim {
    uint32_t columns, rows;
    size_t stride, cells;         /* with an empty row above and below, which are not counted in rows */
    int16_t *cell, *patch;        /* one; two by three, as a far person stands */
    int16_t *reach;               /* how far a patch is from the background where something is */
    int16_t *stray;               /* mean |patch| where nothing is, in eighths */
    uint8_t *mask;
    SkyBlobFinder *finder;
    double age_s, unlearnt_s;
};

SkyDim *sky_dim_new(const SkyBackground *background) {
    SkyDim *dim = g_new0(SkyDim, 1);
    dim->columns = background->width_px / CELL;
    dim->rows = background->height_px / CELL;
    dim->stride = (dim->columns + ROW_CELLS) / ROW_CELLS * ROW_CELLS; /* at least one at the end is empty */
    dim->cells = dim->stride * (dim->rows + 2);
    dim->cell = g_new0(int16_t, dim->cells + 1);
    dim->patch = g_new0(int16_t, dim->cells);
    dim->reach = g_new0(int16_t, dim->cells);
    dim->stray = g_new0(int16_t, dim->cells);
    dim->mask = g_malloc0(dim->cells);
    dim->finder = sky_blob_finder_new();
    return dim;
}

void sky_dim_free(SkyDim *dim) {
    if (!dim)
        return;
    g_free(dim->cell);
    g_free(dim->patch);
    g_free(dim->reach);
    g_free(dim->stray);
    g_free(dim->mask);
    sky_blob_finder_free(dim->finder);
    g_free(dim);
}

void sky_dim_begin(SkyDim *dim) {
    dim->age_s = dim->unlearnt_s = 0;
    for (size_t i = 0; i < dim->cells; i++) {
        dim->stray[i] = 8 * STRAY_FIRST;
        dim->reach[i] = FLOOR + TIMES * STRAY_FIRST;
    }
}

/* What stands out by itself says no more than what hardly does not: a drop of rain is no patch. TRUE: there is something. */
static gboolean find_patches(SkyDim *dim, const uint8_t *luma, const SkyBackground *background) {
    for (uint32_t y = 0; y < dim->rows; y++) {
        size_t from = y * CELL * background->stride;
        int16_t *row = dim->cell + (y + 1) * dim->stride;
        background->kernel->thin(luma + from, background->mean + from, background->radius + from, dim->stride, row);
        memset(row + dim->columns, 0, (dim->stride - dim->columns) * sizeof *row);
    }
    size_t first = dim->stride;
    return background->kernel->patch(dim->cell + first, dim->stride, dim->cells - 2 * first, dim->reach + first, dim->patch + first,
                                     dim->mask + first) != 0;
}

typedef struct {
    uint64_t weight, x, y; /* sums over the cells; x, y of their middles, in half cells */
    gboolean ignored;
} Sum;

static void add_run(Sum *sum, const SkyDim *dim, const SkyRun *run, const uint8_t *ignored, size_t stride) {
    for (uint32_t x = run->from; x < run->to; x++) {
        uint32_t far = (uint32_t)abs(dim->patch[(run->row + 1) * dim->stride + x]);
        sum->ignored |= ignored[(run->row * stride + x) * CELL] > 0;
        sum->weight += far;
        sum->x += far * (2 * x + 2); /* a patch is of a cell and the next */
        sum->y += far * (2 * run->row + 1);
    }
}

/* By the centre of mass, which is finer than cells. */
static void tell(const SkyDim *dim, const SkyPart *part, const Sum *sum, uint32_t least_px, SkyMotionResult *result) {
    if (result->dim_count == SKY_DIM_MAX) {
        result->dim_left_out++;
        return;
    }
    float columns = (float)dim->columns, rows = (float)dim->rows;
    float w = (float)(part->right - part->left) / columns, h = (float)(part->bottom - part->top) / rows;
    float left = (float)sum->x / (float)sum->weight / 2 / columns - w / 2;
    float top = (float)sum->y / (float)sum->weight / 2 / rows - h / 2;
    result->dim[result->dim_count++] = (SkyBlob){.box = {CLAMP(left, 0, 1 - w), CLAMP(top, 0, 1 - h), w, h},
                                                 .area = (float)part->pixels / (columns * rows),
                                                 .contrast = 1,
                                                 .small = part->pixels * CELL * CELL < least_px};
}

static void tell_all(SkyDim *dim, const uint8_t *ignored, size_t stride, uint32_t least_px, SkyMotionResult *result) {
    SkyBlobFinder *finder = dim->finder;
    sky_blob_finder_find(finder, dim->mask + dim->stride, NULL, dim->columns, dim->rows, dim->stride, CELLS_MIN);
    uint32_t set = 0, all = dim->columns * dim->rows;
    for (uint32_t part = 0; part < finder->part_count; part++)
        set += finder->parts[part].pixels;
    if (set > FLOODED * all) {
        result->dim_left_out++;
        return;
    }
    Sum sums[SKY_PARTS_MAX];
    memset(sums, 0, finder->part_count * sizeof *sums);
    for (uint32_t i = 0; i < finder->run_count; i++)
        if (finder->runs[i].part != SKY_PART_NONE)
            add_run(&sums[finder->runs[i].part], dim, &finder->runs[i], ignored, stride);
    for (uint32_t part = 0; part < finder->part_count; part++)
        if (finder->parts[part].pixels > LARGE * all)
            result->dim_left_out++;
        else if (!sums[part].ignored)
            tell(dim, &finder->parts[part], &sums[part], least_px, result);
}

void sky_dim_look(SkyDim *dim, const uint8_t *luma, const SkyBackground *background, const uint8_t *ignored, uint32_t least_px,
                  double dt_s, SkyMotionResult *result) {
    gboolean any = find_patches(dim, luma, background);
    dim->age_s += dt_s;
    if (any && dim->age_s >= LEARNING_S)
        tell_all(dim, ignored, background->stride, least_px, result);
    dim->unlearnt_s += dt_s;
    if (dim->unlearnt_s < STRAY_S / STRAY_PARTS)
        return;
    int16_t pace = (int16_t)lrint(MIN(dim->unlearnt_s / STRAY_S, 0.5) * 32768);
    background->kernel->stray(dim->stray + dim->stride, dim->reach + dim->stride, dim->patch + dim->stride, dim->mask + dim->stride,
                              pace, FLOOR, dim->cells - 2 * dim->stride);
    dim->unlearnt_s = 0;
}
