/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* The inner loops of motion, over whole planes of bytes, one function table. kernel_c.c is the truth; faster tables are bit-exact.
 * A plane is `bytes` long (a multiple of 64), its rows `stride` apart; reads may go up to SKY_PLANE_GUARD_ROWS rows and as many
 * columns outside (planes have guards there), writes never. No pointer needs to be aligned. Masks are 255 or 0. Output planes never
 * overlap input planes unless said. */
#define SKY_MOTION_SAMPLES 16
#define SKY_PLANE_GUARD_ROWS 4

/* A cell: 4 x 4 pixels. Four side by side are a block, 16 columns. */
#define SKY_CELL_PX 4
#define SKY_BLOCK_CELLS 4

/* Of each cell of a block, summed over its set pixels: how many, luma (now), the background's mean in quarters of luma (before);
 * gradients over two pixels, of luma (a) and of the background (b, in quarters of luma, towards 0), and their products, x and y
 * together. */
typedef struct {
    int32_t pixels[SKY_BLOCK_CELLS], now[SKY_BLOCK_CELLS], before[SKY_BLOCK_CELLS];
    int32_t ax[SKY_BLOCK_CELLS], ay[SKY_BLOCK_CELLS], bx[SKY_BLOCK_CELLS], by[SKY_BLOCK_CELLS];
    int32_t aa[SKY_BLOCK_CELLS], bb[SKY_BLOCK_CELLS], ab[SKY_BLOCK_CELLS];
} SkyBlockSums;

/* Looks at so many pixels of a row at once. */
#define SKY_LOOK_PX 32

/* Summed over the set of some pixels: luma (a), the background's mean without its fraction (b), |a - b|, radius + 1, products. */
typedef struct {
    uint64_t a, b, apart, radius, aa, bb, ab, pixels;
} SkyLookSums;

/* And the steepest edges, luma over two pixels, of the picture (now) and the background (before). */
typedef struct {
    uint64_t now, before, pixels;
} SkyEdgeSums;

#define SKY_STRAY_MAX 4095

