/* SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>

#include "motion/kernel.h"

/* kernel_c.c in AVX2, bit for bit. 32 pixels a step; planes are multiples of 64 long. */
#define NOISE_MAX (16 * 256)
#define FIRST 3 /* samples */
#define THEN 8

static __m256i load(const void *at) {
    return _mm256_loadu_si256((const __m256i *)at);
}

static void store(void *at, __m256i value) {
    _mm256_storeu_si256((__m256i *)at, value);
}

static __m256i all_bytes(uint8_t value) {
    return _mm256_set1_epi8((char)value);
}

static __m256i apart_u8(__m256i a, __m256i b) {
    return _mm256_sub_epi8(_mm256_max_epu8(a, b), _mm256_min_epu8(a, b));
}

/* 255 where a <= b, unsigned. */
static __m256i at_most(__m256i a, __m256i b) {
    return _mm256_cmpeq_epi8(_mm256_min_epu8(a, b), a);
}

static __m256i inverse(__m256i a) {
    return _mm256_xor_si256(a, _mm256_set1_epi8(-1));
}

/* How many of the samples first..end match, counted downwards (a match is -1). */
static __m256i count_matches(const uint8_t *const *samples, unsigned first, unsigned end, size_t at, __m256i low, __m256i high) {
    __m256i matches = _mm256_setzero_si256();
    for (unsigned k = first; k < end; k++) {
        __m256i sample = load(samples[k] + at);
        __m256i inside = _mm256_cmpeq_epi8(_mm256_max_epu8(_mm256_min_epu8(sample, high), low), sample);
        matches = _mm256_add_epi8(matches, inside);
    }
    return matches;
}

/* Most pixels need few samples, but all 32 have to have had enough. */
static void classify(const uint8_t *restrict luma, const uint8_t *const samples[SKY_MOTION_SAMPLES], const uint8_t *restrict radius,
                     size_t bytes, uint8_t *restrict ret_foreground) {
    __m256i one = all_bytes((uint8_t)-1);
    for (size_t at = 0; at < bytes; at += 32) {
        __m256i here = load(luma + at), reach = load(radius + at);
        /* |here - sample| <= reach is low <= sample <= high with saturated ends. */
        __m256i low = _mm256_subs_epu8(here, reach), high = _mm256_adds_epu8(here, reach);
        __m256i matches = count_matches(samples, 0, FIRST, at, low, high);
        if (_mm256_movemask_epi8(_mm256_cmpgt_epi8(one, matches)) != -1)
            matches = _mm256_add_epi8(matches, count_matches(samples, FIRST, THEN, at, low, high));
        if (_mm256_movemask_epi8(_mm256_cmpgt_epi8(one, matches)) != -1)
            matches = _mm256_add_epi8(matches, count_matches(samples, THEN, SKY_MOTION_SAMPLES, at, low, high));
        store(ret_foreground + at, inverse(_mm256_cmpgt_epi8(one, matches)));
    }
}

static void replace(uint8_t *restrict sample, const uint8_t *restrict luma, const uint8_t *restrict learn,
                    const uint8_t *restrict dice, uint8_t chance, size_t bytes) {
    if (chance == 0)
        return;
    __m256i last = all_bytes((uint8_t)(chance - 1));
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i take = _mm256_and_si256(at_most(load(dice + i), last), load(learn + i));
        store(sample + i, _mm256_blendv_epi8(load(sample + i), load(luma + i), take));
    }
}

/* 16 pixels of follow; here: luma * 256. Returns the reach in 16 bits. */
static __m256i follow_16(uint16_t *mean, uint16_t *noise, __m256i here, __m256i pace, __m256i floor, __m256i factor) {
    __m256i old = load(mean), up = _mm256_subs_epu16(here, old), down = _mm256_subs_epu16(old, here);
    store(mean, _mm256_sub_epi16(_mm256_add_epi16(old, _mm256_mulhi_epu16(up, pace)), _mm256_mulhi_epu16(down, pace)));
    __m256i apart = _mm256_min_epu16(_mm256_or_si256(up, down), _mm256_set1_epi16(NOISE_MAX)), loud = load(noise);
    __m256i more = _mm256_sub_epi16(apart, loud); /* both are at most NOISE_MAX: it has a sign to spare */
    loud = _mm256_add_epi16(loud, _mm256_sign_epi16(_mm256_mulhi_epu16(_mm256_abs_epi16(more), pace), more));
    store(noise, loud);
    return _mm256_add_epi16(floor, _mm256_mulhi_epu16(loud, factor));
}

