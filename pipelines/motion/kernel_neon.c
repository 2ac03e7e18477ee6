/* SPDX-License-Identifier: Apache-2.0 */
#include <arm_neon.h>

#include "motion/kernel.h"

/* kernel_c.c in NEON, bit for bit. 16 pixels a step; planes are multiples of 64 long. */
#define NOISE_MAX (16 * 256)

static void classify(const uint8_t *restrict luma, const uint8_t *const samples[SKY_MOTION_SAMPLES], const uint8_t *restrict radius,
                     size_t bytes, uint8_t *restrict ret_foreground) {
    for (size_t at = 0; at < bytes; at += 16) {
        uint8x16_t here = vld1q_u8(luma + at), reach = vld1q_u8(radius + at);
        uint8x16_t once = vdupq_n_u8(0), twice = vdupq_n_u8(0);
        for (unsigned k = 0; k < SKY_MOTION_SAMPLES && vminvq_u8(twice) != 255; k += 4) /* most pixels need few samples */
            for (unsigned i = k; i < k + 4; i++) {
                uint8x16_t inside = vcleq_u8(vabdq_u8(here, vld1q_u8(samples[i] + at)), reach);
                twice = vorrq_u8(twice, vandq_u8(once, inside));
                once = vorrq_u8(once, inside);
            }
        vst1q_u8(ret_foreground + at, vmvnq_u8(twice));
    }
}

static void replace(uint8_t *restrict sample, const uint8_t *restrict luma, const uint8_t *restrict learn,
                    const uint8_t *restrict dice, uint8_t chance, size_t bytes) {
    uint8x16_t chances = vdupq_n_u8(chance);
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t take = vandq_u8(vcltq_u8(vld1q_u8(dice + i), chances), vld1q_u8(learn + i));
        vst1q_u8(sample + i, vbslq_u8(take, vld1q_u8(luma + i), vld1q_u8(sample + i)));
    }
}

static uint16x8_t high_product(uint16x8_t a, uint16x8_t b) {
    return vcombine_u16(vshrn_n_u32(vmull_u16(vget_low_u16(a), vget_low_u16(b)), 16),
                        vshrn_n_u32(vmull_u16(vget_high_u16(a), vget_high_u16(b)), 16));
}

static uint16x8_t go_towards(uint16x8_t from, uint16x8_t step, uint16x8_t up) {
    return vbslq_u16(up, vaddq_u16(from, step), vsubq_u16(from, step));
}

/* 8 pixels of follow; returns the radius. */
static uint8x8_t follow_8(uint16_t *mean, uint16_t *noise, uint8x8_t luma, uint8x8_t learn, uint8_t rate, uint8_t floor,
                          uint8_t factor) {
    uint16x8_t here = vshll_n_u8(luma, 8), old = vld1q_u16(mean);
    uint16x8_t pace = vshll_n_u8(vand_u8(learn, vdup_n_u8(rate)), 8);
    uint16x8_t apart = vabdq_u16(here, old);
    vst1q_u16(mean, go_towards(old, high_product(apart, pace), vcgtq_u16(here, old)));
    apart = vminq_u16(apart, vdupq_n_u16(NOISE_MAX));
    uint16x8_t loud = vld1q_u16(noise);
    loud = go_towards(loud, high_product(vabdq_u16(apart, loud), pace), vcgtq_u16(apart, loud));
    vst1q_u16(noise, loud);
    return vqmovn_u16(vaddq_u16(vdupq_n_u16(floor), high_product(loud, vdupq_n_u16((uint16_t)(factor * 16)))));
}

static void follow(uint16_t *restrict mean, uint16_t *restrict noise, uint8_t *restrict radius, const uint8_t *restrict luma,
                   const uint8_t *restrict learn, uint8_t rate, uint8_t floor, uint8_t factor, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 8)
        vst1_u8(radius + i, follow_8(mean + i, noise + i, vld1_u8(luma + i), vld1_u8(learn + i), rate, floor, factor));
}

