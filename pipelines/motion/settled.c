/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/settled.h"
#include <string.h>

#define GAIN 2           /* for a second with a thing, */
#define LOSS 1           /* and for one without: from a third of the time on it grows, */
#define LONG 480         /* to here in four minutes without a pause: people stay, too. */
#define LESSON 30        /* Then the place is learnt for so many seconds, whatever it shows, */
#define AFTER (LONG / 2) /* and comes back to here: who stops there next is not learnt at once */
#define STRETCH 2048     /* bytes; most have nothing to count */
#define LANES 32         /* bytes at once: planes are whole numbers of them */

static size_t stretches(const SkyBackground *background) {
    return (background->bytes + STRETCH - 1) / STRETCH;
}

SkySettled *sky_settled_new(const SkyBackground *background) {
    SkySettled *settled = g_new0(SkySettled, 1);
    settled->bytes = background->bytes;
    uint8_t *planes[4];
    settled->memory = sky_background_new_planes(background, planes, G_N_ELEMENTS(planes));
    settled->still = planes[0];
    settled->was = planes[1];
    settled->served = (uint16_t *)(void *)planes[2]; /* and on into the last */
    settled->busy = g_malloc0(stretches(background));
    return settled;
}

void sky_settled_free(SkySettled *settled) {
    if (!settled)
        return;
    g_free(settled->memory);
    g_free(settled->busy);
    g_free(settled);
}

void sky_settled_begin(SkySettled *settled) {
    memset(settled->still, 0, settled->bytes);
    for (size_t i = 0, at = 0; at < settled->bytes; i++, at += STRETCH)
        if (settled->busy[i]) /* elsewhere it is 0, and was maybe never written to */
            memset(settled->served + at, 0, MIN(STRETCH, settled->bytes - at) * sizeof *settled->served);
    settled->due_s = 0;
}

static inline uint16_t either(gboolean which, uint16_t yes, uint16_t no) {
    uint16_t all = (uint16_t)-(which != 0);
    return (uint16_t)((yes & all) | (no & ~all));
}

/* Above LONG it counts the lesson down. Neither branches nor counts that are known late, so that a compiler makes vectors of it. */
static uint16_t serve_lanes(uint16_t *restrict served, const uint8_t *restrict mask, uint8_t *restrict still) {
    uint16_t any = 0;
    for (size_t i = 0; i < LANES; i++) {
        uint16_t before = served[i], away = (uint16_t)(MAX(before, LOSS) - LOSS);
        uint16_t now = either(mask[i], (uint16_t)(before + GAIN), away);
        now = either(now >= LONG, LONG + LESSON, now);
        now = either(before > LONG, either(before == LONG + 1, AFTER, (uint16_t)(before - 1)), now);
        served[i] = now;
        still[i] |= (uint8_t)either(now > LONG, 255, 0);
        any |= now;
    }
    return any;
}

/* TRUE: some are not 0. */
static gboolean serve(uint16_t *served, const uint8_t *mask, uint8_t *still, size_t bytes) {
    uint16_t any = 0;
    for (size_t at = 0; at < bytes; at += LANES)
        any |= serve_lanes(served + at, mask + at, still + at);
    return any != 0;
}

void sky_settled_watch(SkySettled *settled, const SkyBackground *background, const uint8_t *luma, const uint8_t *mask, double dt_s) {
    settled->due_s += dt_s;
    if (settled->due_s < 1)
        return;
    background->kernel->settle(settled->still, settled->was, luma, background->radius, mask, settled->bytes);
    for (size_t i = 0, at = 0; at < settled->bytes; i++, at += STRETCH) {
        size_t bytes = MIN(STRETCH, settled->bytes - at);
        if (settled->busy[i] || background->kernel->count(mask + at, bytes) > 0)
            settled->busy[i] = serve(settled->served + at, mask + at, settled->still + at, bytes);
    }
    settled->due_s = 0;
}