static void follow(uint16_t *restrict mean, uint16_t *restrict noise, uint8_t *restrict radius, const uint8_t *restrict luma,
                   const uint8_t *restrict learn, uint8_t rate, uint8_t floor, uint8_t factor, size_t bytes) {
    __m256i rates = _mm256_set1_epi16((short)(rate * 256)), floors = _mm256_set1_epi16(floor);
    __m256i factors = _mm256_set1_epi16((short)(factor * 16)), none = _mm256_setzero_si256();
    for (size_t i = 0; i < bytes; i += 32) {
        /* so that what is unpacked is in order */
        __m256i here = _mm256_permute4x64_epi64(load(luma + i), 0xd8), take = _mm256_permute4x64_epi64(load(learn + i), 0xd8);
        __m256i low = follow_16(mean + i, noise + i, _mm256_unpacklo_epi8(none, here),
                                _mm256_and_si256(rates, _mm256_unpacklo_epi8(take, take)), floors, factors);
        __m256i high = follow_16(mean + i + 16, noise + i + 16, _mm256_unpackhi_epi8(none, here),
                                 _mm256_and_si256(rates, _mm256_unpackhi_epi8(take, take)), floors, factors);
        store(radius + i, _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0xd8));
    }
}

static void blink(uint8_t *restrict blinks, uint8_t *restrict before, const uint8_t *restrict mask, uint8_t fall, uint8_t rise,
                  size_t bytes) {
    __m256i falls = all_bytes(fall), rises = all_bytes(rise);
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i now = load(mask + i);
        __m256i step = _mm256_and_si256(_mm256_xor_si256(now, load(before + i)), rises);
        store(blinks + i, _mm256_adds_epu8(_mm256_subs_epu8(load(blinks + i), falls), step));
        store(before + i, now);
    }
}

static void settle(uint8_t *restrict still, uint8_t *restrict was, const uint8_t *restrict luma, const uint8_t *restrict radius,
                   const uint8_t *restrict mask, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i now = load(luma + i), longer = _mm256_adds_epu8(load(still + i), all_bytes(1));
        __m256i same = at_most(apart_u8(now, load(was + i)), load(radius + i));
        store(still + i, _mm256_and_si256(_mm256_and_si256(longer, load(mask + i)), same));
        store(was + i, now);
    }
}

static void may_learn(const uint8_t *restrict things, const uint8_t *restrict blinks, uint8_t blink_least,
                      const uint8_t *restrict still, uint8_t still_least, size_t bytes, uint8_t *restrict ret_learn) {
    __m256i restless = all_bytes(blink_least), settled = all_bytes(still_least);
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i either = _mm256_or_si256(at_most(restless, load(blinks + i)), at_most(settled, load(still + i)));
        store(ret_learn + i, _mm256_or_si256(inverse(load(things + i)), either));
    }
}

/* 32 pixels and the next ones: each one's left and right neighbour, and those two away. */
static __m256i left_of(__m256i before, __m256i here) {
    return _mm256_alignr_epi8(here, _mm256_permute2x128_si256(before, here, 0x21), 15);
}

static __m256i left_of_left_of(__m256i before, __m256i here) {
    return _mm256_alignr_epi8(here, _mm256_permute2x128_si256(before, here, 0x21), 14);
}

static __m256i right_of(__m256i here, __m256i after) {
    return _mm256_alignr_epi8(_mm256_permute2x128_si256(here, after, 0x21), here, 1);
}

