/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* Tells a change of the light from a change of the things: the tone curve that turns the background into the picture, for each
 * brightness the median of what the pixels of that brightness have become (things cover less than half of them). A lamp, a cloud or
 * the camera's own exposure are such a curve; a car is not. Decides only. */
#define SKY_LIGHT_CHANGE_MIN 1.5f /* mean steps of luma; less the model itself learns */
#define SKY_LIGHT_CURED_MIN 0.1f  /* of the pixels that are not as they were; a curve that explains fewer is that of the things */

typedef struct {
    uint8_t curve[256]; /* rising, background luma -> luma now */
    float change;       /* mean |curve(luma) - luma| over the picture */
    float explained;    /* share of the pixels that the curve explains, 0..1; of a change far below SKY_LIGHT_CHANGE_MIN: unchanged */
    float unchanged;    /* the same for no change at all */
} SkyLight;

/* Share of the pixels that are not as they were which the curve explains; below 0 where it makes it worse. */
float sky_light_cured(const SkyLight *light);

/* mean: 8.8 fixed point; skip: 255 where not to look (ignored). */
void sky_light_measure(const uint8_t *luma, const uint16_t *mean, const uint8_t *radius, const uint8_t *skip, uint32_t width_px,
                       uint32_t height_px, size_t stride, SkyLight *ret_light);
