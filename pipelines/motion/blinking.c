/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/blinking.h"
#include <math.h>
#include <string.h>

#define RISE 48          /* of 255, for each time that a pixel becomes foreground or ceases to be */
#define PICTURE_S 0.08   /* of pictures that come faster each counts for less: a thing's rim flickers from one to the next */
#define CALM_S 6.0       /* from 255 to nothing */

SkyBlinking *sky_blinking_new(const SkyBackground *background) {
    SkyBlinking *blinking = g_new0(SkyBlinking, 1);
    uint8_t *planes[2];
    blinking->memory = sky_background_new_planes(background, planes, G_N_ELEMENTS(planes));
    blinking->blink = planes[0];
    blinking->before = planes[1];
    blinking->were = sky_bands_new(background);
    blinking->most = g_malloc0(blinking->were->count);
    return blinking;
}

void sky_blinking_free(SkyBlinking *blinking) {
    if (!blinking)
        return;
    g_free(blinking->memory);
    sky_bands_free(blinking->were);
    g_free(blinking->most);
    g_free(blinking);
}

/* Elsewhere they are 0, and were maybe never written to. */
void sky_blinking_begin(SkyBlinking *blinking) {
    const SkyBands *were = blinking->were;
    for (unsigned band = 0; band < were->count; band++) {
        if (blinking->most[band] == 0 && were->set[band] == 0)
            continue;
        size_t from = band * were->band_bytes, bytes = MIN(were->band_bytes, were->bytes - from);
        memset(blinking->blink + from, 0, bytes);
        memset(blinking->before + from, 0, bytes);
    }
    memset(blinking->most, 0, blinking->were->count);
    sky_bands_clear(blinking->were);
}

void sky_blinking_watch(SkyBlinking *blinking, const SkyBackground *background, const uint8_t *mask, const SkyBands *bands,
                        double dt_s) {
    uint8_t fall = (uint8_t)lrint(CLAMP(dt_s * 255 / CALM_S, 1, 255));
    uint8_t rise = (uint8_t)lrint(RISE * MIN(dt_s / PICTURE_S, 1));
    SkyBands *were = blinking->were;
    for (unsigned band = 0; band < bands->count; band++) {
        gboolean any = bands->set[band] > 0 || were->set[band] > 0;
        uint8_t most = blinking->most[band];
        if (!any && most == 0)
            continue;
        size_t from = band * bands->band_bytes;
        background->kernel->blink(blinking->blink + from, blinking->before + from, mask + from, fall, rise,
                                  MIN(bands->band_bytes, bands->bytes - from));
        blinking->most[band] = (uint8_t)MIN(MAX(most, fall) - fall + (any ? rise : 0), 255);
        were->set[band] = bands->set[band];
    }
    were->total = bands->total;
}
