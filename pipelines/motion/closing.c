/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/closing.h"
#include <string.h>

#define REACH 1 /* bands: it grows by two rows before it shrinks again, and a row's first pixels touch the end of the row above */

typedef struct {
    const SkyBackground *background;
    size_t from, to; /* bytes of a plane */
} Span;

typedef void (*Step)(const uint8_t *mask, size_t stride, size_t bytes, uint8_t *ret_mask);

static void blank_row(const Span *span, uint8_t *row) {
    memset(row, 0, span->background->stride);
}

/* Nothing is beyond the span, or the same as at its end where that is the picture's. */
static void step(const Span *span, Step kernel, gboolean goes_on, uint8_t *mask, uint8_t *ret_mask) {
    size_t stride = span->background->stride;
    blank_row(span, mask + span->from - stride);
    blank_row(span, mask + span->to);
    if (goes_on && span->from == 0)
        memcpy(mask - stride, mask, stride);
    if (goes_on && span->to == span->background->bytes)
        memcpy(mask + span->to, mask + span->to - stride, stride);
    kernel(mask + span->from, stride, span->to - span->from, ret_mask + span->from);
}

static void close_span(const Span *span, uint8_t *mask, uint8_t *between) {
    const SkyBackground *background = span->background;
    step(span, background->kernel->dilate, FALSE, mask, between);
    step(span, background->kernel->dilate, FALSE, between, mask);
    step(span, background->kernel->erode, TRUE, mask, between);
    step(span, background->kernel->erode, TRUE, between, mask);
    for (size_t row = span->from; row < span->to; row += background->stride)
        memset(mask + row + background->width_px, 0, background->stride - background->width_px);
}

void sky_closing_run(const SkyBackground *background, uint8_t *mask, const SkyBands *bands, uint8_t *between) {
    Span span = {.background = background};
    for (SkySpan at = {0, 0}; sky_bands_next(bands, REACH, &at);) {
        span.from = at.from;
        span.to = at.to;
        close_span(&span, mask, between);
    }
    blank_row(&span, mask - background->stride);
    blank_row(&span, mask + background->bytes);
}
