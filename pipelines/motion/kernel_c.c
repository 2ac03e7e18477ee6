/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "motion/kernel.h"

#define NOISE_MAX (16 * 256)

/* Plain loops over bytes, written so that a compiler turns them into vectors by itself: no branches, no early out. */

static void classify(const uint8_t *restrict luma, const uint8_t *const samples[SKY_MOTION_SAMPLES], const uint8_t *restrict radius,
                     size_t bytes, uint8_t *restrict ret_foreground) {
    for (size_t at = 0; at < bytes; at += 64) {
        uint8_t matches[64] = {0};
        for (unsigned k = 0; k < SKY_MOTION_SAMPLES; k++) {
            const uint8_t *restrict sample = samples[k] + at;
            for (unsigned i = 0; i < 64; i++) {
                uint8_t here = luma[at + i], there = sample[i];
                uint8_t apart = here > there ? (uint8_t)(here - there) : (uint8_t)(there - here);
                matches[i] = (uint8_t)(matches[i] + (apart <= radius[at + i] ? 1 : 0));
            }
        }
        for (unsigned i = 0; i < 64; i++)
            ret_foreground[at + i] = matches[i] < 2 ? 255 : 0;
    }
}

static void replace(uint8_t *restrict sample, const uint8_t *restrict luma, const uint8_t *restrict learn,
                    const uint8_t *restrict dice, uint8_t chance, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        uint8_t take = dice[i] < chance ? learn[i] : 0;
        sample[i] = (uint8_t)((luma[i] & take) | (sample[i] & (uint8_t)~take));
    }
}

static void follow(uint16_t *restrict mean, uint16_t *restrict noise, uint8_t *restrict radius, const uint8_t *restrict luma,
                   const uint8_t *restrict learn, uint8_t rate, uint8_t floor, uint8_t factor, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        uint16_t here = (uint16_t)(luma[i] * 256), old = mean[i], pace = learn[i] ? (uint16_t)(rate * 256) : 0;
        uint16_t apart = here > old ? (uint16_t)(here - old) : (uint16_t)(old - here);
        uint16_t step = (uint16_t)((uint32_t)apart * pace >> 16);
        mean[i] = here > old ? (uint16_t)(old + step) : (uint16_t)(old - step);
        uint16_t loud = noise[i];
        apart = apart > NOISE_MAX ? NOISE_MAX : apart;
        uint16_t more = apart > loud ? (uint16_t)(apart - loud) : 0, less = apart > loud ? 0 : (uint16_t)(loud - apart);
        loud = (uint16_t)(loud + ((uint32_t)more * pace >> 16) - ((uint32_t)less * pace >> 16));
        noise[i] = loud;
        uint16_t reach = (uint16_t)(floor + ((uint32_t)loud * (uint16_t)(factor * 16) >> 16));
        radius[i] = (uint8_t)(reach > 255 ? 255 : reach);
    }
}

static void blink(uint8_t *restrict blinks, uint8_t *restrict before, const uint8_t *restrict mask, uint8_t fall, uint8_t rise,
                  size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        uint8_t calm = blinks[i] > fall ? (uint8_t)(blinks[i] - fall) : 0;
        uint8_t step = (uint8_t)((mask[i] ^ before[i]) & rise);
        blinks[i] = calm > 255 - step ? 255 : (uint8_t)(calm + step);
        before[i] = mask[i];
    }
}

static void settle(uint8_t *restrict still, uint8_t *restrict was, const uint8_t *restrict luma, const uint8_t *restrict radius,
                   const uint8_t *restrict mask, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        uint8_t apart = luma[i] > was[i] ? (uint8_t)(luma[i] - was[i]) : (uint8_t)(was[i] - luma[i]);
        uint8_t longer = still[i] < 255 ? (uint8_t)(still[i] + 1) : 255;
        still[i] = (uint8_t)(longer & mask[i] & (apart <= radius[i] ? 255 : 0));
        was[i] = luma[i];
    }
}

static void may_learn(const uint8_t *restrict things, const uint8_t *restrict blinks, uint8_t blink_least,
                      const uint8_t *restrict still, uint8_t still_least, size_t bytes, uint8_t *restrict ret_learn) {
    for (size_t i = 0; i < bytes; i++) {
        uint8_t restless = blinks[i] >= blink_least ? 255 : 0, settled = still[i] >= still_least ? 255 : 0;
        ret_learn[i] = (uint8_t)((uint8_t)~things[i] | restless | settled);
    }
}

#define STEP 64 /* a plane is a multiple of it */

