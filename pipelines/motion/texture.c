/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/texture.h"
#include <math.h>
#include <string.h>

#define BLOCK SKY_TEXTURE_BLOCK
#define PIXELS_MIN 16     /* a block with fewer of the foreground says nothing */
#define FLAT 4.0f         /* variance of the gradients, luma over two pixels: less is no texture */
#define EDGES 10.0f       /* the same in the picture: less is no thing's outline, but perhaps a beam's slope */
#define ALIKE 0.6f        /* correlation */

typedef enum {
    NOTHING, /* no foreground */
    THING,
    LIGHT,
    MUTE,    /* no texture behind it and none in it */
} Verdict;

/* Of the gradients of the picture (a) and the background (b), both directions. */
typedef struct {
    int32_t pixels;
    int32_t ax, bx, ay, by, aa, bb, ab;
} Sums;

struct SkyTexture {
    uint32_t columns, rows;
    Sums *sums;
    uint8_t *verdicts, *before;
};

SkyTexture *sky_texture_new(uint32_t width_px, uint32_t height_px) {
    SkyTexture *texture = g_new0(SkyTexture, 1);
    texture->columns = (width_px + BLOCK - 1) / BLOCK;
    texture->rows = (height_px + BLOCK - 1) / BLOCK;
    texture->sums = g_new0(Sums, (gsize)texture->columns * texture->rows);
    texture->verdicts = g_new0(uint8_t, (gsize)texture->columns * texture->rows);
    texture->before = g_new0(uint8_t, (gsize)texture->columns * texture->rows);
    return texture;
}

void sky_texture_free(SkyTexture *texture) {
    if (!texture)
        return;
    g_free(texture->sums);
    g_free(texture->verdicts);
    g_free(texture->before);
    g_free(texture);
}

static void add_pixel(Sums *sums, const uint8_t *luma, const SkyBackground *background, size_t at) {
    const uint16_t *mean = background->mean + at;
    size_t stride = background->stride;
    int ax = luma[at + 1] - luma[at - 1], ay = luma[at + stride] - luma[at - stride];
    int bx = (mean[1] - mean[-1]) / 256, by = (mean[stride] - *(mean - stride)) / 256;
    sums->pixels++;
    sums->ax += ax;
    sums->ay += ay;
    sums->bx += bx;
    sums->by += by;
    sums->aa += ax * ax + ay * ay;
    sums->bb += bx * bx + by * by;
    sums->ab += ax * bx + ay * by;
}

static uint64_t eight(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static Sums sum_block(uint32_t column, uint32_t row, const uint8_t *mask, const uint8_t *luma, const SkyBackground *background) {
    Sums sums = {0}; /* its own, not the caller's: registers */
    uint32_t top = row * BLOCK, bottom = MIN(top + BLOCK, background->height_px);
    uint32_t left = column * BLOCK, right = MIN(left + BLOCK, background->width_px);
    for (uint32_t y = top; y < bottom; y++) {
        size_t line = y * background->stride;
        if (eight(mask + line + left) == 0 || y == 0 || y + 1 == background->height_px)
            continue;
        for (uint32_t x = MAX(left, 1); x < MIN(right, background->width_px - 1); x++)
            if (mask[line + x])
                add_pixel(&sums, luma, background, line + x);
    }
    return sums;
}

/* Most of the picture has no foreground: whole rows of blocks are passed over at once. */
static gboolean is_empty(const uint8_t *mask, uint32_t row, const SkyBackground *background) {
    size_t bytes = BLOCK * background->stride, at = row * bytes;
    return at + bytes <= background->bytes && background->kernel->count(mask + at, bytes) == 0;
}

static float spread(int32_t product, int32_t x1, int32_t x2, int32_t y1, int32_t y2, float n) {
    return (float)product / n - (float)x1 / n * ((float)x2 / n) - (float)y1 / n * ((float)y2 / n);
}

static Verdict judge(const Sums *sums) {
    if (sums->pixels < PIXELS_MIN)
        return MUTE;
    float n = (float)sums->pixels;
    float aa = spread(sums->aa, sums->ax, sums->ax, sums->ay, sums->ay, n);
    float bb = spread(sums->bb, sums->bx, sums->bx, sums->by, sums->by, n);
    float ab = spread(sums->ab, sums->ax, sums->bx, sums->ay, sums->by, n);
    if (bb < FLAT)
        return aa < EDGES ? MUTE : THING;
    return ab > ALIKE * sqrtf(MAX(aa, 1) * bb) ? LIGHT : THING;
}

static void judge_all(SkyTexture *texture) {
    for (uint32_t row = 0; row < texture->rows; row++)
        for (uint32_t column = 0; column < texture->columns; column++) {
            size_t at = (size_t)row * texture->columns + column;
            texture->verdicts[at] = texture->sums[at].pixels == 0 ? NOTHING : (uint8_t)judge(&texture->sums[at]);
        }
}

/* A single block may look like light by chance, and a mute one says nothing: the majority around decides. */
static void ask_neighbours(SkyTexture *texture) {
    memcpy(texture->before, texture->verdicts, (size_t)texture->columns * texture->rows);
    for (uint32_t row = 0; row < texture->rows; row++)
        for (uint32_t column = 0; column < texture->columns; column++) {
            size_t at = (size_t)row * texture->columns + column;
            if (texture->before[at] != MUTE && texture->before[at] != LIGHT)
                continue;
            int light = 0, things = 0;
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++) {
                    uint32_t r = row + (uint32_t)dy, c = column + (uint32_t)dx;
                    if (r >= texture->rows || c >= texture->columns)
                        continue;
                    light += texture->before[(size_t)r * texture->columns + c] == LIGHT;
                    things += texture->before[(size_t)r * texture->columns + c] == THING;
                }
            texture->verdicts[at] = light > things ? LIGHT : THING;
        }
}

static void clear_block(uint32_t column, uint32_t row, uint8_t *mask, const SkyBackground *background) {
    for (uint32_t y = row * BLOCK; y < MIN((row + 1) * BLOCK, background->height_px); y++)
        memset(mask + y * background->stride + column * BLOCK, 0, BLOCK);
}

uint32_t sky_texture_remove_light(SkyTexture *texture, uint8_t *mask, const uint8_t *luma, const SkyBackground *background) {
    memset(texture->sums, 0, (size_t)texture->columns * texture->rows * sizeof *texture->sums);
    for (uint32_t row = 0; row < texture->rows; row++)
        for (uint32_t column = is_empty(mask, row, background) ? texture->columns : 0; column < texture->columns; column++)
            texture->sums[(size_t)row * texture->columns + column] = sum_block(column, row, mask, luma, background);
    judge_all(texture);
    ask_neighbours(texture);
    uint32_t removed = 0;
    for (uint32_t row = 0; row < texture->rows; row++)
        for (uint32_t column = 0; column < texture->columns; column++)
            if (texture->verdicts[(size_t)row * texture->columns + column] == LIGHT) {
                clear_block(column, row, mask, background);
                removed++;
            }
    return removed;
}