typedef struct {
    const char *name;
    /* Sample consensus (Barnich and Van Droogenbroeck, ViBe, IEEE TIP 20(6), 2011): foreground where fewer than two of the
     * samples are within radius of luma. */
    void (*classify)(const uint8_t *luma, const uint8_t *const samples[SKY_MOTION_SAMPLES], const uint8_t *radius, size_t bytes,
                     uint8_t *ret_foreground);
    /* sample = luma where learn is set and dice < chance. */
    void (*replace)(uint8_t *sample, const uint8_t *luma, const uint8_t *learn, const uint8_t *dice, uint8_t chance, size_t bytes);
    /* Where learn is set: mean (8.8 fixed point) and noise (8.8, of |luma - mean|, each at most 16; it comes as at most 16, too) go
     * `rate`/256 towards luma; then radius = floor + noise * factor / 16, at most 255. */
    void (*follow)(uint16_t *mean, uint16_t *noise, uint8_t *radius, const uint8_t *luma, const uint8_t *learn, uint8_t rate,
                   uint8_t floor, uint8_t factor, size_t bytes);
    /* How often each pixel of a mask has come and gone lately: blink falls by `fall` and rises by `rise` where mask differs from
     * before, within 0..255; then before = mask. */
    void (*blink)(uint8_t *blink, uint8_t *before, const uint8_t *mask, uint8_t fall, uint8_t rise, size_t bytes);
    /* For how many calls a pixel has been foreground and the same: still rises by one where mask is set and luma is within radius
     * of what it was at the last call, else it is 0; then was = luma. */
    void (*settle)(uint8_t *still, uint8_t *was, const uint8_t *luma, const uint8_t *radius, const uint8_t *mask, size_t bytes);
    /* learn = 255 where things is not set, blink >= blink_least or still >= still_least. */
    void (*may_learn)(const uint8_t *things, const uint8_t *blink, uint8_t blink_least, const uint8_t *still, uint8_t still_least,
                      size_t bytes, uint8_t *ret_learn);
    /* 255 where at least `least` of the 5 x 5 around are set, but where skip is; returns how many are. */
    size_t (*majority)(const uint8_t *mask, const uint8_t *skip, size_t stride, size_t bytes, unsigned least, uint8_t *ret_mask);
    /* Greatest (dilate) or least (erode) of the 3 x 3 around. */
    void (*dilate)(const uint8_t *mask, size_t stride, size_t bytes, uint8_t *ret_mask);
    void (*erode)(const uint8_t *mask, size_t stride, size_t bytes, uint8_t *ret_mask);
    /* 3 x 3 binomial, rounded. */
    void (*smooth)(const uint8_t *luma, size_t stride, size_t bytes, uint8_t *ret_luma);
    /* mask = 0 where ignored is set. */
    void (*without)(uint8_t *mask, const uint8_t *ignored, size_t bytes);
    /* How many are set. */
    size_t (*count)(const uint8_t *mask, size_t bytes);
    /* How many of those not skipped have |luma - mean| within radius; mean in 8.8 fixed point, its fraction cut off. */
    size_t (*agree)(const uint8_t *luma, const uint16_t *mean, const uint8_t *radius, const uint8_t *skip, size_t bytes);
    /* Adds |luma - mean|, the mean rounded, to apart and |luma - before| to steps, each at most `clip`; then before = luma. bytes: a
     * multiple of 32. */
    void (*census)(const uint8_t *luma, const uint16_t *mean, uint8_t *before, uint8_t clip, size_t bytes, uint64_t *apart,
                   uint64_t *steps);
    /* Each value becomes what the table says. */
    void (*map)(uint8_t *plane, const uint8_t table[256], size_t bytes);
    /* The sums of one block, at most SKY_CELL_PX rows of it. */
    void (*sum_block)(const uint8_t *mask, const uint8_t *luma, const uint16_t *mean, size_t stride, size_t rows,
                      SkyBlockSums *ret_sums);
    /* Adds SKY_LOOK_PX pixels. */
    void (*add_look)(const uint8_t *luma, const uint16_t *mean, const uint8_t *radius, const uint8_t *set, SkyLookSums *sums);
    /* Adds of SKY_LOOK_PX pixels the greatest of |left - right| and |above - below| in the 3 x 3 around. */
    void (*add_edges)(const uint8_t *luma, const uint16_t *mean, size_t stride, const uint8_t *set, SkyEdgeSums *sums);
    /* Of every second pixel of a row, luma - mean in sixteenths, clipped at radius. cells: how many, a multiple of 16. */
    void (*thin)(const uint8_t *luma, const uint16_t *mean, const uint8_t *radius, size_t cells, int16_t *ret_cell);
    /* Sums of two cells (each and the next) by three (above, each, below), and where one is further than reach from 0. cells: as
     * above; none beyond 4080. Returns 0 where no mask is set. */
    size_t (*patch)(const int16_t *cell, size_t stride, size_t cells, const int16_t *reach, int16_t *ret_patch, uint8_t *ret_mask);
    /* How far patches stray: stray (eighths, at most 8 * SKY_STRAY_MAX) goes pace / 32768 towards |patch|, clipped at reach, and a
     * quarter of that where mask is set; then reach = floor + 5 * stray, in whole ones. cells: as above. */
    void (*stray)(int16_t *stray, int16_t *reach, const int16_t *patch, const uint8_t *mask, int16_t pace, int16_t floor,
                  size_t cells);
} SkyMotionKernel;

const SkyMotionKernel *sky_motion_kernel_c(void);

/* The fastest of the allowed that this machine can run; the plain one always can. */
#define SKY_MOTION_KERNEL_AVX2 1u
#define SKY_MOTION_KERNEL_NEON 2u
#define SKY_MOTION_KERNEL_ALL (SKY_MOTION_KERNEL_AVX2 | SKY_MOTION_KERNEL_NEON)
const SkyMotionKernel *sky_motion_kernel_choose(unsigned allowed);

/* Only where the build has them; only on a machine that can run them. */
const SkyMotionKernel *sky_motion_kernel_avx2(void);
const SkyMotionKernel *sky_motion_kernel_neon(void);
