/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/settled.h"
#include <string.h>

#define GAIN 2           /* for a second with a thing, */
#define LOSS 1           /* and for one without: from a third of the time on it grows, */
#define LONG 480         /* to here in four minutes without a pause: people stay, too. */
#define LESSON 30        /* Then the place is learnt for so many seconds, whatever it shows, */
#define AFTER (LONG / 2) /* and comes back to here: who stops there next is not learnt at once */
#define STRETCH 2048     /* bytes; most have nothing to count */

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

/* Above LONG it counts the lesson down. No branch, so that a compiler turns it into vectors by itself. TRUE: some are not 0. */
static gboolean serve(uint16_t *restrict served, const uint8_t *restrict mask, uint8_t *restrict still, size_t bytes) {
    uint16_t any = 0;
    for (size_t i = 0; i < bytes; i++) {
        uint16_t before = served[i], there = (uint16_t)(before + GAIN), away = before > LOSS ? (uint16_t)(before - LOSS) : 0;
        uint16_t now = mask[i] ? there : away;
        now = now >= LONG ? LONG + LESSON : now;
        uint16_t taught = before == LONG + 1 ? AFTER : (uint16_t)(before - 1);
        now = before > LONG ? taught : now;
        served[i] = now;
        still[i] = now > LONG ? 255 : still[i];
        any |= now;
    }
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
