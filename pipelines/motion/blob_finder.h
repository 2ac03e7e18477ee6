/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include "motion/kernel.h"

/* Connected components (8 neighbours) of a mask, by runs and union-find. Bounded: over SKY_RUNS_MAX runs the rest of the picture
 * is left out. Thread: one. Owner: SkyMotion. */
#define SKY_RUNS_MAX 16384
#define SKY_PARTS_MAX 256

typedef struct {
    uint32_t row, from, to; /* columns from <= x < to */
    uint32_t part;          /* after finding: which of the parts, or SKY_PART_NONE (too small, left out) */
} SkyRun;
#define SKY_PART_NONE UINT32_MAX

typedef struct {
    uint32_t pixels, left, top, right, bottom; /* right, bottom: exclusive */
} SkyPart;

typedef struct {
    SkyRun *runs;
    uint32_t *scratch; /* a number a run */
    uint32_t run_count, runs_room; /* room grows to what the worst picture needed: most have a few hundred runs */
    SkyPart parts[SKY_PARTS_MAX]; /* largest first; of more, the smallest are left out */
    uint32_t part_count;
} SkyBlobFinder;

SkyBlobFinder *sky_blob_finder_new(void);
void sky_blob_finder_free(SkyBlobFinder *finder);
/* bands: how many pixels are set in each SKY_CELL_PX rows; NULL: nobody has counted. */
void sky_blob_finder_find(SkyBlobFinder *finder, const uint8_t *mask, const uint32_t *bands, uint32_t width_px, uint32_t height_px,
                          size_t stride, uint32_t pixels_min);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyBlobFinder, sky_blob_finder_free)
