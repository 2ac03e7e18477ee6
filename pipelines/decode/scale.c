/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/scale.h"

#include <string.h>

/* Vertically the weights of an output row add up to 2^8 and a sum fits 16 bits; across they add up to 2^15 and it fits 32. */
#define ROW_WEIGHT 256
#define COLUMN_WEIGHT 32768
#define SUM_SHIFT 23

typedef struct {
    uint32_t first, count; /* of the input that it covers */
    uint32_t weight;       /* index of its first weight */
} Span;

struct SkyScale {
    uint32_t from_width_px, from_height_px, to_width_px, to_height_px;
    Span *rows, *columns;
    uint16_t *row_weights, *column_weights;
    uint16_t *sums;   /* of one output row, at input width */
    uint8_t *narrow;  /* a row of more than 8 bits, made 8 */
};

/* Output i covers [i * from, (i + 1) * from), input j covers [j * to, (j + 1) * to). Weights are differences of rounded running
 * totals: whatever the ratio, they add up exactly, and a flat picture stays flat. */
static void lay_out(uint32_t from, uint32_t to, uint32_t total, Span *ret_spans, uint16_t *ret_weights) {
    uint32_t used = 0;
    for (uint32_t i = 0; i < to; i++) {
        uint64_t begin = (uint64_t)i * from, end = begin + from;
        Span *span = &ret_spans[i];
        *span = (Span){.first = (uint32_t)(begin / to), .count = 0, .weight = used};
        uint64_t before = 0;
        for (uint64_t j = span->first; j * to < end; j++) {
            uint64_t covered = MIN((j + 1) * to, end) - begin;
            uint64_t so_far = (covered * total + from / 2) / from;
            ret_weights[used++] = (uint16_t)(so_far - before);
            before = so_far;
            span->count++;
        }
    }
}

SkyScale *sky_scale_new(uint32_t from_width_px, uint32_t from_height_px, uint32_t to_width_px, uint32_t to_height_px) {
    g_assert(to_width_px > 0 && to_width_px <= from_width_px && from_width_px <= 8192);
    g_assert(to_height_px > 0 && to_height_px <= from_height_px && from_height_px <= 8192);
    SkyScale *scale = g_new(SkyScale, 1);
    *scale = (SkyScale){
        .from_width_px = from_width_px,
        .from_height_px = from_height_px,
        .to_width_px = to_width_px,
        .to_height_px = to_height_px,
        .rows = g_new0(Span, to_height_px),
        .columns = g_new0(Span, to_width_px),
        .row_weights = g_new0(uint16_t, from_height_px + to_height_px),
        .column_weights = g_new0(uint16_t, from_width_px + to_width_px),
        .sums = g_new0(uint16_t, from_width_px),
        .narrow = g_new0(uint8_t, from_width_px),
    };
    lay_out(from_height_px, to_height_px, ROW_WEIGHT, scale->rows, scale->row_weights);
    lay_out(from_width_px, to_width_px, COLUMN_WEIGHT, scale->columns, scale->column_weights);
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

static void begin_row(uint16_t *restrict sums, const uint8_t *restrict row, uint16_t weight, uint32_t width) {
    for (uint32_t x = 0; x < width; x++)
        sums[x] = (uint16_t)(row[x] * weight);
}

static void add_row(uint16_t *restrict sums, const uint8_t *restrict row, uint16_t weight, uint32_t width) {
    for (uint32_t x = 0; x < width; x++)
        sums[x] = (uint16_t)(sums[x] + row[x] * weight);
}

static void finish_row(const SkyScale *scale, uint8_t *restrict to) {
    for (uint32_t x = 0; x < scale->to_width_px; x++) {
        const Span *span = &scale->columns[x];
        const uint16_t *sums = scale->sums + span->first, *weights = scale->column_weights + span->weight;
        uint32_t sum = 1u << (SUM_SHIFT - 1);
        for (uint32_t i = 0; i < span->count; i++)
            sum += (uint32_t)sums[i] * weights[i];
        to[x] = (uint8_t)(sum >> SUM_SHIFT);
    }
}

static const uint8_t *row_of(SkyScale *scale, const uint8_t *row, unsigned bits) {
    if (bits == 8)
        return row;
    for (uint32_t x = 0; x < scale->from_width_px; x++) {
        uint16_t value;
        memcpy(&value, row + 2 * x, sizeof value);
        scale->narrow[x] = (uint8_t)(value >> (bits - 8));
    }
    return scale->narrow;
}

void sky_scale_run(SkyScale *scale, const uint8_t *luma, ptrdiff_t stride_bytes, unsigned bits, uint8_t *ret_luma,
                   uint32_t ret_stride_bytes) {
    gboolean same = scale->from_width_px == scale->to_width_px && scale->from_height_px == scale->to_height_px;
    for (uint32_t y = 0; y < scale->to_height_px; y++) {
        const Span *span = &scale->rows[y];
        const uint16_t *weights = scale->row_weights + span->weight;
        const uint8_t *first = luma + (ptrdiff_t)span->first * stride_bytes;
        uint8_t *to = ret_luma + (gsize)y * ret_stride_bytes;
        if (same) {
            memcpy(to, row_of(scale, first, bits), scale->to_width_px);
            continue;
        }
        begin_row(scale->sums, row_of(scale, first, bits), weights[0], scale->from_width_px);
        for (uint32_t i = 1; i < span->count; i++)
            add_row(scale->sums, row_of(scale, first + (ptrdiff_t)i * stride_bytes, bits), weights[i], scale->from_width_px);
        finish_row(scale, to);
    }
}