static void blink(uint8_t *restrict blinks, uint8_t *restrict before, const uint8_t *restrict mask, uint8_t fall, uint8_t rise,
                  size_t bytes) {
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t now = vld1q_u8(mask + i), step = vandq_u8(veorq_u8(now, vld1q_u8(before + i)), vdupq_n_u8(rise));
        vst1q_u8(blinks + i, vqaddq_u8(vqsubq_u8(vld1q_u8(blinks + i), vdupq_n_u8(fall)), step));
        vst1q_u8(before + i, now);
    }
}

static void settle(uint8_t *restrict still, uint8_t *restrict was, const uint8_t *restrict luma, const uint8_t *restrict radius,
                   const uint8_t *restrict mask, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t now = vld1q_u8(luma + i), longer = vqaddq_u8(vld1q_u8(still + i), vdupq_n_u8(1));
        uint8x16_t same = vcleq_u8(vabdq_u8(now, vld1q_u8(was + i)), vld1q_u8(radius + i));
        vst1q_u8(still + i, vandq_u8(vandq_u8(longer, vld1q_u8(mask + i)), same));
        vst1q_u8(was + i, now);
    }
}

static void may_learn(const uint8_t *restrict things, const uint8_t *restrict blinks, uint8_t blink_least,
                      const uint8_t *restrict still, uint8_t still_least, size_t bytes, uint8_t *restrict ret_learn) {
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t restless = vcgeq_u8(vld1q_u8(blinks + i), vdupq_n_u8(blink_least));
        uint8x16_t settled = vcgeq_u8(vld1q_u8(still + i), vdupq_n_u8(still_least));
        vst1q_u8(ret_learn + i, vorrq_u8(vmvnq_u8(vld1q_u8(things + i)), vorrq_u8(restless, settled)));
    }
}

/* Set is -1: the sums are negative counts. */
static int8x16_t add_down(const uint8_t *at, size_t stride) {
    uint8x16_t sum = vaddq_u8(vld1q_u8(at - 2 * stride), vld1q_u8(at - stride));
    sum = vaddq_u8(vaddq_u8(sum, vld1q_u8(at)), vaddq_u8(vld1q_u8(at + stride), vld1q_u8(at + 2 * stride)));
    return vreinterpretq_s8_u8(sum);
}

static size_t majority(const uint8_t *restrict mask, const uint8_t *restrict skip, size_t stride, size_t bytes, unsigned least,
                       uint8_t *restrict ret_mask) {
    size_t set = 0;
    int8x16_t enough = vdupq_n_s8((int8_t)-(int)least), before = add_down(mask - 16, stride), here = add_down(mask, stride);
    for (size_t i = 0; i < bytes; i += 16) {
        int8x16_t after = add_down(mask + i + 16, stride);
        int8x16_t left = vaddq_s8(vextq_s8(before, here, 15), vextq_s8(before, here, 14));
        int8x16_t right = vaddq_s8(vextq_s8(here, after, 1), vextq_s8(here, after, 2));
        uint8x16_t now = vbicq_u8(vcleq_s8(vaddq_s8(vaddq_s8(left, right), here), enough), vld1q_u8(skip + i));
        vst1q_u8(ret_mask + i, now);
        set += vaddvq_u8(vandq_u8(now, vdupq_n_u8(1)));
        before = here;
        here = after;
    }
    return set;
}

static uint8x16_t greatest_down(const uint8_t *at, size_t stride) {
    return vorrq_u8(vorrq_u8(vld1q_u8(at - stride), vld1q_u8(at)), vld1q_u8(at + stride));
}

static void dilate(const uint8_t *restrict mask, size_t stride, size_t bytes, uint8_t *restrict ret_mask) {
    uint8x16_t before = greatest_down(mask - 16, stride), here = greatest_down(mask, stride);
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t after = greatest_down(mask + i + 16, stride);
        vst1q_u8(ret_mask + i, vorrq_u8(vorrq_u8(vextq_u8(before, here, 15), here), vextq_u8(here, after, 1)));
        before = here;
        here = after;
    }
}

