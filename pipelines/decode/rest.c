/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/rest.h"

#include <string.h>

#include "base/clock.h"

#define GOP_MAX_NS (4500 * SKY_NS_PER_MS)        /* what no size announces is seen so late, once: then sizes are not believed for an hour */
#define SPARED_GOP_MAX_NS (2500 * SKY_NS_PER_MS) /* and so late each time where none is asked */
#define SPARED_GOP_MIN_NS (250 * SKY_NS_PER_MS) /* a shorter one is hardly worth it, and a JPEG has none */
#define GOP_PACKETS_MAX 256
#define QUIET_GOPS_MIN 3
#define KEY_TO_PACKET 32                  /* a key frame is so many times what lies between, at least */
#define CALM_NS (6 * SKY_NS_PER_S)
#define SPARED_CALM_NS (1 * SKY_NS_PER_S)
#define SECONDS_MIN 5                     /* learnt before rest is believed */
#define MARGIN 1.1
#define AWAKE_NS (2 * SKY_NS_PER_S)       /* at least, once woken */
#define UNANNOUNCED_NS (1 * SKY_NS_PER_S) /* it moves for so long, and no size has said so: they say nothing */
#define MISTRUST_NS (3600 * SKY_NS_PER_S)
#define FORGET 0.997                      /* a second: a third is left after six minutes */

void sky_rest_init(SkyRest *rest, gboolean believes) {
    *rest = (SkyRest){.believes = believes,
                      .gop_ns = G_MAXINT64,
                      .spare_until_ns = SKY_TIME_NONE,
                      .now_ns = SKY_TIME_NONE,
                      .key_ns = SKY_TIME_NONE,
                      .calm_since_ns = SKY_TIME_NONE,
                      .awake_since_ns = SKY_TIME_NONE,
                      .unannounced_ns = SKY_TIME_NONE,
                      .mistrust_until_ns = SKY_TIME_NONE};
}

void sky_rest_break(SkyRest *rest) {
    rest->resting = rest->wake_asked = rest->spared = FALSE;
    rest->spare_until_ns = rest->key_ns = rest->calm_since_ns = rest->unannounced_ns = SKY_TIME_NONE;
    rest->awake_since_ns = rest->now_ns;
    rest->quiet_gops = rest->gop_packets = 0;
    rest->young = rest->old = (SkyRestSizes){.begin_ns = rest->now_ns};
    memset(rest->sizes, 0, sizeof rest->sizes);
}

/* ---- sizes ---- */

static uint64_t weigh(SkyRest *rest, uint64_t bytes) {
    rest->sizes[rest->at] = (uint32_t)MIN(bytes, G_MAXUINT32);
    rest->at = (rest->at + 1) % SKY_REST_WINDOW;
    uint64_t window = 0;
    for (unsigned i = 0; i < SKY_REST_WINDOW; i++)
        window += rest->sizes[i];
    return window;
}

/* What comes before something is seen is its own sign, not rest: a second counts when the one after it was calm as well. */
static void learn(SkyRest *rest, uint64_t one, uint64_t window) {
    SkyRestSizes *young = &rest->young;
    young->one = MAX(young->one, one);
    young->window = MAX(young->window, window);
    if (rest->now_ns - young->begin_ns < SKY_NS_PER_S)
        return;
    if (rest->calm_since_ns != SKY_TIME_NONE && rest->calm_since_ns <= rest->old.begin_ns) {
        rest->one = MAX(rest->one * FORGET, (double)rest->old.one);
        rest->window = MAX(rest->window * FORGET, (double)rest->old.window);
        rest->seconds_learnt += rest->seconds_learnt < SECONDS_MIN;
    }
    rest->old = *young;
    *young = (SkyRestSizes){.begin_ns = rest->now_ns};
}

static void begin_gop(SkyRest *rest, uint64_t bytes) {
    rest->gop_ns = rest->key_ns == SKY_TIME_NONE ? G_MAXINT64 : rest->now_ns - rest->key_ns;
    gboolean quiet = rest->gop_ns <= GOP_MAX_NS && rest->gop_packets > 0 && rest->gop_packets <= GOP_PACKETS_MAX &&
                     rest->gop_bytes * KEY_TO_PACKET <= rest->key_bytes * rest->gop_packets;
    rest->quiet_gops = quiet ? rest->quiet_gops + 1 : 0;
    rest->key_ns = rest->now_ns;
    rest->key_bytes = bytes;
    rest->gop_bytes = rest->gop_packets = 0;
}

