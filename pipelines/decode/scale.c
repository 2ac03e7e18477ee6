/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/scale.h"

#include <string.h>

/* Vertically the weights of an output row add up to 2^8 and a sum fits 16 bits; across they add up to 2^15 and it fits 32. */
#define ROW_WEIGHT 256
#define COLUMN_WEIGHT 32768
#define SUM_SHIFT 23

typedef struct {
    uint32_t first, count; /* of the input that it covers */
} Span;

struct SkyScale {
    uint32_t from_width_px, from_height_px, to_width_px, to_height_px;
    uint32_t even_ratio;              /* of the widths, 0 where there is none */
    uint32_t rows_most, columns_most; /* inputs that an output may cover: its weights stand so far apart */
    Span *rows, *columns;
    uint16_t *row_weights, *column_weights;
    uint16_t *sums;  /* of one output row, at input width, and columns_most zeros */
    uint8_t *narrow; /* two rows of more than 8 bits, made 8 */
};

/* Output i covers [i * from, (i + 1) * from), input j covers [j * to, (j + 1) * to). Weights are differences of rounded running
 * totals: whatever the ratio, they add up exactly, and a flat picture stays flat. */
static void lay_out(uint32_t from, uint32_t to, uint32_t total, uint32_t most, Span *ret_spans, uint16_t *ret_weights) {
    for (uint32_t i = 0; i < to; i++) {
        uint64_t begin = (uint64_t)i * from, end = begin + from;
        Span *span = &ret_spans[i];
        *span = (Span){.first = (uint32_t)(begin / to), .count = 0};
        uint64_t before = 0;
        for (uint64_t j = span->first; j * to < end; j++) {
            uint64_t covered = MIN((j + 1) * to, end) - begin;
            uint64_t so_far = (covered * total + from / 2) / from;
            ret_weights[i * most + span->count++] = (uint16_t)(so_far - before);
            before = so_far;
        }
    }
}

static uint32_t most_covered(uint32_t from, uint32_t to) {
    return (from + to - 1) / to + 1;
}

SkyScale *sky_scale_new(uint32_t from_width_px, uint32_t from_height_px, uint32_t to_width_px, uint32_t to_height_px) {
    g_assert(to_width_px > 0 && to_width_px <= from_width_px && from_width_px <= 8192);
    g_assert(to_height_px > 0 && to_height_px <= from_height_px && from_height_px <= 8192);
    uint32_t rows_most = most_covered(from_height_px, to_height_px), columns_most = most_covered(from_width_px, to_width_px);
    SkyScale *scale = g_new(SkyScale, 1);
    *scale = (SkyScale){
        .from_width_px = from_width_px,
        .from_height_px = from_height_px,
        .to_width_px = to_width_px,
        .to_height_px = to_height_px,
        .even_ratio = from_width_px % to_width_px == 0 ? from_width_px / to_width_px : 0,
        .rows_most = rows_most,
        .columns_most = columns_most,
        .rows = g_new0(Span, to_height_px),
        .columns = g_new0(Span, to_width_px),
        .row_weights = g_new0(uint16_t, (gsize)to_height_px * rows_most),
        .column_weights = g_new0(uint16_t, (gsize)to_width_px * columns_most),
        .sums = g_new0(uint16_t, from_width_px + columns_most),
        .narrow = g_new0(uint8_t, 2 * from_width_px),
    };
    lay_out(from_height_px, to_height_px, ROW_WEIGHT, rows_most, scale->rows, scale->row_weights);
    lay_out(from_width_px, to_width_px, COLUMN_WEIGHT, columns_most, scale->columns, scale->column_weights);
    return scale;
}

void sky_scale_free(SkyScale *scale) {
    if (scale == NULL)
        return;
    g_free(scale->rows);
    g_free(scale->columns);
    g_free(scale->row_weights);
    g_free(scale->column_weights);
    g_free(scale->sums);
    g_free(scale->narrow);
    g_free(scale);
}

static void begin_rows(uint16_t *restrict sums, const uint8_t *restrict a, const uint8_t *restrict b, uint16_t weight_a,
                       uint16_t weight_b, uint32_t width) {
    for (uint32_t x = 0; x < width; x++)
        sums[x] = (uint16_t)(a[x] * weight_a + b[x] * weight_b);
}

static void add_rows(uint16_t *restrict sums, const uint8_t *restrict a, const uint8_t *restrict b, uint16_t weight_a,
                     uint16_t weight_b, uint32_t width) {
    for (uint32_t x = 0; x < width; x++)
        sums[x] = (uint16_t)(sums[x] + a[x] * weight_a + b[x] * weight_b);
}