static uint8x16_t least_down(const uint8_t *at, size_t stride) {
    return vandq_u8(vandq_u8(vld1q_u8(at - stride), vld1q_u8(at)), vld1q_u8(at + stride));
}

static void erode(const uint8_t *restrict mask, size_t stride, size_t bytes, uint8_t *restrict ret_mask) {
    uint8x16_t before = least_down(mask - 16, stride), here = least_down(mask, stride);
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t after = least_down(mask + i + 16, stride);
        vst1q_u8(ret_mask + i, vandq_u8(vandq_u8(vextq_u8(before, here, 15), here), vextq_u8(here, after, 1)));
        before = here;
        here = after;
    }
}

/* (a + 2 b + c + 2) / 4: the rounding-down mean of a and c, then the rounding-up mean with b, is exact. */
static uint8x16_t binomial(uint8x16_t a, uint8x16_t b, uint8x16_t c) {
    return vrhaddq_u8(vhaddq_u8(a, c), b);
}

static uint8x16_t binomial_down(const uint8_t *at, size_t stride) {
    return binomial(vld1q_u8(at - stride), vld1q_u8(at), vld1q_u8(at + stride));
}

static void smooth(const uint8_t *restrict luma, size_t stride, size_t bytes, uint8_t *restrict ret_luma) {
    uint8x16_t before = binomial_down(luma - 16, stride), here = binomial_down(luma, stride);
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t after = binomial_down(luma + i + 16, stride);
        vst1q_u8(ret_luma + i, binomial(vextq_u8(before, here, 15), here, vextq_u8(here, after, 1)));
        before = here;
        here = after;
    }
}

static void without(uint8_t *restrict mask, const uint8_t *restrict ignored, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 16)
        vst1q_u8(mask + i, vbicq_u8(vld1q_u8(mask + i), vld1q_u8(ignored + i)));
}

static size_t count(const uint8_t *mask, size_t bytes) {
    size_t set = 0;
    for (size_t i = 0; i < bytes; i += 16)
        set += vaddvq_u8(vandq_u8(vld1q_u8(mask + i), vdupq_n_u8(1)));
    return set;
}

static size_t agree(const uint8_t *restrict luma, const uint16_t *restrict mean, const uint8_t *restrict radius,
                    const uint8_t *restrict skip, size_t bytes) {
    size_t set = 0;
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t before = vcombine_u8(vshrn_n_u16(vld1q_u16(mean + i), 8), vshrn_n_u16(vld1q_u16(mean + i + 8), 8));
        uint8x16_t same = vcleq_u8(vabdq_u8(vld1q_u8(luma + i), before), vld1q_u8(radius + i));
        set += vaddvq_u8(vandq_u8(vbicq_u8(same, vld1q_u8(skip + i)), vdupq_n_u8(1)));
    }
    return set;
}

static void census(const uint8_t *restrict luma, const uint16_t *restrict mean, uint8_t *restrict before, uint8_t clip,
                   size_t bytes, uint64_t *restrict apart, uint64_t *restrict steps) {
    uint8x16_t clips = vdupq_n_u8(clip);
    uint16x8_t half = vdupq_n_u16(128);
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t now = vld1q_u8(luma + i);
        uint8x16_t usual = vcombine_u8(vshrn_n_u16(vaddq_u16(vld1q_u16(mean + i), half), 8),
                                       vshrn_n_u16(vaddq_u16(vld1q_u16(mean + i + 8), half), 8));
        *apart += vaddlvq_u8(vminq_u8(vabdq_u8(now, usual), clips));
        *steps += vaddlvq_u8(vminq_u8(vabdq_u8(now, vld1q_u8(before + i)), clips));
        vst1q_u8(before + i, now);
    }
}

