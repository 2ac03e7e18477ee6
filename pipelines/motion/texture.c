/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/texture.h"
#include <math.h>
#include <string.h>

#define CELL SKY_CELL_PX
#define NONE UINT32_MAX
#define CELLS_FIRST 256u
#define PIXELS_MIN 6       /* a cell with fewer of the foreground says nothing */
#define SAME_GAIN 0.09f    /* the light changes by so little from a cell to the next, */
#define SAME_LUMA 1.5f     /* and by so many steps of luma more */
#define FLAT 0.3f          /* variance of the gradients, luma over two pixels: less is no texture at all */
#define KEPT 0.5f          /* of the texture that the gain would leave */
#define ALIKE 0.5f         /* correlation */
#define SURE 5.0f          /* times what chance would make of it */
#define APART 4.0f         /* pixels for each that says something of its own */
#define RIM_FROM 256       /* pixels of a region: smaller ones have no rim that is taken for theirs */
#define RIM_ROUNDS 2       /* cells, of a shadow's rim */

typedef enum {
    UNDECIDED,
    THING,
    LIGHT,
} Verdict;

/* Of the gradients of the picture (a) and the background (b), both directions, a cell's mean removed; of luma. */
typedef struct {
    float aa, bb, ab;
    float now, before;
    uint32_t pixels;
} Sums;

typedef struct {
    uint16_t column, row;
    uint32_t region;    /* another cell of it; its own number: the root */
    float gain, slack;  /* slack: of the gain, for the luma that light changes by anyway */
    Sums sums;          /* of a root: in the end, of its region */
    uint8_t verdict, next;
    gboolean wide;      /* of a region that has rims */
} Cell;

struct SkyTexture {
    uint32_t columns, rows, count, room; /* room grows to what the worst picture needed */
    gboolean rims;    /* some region has */
    uint32_t *number; /* of the cell at a place, or NONE */
    Cell *cells;      /* those with foreground */
};

SkyTexture *sky_texture_new(uint32_t width_px, uint32_t height_px) {
    SkyTexture *texture = g_new0(SkyTexture, 1);
    texture->columns = (width_px + CELL - 1) / CELL;
    texture->rows = (height_px + CELL - 1) / CELL;
    texture->number = g_new0(uint32_t, (gsize)texture->columns * texture->rows);
    return texture;
}

void sky_texture_free(SkyTexture *texture) {
    if (!texture)
        return;
    g_free(texture->number);
    g_free(texture->cells);
    g_free(texture);
}

static float spread(int32_t product, int32_t x1, int32_t x2, int32_t y1, int32_t y2, float n) {
    return (float)product - ((float)x1 * (float)x2 + (float)y1 * (float)y2) / n;
}

/* Of cell i of a block; whole numbers as far as here, so that they are the same on every machine. */
static Sums sums_of(const SkyBlockSums *block, unsigned i) {
    float n = (float)MAX(block->pixels[i], 1);
    return (Sums){.aa = spread(block->aa[i], block->ax[i], block->ax[i], block->ay[i], block->ay[i], n),
                  .bb = spread(block->bb[i], block->bx[i], block->bx[i], block->by[i], block->by[i], n) / 16,
                  .ab = spread(block->ab[i], block->ax[i], block->bx[i], block->ay[i], block->by[i], n) / 4,
                  .now = (float)block->now[i],
                  .before = (float)block->before[i] / 4,
                  .pixels = (uint32_t)block->pixels[i]};
}

/* Which of a block's cells have foreground, a bit each. */
static unsigned cells_with_foreground(const uint8_t *mask, uint32_t rows, size_t stride) {
    uint64_t any[2] = {0}, row[2];
    for (uint32_t y = 0; y < rows; y++) {
        memcpy(row, mask + y * stride, sizeof row);
        any[0] |= row[0];
        any[1] |= row[1];
    }
    if ((any[0] | any[1]) == 0)
        return 0;
    uint32_t cell[SKY_BLOCK_CELLS];
    memcpy(cell, any, sizeof cell);
    return (cell[0] ? 1u : 0) | (cell[1] ? 2u : 0) | (cell[2] ? 4u : 0) | (cell[3] ? 8u : 0);
}

