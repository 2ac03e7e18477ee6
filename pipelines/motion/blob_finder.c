/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/blob_finder.h"
#include <stdlib.h>
#include <string.h>

#define RUNS_FIRST 512

/* Twice as much. FALSE: it is as large as it may be. */
static gboolean grow(SkyBlobFinder *finder) {
    if (finder->runs_room == SKY_RUNS_MAX)
        return FALSE;
    finder->runs_room = finder->runs_room ? MIN(finder->runs_room * 2, SKY_RUNS_MAX) : RUNS_FIRST;
    finder->runs = g_renew(SkyRun, finder->runs, finder->runs_room);
    finder->scratch = g_renew(uint32_t, finder->scratch, finder->runs_room);
    return TRUE;
}

SkyBlobFinder *sky_blob_finder_new(void) {
    SkyBlobFinder *finder = g_new0(SkyBlobFinder, 1);
    grow(finder);
    return finder;
}

void sky_blob_finder_free(SkyBlobFinder *finder) {
    if (!finder)
        return;
    g_free(finder->runs);
    g_free(finder->scratch);
    g_free(finder);
}

/* While finding, `part` is the index of another run of the same component; a root is its own. */
static uint32_t root_of(SkyRun *runs, uint32_t run) {
    while (runs[run].part != run) {
        runs[run].part = runs[runs[run].part].part;
        run = runs[run].part;
    }
    return run;
}

static void join(SkyRun *runs, uint32_t a, uint32_t b) {
    a = root_of(runs, a);
    b = root_of(runs, b);
    runs[MAX(a, b)].part = MIN(a, b);
}

/* The first column from x that is not set; masks are 255 or 0. */
static uint32_t end_of_run(const uint8_t *line, uint32_t x, uint32_t width_px) {
    for (; x + 8 <= width_px; x += 8) {
        uint64_t eight;
        memcpy(&eight, line + x, sizeof eight);
        if (eight != UINT64_MAX)
            return x + (uint32_t)__builtin_ctzll(~GUINT64_FROM_LE(eight)) / 8;
    }
    while (x < width_px && line[x])
        x++;
    return x;
}

static gboolean add_runs_of_row(SkyBlobFinder *finder, const uint8_t *line, uint32_t row, uint32_t width_px) {
    for (uint32_t x = 0; x < width_px;) {
        const uint8_t *set = memchr(line + x, 255, width_px - x);
        if (!set)
            return TRUE;
        uint32_t from = (uint32_t)(set - line);
        x = end_of_run(line, from, width_px);
        if (finder->run_count == finder->runs_room && !grow(finder))
            return FALSE;
        finder->runs[finder->run_count] = (SkyRun){row, from, x, finder->run_count};
        finder->run_count++;
    }
    return TRUE;
}

/* Both rows' runs are in order of x: one walk over the two. */
static void join_rows(SkyRun *runs, uint32_t above, uint32_t above_end, uint32_t here, uint32_t here_end) {
    while (above < above_end && here < here_end) {
        if (runs[above].from <= runs[here].to && runs[here].from <= runs[above].to)
            join(runs, above, here);
        if (runs[above].to < runs[here].to)
            above++;
        else
            here++;
    }
}

static void add_run(SkyPart *part, const SkyRun *run) {
    uint32_t pixels = run->to - run->from;
    if (part->pixels == 0)
        *part = (SkyPart){.left = run->from, .top = run->row, .right = run->to};
    part->pixels += pixels;
    part->left = MIN(part->left, run->from);
    part->right = MAX(part->right, run->to);
    part->bottom = run->row + 1;
}

typedef struct {
    uint32_t root, pixels;
} Size;

static int by_pixels(const void *a, const void *b) {
    const Size *one = a, *two = b;
    if (one->pixels != two->pixels)
        return one->pixels < two->pixels ? 1 : -1;
    return one->root < two->root ? -1 : one->root > two->root;
}

/* The roots of the largest components, in order; every run then knows its part. */
static void choose_parts(SkyBlobFinder *finder, uint32_t pixels_min) {
    Size sizes[SKY_PARTS_MAX];
    uint32_t count = 0;
    uint32_t *pixels = finder->scratch;
    memset(pixels, 0, finder->run_count * sizeof *pixels);
    for (uint32_t run = 0; run < finder->run_count; run++) {
        finder->runs[run].part = root_of(finder->runs, run);
        pixels[finder->runs[run].part] += finder->runs[run].to - finder->runs[run].from;
    }
    for (uint32_t run = 0; run < finder->run_count; run++) {
        if (pixels[run] < MAX(pixels_min, 1))
            continue;
        if (count == SKY_PARTS_MAX) {
            qsort(sizes, count, sizeof *sizes, by_pixels);
            if (pixels[run] <= sizes[count - 1].pixels)
                continue;
            count--;
        }
        sizes[count++] = (Size){run, pixels[run]};
    }
    qsort(sizes, count, sizeof *sizes, by_pixels);
    for (uint32_t run = 0; run < finder->run_count; run++)
        pixels[run] = SKY_PART_NONE;
    for (uint32_t part = 0; part < count; part++)
        pixels[sizes[part].root] = part;
    for (uint32_t run = 0; run < finder->run_count; run++)
        finder->runs[run].part = pixels[finder->runs[run].part];
    finder->part_count = count;
}

void sky_blob_finder_find(SkyBlobFinder *finder, const uint8_t *mask, const uint32_t *bands, uint32_t width_px, uint32_t height_px,
                          size_t stride, uint32_t pixels_min) {
    finder->run_count = finder->part_count = 0;
    uint32_t above = 0;
    for (uint32_t y = 0; y < height_px; y++) {
        uint32_t here = finder->run_count;
        gboolean whole = (bands && bands[y / SKY_CELL_PX] == 0) || add_runs_of_row(finder, mask + y * stride, y, width_px);
        join_rows(finder->runs, above, here, here, finder->run_count);
        above = here;
        if (!whole)
            break;
    }
    choose_parts(finder, pixels_min);
    memset(finder->parts, 0, finder->part_count * sizeof *finder->parts);
    for (uint32_t run = 0; run < finder->run_count; run++)
        if (finder->runs[run].part != SKY_PART_NONE)
            add_run(&finder->parts[finder->runs[run].part], &finder->runs[run]);
}
