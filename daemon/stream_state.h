/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/backoff.h"

/* When one stream of a camera is tried, and what is wrong with it meanwhile. Decides only: time and dice are arguments.
 * Tries for ever: 1 s doubling to 60 s with jitter, at most 6 s apart in the first 45 s of an outage, so that a blip stays one.
 * A refused account (an error that begins "authentication") is tried again after 10, 40, then every 60 minutes: a wrong password locks
 * many cameras after five tries. */
typedef enum {
    SKY_STREAM_WAITING,    /* until next_try_ns */
    SKY_STREAM_CONNECTING, /* started, no packet yet */
    SKY_STREAM_RUNNING,
} SkyStreamPhase;

typedef enum {
    SKY_STREAM_FINE,
    SKY_STREAM_OFFLINE,       /* can not be reached, or hung up */
    SKY_STREAM_STALLED,       /* was there and fell silent */
    SKY_STREAM_MISCONFIGURED, /* account, path, codec: a person has to act */
} SkyStreamFault;

typedef struct {
    SkyStreamPhase phase;
    SkyStreamFault fault;  /* of the last attempt; FINE while running or never tried */
    char why[320];         /* in words, with what to do where it has not been reached for long; "" where fine */
    int64_t since_ns;      /* of the phase */
    int64_t next_try_ns;   /* WAITING */
    int64_t lost_ns;       /* begin of the outage; SKY_TIME_NONE while running */
    SkyBackoff backoff;
    uint32_t refusals;     /* of its account, in a row */
    uint64_t reconnects;   /* times that it came back */
    gboolean ran;          /* it has run at least once */
} SkyStreamState;

void sky_stream_state_init(SkyStreamState *state, int64_t now_ns); /* due at once */
gboolean sky_stream_state_is_due(const SkyStreamState *state, int64_t now_ns);
void sky_stream_state_started(SkyStreamState *state, int64_t now_ns);
/* The first packet of an attempt came. */
void sky_stream_state_runs(SkyStreamState *state, int64_t now_ns);
/* The attempt is over. error: NULL is taken for a stream that ended by itself. */
void sky_stream_state_ended(SkyStreamState *state, const GError *error, int64_t now_ns, uint32_t dice);
/* Its account was refused, by this stream or another one: it waits until then. */
void sky_stream_state_hold_back(SkyStreamState *state, const char *why, int64_t until_ns);
/* A person has acted: what waits is tried at once. */
void sky_stream_state_retry(SkyStreamState *state, int64_t now_ns);