static __m256i right_of_right_of(__m256i here, __m256i after) {
    return _mm256_alignr_epi8(_mm256_permute2x128_si256(here, after, 0x21), here, 2);
}

/* Set is -1: the sums are negative counts. */
static __m256i add_down(const uint8_t *at, size_t stride) {
    __m256i sum = _mm256_add_epi8(load(at - 2 * stride), load(at - stride));
    return _mm256_add_epi8(_mm256_add_epi8(sum, load(at)), _mm256_add_epi8(load(at + stride), load(at + 2 * stride)));
}

static size_t sum_lanes(__m256i sums) {
    uint64_t lanes[4];
    store(lanes, sums);
    return (size_t)(lanes[0] + lanes[1] + lanes[2] + lanes[3]);
}

static size_t majority(const uint8_t *restrict mask, const uint8_t *restrict skip, size_t stride, size_t bytes, unsigned least,
                       uint8_t *restrict ret_mask) {
    __m256i set = _mm256_setzero_si256();
    __m256i enough = all_bytes((uint8_t)(1 - least)), before = add_down(mask - 32, stride), here = add_down(mask, stride);
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i after = add_down(mask + i + 32, stride);
        __m256i left = _mm256_add_epi8(left_of(before, here), left_of_left_of(before, here));
        __m256i right = _mm256_add_epi8(right_of(here, after), right_of_right_of(here, after));
        __m256i many = _mm256_cmpgt_epi8(enough, _mm256_add_epi8(_mm256_add_epi8(left, right), here));
        __m256i now = _mm256_andnot_si256(load(skip + i), many);
        store(ret_mask + i, now);
        set = _mm256_add_epi64(set, _mm256_sad_epu8(now, _mm256_setzero_si256()));
        before = here;
        here = after;
    }
    return sum_lanes(set) / 255;
}

static __m256i greatest_down(const uint8_t *at, size_t stride) {
    return _mm256_or_si256(_mm256_or_si256(load(at - stride), load(at)), load(at + stride));
}

static void dilate(const uint8_t *restrict mask, size_t stride, size_t bytes, uint8_t *restrict ret_mask) {
    __m256i before = greatest_down(mask - 32, stride), here = greatest_down(mask, stride);
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i after = greatest_down(mask + i + 32, stride);
        store(ret_mask + i, _mm256_or_si256(_mm256_or_si256(left_of(before, here), here), right_of(here, after)));
        before = here;
        here = after;
    }
}

static __m256i least_down(const uint8_t *at, size_t stride) {
    return _mm256_and_si256(_mm256_and_si256(load(at - stride), load(at)), load(at + stride));
}

static void erode(const uint8_t *restrict mask, size_t stride, size_t bytes, uint8_t *restrict ret_mask) {
    __m256i before = least_down(mask - 32, stride), here = least_down(mask, stride);
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i after = least_down(mask + i + 32, stride);
        store(ret_mask + i, _mm256_and_si256(_mm256_and_si256(left_of(before, here), here), right_of(here, after)));
        before = here;
        here = after;
    }
}

/* (a + 2 b + c + 2) / 4: the rounding-down mean of a and c, then the rounding-up mean with b, is exact. */
static __m256i binomial(__m256i a, __m256i b, __m256i c) {
    __m256i odd = _mm256_and_si256(_mm256_xor_si256(a, c), all_bytes(1));
    return _mm256_avg_epu8(_mm256_sub_epi8(_mm256_avg_epu8(a, c), odd), b);
}

static __m256i binomial_down(const uint8_t *at, size_t stride) {
    return binomial(load(at - stride), load(at), load(at + stride));
}

static void smooth(const uint8_t *restrict luma, size_t stride, size_t bytes, uint8_t *restrict ret_luma) {
    __m256i before = binomial_down(luma - 32, stride), here = binomial_down(luma, stride);
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i after = binomial_down(luma + i + 32, stride);
        store(ret_luma + i, binomial(left_of(before, here), here, right_of(here, after)));
        before = here;
        here = after;
    }
}

