/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/background.h"
#include <math.h>
#include <string.h>
#include "motion/lesson.h"

#define DICE_SPARE 4096
#define DRAWS_MAX SKY_MOTION_SAMPLES /* of a picture: after a pause so long that there were more, hardly a sample would be older */
#define KEPT_SAMPLES 3 /* two are enough for a match */
#define NOISE_AT_FIRST (3 * 256)

/* xorshift32: the same pictures give the same result on every machine. */
static uint32_t next_chance(uint32_t *state) {
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

static size_t guard_bytes(const SkyBackground *background) {
    return SKY_PLANE_GUARD_ROWS * background->stride + 64;
}

static size_t guarded_bytes(const SkyBackground *background) {
    return background->bytes + 2 * guard_bytes(background);
}

SkyBackground *sky_background_new(const SkyMotionKernel *kernel, uint32_t width_px, uint32_t height_px) {
    SkyBackground *background = g_new0(SkyBackground, 1);
    background->kernel = kernel;
    background->width_px = width_px;
    background->height_px = height_px;
    background->stride = ((size_t)width_px + SKY_PLANE_MARGIN + 31) / 32 * 32;
    if (background->stride * height_px % 64 != 0)
        background->stride += 32;
    background->bytes = background->stride * height_px;
    background->chance = 0x9e3779b9;
    size_t plane = guarded_bytes(background), planes = SKY_MOTION_SAMPLES + 1 + 2 + 2 + 1;
    uint8_t *memory = g_aligned_alloc0(1, planes * plane + DICE_SPARE, 64);
    background->memory = memory;
    uint8_t *at = memory + guard_bytes(background);
    for (unsigned k = 0; k < SKY_MOTION_SAMPLES; k++, at += plane)
        background->samples[k] = at;
    background->radius = at;
    at += plane;
    background->mean = (uint16_t *)(void *)at;
    at += 2 * plane;
    background->noise = (uint16_t *)(void *)at;
    at += 2 * plane;
    for (size_t i = 0; i < background->bytes + DICE_SPARE; i++)
        at[i] = (uint8_t)(next_chance(&background->chance) >> 11);
    background->dice = at;
    sky_background_set_threshold(background, 8, 32);
    return background;
}

void sky_background_free(SkyBackground *background) {
    if (!background)
        return;
    g_aligned_free(background->memory);
    g_free(background);
}

uint8_t *sky_background_new_plane(const SkyBackground *background) {
    uint8_t *memory = g_aligned_alloc0(1, guarded_bytes(background), 64);
    return memory + guard_bytes(background);
}

void sky_background_free_plane(const SkyBackground *background, uint8_t *plane) {
    if (plane)
        g_aligned_free(plane - guard_bytes(background));
}

gpointer sky_background_new_planes(const SkyBackground *background, uint8_t **ret_planes, size_t count) {
    size_t plane = guarded_bytes(background);
    uint8_t *memory = g_malloc0(count * plane + 63), *at = memory + (64 - (uintptr_t)memory % 64) % 64 + guard_bytes(background);
    for (size_t i = 0; i < count; i++, at += plane)
        ret_planes[i] = at;
    return memory;
}

void sky_background_set_threshold(SkyBackground *background, uint8_t floor, uint8_t factor) {
    background->floor = floor;
    background->factor = factor;
}

/* The way to one of the eight around. */
static ptrdiff_t neighbour(const SkyBackground *background, unsigned which) {
    static const int8_t around[8][2] = {{-1, -1}, {0, -1}, {1, -1}, {-1, 0}, {1, 0}, {-1, 1}, {0, 1}, {1, 1}};
    return around[which][1] * (ptrdiff_t)background->stride + around[which][0];
}

static void begin_pixel(SkyBackground *background, size_t at, uint8_t luma) {
    background->mean[at] = (uint16_t)(luma << 8);
    background->noise[at] = NOISE_AT_FIRST;
    background->radius[at] = (uint8_t)(background->floor + NOISE_AT_FIRST * background->factor / 4096);
}

void sky_background_reset(SkyBackground *background, const uint8_t *luma) {
    for (unsigned k = 0; k < SKY_MOTION_SAMPLES; k++)
        memcpy(background->samples[k], luma + (k % 2 ? neighbour(background, k / 2) : 0), background->bytes);
    for (size_t at = 0; at < background->bytes; at++)
        begin_pixel(background, at, luma[at]);
}

/* A share of 256 that is right on average even where it is far below 1. */
static uint8_t whole_share(SkyBackground *background, double share) {
    double scaled = CLAMP(share, 0, 1) * 255;
    double spare = scaled - floor(scaled);
    double dice = (next_chance(&background->chance) >> 8) / (double)(1 << 24);
    return (uint8_t)(floor(scaled) + (dice < spare ? 1 : 0));
}

static const uint8_t *throw_dice(SkyBackground *background) {
    return background->dice + next_chance(&background->chance) % DICE_SPARE;
}

void sky_background_renew(SkyBackground *background, const uint8_t *luma, const uint8_t *mask) {
    unsigned first = next_chance(&background->chance) % SKY_MOTION_SAMPLES;
    for (unsigned i = KEPT_SAMPLES; i < SKY_MOTION_SAMPLES; i++) {
        const uint8_t *from = luma + (i % 2 ? neighbour(background, i / 2) : 0);
        uint8_t *sample = background->samples[(first + i) % SKY_MOTION_SAMPLES];
        for (size_t at = 0; at < background->bytes; at++)
            sample[at] = mask[at] ? from[at] : sample[at];
    }
    for (size_t at = 0; at < background->bytes; at++)
        if (mask[at])
            begin_pixel(background, at, luma[at]);
}

typedef struct {
    uint8_t *sample;
    const uint8_t *luma, *dice;
    uint8_t chance;
} Draw;

static Draw draw(SkyBackground *background, const uint8_t *luma, uint8_t chance, gboolean beside) {
    Draw draw = {background->samples[next_chance(&background->chance) % SKY_MOTION_SAMPLES], luma, NULL, chance};
    if (beside) {
        uint32_t way = next_chance(&background->chance) % 9;
        draw.luma += ((ptrdiff_t)(way / 3) - 1) * (ptrdiff_t)background->stride + (ptrdiff_t)(way % 3) - 1;
    }
    draw.dice = throw_dice(background);
    return draw;
}

G_STATIC_ASSERT(DRAWS_MAX % 2 == 0); /* two are drawn at a time */
static unsigned draw_all(SkyBackground *background, const uint8_t *luma, double share, gboolean spread, Draw draws[DRAWS_MAX]) {
    unsigned count = 0;
    for (; share > 0 && count < DRAWS_MAX; share -= 1) {
        uint8_t chance = whole_share(background, share);
        if (chance == 0)
            continue;
        draws[count++] = draw(background, luma, chance, FALSE);
        if (spread)
            draws[count++] = draw(background, luma, chance, TRUE);
    }
    return count;
}

void sky_background_learn(SkyBackground *background, const uint8_t *luma, const SkyLesson *lesson, double dt_s, double samples_s,
                          double mean_s, gboolean spread) {
    const SkyMotionKernel *kernel = background->kernel;
    Draw draws[DRAWS_MAX];
    unsigned count = draw_all(background, luma, dt_s * SKY_MOTION_SAMPLES / samples_s, spread, draws);
    uint8_t rate = whole_share(background, dt_s / mean_s);
    for (SkyPiece piece = {.at = {0, 0}}; sky_lesson_next(lesson, background, &piece);) {
        size_t from = piece.at.from, bytes = piece.at.to - from;
        for (const Draw *d = draws; d < draws + count; d++)
            kernel->replace(d->sample + from, d->luma + from, piece.learn, d->dice + from, d->chance, bytes);
        if (rate > 0)
            kernel->follow(background->mean + from, background->noise + from, background->radius + from, luma + from, piece.follow,
                           rate, background->floor, background->factor, bytes);
    }
}

void sky_background_relight(SkyBackground *background, const uint8_t curve[256]) {
    for (unsigned k = 0; k < SKY_MOTION_SAMPLES; k++)
        background->kernel->map(background->samples[k], curve, background->bytes);
    for (size_t i = 0; i < background->bytes; i++) {
        unsigned whole = background->mean[i] >> 8, part = background->mean[i] & 255;
        unsigned low = curve[whole], high = curve[whole < 255 ? whole + 1 : 255];
        background->mean[i] = (uint16_t)(low * 256 + (high - low) * part);
    }
}