static void map(uint8_t *plane, const uint8_t table[256], size_t bytes) {
    uint8x16x4_t quarter[4];
    for (unsigned i = 0; i < 4; i++)
        quarter[i] = vld1q_u8_x4(table + 64 * i);
    for (size_t i = 0; i < bytes; i += 16) {
        uint8x16_t value = vld1q_u8(plane + i);
        uint8x16_t result = vqtbl4q_u8(quarter[0], value); /* an index beyond the table gives 0 */
        for (unsigned part = 1; part < 4; part++)
            result = vqtbx4q_u8(result, quarter[part], vsubq_u8(value, vdupq_n_u8((uint8_t)(64 * part))));
        vst1q_u8(plane + i, result);
    }
}

/* (a - b) / 64, towards 0. */
static int16x8_t quarters_apart(uint16x8_t a, uint16x8_t b) {
    return vreinterpretq_s16_u16(vsubq_u16(vshrq_n_u16(vqsubq_u16(a, b), 6), vshrq_n_u16(vqsubq_u16(b, a), 6)));
}

static int16x8_t luma_apart(const uint8_t *a, const uint8_t *b, int16x8_t set) {
    return vandq_s16(vreinterpretq_s16_u16(vsubl_u8(vld1_u8(a), vld1_u8(b))), set);
}

/* Adds the products up in two cells. */
static void multiply(int32x4_t sums[2], int16x8_t a, int16x8_t b) {
    sums[0] = vmlal_s16(sums[0], vget_low_s16(a), vget_low_s16(b));
    sums[1] = vmlal_s16(sums[1], vget_high_s16(a), vget_high_s16(b));
}

static void store_cells(int32_t *ret_two, int16x8_t sums) {
    ret_two[0] = vaddlv_s16(vget_low_s16(sums));
    ret_two[1] = vaddlv_s16(vget_high_s16(sums));
}

static void store_products(int32_t *ret_two, const int32x4_t sums[2]) {
    ret_two[0] = vaddvq_s32(sums[0]);
    ret_two[1] = vaddvq_s32(sums[1]);
}

/* Cells `first` and the next, their eight columns. Four rows' sums of anything but products fit 16 bits. */
static void sum_two_cells(const uint8_t *mask, const uint8_t *luma, const uint16_t *mean, size_t stride, size_t rows,
                          unsigned first, SkyBlockSums *ret_sums) {
    int16x8_t none = vdupq_n_s16(0), pixels = none, now = none, before = none, ax = none, ay = none, bx = none, by = none;
    int32x4_t aa[2] = {vdupq_n_s32(0), vdupq_n_s32(0)}, bb[2] = {aa[0], aa[0]}, ab[2] = {aa[0], aa[0]};
    for (size_t at = 0; at < rows * stride; at += stride) {
        int16x8_t set = vmovl_s8(vreinterpret_s8_u8(vld1_u8(mask + at)));
        const uint16_t *here = mean + at;
        int16x8_t x = luma_apart(luma + at + 1, luma + at - 1, set), y = luma_apart(luma + at + stride, luma + at - stride, set);
        int16x8_t p = vandq_s16(quarters_apart(vld1q_u16(here + 1), vld1q_u16(here - 1)), set);
        int16x8_t q = vandq_s16(quarters_apart(vld1q_u16(here + stride), vld1q_u16(here - stride)), set);
        pixels = vsubq_s16(pixels, set);
        now = vaddq_s16(now, vandq_s16(vreinterpretq_s16_u16(vmovl_u8(vld1_u8(luma + at))), set));
        before = vaddq_s16(before, vandq_s16(vreinterpretq_s16_u16(vshrq_n_u16(vld1q_u16(here), 6)), set));
        ax = vaddq_s16(ax, x);
        ay = vaddq_s16(ay, y);
        bx = vaddq_s16(bx, p);
        by = vaddq_s16(by, q);
        multiply(aa, x, x);
        multiply(aa, y, y);
        multiply(bb, p, p);
        multiply(bb, q, q);
        multiply(ab, x, p);
        multiply(ab, y, q);
    }
    store_cells(ret_sums->pixels + first, pixels);
    store_cells(ret_sums->now + first, now);
    store_cells(ret_sums->before + first, before);
    store_cells(ret_sums->ax + first, ax);
    store_cells(ret_sums->ay + first, ay);
    store_cells(ret_sums->bx + first, bx);
    store_cells(ret_sums->by + first, by);
    store_products(ret_sums->aa + first, aa);
    store_products(ret_sums->bb + first, bb);
    store_products(ret_sums->ab + first, ab);
}

