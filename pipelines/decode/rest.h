/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Whether a stream is at rest, so that key frames alone need be decoded. A camera that encodes for quality sends next to nothing
 * between two key frames while nothing moves; a camera of constant rate fills its budget with noise, and there the sizes say
 * nothing. So rest is believed only
 *  - where key frames are no more than 4.5 s apart: something that the sizes do not show is found in the next one;
 *  - after the pictures have been calm for a while;
 *  - while what lies between two key frames is a small share of them;
 *  - as long as it has never been wrong: where a key frame shows what no size had announced, not again for an hour.
 * It ends with the first packet that is larger, or the first few that together are larger, than what calm pictures had lately.
 * Where the box is too slow for all its cameras calm pictures are enough for a while, whatever the sizes say: what comes then is found in
 * the next key frame, 2.5 s later at most.
 * Decides only; a value of its owner's. Time is media time, in the order of decoding. */
typedef enum {
    SKY_REST_DECODE, /* as usual */
    SKY_REST_KEY,    /* at rest: this key frame alone is decoded */
    SKY_REST_HOLD,   /* at rest: keep the packet until the next key frame, or until woken */
    SKY_REST_WAKE,   /* no longer at rest: decode what is held, this one after it */
} SkyRestStep;

#define SKY_REST_WINDOW 8 /* packets that are weighed together: a third of a second */

/* The largest packet and the largest window of a second. */
typedef struct {
    int64_t begin_ns;
    uint64_t one, window;
} SkyRestSizes;

typedef struct {
    gboolean believes;           /* rest, by sizes; else it rests only where it is told to spare */
    gboolean resting, wake_asked;
    gboolean spared;             /* resting, though sizes do not say so */
    int64_t spare_until_ns;      /* SKY_TIME_NONE: not asked */
    int64_t now_ns, key_ns;      /* of the newest packet, of the last key frame; SKY_TIME_NONE before */
    int64_t calm_since_ns;       /* SKY_TIME_NONE: not calm, or not looked at */
    int64_t awake_since_ns;
    int64_t unannounced_ns;      /* since when pictures show what sizes do not; SKY_TIME_NONE */
    int64_t mistrust_until_ns;
    uint32_t sizes[SKY_REST_WINDOW], at;
    double one, window;          /* the largest of calm seconds, forgotten over minutes */
    uint32_t seconds_learnt;
    SkyRestSizes young, old;     /* a second is learnt from when the one after it was calm too */
    uint64_t key_bytes, gop_bytes;
    int64_t gop_ns;              /* from the key frame before the last one to that; G_MAXINT64 where there was none */
    uint32_t gop_packets;        /* of the GOP that is coming in, without its key frame */
    uint32_t quiet_gops;         /* in a row */
} SkyRest;

void sky_rest_init(SkyRest *rest, gboolean believes);
/* Each packet, in order. */
SkyRestStep sky_rest_packet(SkyRest *rest, uint64_t bytes, gboolean key, int64_t time_ns);
/* Each picture that was looked at: calm where nothing in it moves, whatever it may be. */
void sky_rest_looked(SkyRest *rest, gboolean calm);
/* The box is too slow: for span_ns of media time from the newest packet on, what is calm is spared. */
void sky_rest_spare(SkyRest *rest, int64_t span_ns);
/* Packets were lost, or the stream began anew: what is held is of no use, and nothing is known of now. Sizes stay learnt. */
void sky_rest_break(SkyRest *rest);