/* `ratio` columns become one; called with constants, so that the loops are known. */
static inline __attribute__((always_inline)) void finish_even(const uint16_t *restrict sums, uint8_t *restrict to, uint32_t width,
                                                              uint32_t ratio) {
    const uint32_t weight = (COLUMN_WEIGHT + ratio / 2) / ratio;
    for (uint32_t x = 0; x < width; x++) {
        uint32_t sum = 0;
        for (uint32_t i = 0; i < ratio; i++)
            sum += sums[x * ratio + i];
        to[x] = (uint8_t)((sum * weight + (1u << (SUM_SHIFT - 1))) >> SUM_SHIFT);
    }
}

/* Each output column takes `most` inputs, those that it does not cover with weight 0: no loop of unknown length. */
static inline __attribute__((always_inline)) void finish_uneven(const SkyScale *scale, uint8_t *restrict to, uint32_t most) {
    const uint16_t *weights = scale->column_weights;
    for (uint32_t x = 0; x < scale->to_width_px; x++, weights += most) {
        const uint16_t *sums = scale->sums + scale->columns[x].first;
        uint32_t sum = 1u << (SUM_SHIFT - 1);
        for (uint32_t i = 0; i < most; i++)
            sum += (uint32_t)sums[i] * weights[i];
        to[x] = (uint8_t)(sum >> SUM_SHIFT);
    }
}

/* The usual cases by name: each is compiled for its own number. */
static void finish_row(const SkyScale *scale, uint8_t *to) {
    switch (scale->even_ratio) {
    case 2:
        finish_even(scale->sums, to, scale->to_width_px, 2);
        return;
    case 3:
        finish_even(scale->sums, to, scale->to_width_px, 3);
        return;
    case 4:
        finish_even(scale->sums, to, scale->to_width_px, 4);
        return;
    case 6:
        finish_even(scale->sums, to, scale->to_width_px, 6);
        return;
    default:
        break;
    }
    switch (scale->columns_most) {
    case 3:
        finish_uneven(scale, to, 3);
        return;
    case 4:
        finish_uneven(scale, to, 4);
        return;
    case 5:
        finish_uneven(scale, to, 5);
        return;
    default:
        finish_uneven(scale, to, scale->columns_most);
        return;
    }
}

static const uint8_t *row_of(const SkyScale *scale, const uint8_t *row, unsigned bits, uint8_t *narrow) {
    if (bits == 8)
        return row;
    for (uint32_t x = 0; x < scale->from_width_px; x++) {
        uint16_t value;
        memcpy(&value, row + 2 * x, sizeof value);
        narrow[x] = (uint8_t)(value >> (bits - 8));
    }
    return narrow;
}

/* Two rows in one go spare half of the way to memory and back. */
static void sum_rows(SkyScale *scale, uint32_t y, const uint8_t *luma, ptrdiff_t stride_bytes, unsigned bits) {
    const Span *span = &scale->rows[y];
    const uint16_t *weights = scale->row_weights + (gsize)y * scale->rows_most;
    for (uint32_t i = 0; i < span->count; i += 2) {
        const uint8_t *row = luma + (ptrdiff_t)(span->first + i) * stride_bytes;
        gboolean pair = i + 1 < span->count;
        const uint8_t *a = row_of(scale, row, bits, scale->narrow);
        const uint8_t *b = pair ? row_of(scale, row + stride_bytes, bits, scale->narrow + scale->from_width_px) : a;
        (i == 0 ? begin_rows : add_rows)(scale->sums, a, b, weights[i], pair ? weights[i + 1] : 0, scale->from_width_px);
    }
}

void sky_scale_run(SkyScale *scale, const uint8_t *luma, ptrdiff_t stride_bytes, unsigned bits, uint8_t *ret_luma,
                   uint32_t ret_stride_bytes) {
    gboolean same = scale->from_width_px == scale->to_width_px && scale->from_height_px == scale->to_height_px;
    for (uint32_t y = 0; y < scale->to_height_px; y++) {
        uint8_t *to = ret_luma + (gsize)y * ret_stride_bytes;
        if (same) {
            memcpy(to, row_of(scale, luma + (ptrdiff_t)y * stride_bytes, bits, scale->narrow), scale->to_width_px);
            continue;
        }
        sum_rows(scale, y, luma, stride_bytes, bits);
        finish_row(scale, to);
    }
}