static void sum_block(const uint8_t *restrict mask, const uint8_t *restrict luma, const uint16_t *restrict mean, size_t stride,
                      size_t rows, SkyBlockSums *restrict ret_sums) {
    sum_two_cells(mask, luma, mean, stride, rows, 0, ret_sums);
    sum_two_cells(mask + 8, luma + 8, mean + 8, stride, rows, 2, ret_sums);
}

static uint64_t sum_products(uint8x16_t a, uint8x16_t b) {
    uint32_t low = vaddlvq_u16(vmull_u8(vget_low_u8(a), vget_low_u8(b)));
    return low + vaddlvq_u16(vmull_u8(vget_high_u8(a), vget_high_u8(b)));
}

static void add_look(const uint8_t *restrict luma, const uint16_t *restrict mean, const uint8_t *restrict radius,
                     const uint8_t *restrict set, SkyLookSums *restrict sums) {
    for (size_t i = 0; i < SKY_LOOK_PX; i += 16) {
        uint8x16_t taken = vld1q_u8(set + i), a = vandq_u8(vld1q_u8(luma + i), taken);
        uint8x16_t b = vandq_u8(vcombine_u8(vshrn_n_u16(vld1q_u16(mean + i), 8), vshrn_n_u16(vld1q_u16(mean + i + 8), 8)), taken);
        uint64_t pixels = vaddvq_u8(vandq_u8(taken, vdupq_n_u8(1)));
        sums->a += vaddlvq_u8(a);
        sums->b += vaddlvq_u8(b);
        sums->apart += vaddlvq_u8(vabdq_u8(a, b));
        sums->radius += vaddlvq_u8(vandq_u8(vld1q_u8(radius + i), taken)) + pixels;
        sums->aa += sum_products(a, a);
        sums->bb += sum_products(b, b);
        sums->ab += sum_products(a, b);
        sums->pixels += pixels;
    }
}

static uint8x16_t row_apart_u8(const uint8_t *a, const uint8_t *b) {
    return vabdq_u8(vld1q_u8(a), vld1q_u8(b));
}

static uint16x8_t row_apart_u16(const uint16_t *a, const uint16_t *b) {
    return vabdq_u16(vld1q_u16(a), vld1q_u16(b));
}

static uint8x16_t steepest_u8(const uint8_t *luma, size_t stride) {
    uint8x16_t most = vdupq_n_u8(0);
    for (const uint8_t *at = luma - stride; at <= luma + stride; at += stride)
        for (int x = -1; x <= 1; x++) {
            most = vmaxq_u8(most, row_apart_u8(at + x - 1, at + x + 1));
            most = vmaxq_u8(most, row_apart_u8(at + x - stride, at + x + stride));
        }
    return most;
}

static uint8x8_t steepest_u16(const uint16_t *mean, size_t stride) {
    uint16x8_t most = vdupq_n_u16(0);
    for (const uint16_t *at = mean - stride; at <= mean + stride; at += stride)
        for (int x = -1; x <= 1; x++) {
            most = vmaxq_u16(most, row_apart_u16(at + x - 1, at + x + 1));
            most = vmaxq_u16(most, row_apart_u16(at + x - stride, at + x + stride));
        }
    return vshrn_n_u16(most, 8);
}