static size_t majority(const uint8_t *restrict mask, const uint8_t *restrict skip, size_t stride, size_t bytes, unsigned least,
                       uint8_t *restrict ret_mask) {
    uint8_t enough = (uint8_t)least;
    size_t set = 0;
    for (size_t at = 0; at < bytes; at += STEP) {
        const uint8_t *row = mask + at - 2;
        uint8_t down[STEP + 4];
        for (size_t i = 0; i < sizeof down; i++)
            down[i] = (uint8_t)((row[i - 2 * stride] & 1) + (row[i - stride] & 1) + (row[i] & 1) + (row[i + stride] & 1) +
                                (row[i + 2 * stride] & 1));
        for (size_t i = 0; i < STEP; i++)
            ret_mask[at + i] = (uint8_t)(((down[i] + down[i + 1] + down[i + 2] + down[i + 3] + down[i + 4]) >= enough ? 255 : 0) &
                                         (uint8_t)~skip[at + i]);
        for (size_t i = 0; i < STEP; i++)
            set += ret_mask[at + i] & 1;
    }
    return set;
}

static void dilate(const uint8_t *restrict mask, size_t stride, size_t bytes, uint8_t *restrict ret_mask) {
    for (size_t at = 0; at < bytes; at += STEP) {
        const uint8_t *row = mask + at - 1;
        uint8_t down[STEP + 2];
        for (size_t i = 0; i < sizeof down; i++)
            down[i] = row[i - stride] | row[i] | row[i + stride];
        for (size_t i = 0; i < STEP; i++)
            ret_mask[at + i] = down[i] | down[i + 1] | down[i + 2];
    }
}

static void erode(const uint8_t *restrict mask, size_t stride, size_t bytes, uint8_t *restrict ret_mask) {
    for (size_t at = 0; at < bytes; at += STEP) {
        const uint8_t *row = mask + at - 1;
        uint8_t down[STEP + 2];
        for (size_t i = 0; i < sizeof down; i++)
            down[i] = row[i - stride] & row[i] & row[i + stride];
        for (size_t i = 0; i < STEP; i++)
            ret_mask[at + i] = down[i] & down[i + 1] & down[i + 2];
    }
}

static void smooth(const uint8_t *restrict luma, size_t stride, size_t bytes, uint8_t *restrict ret_luma) {
    for (size_t at = 0; at < bytes; at += STEP) {
        const uint8_t *row = luma + at - 1;
        uint8_t down[STEP + 2];
        for (size_t i = 0; i < sizeof down; i++)
            down[i] = (uint8_t)((row[i - stride] + 2 * row[i] + row[i + stride] + 2) >> 2);
        for (size_t i = 0; i < STEP; i++)
            ret_luma[at + i] = (uint8_t)((down[i] + 2 * down[i + 1] + down[i + 2] + 2) >> 2);
    }
}

static void without(uint8_t *restrict mask, const uint8_t *restrict ignored, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        mask[i] = (uint8_t)(mask[i] & (uint8_t)~ignored[i]);
}

static size_t count(const uint8_t *mask, size_t bytes) {
    size_t set = 0;
    for (size_t i = 0; i < bytes; i++)
        set += mask[i] & 1;
    return set;
}

static size_t agree(const uint8_t *restrict luma, const uint16_t *restrict mean, const uint8_t *restrict radius,
                    const uint8_t *restrict skip, size_t bytes) {
    size_t set = 0;
    for (size_t i = 0; i < bytes; i++) {
        uint8_t before = (uint8_t)(mean[i] >> 8);
        uint8_t apart = luma[i] > before ? (uint8_t)(luma[i] - before) : (uint8_t)(before - luma[i]);
        set += (apart <= radius[i] ? 1 : 0) & (uint8_t)~skip[i];
    }
    return set;
}

static unsigned apart_at_most(unsigned a, unsigned b, unsigned most) {
    unsigned apart = a > b ? a - b : b - a;
    return apart < most ? apart : most;
}

static void census(const uint8_t *restrict luma, const uint16_t *restrict mean, uint8_t *restrict before, uint8_t clip,
                   size_t bytes, uint64_t *restrict apart, uint64_t *restrict steps) {
    for (size_t i = 0; i < bytes; i++) {
        *apart += apart_at_most(luma[i], (uint8_t)((mean[i] + 128) >> 8), clip);
        *steps += apart_at_most(luma[i], before[i], clip);
        before[i] = luma[i];
    }
}

static void map(uint8_t *plane, const uint8_t table[256], size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        plane[i] = table[plane[i]];
}

static void sum_block(const uint8_t *restrict mask, const uint8_t *restrict luma, const uint16_t *restrict mean, size_t stride,
                      size_t rows, SkyBlockSums *restrict ret_sums) {
    *ret_sums = (SkyBlockSums){.pixels = {0}};
    for (size_t row = 0; row < rows; row++)
        for (size_t x = 0; x < SKY_BLOCK_CELLS * SKY_CELL_PX; x++) {
            size_t cell = x / SKY_CELL_PX, at = row * stride + x;
            const uint16_t *here = mean + at;
            int set = mask[at] & 1;
            int ax = (luma[at + 1] - luma[at - 1]) * set, ay = (luma[at + stride] - luma[at - stride]) * set;
            int bx = (here[1] - here[-1]) / 64 * set, by = (here[stride] - *(here - stride)) / 64 * set;
            ret_sums->pixels[cell] += set;
            ret_sums->now[cell] += luma[at] * set;
            ret_sums->before[cell] += (here[0] >> 6) * set;
            ret_sums->ax[cell] += ax;
            ret_sums->ay[cell] += ay;
            ret_sums->bx[cell] += bx;
            ret_sums->by[cell] += by;
            ret_sums->aa[cell] += ax * ax + ay * ay;
            ret_sums->bb[cell] += bx * bx + by * by;
            ret_sums->ab[cell] += ax * bx + ay * by;
        }
}