/* ---- deciding ---- */

static void wake(SkyRest *rest) {
    rest->resting = rest->wake_asked = rest->spared = FALSE;
    rest->awake_since_ns = rest->now_ns;
}

static gboolean may_rest(const SkyRest *rest) {
    gboolean calm = rest->calm_since_ns != SKY_TIME_NONE && rest->now_ns - rest->calm_since_ns >= CALM_NS;
    gboolean trusted = rest->mistrust_until_ns == SKY_TIME_NONE || rest->now_ns >= rest->mistrust_until_ns;
    return rest->believes && calm && trusted && rest->quiet_gops >= QUIET_GOPS_MIN && rest->seconds_learnt >= SECONDS_MIN &&
           rest->now_ns - rest->awake_since_ns >= AWAKE_NS;
}

static gboolean may_be_spared(const SkyRest *rest) {
    gboolean calm = rest->calm_since_ns != SKY_TIME_NONE && rest->now_ns - rest->calm_since_ns >= SPARED_CALM_NS;
    return calm && rest->spare_until_ns != SKY_TIME_NONE && rest->now_ns < rest->spare_until_ns &&
           rest->gop_ns >= SPARED_GOP_MIN_NS && rest->gop_ns <= SPARED_GOP_MAX_NS;
}

static SkyRestStep take_key(SkyRest *rest, uint64_t bytes) {
    begin_gop(rest, bytes);
    if (rest->wake_asked) { /* what is held was calm, but for the key frame before it */
        wake(rest);
    } else {
        gboolean believed = may_rest(rest);
        rest->spared = !believed && may_be_spared(rest);
        rest->resting = believed || rest->spared;
    }
    return rest->resting ? SKY_REST_KEY : SKY_REST_DECODE;
}

static SkyRestStep take_other(SkyRest *rest, uint64_t bytes) {
    uint64_t window = weigh(rest, bytes);
    rest->gop_bytes += bytes;
    rest->gop_packets++;
    gboolean larger = (double)bytes > rest->one * MARGIN || (double)window > rest->window * MARGIN;
    if (larger)
        rest->unannounced_ns = SKY_TIME_NONE;
    learn(rest, bytes, window);
    if (!rest->resting)
        return SKY_REST_DECODE;
    gboolean announced = larger && (!rest->spared || rest->seconds_learnt >= SECONDS_MIN);
    gboolean overdue = rest->now_ns - rest->key_ns > (rest->spared ? SPARED_GOP_MAX_NS : GOP_MAX_NS); /* the next key frame */
    if (!announced && !rest->wake_asked && !overdue && rest->gop_packets <= GOP_PACKETS_MAX)
        return SKY_REST_HOLD;
    wake(rest);
    return SKY_REST_WAKE;
}

SkyRestStep sky_rest_packet(SkyRest *rest, uint64_t bytes, gboolean key, int64_t time_ns) {
    gboolean back = rest->now_ns == SKY_TIME_NONE || time_ns < rest->now_ns;
    rest->now_ns = time_ns;
    if (back)
        sky_rest_break(rest);
    return key ? take_key(rest, bytes) : take_other(rest, bytes);
}

void sky_rest_looked(SkyRest *rest, gboolean calm) {
    if (calm) {
        if (rest->calm_since_ns == SKY_TIME_NONE)
            rest->calm_since_ns = rest->now_ns;
        rest->unannounced_ns = SKY_TIME_NONE;
        return;
    }
    rest->calm_since_ns = SKY_TIME_NONE;
    if (rest->resting && !rest->wake_asked) {
        rest->wake_asked = TRUE;
        if (!rest->spared)
            rest->unannounced_ns = rest->now_ns;
    }
    if (rest->unannounced_ns == SKY_TIME_NONE || rest->now_ns - rest->unannounced_ns < UNANNOUNCED_NS)
        return;
    rest->unannounced_ns = SKY_TIME_NONE;
    rest->mistrust_until_ns = rest->now_ns + MISTRUST_NS;
}

void sky_rest_spare(SkyRest *rest, int64_t span_ns) {
    rest->spare_until_ns = rest->now_ns == SKY_TIME_NONE ? SKY_TIME_NONE : rest->now_ns + span_ns;
}
