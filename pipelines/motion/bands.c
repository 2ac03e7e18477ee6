/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/bands.h"
#include <string.h>

SkyBands *sky_bands_new(const SkyBackground *background) {
    SkyBands *bands = g_new0(SkyBands, 1);
    bands->band_bytes = SKY_CELL_PX * background->stride;
    bands->bytes = background->bytes;
    bands->count = (unsigned)((bands->bytes + bands->band_bytes - 1) / bands->band_bytes);
    bands->set = g_new0(uint32_t, bands->count);
    return bands;
}

void sky_bands_free(SkyBands *bands) {
    if (!bands)
        return;
    g_free(bands->set);
    g_free(bands);
}

static void count_span(SkyBands *bands, SkySpan span, const SkyBackground *background, const uint8_t *mask) {
    for (size_t from = span.from; from < span.to; from += bands->band_bytes) {
        uint32_t set = (uint32_t)background->kernel->count(mask + from, MIN(bands->band_bytes, bands->bytes - from));
        bands->set[from / bands->band_bytes] = set;
        bands->total += set;
    }
}

void sky_bands_count(SkyBands *bands, const SkyBackground *background, const uint8_t *mask) {
    bands->total = 0;
    count_span(bands, (SkySpan){0, bands->bytes}, background, mask);
}

void sky_bands_count_near(SkyBands *bands, const SkyBands *other, unsigned more, const SkyBackground *background,
                          const uint8_t *mask) {
    sky_bands_clear(bands);
    for (SkySpan at = {0, 0}; sky_bands_next(other, more, &at);)
        count_span(bands, at, background, mask);
}

void sky_bands_clear(SkyBands *bands) {
    memset(bands->set, 0, bands->count * sizeof *bands->set);
    bands->total = 0;
}

void sky_bands_put(SkyBands *bands, unsigned band, size_t set) {
    bands->total += set - bands->set[band];
    bands->set[band] = (uint32_t)set;
}

SkySpan sky_bands_span(const SkyBands *bands, unsigned band) {
    size_t from = band * bands->band_bytes;
    return (SkySpan){from, MIN(from + bands->band_bytes, bands->bytes)};
}

gboolean sky_bands_next(const SkyBands *bands, unsigned more, SkySpan *span) {
    unsigned first = (unsigned)((span->to + bands->band_bytes - 1) / bands->band_bytes);
    while (first < bands->count && bands->set[first] == 0)
        first++;
    if (first == bands->count)
        return FALSE;
    unsigned end = first + 1;
    for (unsigned band = end; band < bands->count && band <= end + 2 * more; band++)
        if (bands->set[band] > 0)
            end = band + 1;
    span->from = (first - MIN(first, more)) * bands->band_bytes;
    span->to = MIN((end + more) * bands->band_bytes, bands->bytes);
    return TRUE;
}
