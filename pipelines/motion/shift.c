/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/shift.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 3                 /* parts, across and down */
#define CELLS 6                /* of a part, across and down */
#define PART_POINTS (CELLS * CELLS)
#define LINE (SIDE * CELLS)    /* cells across the picture, and down */
#define RIM (SKY_SHIFT_MAX_PX + 2) /* points keep away from the edge */
#define SLOPE_MIN 4            /* luma a pixel: flatter places tell nothing */
#define CLIP 3                 /* slopes: what is further apart is no matter of some pixels, something stands before it */
#define POINTS_MIN 8           /* fewer in a part: it has no say */
#define SPEAK_MIN 4            /* parts that have */
#define BETTER 0.9f            /* times the misfit without the shift: a part agrees */
#define MUCH_BETTER 0.8f       /* and all together */
#define LOUD 1.5f              /* times the usual misfit, */
#define LOUDER 0.06f           /* and so much: worth a search */
#define EDGES_ONE_WAY 0.02f   /* of an ellipse of edges: its axes' product over the square of their sum */
#define STILL_PX 0.4f          /* what is less is left to the background's own tolerance */
#define USUAL_S 5.0
#define LASTING_S 10.0
#define LEAK_PX 0.4f
#define SWINGS 0.2f            /* of late pictures are shifted: a camera on a mast in the wind */
#define PICK_EVERY 8           /* pictures: a line of cells anew */

typedef struct {
    size_t at;
    int slope_x, slope_y;      /* of the background, luma a pixel */
    int clip;                  /* 0: there is no point */
} Point;

typedef struct {
    Point points[PART_POINTS];
    unsigned count;
    int clips;                 /* sum */
} Part;

/* How a part's points differ at some shift, and by how much less what they have in common. */
typedef struct {
    int apart[PART_POINTS];
    float misfit;              /* 0: none, 1: nothing fits */
} Fit;

struct SkyShift {
    Point cells[LINE * LINE];
    Part parts[SIDE * SIDE];
    unsigned pictures, next_line;
    float usual;               /* misfit of a picture that is not shifted */
    float lasting_x, lasting_y;
    float swings;              /* share of late pictures that were shifted */
};

SkyShift *sky_shift_new(void) {
    return g_new0(SkyShift, 1);
}

void sky_shift_free(SkyShift *shift) {
    g_free(shift);
}

/* ---- where to look ---- */

static uint16_t slope_at(const uint16_t *mean, size_t stride, uint8_t skip) {
    uint16_t left = mean[-1], right = mean[1], above = *(mean - stride), below = mean[stride];
    uint16_t across = (uint16_t)(left > right ? left - right : right - left), down = (uint16_t)(above > below ? above - below : below - above);
    return (uint16_t)(MAX(across, down) & (skip ? 0 : UINT16_MAX));
}

/* No branch, so that a compiler turns it into vectors by itself. */
static uint16_t steepest_of(const uint16_t *restrict mean, size_t stride, const uint8_t *restrict skip, uint32_t count) {
    uint16_t most = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint16_t slope = slope_at(mean + i, stride, skip[i]);
        most = MAX(most, slope);
    }
    return most;
}

static Point steepest(const SkyBackground *background, const uint8_t *skip, uint32_t left, uint32_t top, uint32_t right,
                      uint32_t bottom) {
    const uint16_t *mean = background->mean;
    size_t stride = background->stride, best = 0;
    uint16_t most = SLOPE_MIN * 512 - 1;
    for (uint32_t y = top; y < bottom; y++) {
        size_t at = y * stride + left;
        uint16_t slope = steepest_of(mean + at, stride, skip + at, right - left);
        if (slope <= most)
            continue;
        most = slope;
        for (best = at; slope_at(mean + best, stride, skip[best]) != most;)
            best++;
    }
    if (best == 0)
        return (Point){0};
    Point point = {.at = best, .slope_x = (mean[best + 1] - mean[best - 1]) / 512,
                   .slope_y = (mean[best + stride] - mean[best - stride]) / 512};
    point.clip = CLIP * MAX(abs(point.slope_x), abs(point.slope_y));
    return point;
}