static void without(uint8_t *restrict mask, const uint8_t *restrict ignored, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 32)
        store(mask + i, _mm256_andnot_si256(load(ignored + i), load(mask + i)));
}

#define COUNT_BYTES (255 * 32) /* so many fit a lane of 8 bits */

static size_t count(const uint8_t *mask, size_t bytes) {
    __m256i sums = _mm256_setzero_si256();
    for (size_t from = 0; from < bytes; from += COUNT_BYTES) {
        __m256i set = _mm256_setzero_si256();
        for (size_t i = from; i < bytes && i < from + COUNT_BYTES; i += 32)
            set = _mm256_sub_epi8(set, load(mask + i)); /* set is -1 */
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(set, _mm256_setzero_si256()));
    }
    return sum_lanes(sums);
}

static size_t agree(const uint8_t *restrict luma, const uint16_t *restrict mean, const uint8_t *restrict radius,
                    const uint8_t *restrict skip, size_t bytes) {
    __m256i sums = _mm256_setzero_si256();
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i low = _mm256_srli_epi16(load(mean + i), 8), high = _mm256_srli_epi16(load(mean + i + 16), 8);
        __m256i before = _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0xd8);
        __m256i same = _mm256_andnot_si256(load(skip + i), at_most(apart_u8(load(luma + i), before), load(radius + i)));
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(_mm256_and_si256(same, all_bytes(1)), _mm256_setzero_si256()));
    }
    return sum_lanes(sums);
}

static void census(const uint8_t *restrict luma, const uint16_t *restrict mean, uint8_t *restrict before, uint8_t clip,
                   size_t bytes, uint64_t *restrict apart, uint64_t *restrict steps) {
    __m256i clips = all_bytes(clip), half = _mm256_set1_epi16(128), none = _mm256_setzero_si256(), far = none, moved = none;
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i now = load(luma + i);
        __m256i low = _mm256_srli_epi16(_mm256_add_epi16(load(mean + i), half), 8);
        __m256i high = _mm256_srli_epi16(_mm256_add_epi16(load(mean + i + 16), half), 8);
        __m256i usual = _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0xd8);
        far = _mm256_add_epi64(far, _mm256_sad_epu8(_mm256_min_epu8(apart_u8(now, usual), clips), none));
        moved = _mm256_add_epi64(moved, _mm256_sad_epu8(_mm256_min_epu8(apart_u8(now, load(before + i)), clips), none));
        store(before + i, now);
    }
    *apart += sum_lanes(far);
    *steps += sum_lanes(moved);
}

/* A table of 256 is 16 of 16: a byte shuffle looks one up for the pixels whose high half is its own. */
static void map(uint8_t *plane, const uint8_t table[256], size_t bytes) {
    for (size_t i = 0; i < bytes; i += 32) {
        __m256i value = load(plane + i), result = _mm256_setzero_si256();
        __m256i high = _mm256_and_si256(value, all_bytes(0xf0)), low = _mm256_and_si256(value, all_bytes(0x0f));
        for (unsigned part = 0; part < 16; part++) {
            __m256i entries = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(table + 16 * part)));
            __m256i mine = _mm256_cmpeq_epi8(high, all_bytes((uint8_t)(16 * part)));
            result = _mm256_or_si256(result, _mm256_and_si256(mine, _mm256_shuffle_epi8(entries, low)));
        }
        store(plane + i, result);
    }
}

static __m256i wide(const uint8_t *at) {
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)at));
}

/* (a - b) / 64 of 16 bits without sign, towards 0. */
static __m256i quarters_apart(__m256i a, __m256i b) {
    return _mm256_sub_epi16(_mm256_srli_epi16(_mm256_subs_epu16(a, b), 6), _mm256_srli_epi16(_mm256_subs_epu16(b, a), 6));
}

/* Of two rows of 16 numbers of 16 bits, each four added up: the first's, then the second's. */
static __m256i by_cell(__m256i one, __m256i other) {
    __m256i ones = _mm256_set1_epi16(1);
    return _mm256_permute4x64_epi64(_mm256_hadd_epi32(_mm256_madd_epi16(one, ones), _mm256_madd_epi16(other, ones)), 0xd8);
}

