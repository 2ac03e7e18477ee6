/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "motion/kernel.h"

/* What each pixel looks like with nothing in front of it: SKY_MOTION_SAMPLES remembered values, a running mean, and how
 * noisy it is. All planes of one picture size in one allocation; rows `stride` apart, at least SKY_PLANE_MARGIN columns of which
 * are empty.
 * Thread: one. Owner: SkyMotion. */
#define SKY_PLANE_MARGIN 8

typedef struct SkyLesson SkyLesson;
typedef struct SkyBackground SkyBackground;
struct SkyBackground {
    const SkyMotionKernel *kernel;
    uint32_t width_px, height_px;
    size_t stride, bytes;             /* of a plane without its guards */
    uint8_t *samples[SKY_MOTION_SAMPLES];
    uint16_t *mean, *noise;           /* 8.8 fixed point; noise: of |luma - mean| */
    uint8_t *radius;                  /* how far from a sample is still the background */
    const uint8_t *dice;              /* DICE_SPARE longer than a plane */
    uint8_t floor, factor;            /* radius = floor + noise * factor / 16 */
    uint32_t chance;                  /* state of the small generator */
    gpointer memory;
};

SkyBackground *sky_background_new(const SkyMotionKernel *kernel, uint32_t width_px, uint32_t height_px);
void sky_background_free(SkyBackground *background);
/* A zeroed plane with guards, for the same shape; freed with sky_background_free_plane. */
uint8_t *sky_background_new_plane(const SkyBackground *background);
void sky_background_free_plane(const SkyBackground *background, uint8_t *plane);
/* Many of them in one allocation, which is returned, for g_free(): so large that a plane takes no memory before it is written to. */
gpointer sky_background_new_planes(const SkyBackground *background, uint8_t **ret_planes, size_t count);
/* The radius for a noise of nothing, and what is added for the noise. */
void sky_background_set_threshold(SkyBackground *background, uint8_t floor, uint8_t factor);

/* Begins anew with this picture alone. */
void sky_background_reset(SkyBackground *background, const uint8_t *luma);
/* Learns luma where the lesson says; seconds since the last picture; time constants: every sample of such a pixel has been replaced
 * once after about samples_s. spread: neighbours learn from each other (a leaf that swings one pixel further). */
void sky_background_learn(SkyBackground *background, const uint8_t *luma, const SkyLesson *lesson, double dt_s, double samples_s,
                          double mean_s, gboolean spread);
/* Where the mask is set, luma is the background from now on, its noise unknown; a few samples keep what was there, for it may come
 * back (a lamp that is switched). */
void sky_background_renew(SkyBackground *background, const uint8_t *luma, const uint8_t *mask);
/* Moves everything remembered through a tone curve: the light has changed, the things have not. */
void sky_background_relight(SkyBackground *background, const uint8_t curve[256]);
static inline uint8_t sky_background_luma(const SkyBackground *background, size_t at) {
    return (uint8_t)((background->mean[at] + 128) >> 8);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyBackground, sky_background_free)