static void pick_line(SkyShift *shift, unsigned line, const SkyBackground *background, const uint8_t *skip) {
    uint32_t width = background->width_px - 2 * RIM, height = background->height_px - 2 * RIM;
    for (unsigned column = 0; column < LINE; column++)
        shift->cells[line * LINE + column] =
            steepest(background, skip, RIM + column * width / LINE, RIM + line * height / LINE, RIM + (column + 1) * width / LINE,
                     RIM + (line + 1) * height / LINE);
}

static void gather_parts(SkyShift *shift) {
    for (unsigned part = 0; part < SIDE * SIDE; part++)
        shift->parts[part].count = 0, shift->parts[part].clips = 0;
    for (unsigned cell = 0; cell < LINE * LINE; cell++) {
        Part *part = &shift->parts[cell / LINE / CELLS * SIDE + cell % LINE / CELLS];
        if (shift->cells[cell].clip == 0)
            continue;
        part->points[part->count++] = shift->cells[cell];
        part->clips += shift->cells[cell].clip;
    }
}

static gboolean is_large_enough(const SkyBackground *background) {
    return background->width_px >= 2 * RIM + LINE && background->height_px >= 2 * RIM + LINE;
}

void sky_shift_begin(SkyShift *shift, const SkyBackground *background, const uint8_t *skip) {
    *shift = (SkyShift){.pictures = 0};
    for (unsigned line = 0; is_large_enough(background) && line < LINE; line++)
        pick_line(shift, line, background, skip);
    gather_parts(shift);
}

static void renew_points(SkyShift *shift, const SkyBackground *background, const uint8_t *skip) {
    if (++shift->pictures % PICK_EVERY != 0 || !is_large_enough(background))
        return;
    pick_line(shift, shift->next_line, background, skip);
    shift->next_line = (shift->next_line + 1) % LINE;
    gather_parts(shift);
}

/* ---- how it fits ---- */

static gboolean speaks(const Part *part) {
    return part->count >= POINTS_MIN;
}

static int clipped_mean(const Part *part, const int *apart) {
    int sum = 0;
    for (unsigned i = 0; i < part->count; i++)
        sum += CLAMP(apart[i], -part->points[i].clip, part->points[i].clip);
    return sum / (int)part->count;
}

static void level(const Part *part, Fit *fit) {
    int common = clipped_mean(part, fit->apart), misfit = 0;
    for (unsigned i = 0; i < part->count; i++) {
        fit->apart[i] -= common;
        misfit += MIN(abs(fit->apart[i]), part->points[i].clip);
    }
    fit->misfit = (float)misfit / (float)part->clips;
}

static void fit_part(const Part *part, const uint8_t *luma, const SkyBackground *background, ptrdiff_t offset, Fit *fit) {
    for (unsigned i = 0; i < part->count; i++) {
        size_t at = part->points[i].at;
        fit->apart[i] = luma[(ptrdiff_t)at + offset] - sky_background_luma(background, at);
    }
    level(part, fit);
}

/* Misfit of all parts that have a say. */
static float fit_all(const SkyShift *shift, const uint8_t *luma, const SkyBackground *background, ptrdiff_t offset, Fit *fits) {
    float sum = 0;
    for (unsigned i = 0; i < SIDE * SIDE; i++)
        if (speaks(&shift->parts[i])) {
            fit_part(&shift->parts[i], luma, background, offset, &fits[i]);
            sum += fits[i].misfit;
        }
    return sum;
}

static uint32_t speakers(const SkyShift *shift) {
    uint32_t parts = 0;
    for (unsigned i = 0; i < SIDE * SIDE; i++)
        parts |= (uint32_t)speaks(&shift->parts[i]) << i;
    return parts;
}

static unsigned count(uint32_t parts) {
    return (unsigned)__builtin_popcount(parts);
}