static __m256i product(__m256i ax, __m256i bx, __m256i ay, __m256i by) {
    return _mm256_add_epi32(_mm256_madd_epi16(ax, bx), _mm256_madd_epi16(ay, by));
}

/* Four rows' sums of anything but products fit 16 bits. */
static void sum_block(const uint8_t *restrict mask, const uint8_t *restrict luma, const uint16_t *restrict mean, size_t stride,
                      size_t rows, SkyBlockSums *restrict ret_sums) {
    __m256i none = _mm256_setzero_si256(), pixels = none, now = none, before = none;
    __m256i ax = none, ay = none, bx = none, by = none, aa = none, bb = none, ab = none;
    for (size_t at = 0; at < rows * stride; at += stride) {
        __m256i set = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(mask + at)));
        const uint16_t *here = mean + at;
        __m256i x = _mm256_and_si256(set, _mm256_sub_epi16(wide(luma + at + 1), wide(luma + at - 1)));
        __m256i y = _mm256_and_si256(set, _mm256_sub_epi16(wide(luma + at + stride), wide(luma + at - stride)));
        __m256i p = _mm256_and_si256(set, quarters_apart(load(here + 1), load(here - 1)));
        __m256i q = _mm256_and_si256(set, quarters_apart(load(here + stride), load(here - stride)));
        pixels = _mm256_sub_epi16(pixels, set);
        now = _mm256_add_epi16(now, _mm256_and_si256(set, wide(luma + at)));
        before = _mm256_add_epi16(before, _mm256_and_si256(set, _mm256_srli_epi16(load(here), 6)));
        ax = _mm256_add_epi16(ax, x);
        ay = _mm256_add_epi16(ay, y);
        bx = _mm256_add_epi16(bx, p);
        by = _mm256_add_epi16(by, q);
        aa = _mm256_add_epi32(aa, product(x, x, y, y));
        bb = _mm256_add_epi32(bb, product(p, p, q, q));
        ab = _mm256_add_epi32(ab, product(x, p, y, q));
    }
    __m256i *sums = (__m256i *)(void *)ret_sums;
    store(sums, by_cell(pixels, now));
    store(sums + 1, by_cell(before, ax));
    store(sums + 2, by_cell(ay, bx));
    store(sums + 3, _mm256_permute4x64_epi64(_mm256_hadd_epi32(_mm256_madd_epi16(by, _mm256_set1_epi16(1)), aa), 0xd8));
    store(sums + 4, _mm256_permute4x64_epi64(_mm256_hadd_epi32(bb, ab), 0xd8));
}

/* The lanes of 32 bits of each added up. */
static __m128i add_up(__m256i a, __m256i b, __m256i c, __m256i d) {
    __m256i sums = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    return _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
}

static __m256i sum_bytes(__m256i a) {
    return _mm256_sad_epu8(a, _mm256_setzero_si256());
}

static __m256i sum_products(__m256i a, __m256i b) {
    __m256i none = _mm256_setzero_si256();
    return _mm256_add_epi32(_mm256_madd_epi16(_mm256_unpacklo_epi8(a, none), _mm256_unpacklo_epi8(b, none)),
                            _mm256_madd_epi16(_mm256_unpackhi_epi8(a, none), _mm256_unpackhi_epi8(b, none)));
}

/* The high bytes of 32 numbers of 16 bits. */
static __m256i whole_part(__m256i low, __m256i high) {
    return _mm256_permute4x64_epi64(_mm256_packus_epi16(_mm256_srli_epi16(low, 8), _mm256_srli_epi16(high, 8)), 0xd8);
}