static void add_edges(const uint8_t *restrict luma, const uint16_t *restrict mean, size_t stride, const uint8_t *restrict set,
                      SkyEdgeSums *restrict sums) {
    for (size_t i = 0; i < SKY_LOOK_PX; i += 16) {
        uint8x16_t taken = vld1q_u8(set + i);
        uint8x16_t before = vcombine_u8(steepest_u16(mean + i, stride), steepest_u16(mean + i + 8, stride));
        sums->now += vaddlvq_u8(vandq_u8(steepest_u8(luma + i, stride), taken));
        sums->before += vaddlvq_u8(vandq_u8(before, taken));
        sums->pixels += vaddvq_u8(vandq_u8(taken, vdupq_n_u8(1)));
    }
}

static int16x8_t sixteenfold(uint8x8_t a) {
    return vreinterpretq_s16_u16(vshll_n_u8(a, 4));
}

static void thin(const uint8_t *restrict luma, const uint16_t *restrict mean, const uint8_t *restrict radius, size_t cells,
                 int16_t *restrict ret_cell) {
    for (size_t i = 0; i < cells; i += 8) {
        int16x8_t before = vreinterpretq_s16_u16(vshrq_n_u16(vld2q_u16(mean + 2 * i).val[0], 4));
        int16x8_t off = vsubq_s16(sixteenfold(vld2_u8(luma + 2 * i).val[0]), before);
        int16x8_t clip = sixteenfold(vld2_u8(radius + 2 * i).val[0]);
        vst1q_s16(ret_cell + i, vmaxq_s16(vminq_s16(off, clip), vnegq_s16(clip)));
    }
}

static int16x8_t pair(const int16_t *at) {
    return vaddq_s16(vld1q_s16(at), vld1q_s16(at + 1));
}

static size_t patch(const int16_t *restrict cell, size_t stride, size_t cells, const int16_t *restrict reach,
                    int16_t *restrict ret_patch, uint8_t *restrict ret_mask) {
    uint8x8_t any = vdup_n_u8(0);
    for (size_t i = 0; i < cells; i += 8) {
        const int16_t *at = cell + i;
        int16x8_t sum = vaddq_s16(vaddq_s16(pair(at - stride), pair(at)), pair(at + stride));
        uint8x8_t set = vmovn_u16(vcgtq_s16(vabsq_s16(sum), vld1q_s16(reach + i)));
        vst1q_s16(ret_patch + i, sum);
        vst1_u8(ret_mask + i, set);
        any = vorr_u8(any, set);
    }
    return vmaxv_u8(any);
}

static void stray(int16_t *restrict strays, int16_t *restrict reach, const int16_t *restrict patches, const uint8_t *restrict mask,
                  int16_t pace, int16_t floor, size_t cells) {
    int16x8_t most = vdupq_n_s16(SKY_STRAY_MAX), usual = vdupq_n_s16(pace), patient = vdupq_n_s16((int16_t)(pace >> 2));
    for (size_t i = 0; i < cells; i += 8) {
        int16x8_t far = vminq_s16(vminq_s16(vabsq_s16(vld1q_s16(patches + i)), vld1q_s16(reach + i)), most);
        uint16x8_t set = vreinterpretq_u16_s16(vmovl_s8(vreinterpret_s8_u8(vld1_u8(mask + i))));
        int16x8_t before = vld1q_s16(strays + i);
        int16x8_t step = vqrdmulhq_s16(vsubq_s16(vshlq_n_s16(far, 3), before), vbslq_s16(set, patient, usual));
        int16x8_t now = vaddq_s16(before, step);
        vst1q_s16(strays + i, now);
        uint16x8_t share = high_product(vreinterpretq_u16_s16(now), vdupq_n_u16(40960));
        vst1q_s16(reach + i, vaddq_s16(vdupq_n_s16(floor), vreinterpretq_s16_u16(share)));
    }
}

const SkyMotionKernel *sky_motion_kernel_neon(void) {
    static const SkyMotionKernel kernel = {"neon",   classify, replace, follow, blink,   settle, may_learn,
                                           majority, dilate,   erode,   smooth, without, count,  agree,
                                           census,   map,      sum_block, add_look, add_edges, thin, patch, stray};
    return &kernel;
}