/* That of the middle part: things in some of them do not count. */
static float median_misfit(const SkyShift *shift, const Fit *fits, unsigned speaking) {
    for (unsigned i = 0; i < SIDE * SIDE; i++) {
        unsigned below = 0, above = 0;
        for (unsigned k = 0; speaks(&shift->parts[i]) && k < SIDE * SIDE; k++) {
            below += speaks(&shift->parts[k]) && fits[k].misfit < fits[i].misfit;
            above += speaks(&shift->parts[k]) && fits[k].misfit > fits[i].misfit;
        }
        if (speaks(&shift->parts[i]) && 2 * below <= speaking && 2 * above <= speaking)
            return fits[i].misfit;
    }
    return 0;
}

/* Normal equations of Lucas and Kanade. */
typedef struct {
    float xx, xy, yy, xa, ya;
} Normal;

static void add_part(Normal *sum, const Part *part, const Fit *fit) {
    Normal own = {0};
    for (unsigned k = 0; k < part->count; k++) {
        const Point *point = &part->points[k];
        int apart = fit->apart[k];
        if (abs(apart) >= point->clip)
            continue;
        own.xx += (float)(point->slope_x * point->slope_x);
        own.xy += (float)(point->slope_x * point->slope_y);
        own.yy += (float)(point->slope_y * point->slope_y);
        own.xa += (float)(point->slope_x * apart);
        own.ya += (float)(point->slope_y * apart);
    }
    float weight = 1 / MAX(own.xx + own.yy, 1); /* each part counts the same, however strong its edges */
    sum->xx += own.xx * weight;
    sum->xy += own.xy * weight;
    sum->yy += own.yy * weight;
    sum->xa += own.xa * weight;
    sum->ya += own.ya * weight;
}

/* One step, over the points that fit of the parts that are asked; FALSE: all edges run the same way, and along it nothing is
 * known. */
static gboolean refine(const SkyShift *shift, const Fit *fits, uint32_t asked, float *ret_x, float *ret_y) {
    Normal sum = {0};
    for (unsigned i = 0; i < SIDE * SIDE; i++)
        if (asked >> i & 1)
            add_part(&sum, &shift->parts[i], &fits[i]);
    float det = sum.xx * sum.yy - sum.xy * sum.xy, trace = sum.xx + sum.yy;
    if (det <= EDGES_ONE_WAY * trace * trace)
        return FALSE;
    *ret_x = CLAMP((sum.xy * sum.ya - sum.yy * sum.xa) / det, -1, 1);
    *ret_y = CLAMP((sum.xy * sum.xa - sum.xx * sum.ya) / det, -1, 1);
    return TRUE;
}

/* Whole pixels: every second one, then those around the best. */
static void search(const SkyShift *shift, const uint8_t *luma, const SkyBackground *background, int *ret_x, int *ret_y) {
    Fit fits[SIDE * SIDE];
    float least = INFINITY;
    int best_x = 0, best_y = 0;
    for (int y = -SKY_SHIFT_MAX_PX; y <= SKY_SHIFT_MAX_PX; y += 2)
        for (int x = -SKY_SHIFT_MAX_PX; x <= SKY_SHIFT_MAX_PX; x += 2) {
            float misfit = fit_all(shift, luma, background, y * (ptrdiff_t)background->stride + x, fits);
            if (misfit < least)
                least = misfit, best_x = x, best_y = y;
        }
    int from_x = best_x, from_y = best_y;
    for (int y = MAX(from_y - 1, -SKY_SHIFT_MAX_PX); y <= MIN(from_y + 1, SKY_SHIFT_MAX_PX); y++)
        for (int x = MAX(from_x - 1, -SKY_SHIFT_MAX_PX); x <= MIN(from_x + 1, SKY_SHIFT_MAX_PX); x++) {
            float misfit = fit_all(shift, luma, background, y * (ptrdiff_t)background->stride + x, fits);
            if (misfit < least)
                least = misfit, best_x = x, best_y = y;
        }
    *ret_x = best_x;
    *ret_y = best_y;
}