static void add_look(const uint8_t *restrict luma, const uint16_t *restrict mean, const uint8_t *restrict radius,
                     const uint8_t *restrict set, SkyLookSums *restrict sums) {
    __m256i taken = load(set), a = _mm256_and_si256(load(luma), taken);
    __m256i b = _mm256_and_si256(whole_part(load(mean), load(mean + 16)), taken);
    __m256i pixels = sum_bytes(_mm256_and_si256(taken, all_bytes(1)));
    __m256i reach = _mm256_add_epi64(sum_bytes(_mm256_and_si256(load(radius), taken)), pixels);
    __m128i plain = add_up(sum_bytes(a), sum_bytes(b), _mm256_sad_epu8(a, b), reach);
    __m128i products = add_up(sum_products(a, a), sum_products(b, b), sum_products(a, b), pixels);
    store(&sums->a, _mm256_add_epi64(load(&sums->a), _mm256_cvtepu32_epi64(plain)));
    store(&sums->aa, _mm256_add_epi64(load(&sums->aa), _mm256_cvtepu32_epi64(products)));
}

static __m256i apart_u16(__m256i a, __m256i b) {
    return _mm256_or_si256(_mm256_subs_epu16(a, b), _mm256_subs_epu16(b, a));
}

/* In the three pixels of a column. */
static __m256i steepest_u8(const uint8_t *at, size_t stride) {
    __m256i here = load(at), above = load(at - stride), below = load(at + stride);
    __m256i rows = _mm256_max_epu8(apart_u8(above, below), _mm256_max_epu8(apart_u8(load(at - 2 * stride), here),
                                                                           apart_u8(here, load(at + 2 * stride))));
    __m256i across = _mm256_max_epu8(apart_u8(load(at - stride - 1), load(at - stride + 1)),
                                     apart_u8(load(at + stride - 1), load(at + stride + 1)));
    return _mm256_max_epu8(rows, _mm256_max_epu8(across, apart_u8(load(at - 1), load(at + 1))));
}

static __m256i steepest_u16(const uint16_t *at, size_t stride) {
    __m256i here = load(at), above = load(at - stride), below = load(at + stride);
    __m256i rows = _mm256_max_epu16(apart_u16(above, below), _mm256_max_epu16(apart_u16(load(at - 2 * stride), here),
                                                                              apart_u16(here, load(at + 2 * stride))));
    __m256i across = _mm256_max_epu16(apart_u16(load(at - stride - 1), load(at - stride + 1)),
                                      apart_u16(load(at + stride - 1), load(at + stride + 1)));
    return _mm256_max_epu16(rows, _mm256_max_epu16(across, apart_u16(load(at - 1), load(at + 1))));
}

/* And in those of a column and its neighbours, each looked at once. */
static __m256i steepest_around_u8(const uint8_t *at, size_t stride) {
    uint8_t columns[34];
    store(columns, steepest_u8(at - 1, stride));
    store(columns + 2, steepest_u8(at + 1, stride));
    return _mm256_max_epu8(_mm256_max_epu8(load(columns), load(columns + 2)), load(columns + 1));
}

/* Whole parts of 32. */
static __m256i steepest_around_u16(const uint16_t *at, size_t stride) {
    uint16_t columns[34];
    __m256i left = steepest_u16(at - 1, stride), right = steepest_u16(at + 17, stride);
    store(columns, left);
    store(columns + 16, steepest_u16(at + 15, stride));
    store(columns + 18, right);
    __m256i low = _mm256_max_epu16(left, _mm256_max_epu16(load(columns + 1), load(columns + 2)));
    __m256i high = _mm256_max_epu16(right, _mm256_max_epu16(load(columns + 16), load(columns + 17)));
    return whole_part(low, high);
}

static void add_edges(const uint8_t *restrict luma, const uint16_t *restrict mean, size_t stride, const uint8_t *restrict set,
                      SkyEdgeSums *restrict sums) {
    __m256i taken = load(set), now = steepest_around_u8(luma, stride), before = steepest_around_u16(mean, stride);
    __m256i pixels = sum_bytes(_mm256_and_si256(taken, all_bytes(1))), none = _mm256_setzero_si256();
    now = sum_bytes(_mm256_and_si256(now, taken));
    before = sum_bytes(_mm256_and_si256(before, taken));
    uint32_t lanes[4];
    _mm_storeu_si128((__m128i *)(void *)lanes, add_up(now, before, pixels, none));
    sums->now += lanes[0];
    sums->before += lanes[1];
    sums->pixels += lanes[2];
}