static void add_look(const uint8_t *restrict luma, const uint16_t *restrict mean, const uint8_t *restrict radius,
                     const uint8_t *restrict set, SkyLookSums *restrict sums) {
    for (size_t i = 0; i < SKY_LOOK_PX; i++) {
        int taken = set[i] & 1, a = luma[i] * taken, b = (mean[i] >> 8) * taken;
        sums->a += (uint64_t)a;
        sums->b += (uint64_t)b;
        sums->apart += (uint64_t)abs(a - b);
        sums->radius += (uint64_t)((radius[i] + 1) * taken);
        sums->aa += (uint64_t)(a * a);
        sums->bb += (uint64_t)(b * b);
        sums->ab += (uint64_t)(a * b);
        sums->pixels += (uint64_t)taken;
    }
}

static int greater(int a, int b) {
    return a > b ? a : b;
}

static void add_edges(const uint8_t *restrict luma, const uint16_t *restrict mean, size_t stride, const uint8_t *restrict set,
                      SkyEdgeSums *restrict sums) {
    for (size_t i = 0; i < SKY_LOOK_PX; i++) {
        int now = 0, before = 0;
        for (int row = -1; row <= 1; row++)
            for (int column = -1; column <= 1; column++) {
                ptrdiff_t at = (ptrdiff_t)i + row * (ptrdiff_t)stride + column, up = at - (ptrdiff_t)stride,
                          down = at + (ptrdiff_t)stride;
                now = greater(now, greater(abs(luma[at + 1] - luma[at - 1]), abs(luma[down] - luma[up])));
                before = greater(before, greater(abs(mean[at + 1] - mean[at - 1]), abs(mean[down] - mean[up])));
            }
        int taken = set[i] & 1;
        sums->now += (uint64_t)(now * taken);
        sums->before += (uint64_t)((before >> 8) * taken);
        sums->pixels += (uint64_t)taken;
    }
}

static void thin(const uint8_t *restrict luma, const uint16_t *restrict mean, const uint8_t *restrict radius, size_t cells,
                 int16_t *restrict ret_cell) {
    for (size_t i = 0; i < cells; i++) {
        int16_t off = (int16_t)(luma[2 * i] * 16 - (mean[2 * i] >> 4));
        int16_t clip = (int16_t)(radius[2 * i] * 16), least = (int16_t)-clip;
        off = off > clip ? clip : off;
        ret_cell[i] = off < least ? least : off;
    }
}

static size_t patch(const int16_t *restrict cell, size_t stride, size_t cells, const int16_t *restrict reach,
                    int16_t *restrict ret_patch, uint8_t *restrict ret_mask) {
    const int16_t *restrict above = cell - stride, *restrict below = cell + stride;
    uint8_t any = 0;
    for (size_t i = 0; i < cells; i++) {
        int16_t sum = (int16_t)(above[i] + above[i + 1] + cell[i] + cell[i + 1] + below[i] + below[i + 1]);
        int16_t far = sum < 0 ? (int16_t)-sum : sum;
        uint8_t set = far > reach[i] ? 255 : 0;
        ret_patch[i] = sum;
        ret_mask[i] = set;
        any |= set;
    }
    return any;
}

static void stray(int16_t *restrict strays, int16_t *restrict reach, const int16_t *restrict patches, const uint8_t *restrict mask,
                  int16_t pace, int16_t floor, size_t cells) {
    for (size_t i = 0; i < cells; i++) {
        int16_t far = patches[i] < 0 ? (int16_t)-patches[i] : patches[i];
        far = far > reach[i] ? reach[i] : far;
        far = far > SKY_STRAY_MAX ? SKY_STRAY_MAX : far;
        int16_t here = mask[i] ? (int16_t)(pace >> 2) : pace, apart = (int16_t)(far * 8 - strays[i]);
        int16_t now = (int16_t)(strays[i] + ((apart * here + (1 << 14)) >> 15));
        strays[i] = now;
        reach[i] = (int16_t)(floor + ((uint32_t)now * 40960 >> 16)); /* 5 / 8 */
    }
}

const SkyMotionKernel *sky_motion_kernel_c(void) {
    static const SkyMotionKernel kernel = {"c",      classify, replace, follow, blink,   settle, may_learn,
                                           majority, dilate,   erode,   smooth, without, count,  agree,
                                           census,   map,      sum_block, add_look, add_edges, thin, patch, stray};
    return &kernel;
}