/* Which parts fit better moved on by so much from where `moved` was taken than where they are; and whether all together do. */
static uint32_t agreeing(const SkyShift *shift, uint32_t parts, const Fit *still, const Fit *moved, float x, float y,
                         gboolean *ret_much) {
    float before = 0, after = 0;
    uint32_t agree = 0;
    for (unsigned i = 0; i < SIDE * SIDE; i++) {
        const Part *part = &shift->parts[i];
        if (!(parts >> i & 1))
            continue;
        Fit fit = moved[i];
        for (unsigned k = 0; k < part->count; k++)
            fit.apart[k] += (int)lrintf((float)part->points[k].slope_x * x + (float)part->points[k].slope_y * y);
        level(part, &fit);
        before += still[i].misfit;
        after += fit.misfit;
        agree |= (uint32_t)(fit.misfit < BETTER * still[i].misfit) << i;
    }
    *ret_much = after < MUCH_BETTER * before;
    return agree;
}

/* The part of a pixel that is missing to where `moved` was taken: what all say, then what those say whom that helps. */
static gboolean settle(const SkyShift *shift, uint32_t parts, const Fit *still, const Fit *moved, float *ret_x, float *ret_y) {
    gboolean much;
    for (unsigned step = 0; step < 2; step++) {
        uint32_t asked = step == 0 ? parts : agreeing(shift, parts, still, moved, *ret_x, *ret_y, &much);
        if (!refine(shift, moved, asked, ret_x, ret_y))
            return FALSE;
    }
    uint32_t agree = agreeing(shift, parts, still, moved, *ret_x, *ret_y, &much);
    return 3 * count(agree) >= 2 * count(parts) && much;
}

/* FALSE: nothing that can be told, or less than it would cost the picture's sharpness to undo it. */
static gboolean measure(SkyShift *shift, const uint8_t *luma, const SkyBackground *background, double dt_s, float *ret_x,
                        float *ret_y) {
    uint32_t parts = speakers(shift);
    if (count(parts) < SPEAK_MIN)
        return FALSE;
    Fit still[SIDE * SIDE], moved[SIDE * SIDE];
    fit_all(shift, luma, background, 0, still);
    float misfit = median_misfit(shift, still, count(parts)), x = 0, y = 0;
    int whole_x = 0, whole_y = 0;
    gboolean far = misfit > LOUD * shift->usual + LOUDER;
    gboolean near = refine(shift, still, parts, &x, &y) && MAX(fabsf(x), fabsf(y)) >= STILL_PX;
    if (far)
        search(shift, luma, background, &whole_x, &whole_y);
    if (far || near)
        fit_all(shift, luma, background, whole_y * (ptrdiff_t)background->stride + whole_x, moved);
    if ((!far && !near) || !settle(shift, parts, still, moved, &x, &y)) {
        shift->usual += (float)MIN(dt_s / USUAL_S, 1) * (misfit - shift->usual);
        return FALSE;
    }
    *ret_x = (float)whole_x + x;
    *ret_y = (float)whole_y + y;
    return TRUE;
}

static int steps_of(float px) {
    return (int)lrintf(CLAMP(px, -SKY_SHIFT_MAX_PX, SKY_SHIFT_MAX_PX) * SKY_SHIFT_STEPS);
}