static void add_cell(SkyTexture *texture, uint32_t column, uint32_t row, Sums sums) {
    if (texture->count == texture->room) {
        texture->room = MAX(2 * texture->room, CELLS_FIRST);
        texture->cells = g_renew(Cell, texture->cells, texture->room);
    }
    Cell *cell = &texture->cells[texture->count];
    *cell = (Cell){.column = (uint16_t)column, .row = (uint16_t)row, .region = texture->count, .gain = 1,
                   .slack = SAME_LUMA, .sums = sums};
    if (sums.pixels > 0) {
        float before = MAX(sums.before / (float)sums.pixels, 1);
        cell->gain = sums.now / (float)sums.pixels / before;
        cell->slack = SAME_LUMA / before;
    }
    texture->number[row * texture->columns + column] = texture->count++;
}

static void find_cells_of_row(SkyTexture *texture, uint32_t row, const uint8_t *mask, const uint8_t *luma,
                              const SkyBackground *background) {
    uint32_t top = row * CELL, bottom = MIN(top + CELL, background->height_px);
    uint32_t first = MAX(top, 1), end = MIN(bottom, background->height_px - 1); /* the outermost rows have no gradients */
    for (uint32_t column = 0; column < texture->columns; column += SKY_BLOCK_CELLS) {
        size_t corner = top * background->stride + column * CELL, at = first * background->stride + column * CELL;
        unsigned cells = cells_with_foreground(mask + corner, bottom - top, background->stride);
        if (cells == 0)
            continue;
        SkyBlockSums block;
        background->kernel->sum_block(mask + at, luma + at, background->mean + at, background->stride,
                                      end > first ? end - first : 0, &block);
        for (unsigned i = 0; i < MIN(SKY_BLOCK_CELLS, texture->columns - column); i++)
            if (cells >> i & 1)
                add_cell(texture, column + i, row, sums_of(&block, i));
    }
}

static void find_cells(SkyTexture *texture, const uint8_t *mask, const SkyBands *bands, const uint8_t *luma,
                       const SkyBackground *background) {
    texture->count = 0;
    memset(texture->number, 255, (size_t)texture->columns * texture->rows * sizeof *texture->number);
    for (uint32_t row = 0; row < texture->rows; row++)
        if (bands->set[row] > 0)
            find_cells_of_row(texture, row, mask, luma, background);
}

static uint32_t root_of(SkyTexture *texture, uint32_t number) {
    while (texture->cells[number].region != number) {
        texture->cells[number].region = texture->cells[texture->cells[number].region].region;
        number = texture->cells[number].region;
    }
    return number;
}

static Cell *cell_at(SkyTexture *texture, uint32_t column, uint32_t row) {
    if (column >= texture->columns || row >= texture->rows || texture->number[row * texture->columns + column] == NONE)
        return NULL;
    return &texture->cells[texture->number[row * texture->columns + column]];
}

static gboolean is_lit_alike(const Cell *one, const Cell *other) {
    float apart = fabsf(one->gain - other->gain);
    return apart <= SAME_GAIN * one->gain + MIN(one->slack, other->slack);
}

static void join(SkyTexture *texture, Cell *cell, Cell *other) {
    if (!other || other->sums.pixels < PIXELS_MIN || !is_lit_alike(cell, other))
        return;
    uint32_t from = root_of(texture, (uint32_t)(cell - texture->cells)), to = root_of(texture, (uint32_t)(other - texture->cells));
    texture->cells[MAX(from, to)].region = MIN(from, to);
}

static void add(Sums *total, const Sums *part) {
    total->aa += part->aa;
    total->bb += part->bb;
    total->ab += part->ab;
    total->now += part->now;
    total->before += part->before;
    total->pixels += part->pixels;
}

/* How much of the background's texture is left, beside what the gain would leave and what chance would: things that have edges
 * of their own show no more of it than chance. */
