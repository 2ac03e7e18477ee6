/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/nature.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "motion/softness.h"

#define SOFT 0.25f      /* edges of so little of its difference: the rim of a shadow or of a beam */
#define SOFT_EVEN 0.35f /* the same, of the difference inside, where it is one gain everywhere */
#define EVEN 0.2f       /* of the difference: so little of it is none of that gain's */
#define DEEP 4          /* pixels from the rim, each way: inside */
#define DEEP_MIN 12     /* pixels: fewer are no inside */
#define APART_MIN 8.0f  /* luma; a fainter part has no edges to speak of */

typedef struct {
    SkyLookSums all, deep;
    SkyEdgeSums outline;
} Sums;

/* 255 or 0 for each of SKY_LOOK_PX pixels of a row. */
typedef struct {
    uint64_t eight[SKY_LOOK_PX / 8];
} Lanes;

static Lanes lanes_at(const uint8_t *mask) {
    Lanes lanes;
    memcpy(&lanes, mask, sizeof lanes);
    return lanes;
}

/* The first so many: a window on as many set bytes as blank ones. */
static Lanes first_lanes(int64_t count) {
    static const struct {
        Lanes set, blank;
    } rule = {.set = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}}};
    return lanes_at((const uint8_t *)&rule + SKY_LOOK_PX - CLAMP(count, 0, SKY_LOOK_PX));
}

static Lanes both(Lanes a, Lanes b) {
    for (int i = 0; i < SKY_LOOK_PX / 8; i++)
        a.eight[i] &= b.eight[i];
    return a;
}

static Lanes either(Lanes a, Lanes b) {
    for (int i = 0; i < SKY_LOOK_PX / 8; i++)
        a.eight[i] |= b.eight[i];
    return a;
}

static Lanes other(Lanes a) {
    for (int i = 0; i < SKY_LOOK_PX / 8; i++)
        a.eight[i] = ~a.eight[i];
    return a;
}

static gboolean any(Lanes a) {
    uint64_t set = 0;
    for (int i = 0; i < SKY_LOOK_PX / 8; i++)
        set |= a.eight[i];
    return set != 0;
}

/* Beyond the picture's edge it is taken to go on. */
static Lanes deep_ones(const uint8_t *mask, uint32_t x, uint32_t y, const SkyBackground *background) {
    size_t rows = DEEP * background->stride;
    Lanes left = either(lanes_at(mask - DEEP), first_lanes((int64_t)DEEP - x));
    Lanes right = either(lanes_at(mask + DEEP), other(first_lanes((int64_t)background->width_px - DEEP - x)));
    Lanes deep = both(left, right);
    if (y >= DEEP)
        deep = both(deep, lanes_at(mask - rows));
    return y + DEEP < background->height_px ? both(deep, lanes_at(mask + rows)) : deep;
}

/* Edges are looked for two pixels around: none is told where that is beyond the picture. */
static Lanes outline_ones(const uint8_t *mask, uint32_t x, uint32_t y, const SkyBackground *background) {
    if (y < 2 || y + 2 >= background->height_px)
        return (Lanes){{0}};
    Lanes across = both(lanes_at(mask - 1), lanes_at(mask + 1));
    Lanes inside = both(across, both(lanes_at(mask - background->stride), lanes_at(mask + background->stride)));
    Lanes told = both(first_lanes((int64_t)background->width_px - 2 - x), other(first_lanes((int64_t)2 - x)));
    return both(told, other(inside));
}

static void add_run(Sums *sums, const SkyRun *run, const uint8_t *mask, const uint8_t *luma, const SkyBackground *background) {
    const SkyMotionKernel *kernel = background->kernel;
    for (uint32_t x = run->from; x < run->to; x += SKY_LOOK_PX) {
        size_t at = run->row * background->stride + x;
        Lanes all = first_lanes(run->to - x), deep = both(all, deep_ones(mask + at, x, run->row, background));
        Lanes outline = both(all, outline_ones(mask + at, x, run->row, background));
        kernel->add_look(luma + at, background->mean + at, background->radius + at, (const uint8_t *)&all, &sums->all);
        if (any(deep))
            kernel->add_look(luma + at, background->mean + at, background->radius + at, (const uint8_t *)&deep, &sums->deep);
        if (any(outline)) /* the steepest around a pixel of the outline: the mask's edge is only near the thing's */
            kernel->add_edges(luma + at, background->mean + at, background->stride, (const uint8_t *)&outline, &sums->outline);
    }
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
static void conclude_inside(const SkyLookSums *deep, SkyPartLook *look) {
    look->apart_deep = 0;
    look->uneven = 1;
    if (deep->pixels < DEEP_MIN)
        return;
    double n = (double)deep->pixels, gain = (double)deep->ab / (double)MAX(deep->bb, 1);
    double rest = MAX((double)deep->aa - gain * (double)deep->ab, 0);
    look->apart_deep = (float)deep->apart / (float)deep->pixels;
    look->uneven = (float)sqrt(rest / n) / MAX(look->apart_deep, 1);
}

static void conclude(const Sums *sums, SkyPartLook *look) {
    const SkyLookSums *all = &sums->all;
    double n = (double)all->pixels, outline = (double)MAX(sums->outline.pixels, 1), a = (double)all->a / n, b = (double)all->b / n;
    double cov = (double)all->ab / n - a * b, var_a = (double)all->aa / n - a * a, var_b = (double)all->bb / n - b * b;
    look->edge_now = (float)((double)sums->outline.now / outline);
    look->edge_before = (float)((double)sums->outline.before / outline);
    look->texture = (float)sqrt(MAX(var_b, 0));
    look->likeness = var_a > 1 && var_b > 1 ? (float)(cov / sqrt(var_a * var_b)) : 0;
    look->contrast = (float)((double)all->apart / (double)all->radius);
    look->apart = (float)((double)all->apart / n);
    conclude_inside(&sums->deep, look);
    look->nature = sums->outline.pixels < 4 ? SKY_NATURE_OBJECT : judge(look);
}

void sky_nature_tell(const SkyBlobFinder *finder, const uint8_t *mask, const uint8_t *luma, const SkyBackground *background,
                     uint32_t soft_px_min, SkyPartLook ret_looks[SKY_PARTS_MAX]) {
    Sums sums[SKY_PARTS_MAX];
    memset(sums, 0, finder->part_count * sizeof *sums);
    for (uint32_t run = 0; run < finder->run_count; run++)
        if (finder->runs[run].part != SKY_PART_NONE)
            add_run(&sums[finder->runs[run].part], &finder->runs[run], mask, luma, background);
    gboolean asked[SKY_PARTS_MAX];
    float soft[SKY_PARTS_MAX];
    for (uint32_t part = 0; part < finder->part_count; part++) {
        conclude(&sums[part], &ret_looks[part]);
        asked[part] = ret_looks[part].nature == SKY_NATURE_OBJECT && finder->parts[part].pixels >= soft_px_min;
    }
    sky_softness_tell(finder, mask, luma, background, asked, soft);
    for (uint32_t part = 0; part < finder->part_count; part++)
        ret_looks[part].soft = soft[part];
}
