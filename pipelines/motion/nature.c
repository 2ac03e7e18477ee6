/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/nature.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SOFT 0.25f      /* edges of so little of its difference: the rim of a shadow or of a beam */
#define SOFT_EVEN 0.35f /* the same, of the difference inside, where it is one gain everywhere */
#define EVEN 0.2f       /* of the difference: so little of it is none of that gain's */
#define DEEP 4          /* pixels from the rim, each way: inside */
#define DEEP_MIN 12     /* pixels: fewer are no inside */
#define APART_MIN 8.0f  /* luma; a fainter part has no edges to speak of */

typedef struct {
    uint32_t pixels, outline, deep;
    uint64_t apart, deep_apart;
    int64_t deep_aa, deep_bb, deep_ab;
    uint64_t now, before;             /* sums of the edges along the outline */
    int64_t a, b, aa, bb, ab;         /* sums of luma (a: picture, b: background) and products */
    float contrast;
} Sums;

static int slope_now(const uint8_t *luma, size_t at, size_t stride) {
    return MAX(abs(luma[at + 1] - luma[at - 1]), abs(luma[at + stride] - luma[at - stride]));
}

static int slope_before(const uint16_t *mean, size_t at, size_t stride) {
    return MAX(abs(mean[at + 1] - mean[at - 1]), abs(mean[at + stride] - mean[at - stride])) >> 8;
}

/* The steepest around a pixel of the outline: the mask's edge is only near the thing's. */
static void add_outline(Sums *sums, const uint8_t *luma, const SkyBackground *background, size_t at) {
    int now = 0, before = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            size_t near = at + (size_t)(dy * (ptrdiff_t)background->stride + dx);
            now = MAX(now, slope_now(luma, near, background->stride));
            before = MAX(before, slope_before(background->mean, near, background->stride));
        }
    sums->outline++;
    sums->now += (uint64_t)now;
    sums->before += (uint64_t)before;
}

static void add_pixel(Sums *sums, int a, int b, uint8_t radius) {
    sums->pixels++;
    sums->a += a;
    sums->b += b;
    sums->aa += a * a;
    sums->bb += b * b;
    sums->ab += a * b;
    sums->apart += (uint64_t)abs(a - b);
    sums->contrast += (float)abs(a - b) / (float)(radius + 1);
}

/* Beyond the picture's edge it is taken to go on. */
static gboolean is_deep(const uint8_t *mask, size_t at, uint32_t x, uint32_t y, const SkyBackground *background) {
    size_t rows = DEEP * background->stride;
    gboolean across = (x < DEEP || mask[at - DEEP]) && (x + DEEP >= background->width_px || mask[at + DEEP]);
    return across && (y < DEEP || mask[at - rows]) && (y + DEEP >= background->height_px || mask[at + rows]);
}

static void add_deep(Sums *sums, int a, int b) {
    sums->deep++;
    sums->deep_apart += (uint64_t)abs(a - b);
    sums->deep_aa += a * a;
    sums->deep_bb += b * b;
    sums->deep_ab += a * b;
}

static void add_run(Sums *of_part, const SkyRun *run, const uint8_t *mask, const uint8_t *luma, const SkyBackground *background) {
    Sums sums = *of_part; /* its own, not the caller's: registers */
    uint32_t width = background->width_px, height = background->height_px;
    for (uint32_t x = run->from; x < run->to; x++) {
        size_t at = run->row * background->stride + x;
        add_pixel(&sums, luma[at], background->mean[at] >> 8, background->radius[at]);
        if (is_deep(mask, at, x, run->row, background))
            add_deep(&sums, luma[at], background->mean[at] >> 8);
        gboolean inside = mask[at - 1] && mask[at + 1] && mask[at - background->stride] && mask[at + background->stride];
        if (!inside && x > 1 && run->row > 1 && x + 2 < width && run->row + 2 < height)
            add_outline(&sums, luma, background, at);
    }
    *of_part = sums;
}

static SkyNature judge(const SkyPartLook *look) {
    if (look->edge_before > look->edge_now * 1.4f + 2)
        return SKY_NATURE_GHOST;
    if (look->texture > 8 && look->likeness > 0.9f)
        return SKY_NATURE_LIGHT;
    if (look->edge_now < 6 && look->edge_now < look->edge_before + 3)
        return SKY_NATURE_LIGHT;
    if (look->apart > APART_MIN && look->edge_now < look->apart * SOFT)
        return SKY_NATURE_LIGHT;
    if (look->apart_deep > APART_MIN && look->uneven < EVEN && look->edge_now < look->apart_deep * SOFT_EVEN)
        return SKY_NATURE_LIGHT;
    return SKY_NATURE_OBJECT;
}

/* What the gain that fits best leaves over. */
static void conclude_inside(const Sums *sums, SkyPartLook *look) {
    look->apart_deep = 0;
    look->uneven = 1;
    if (sums->deep < DEEP_MIN)
        return;
    double gain = (double)sums->deep_ab / (double)MAX(sums->deep_bb, 1);
    double rest = MAX((double)sums->deep_aa - gain * (double)sums->deep_ab, 0);
    look->apart_deep = (float)sums->deep_apart / (float)sums->deep;
    look->uneven = (float)sqrt(rest / sums->deep) / MAX(look->apart_deep, 1);
}

static void conclude(const Sums *sums, SkyPartLook *look) {
    double n = sums->pixels, outline = MAX(sums->outline, 1);
    double cov = sums->ab / n - (sums->a / n) * (sums->b / n);
    double var_a = sums->aa / n - (sums->a / n) * (sums->a / n), var_b = sums->bb / n - (sums->b / n) * (sums->b / n);
    look->edge_now = (float)(sums->now / outline);
    look->edge_before = (float)(sums->before / outline);
    look->texture = (float)sqrt(MAX(var_b, 0));
    look->likeness = var_a > 1 && var_b > 1 ? (float)(cov / sqrt(var_a * var_b)) : 0;
    look->contrast = sums->contrast / (float)sums->pixels;
    look->apart = (float)(sums->apart / n);
    conclude_inside(sums, look);
    look->nature = sums->outline < 4 ? SKY_NATURE_OBJECT : judge(look);
}

void sky_nature_tell(const SkyBlobFinder *finder, const uint8_t *mask, const uint8_t *luma, const SkyBackground *background,
                     SkyPartLook ret_looks[SKY_PARTS_MAX]) {
    Sums sums[SKY_PARTS_MAX];
    memset(sums, 0, finder->part_count * sizeof *sums);
    for (uint32_t run = 0; run < finder->run_count; run++)
        if (finder->runs[run].part != SKY_PART_NONE)
            add_run(&sums[finder->runs[run].part], &finder->runs[run], mask, luma, background);
    for (uint32_t part = 0; part < finder->part_count; part++)
        conclude(&sums[part], &ret_looks[part]);
}