SkyShiftBy sky_shift_find(SkyShift *shift, const uint8_t *luma, const SkyBackground *background, const uint8_t *skip, double dt_s,
                          gboolean switching) {
    float x = 0, y = 0, pace = (float)MIN(dt_s / LASTING_S, 1);
    if (switching && shift->swings < SWINGS)
        return (SkyShiftBy){0, 0};
    renew_points(shift, background, skip);
    gboolean shifted = measure(shift, luma, background, dt_s, &x, &y);
    if (!switching)
        shift->swings += pace * ((shifted ? 1 : 0) - shift->swings);
    shift->lasting_x += pace * (x - shift->lasting_x);
    shift->lasting_y += pace * (y - shift->lasting_y);
    if (x == 0 && y == 0)
        return (SkyShiftBy){0, 0};
    x -= CLAMP(shift->lasting_x, -LEAK_PX, LEAK_PX);
    y -= CLAMP(shift->lasting_y, -LEAK_PX, LEAK_PX);
    return MAX(fabsf(x), fabsf(y)) < STILL_PX ? (SkyShiftBy){0, 0} : (SkyShiftBy){steps_of(x), steps_of(y)};
}

/* ---- taking it out ---- */

/* Rows or columns that the picture has something for: from <= i < to of `size`, read from i + whole and, with a rest, one
 * further. */
typedef struct {
    int whole, rest, from, to;
} Span;

static Span span_of(int by, uint32_t size) {
    int whole = by >= 0 ? by / SKY_SHIFT_STEPS : -((-by + SKY_SHIFT_STEPS - 1) / SKY_SHIFT_STEPS);
    int rest = by - whole * SKY_SHIFT_STEPS;
    return (Span){whole, rest, MAX(0, -whole), (int)size - MAX(0, whole + (rest > 0))};
}

static void put_background(const SkyBackground *background, uint8_t *luma, size_t from, size_t to) {
    for (size_t at = from; at < to; at++)
        luma[at] = sky_background_luma(background, at);
}

/* Sixteen bits a pixel and no branch, so that a compiler turns it into vectors by itself. */
static void put_row(const uint8_t *restrict above, const uint8_t *restrict below, int rest_x, int rest_y, int count,
                    uint8_t *restrict ret_row) {
    uint16_t right = (uint16_t)rest_x, left = (uint16_t)(SKY_SHIFT_STEPS - rest_x);
    uint16_t low = (uint16_t)rest_y, high = (uint16_t)(SKY_SHIFT_STEPS - rest_y);
    for (int i = 0; i < count; i++) {
        uint16_t top = (uint16_t)(above[i] * left + above[i + 1] * right);
        uint16_t bottom = (uint16_t)(below[i] * left + below[i + 1] * right);
        uint16_t sum = (uint16_t)((uint16_t)(top * high) + (uint16_t)(bottom * low) + SKY_SHIFT_STEPS * SKY_SHIFT_STEPS / 2);
        ret_row[i] = (uint8_t)(sum / (SKY_SHIFT_STEPS * SKY_SHIFT_STEPS));
    }
}

void sky_shift_undo(SkyShiftBy by, const uint8_t *luma, const SkyBackground *background, uint8_t *ret_luma) {
    Span across = span_of(by.x, background->width_px), down = span_of(by.y, background->height_px);
    for (int y = 0; y < (int)background->height_px; y++) {
        size_t line = (size_t)y * background->stride;
        if (y < down.from || y >= down.to) {
            put_background(background, ret_luma, line, line + background->stride);
            continue;
        }
        const uint8_t *above = luma + ((size_t)(y + down.whole) * background->stride + (size_t)(across.from + across.whole));
        put_row(above, down.rest ? above + background->stride : above, across.rest, down.rest, across.to - across.from,
                ret_luma + line + across.from);
        put_background(background, ret_luma, line, line + (size_t)across.from);
        put_background(background, ret_luma, line + (size_t)across.to, line + background->stride);
    }
}

void sky_shift_blank_rim(SkyShiftBy by, const SkyBackground *background, uint8_t *plane) {
    Span across = span_of(by.x, background->width_px), down = span_of(by.y, background->height_px);
    for (int y = 0; y < (int)background->height_px; y++) {
        uint8_t *row = plane + (size_t)y * background->stride;
        if (y < down.from || y >= down.to) {
            memset(row, 0, background->width_px);
            continue;
        }
        memset(row, 0, (size_t)across.from);
        memset(row + across.to, 0, background->width_px - (size_t)across.to);
    }
}
