/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/faint.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MEAN_S 0.4
#define STRAY_S 6.0
#define STRAY_PARTS 12          /* it is slow: so often in that time is enough */
#define GAP_S 0.3               /* pictures further apart tell nothing of what noise is like */
#define CENSUS_S 4.0
#define CENSUS_ROWS 16          /* the noise is looked at in every so manieth row */
#define CENSUS_CLIP 16          /* luma; more is a thing */
#define NOISE_MIN 1.0           /* mean |difference| from the background, luma */
#define WHITE_MIN 1.25          /* of it from picture to picture; white noise: 1.41 */
#define CLIP 12                 /* sixteenths of the radius */
#define STRAY_FIRST (2 * 256)
#define STRAY_MAX (16 * 256 - 1)
#define TIMES 3                 /* the usual stray, that is 2.4 sigma: a majority around has to agree */
#define FLOOR 384

struct SkyFaint {
    int16_t *drift;             /* mean difference of late, luma * 16 */
    int16_t *stray;             /* mean |drift| where nothing is, luma * 256 */
    uint8_t *before;            /* the census' rows of the last picture */
    size_t pixels;
    gboolean noisy, has_before;
    double census_s, unlearnt_s;
    uint64_t apart, steps, looked; /* sums of this census */
};

SkyFaint *sky_faint_new(const SkyBackground *background) {
    SkyFaint *faint = g_new0(SkyFaint, 1);
    faint->pixels = background->bytes;
    faint->drift = g_new0(int16_t, 2 * faint->pixels); /* so large that it takes no memory before it is written to: by day nobody does */
    faint->stray = faint->drift + faint->pixels;
    faint->before = g_malloc0(background->bytes / CENSUS_ROWS + background->stride);
    return faint;
}

void sky_faint_free(SkyFaint *faint) {
    if (!faint)
        return;
    g_free(faint->drift);
    g_free(faint->before);
    g_free(faint);
}

static void begin_census(SkyFaint *faint) {
    faint->census_s = 0;
    faint->apart = faint->steps = faint->looked = 0;
}

void sky_faint_begin(SkyFaint *faint) {
    begin_census(faint);
    faint->noisy = faint->has_before = FALSE;
}

static void forget(SkyFaint *faint) {
    memset(faint->drift, 0, faint->pixels * sizeof *faint->drift);
    for (size_t i = 0; i < faint->pixels; i++)
        faint->stray[i] = STRAY_FIRST;
}

static void take_census(SkyFaint *faint, const uint8_t *luma, const SkyBackground *background, double dt_s) {
    uint32_t width = background->width_px / 32 * 32; /* the kernel's */
    for (uint32_t y = 0; y < background->height_px; y += CENSUS_ROWS, faint->looked += width) {
        size_t row = y * background->stride;
        background->kernel->census(luma + row, background->mean + row, faint->before + y / CENSUS_ROWS * background->stride,
                                   CENSUS_CLIP, width, &faint->apart, &faint->steps);
    }
    faint->census_s += dt_s;
    if (!faint->has_before || dt_s > GAP_S)
        begin_census(faint);
    faint->has_before = TRUE;
    if (faint->census_s < CENSUS_S)
        return;
    gboolean noisy = faint->looked > 0 && (double)faint->apart >= NOISE_MIN * (double)faint->looked &&
                     (double)faint->steps >= WHITE_MIN * (double)faint->apart;
    if (noisy && !faint->noisy)
        forget(faint);
    faint->noisy = noisy;
    begin_census(faint);
}

/* Sixteen bits a pixel and no branch, so that a compiler turns it into vectors by itself. */
static void follow_drift(int16_t *restrict drift, const int16_t *restrict stray, const uint8_t *restrict luma,
                         const uint16_t *restrict mean, const uint8_t *restrict radius, int16_t pace, size_t pixels,
                         uint8_t *restrict mask) {
    for (size_t i = 0; i < pixels; i++) {
        int16_t clip = (int16_t)(radius[i] * CLIP), apart = (int16_t)(luma[i] * 16 - (mean[i] >> 4));
        apart = apart > clip ? clip : apart;
        apart = apart < -clip ? (int16_t)-clip : apart;
        int16_t now = (int16_t)(drift[i] + (int16_t)((int16_t)(apart - drift[i]) * pace >> 16));
        drift[i] = now;
        int16_t far = now < 0 ? (int16_t)-now : now, reach = (int16_t)((int16_t)(stray[i] * TIMES + FLOOR) >> 4);
        mask[i] = far > reach ? 255 : mask[i];
    }
}

static void follow_stray(int16_t *restrict stray, const int16_t *restrict drift, const uint8_t *restrict learn, int16_t pace,
                         size_t pixels) {
    for (size_t i = 0; i < pixels; i++) {
        int16_t far = drift[i] < 0 ? (int16_t)-drift[i] : drift[i];
        far = far > STRAY_MAX / 16 ? STRAY_MAX / 16 : far;
        int16_t step = (int16_t)((int16_t)(far * 16 - stray[i]) * pace >> 16);
        stray[i] = learn[i] ? (int16_t)(stray[i] + step) : stray[i];
    }
}

/* Of 65536. */
static int16_t pace_of(double dt_s, double of_s) {
    return (int16_t)lrint(MIN(1 - exp(-dt_s / of_s), 0.49) * 65536);
}

gboolean sky_faint_add(SkyFaint *faint, const uint8_t *luma, const SkyBackground *background, double dt_s, uint8_t *mask) {
    take_census(faint, luma, background, dt_s);
    if (faint->noisy)
        follow_drift(faint->drift, faint->stray, luma, background->mean, background->radius, pace_of(dt_s, MEAN_S), faint->pixels,
                     mask);
    return faint->noisy;
}

void sky_faint_learn(SkyFaint *faint, const SkyLesson *lesson, const SkyBackground *background, double dt_s) {
    faint->unlearnt_s += dt_s;
    if (!faint->noisy || faint->unlearnt_s < STRAY_S / STRAY_PARTS)
        return;
    int16_t pace = pace_of(faint->unlearnt_s, STRAY_S);
    for (SkyPiece piece = {.at = {0, 0}}; sky_lesson_next(lesson, background, &piece);)
        follow_stray(faint->stray + piece.at.from, faint->drift + piece.at.from, piece.follow, pace, piece.at.to - piece.at.from);
    faint->unlearnt_s = 0;
}
