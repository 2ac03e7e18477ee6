/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/background.h"

/* Where a mask has anything, by bands of SKY_CELL_PX rows: most of most pictures has nothing, and what works on spans of bands alone
 * leaves the rest of the planes out of the cache. Decides only. Thread: one. Owner: SkyMotion. */
typedef struct SkyBands {
    size_t band_bytes, bytes; /* of a band; of the plane */
    unsigned count;
    uint32_t *set;            /* pixels of each band */
    size_t total;             /* of all */
} SkyBands;

SkyBands *sky_bands_new(const SkyBackground *background);
void sky_bands_free(SkyBands *bands);
void sky_bands_count(SkyBands *bands, const SkyBackground *background, const uint8_t *mask);
/* The same where nothing is further than so many bands from where the other has something. */
void sky_bands_count_near(SkyBands *bands, const SkyBands *other, unsigned more, const SkyBackground *background,
                          const uint8_t *mask);
void sky_bands_clear(SkyBands *bands);
/* What a band has, where that is counted by who fills the mask. */
void sky_bands_put(SkyBands *bands, unsigned band, size_t set);

/* Bytes of a plane. {0, 0}: before the first. */
typedef struct {
    size_t from, to;
} SkySpan;

SkySpan sky_bands_span(const SkyBands *bands, unsigned band);
/* The next bands in a row with something in them, and so many more each way; spans that would touch are one. FALSE: no more. */
gboolean sky_bands_next(const SkyBands *bands, unsigned more, SkySpan *span);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyBands, sky_bands_free)
