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

/* 8 pixels of follow; returns the radius. */
static uint8x8_t follow_8(uint16_t *mean, uint16_t *noise, uint8x8_t luma, uint8x8_t learn, uint8_t rate, uint8_t floor,
                          uint8_t factor) {
    uint16x8_t here = vshll_n_u8(luma, 8), old = vld1q_u16(mean);
    uint16x8_t pace = vshll_n_u8(vand_u8(learn, vdup_n_u8(rate)), 8);
    uint16x8_t up = vqsubq_u16(here, old), down = vqsubq_u16(old, here);
    vst1q_u16(mean, vsubq_u16(vaddq_u16(old, high_product(up, pace)), high_product(down, pace)));
    uint16x8_t apart = vminq_u16(vorrq_u16(up, down), vdupq_n_u16(NOISE_MAX)), loud = vld1q_u16(noise);
    uint16x8_t more = vqsubq_u16(apart, loud), less = vqsubq_u16(loud, apart);
    loud = vsubq_u16(vaddq_u16(loud, high_product(more, pace)), high_product(less, pace));
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

static void majority(const uint8_t *restrict mask, size_t stride, size_t bytes, unsigned least, uint8_t *restrict scratch,
                     uint8_t *restrict ret_mask) {
    for (size_t i = 0; i < bytes; i += 16) {
        const uint8_t *at = mask + i;
        uint8x16_t sum = vaddq_u8(vld1q_u8(at - 2 * stride), vld1q_u8(at - stride));
        sum = vaddq_u8(vaddq_u8(sum, vld1q_u8(at)), vaddq_u8(vld1q_u8(at + stride), vld1q_u8(at + 2 * stride)));
        vst1q_u8(scratch + i, vsubq_u8(vdupq_n_u8(0), sum)); /* set is -1 */
    }
    for (size_t i = 0; i < bytes; i += 16) {
        const uint8_t *at = scratch + i;
        uint8x16_t sum = vaddq_u8(vaddq_u8(vld1q_u8(at - 2), vld1q_u8(at - 1)), vaddq_u8(vld1q_u8(at + 1), vld1q_u8(at + 2)));
        vst1q_u8(ret_mask + i, vcgeq_u8(vaddq_u8(sum, vld1q_u8(at)), vdupq_n_u8((uint8_t)least)));
    }
}

static void dilate(const uint8_t *restrict mask, size_t stride, size_t bytes, uint8_t *restrict scratch,
                   uint8_t *restrict ret_mask) {
    for (size_t i = 0; i < bytes; i += 16)
        vst1q_u8(scratch + i, vorrq_u8(vorrq_u8(vld1q_u8(mask + i - stride), vld1q_u8(mask + i)), vld1q_u8(mask + i + stride)));
    for (size_t i = 0; i < bytes; i += 16)
        vst1q_u8(ret_mask + i, vorrq_u8(vorrq_u8(vld1q_u8(scratch + i - 1), vld1q_u8(scratch + i)), vld1q_u8(scratch + i + 1)));
}

static void erode(const uint8_t *restrict mask, size_t stride, size_t bytes, uint8_t *restrict scratch,
                  uint8_t *restrict ret_mask) {
    for (size_t i = 0; i < bytes; i += 16)
        vst1q_u8(scratch + i, vandq_u8(vandq_u8(vld1q_u8(mask + i - stride), vld1q_u8(mask + i)), vld1q_u8(mask + i + stride)));
    for (size_t i = 0; i < bytes; i += 16)
        vst1q_u8(ret_mask + i, vandq_u8(vandq_u8(vld1q_u8(scratch + i - 1), vld1q_u8(scratch + i)), vld1q_u8(scratch + i + 1)));
}

/* (a + 2 b + c + 2) / 4: the rounding-down mean of a and c, then the rounding-up mean with b, is exact. */
static uint8x16_t binomial(uint8x16_t a, uint8x16_t b, uint8x16_t c) {
    return vrhaddq_u8(vhaddq_u8(a, c), b);
}

static void smooth(const uint8_t *restrict luma, size_t stride, size_t bytes, uint8_t *restrict scratch,
                   uint8_t *restrict ret_luma) {
    for (size_t i = 0; i < bytes; i += 16)
        vst1q_u8(scratch + i, binomial(vld1q_u8(luma + i - stride), vld1q_u8(luma + i), vld1q_u8(luma + i + stride)));
    for (size_t i = 0; i < bytes; i += 16)
        vst1q_u8(ret_luma + i, binomial(vld1q_u8(scratch + i - 1), vld1q_u8(scratch + i), vld1q_u8(scratch + i + 1)));
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

const SkyMotionKernel *sky_motion_kernel_neon(void) {
    static const SkyMotionKernel kernel = {"neon",   classify, replace, follow, blink,   settle, may_learn,
                                           majority, dilate,   erode,   smooth, without, count,  agree,  map};
    return &kernel;
}
