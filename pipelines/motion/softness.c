/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/softness.h"
#include <stdlib.h>
#include <string.h>

#define LARGE_PX 256      /* of a part: it has an inside that tells light by other means, and who is so near may be smeared */
#define APART_MIN 8       /* luma; a fainter part has no edges to speak of */
#define OUTLINE_MIN 4     /* pixels */
#define DARK 4            /* luma, is added before gains are taken: black has none */
#define GAIN_ONE 4096
#define AROUND 2          /* pixels, each way, that say how steep it is at one */

typedef struct {
    uint32_t outline, inside, outline_px, inside_px; /* sums of the steepest change around each pixel */
    uint32_t apart, before, pixels;                  /* sums of luma */
} Sums;

typedef struct {
    const uint8_t *luma, *mask;
    const SkyBackground *background;
    uint32_t share[256]; /* 16 * GAIN_ONE over each luma of the background */
} Gains;

static int gain_at(const Gains *gains, size_t at) {
    return (int)((gains->luma[at] + DARK) * gains->share[gains->background->mean[at] >> 8] / 16);
}

/* Of each column from the one before the run to the one behind it: the steepest in the three rows around. */
static void find_slopes(const Gains *gains, size_t at, uint32_t length, int slopes[LARGE_PX + 2]) {
    int gain[2 * AROUND + 1][LARGE_PX + 2 * AROUND];
    for (size_t row = 0; row <= 2 * AROUND; row++)
        for (size_t i = 0; i < length + 2 * AROUND; i++)
            gain[row][i] = gain_at(gains, at - AROUND + i + row * gains->background->stride - AROUND * gains->background->stride);
    for (size_t i = 0; i < length + 2; i++) {
        int most = 0;
        for (size_t row = 1; row < 2 * AROUND; row++) {
            int across = abs(gain[row][i + 2] - gain[row][i]), down = abs(gain[row + 1][i + 1] - gain[row - 1][i + 1]);
            most = MAX(most, MAX(across, down));
        }
        slopes[i] = most;
    }
}

static void add_run(Sums *sums, const SkyRun *run, const Gains *gains) {
    const SkyBackground *background = gains->background;
    uint32_t from = MAX(run->from, AROUND), to = MIN(run->to, background->width_px - AROUND);
    if (from >= to || run->row < AROUND || run->row + AROUND >= background->height_px)
        return;
    size_t first = run->row * background->stride + from;
    int slopes[LARGE_PX + 2];
    find_slopes(gains, first, to - from, slopes);
    for (uint32_t i = 0; i < to - from; i++) {
        size_t at = first + i;
        const uint8_t *mask = gains->mask + at;
        gboolean inside = mask[-1] && mask[1] && *(mask - background->stride) && mask[background->stride];
        *(inside ? &sums->inside : &sums->outline) += (uint32_t)MAX(slopes[i], MAX(slopes[i + 1], slopes[i + 2]));
        *(inside ? &sums->inside_px : &sums->outline_px) += 1;
        int before = background->mean[at] >> 8;
        sums->apart += (uint32_t)abs(gains->luma[at] - before);
        sums->before += (uint32_t)before + DARK;
        sums->pixels++;
    }
}

static float softness(const Sums *sums) {
    if (sums->outline_px < OUTLINE_MIN || sums->apart < APART_MIN * sums->pixels)
        return 0;
    float outline = (float)sums->outline / (float)sums->outline_px, inside = (float)sums->inside / (float)MAX(sums->inside_px, 1);
    float distance = (float)sums->apart / (float)sums->before;
    return MAX(1 - MAX(outline, inside) / GAIN_ONE / distance, 0);
}

void sky_softness_tell(const SkyBlobFinder *finder, const uint8_t *mask, const uint8_t *luma, const SkyBackground *background,
                       const gboolean asked[SKY_PARTS_MAX], float ret_soft[SKY_PARTS_MAX]) {
    Gains gains = {.luma = luma, .mask = mask, .background = background};
    for (uint32_t before = 0; before < 256; before++)
        gains.share[before] = 16 * GAIN_ONE / (before + DARK);
    Sums sums[SKY_PARTS_MAX];
    memset(sums, 0, finder->part_count * sizeof *sums);
    for (uint32_t i = 0; i < finder->run_count; i++) {
        const SkyRun *run = &finder->runs[i];
        if (run->part != SKY_PART_NONE && asked[run->part] && finder->parts[run->part].pixels <= LARGE_PX)
            add_run(&sums[run->part], run, &gains);
    }
    for (uint32_t part = 0; part < finder->part_count; part++)
        ret_soft[part] = softness(&sums[part]);
}