/* 16 numbers of 16 bits, every second of 32. */
static __m256i every_second(const uint16_t *at) {
    __m256i first = _mm256_set1_epi32(0xffff);
    __m256i low = _mm256_and_si256(load(at), first), high = _mm256_and_si256(load(at + 16), first);
    return _mm256_permute4x64_epi64(_mm256_packus_epi32(low, high), 0xd8);
}

static __m256i sixteenfold(const uint8_t *at) {
    return _mm256_slli_epi16(_mm256_and_si256(load(at), _mm256_set1_epi16(255)), 4);
}

static void thin(const uint8_t *restrict luma, const uint16_t *restrict mean, const uint8_t *restrict radius, size_t cells,
                 int16_t *restrict ret_cell) {
    for (size_t i = 0; i < cells; i += 16) {
        __m256i off = _mm256_sub_epi16(sixteenfold(luma + 2 * i), _mm256_srli_epi16(every_second(mean + 2 * i), 4));
        __m256i clip = sixteenfold(radius + 2 * i), least = _mm256_sub_epi16(_mm256_setzero_si256(), clip);
        store(ret_cell + i, _mm256_max_epi16(_mm256_min_epi16(off, clip), least));
    }
}

static __m256i pair(const int16_t *at) {
    return _mm256_add_epi16(load(at), load(at + 1));
}

static size_t patch(const int16_t *restrict cell, size_t stride, size_t cells, const int16_t *restrict reach,
                    int16_t *restrict ret_patch, uint8_t *restrict ret_mask) {
    __m128i any = _mm_setzero_si128();
    for (size_t i = 0; i < cells; i += 16) {
        const int16_t *at = cell + i;
        __m256i sum = _mm256_add_epi16(_mm256_add_epi16(pair(at - stride), pair(at)), pair(at + stride));
        __m256i far = _mm256_cmpgt_epi16(_mm256_abs_epi16(sum), load(reach + i));
        __m128i set = _mm_packs_epi16(_mm256_castsi256_si128(far), _mm256_extracti128_si256(far, 1));
        store(ret_patch + i, sum);
        _mm_storeu_si128((__m128i *)(void *)(ret_mask + i), set);
        any = _mm_or_si128(any, set);
    }
    return (size_t)_mm_movemask_epi8(any) != 0 ? 255 : 0;
}

static void stray(int16_t *restrict strays, int16_t *restrict reach, const int16_t *restrict patches, const uint8_t *restrict mask,
                  int16_t pace, int16_t floor, size_t cells) {
    __m256i most = _mm256_set1_epi16(SKY_STRAY_MAX), floors = _mm256_set1_epi16(floor);
    __m256i usual = _mm256_set1_epi16(pace), patient = _mm256_set1_epi16((short)(pace >> 2));
    for (size_t i = 0; i < cells; i += 16) {
        __m256i far = _mm256_min_epi16(_mm256_min_epi16(_mm256_abs_epi16(load(patches + i)), load(reach + i)), most);
        __m256i set = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(mask + i))), before = load(strays + i);
        __m256i step = _mm256_mulhrs_epi16(_mm256_sub_epi16(_mm256_slli_epi16(far, 3), before),
                                           _mm256_blendv_epi8(usual, patient, set));
        __m256i now = _mm256_add_epi16(before, step);
        store(strays + i, now);
        store(reach + i, _mm256_add_epi16(floors, _mm256_mulhi_epu16(now, _mm256_set1_epi16((short)40960))));
    }
}

const SkyMotionKernel *sky_motion_kernel_avx2(void) {
    static const SkyMotionKernel kernel = {"avx2",   classify, replace, follow, blink,   settle, may_learn,
                                           majority, dilate,   erode,   smooth, without, count,  agree,
                                           census,   map,      sum_block, add_look, add_edges, thin, patch, stray};
    return &kernel;
}