static Verdict judge(const Sums *sums) {
    float n = (float)sums->pixels;
    if (n < PIXELS_MIN || sums->bb < FLAT * n)
        return UNDECIDED;
    float slope = sums->ab / sums->bb, gain = sums->now / MAX(sums->before, 1), kept = slope * sums->ab;
    float chance = sqrtf(MAX(sums->aa - kept, n) / (sums->bb * n / APART));
    return slope > KEPT * gain && kept > ALIKE * ALIKE * sums->aa && slope > SURE * chance ? LIGHT : THING;
}

static void find_regions(SkyTexture *texture) {
    for (uint32_t i = 0; i < texture->count; i++) {
        Cell *cell = &texture->cells[i];
        if (cell->sums.pixels < PIXELS_MIN)
            continue;
        join(texture, cell, cell_at(texture, cell->column + 1u, cell->row));
        for (uint32_t right = 0; right < 3; right++)
            join(texture, cell, cell_at(texture, cell->column + right - 1, cell->row + 1u));
    }
    for (uint32_t i = 0; i < texture->count; i++) {
        uint32_t root = root_of(texture, i);
        if (root != i)
            add(&texture->cells[root].sums, &texture->cells[i].sums);
    }
}

/* A root is the first of its region. */
static void judge_regions(SkyTexture *texture) {
    texture->rims = FALSE;
    for (uint32_t i = 0; i < texture->count; i++) {
        Cell *cell = &texture->cells[i];
        const Cell *root = &texture->cells[root_of(texture, i)];
        cell->verdict = root == cell ? (uint8_t)judge(&cell->sums) : root->verdict;
        cell->wide = root->sums.pixels >= RIM_FROM;
        texture->rims |= cell->wide && cell->verdict == LIGHT;
    }
}

/* Is it between the light beside it and no light at all? */
static gboolean is_rim_of(const Cell *cell, const Cell *light) {
    float slack = SAME_GAIN + cell->slack;
    return cell->gain >= MIN(light->gain, 1) - slack && cell->gain <= MAX(light->gain, 1) + slack;
}

static gboolean is_rim(SkyTexture *texture, const Cell *cell) {
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            const Cell *near = cell_at(texture, cell->column + (uint32_t)dx, cell->row + (uint32_t)dy);
            if (near && near->verdict == LIGHT && near->wide && is_rim_of(cell, near))
                return TRUE;
        }
    return FALSE;
}

static void take_rims(SkyTexture *texture) {
    for (uint32_t i = 0; i < texture->count; i++) {
        Cell *cell = &texture->cells[i];
        cell->next = cell->verdict == LIGHT || is_rim(texture, cell) ? LIGHT : cell->verdict;
    }
    for (uint32_t i = 0; i < texture->count; i++) {
        Cell *cell = &texture->cells[i];
        cell->wide |= cell->next != cell->verdict;
        cell->verdict = cell->next;
    }
}

static void clear_cell(const Cell *cell, uint8_t *mask, const SkyBackground *background) {
    for (uint32_t y = cell->row * CELL; y < MIN((cell->row + 1u) * CELL, background->height_px); y++)
        memset(mask + y * background->stride + cell->column * CELL, 0, CELL);
}

uint32_t sky_texture_remove_light(SkyTexture *texture, uint8_t *mask, const SkyBands *bands, const uint8_t *luma,
                                  const SkyBackground *background, SkySwept *swept) {
    find_cells(texture, mask, bands, luma, background);
    find_regions(texture);
    judge_regions(texture);
    for (unsigned round = 0; texture->rims && round < RIM_ROUNDS; round++)
        take_rims(texture);
    uint32_t removed = 0;
    for (uint32_t i = 0; i < texture->count; i++) {
        const Cell *cell = &texture->cells[i];
        if (cell->verdict != LIGHT)
            continue;
        clear_cell(cell, mask, background);
        if (cell->wide)
            sky_swept_note(swept, cell->column, cell->row);
        removed++;
    }
    return removed;
}
