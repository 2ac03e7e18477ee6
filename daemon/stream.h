/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/config.h"
#include "daemon/account.h"
#include "daemon/bell.h"
#include "daemon/lane.h"
#include "daemon/stream_state.h"
#include "daemon/transport_choice.h"
#include "daemon/transport_memory.h"
#include "evidence/preroll.h"

/* One stream of one camera, tried for ever: a source for each attempt, and where its packets go: to the lane, the pre-roll, or
 * both. Thread: main; packets flow on the source's own thread. Owner: the camera. */
typedef struct SkyStream SkyStream;

typedef struct {
    int64_t last_packet_ns;  /* arrival; SKY_TIME_NONE before the first */
    uint64_t packets;        /* since it was made */
    double frame_rate;       /* of the last seconds */
    const char *transport;   /* of the connection, or the last one; "" before the first */
    SkyStreamInfo *info;     /* reference; NULL before the first packet */
} SkyStreamNumbers;

/* Why asking the camera for the URL came to nothing, of all attempts (SkyOnvifNumbers). */
typedef struct {
    uint64_t refused, unanswered, unreadable, unusable;
} SkyOnvifCounts;
void sky_onvif_counts_add(SkyOnvifCounts *counts, const SkyOnvifCounts *more);

/* What it shares with all others; outlives it. The bell is rung when an attempt ended, when the camera let it in, and at its first
 * packet. transports: NULL: nothing is remembered. */
typedef struct {
    SkyAccounts *accounts;
    SkyTransports *transports;
    SkyBell *bell;
} SkyStreamSurroundings;

/* url: one of camera's. lane, preroll: a reference is taken; may be NULL. */
SkyStream *sky_stream_new(const SkyCameraConfig *camera, const char *url, const SkyStreamSurroundings *around, SkyLane *lane,
                          SkyPreroll *preroll);
/* Starts and ends attempts as the state says; call when the bell rang and each second. */
void sky_stream_turn(SkyStream *stream, int64_t now_ns);
/* What waits is tried at once: a person has acted. account: an id, and only a stream that has that one; NULL: whichever it has. */
void sky_stream_retry(SkyStream *stream, const char *account, int64_t now_ns);
/* No further attempt; the one under way is told to stop. */
void sky_stream_request_stop(SkyStream *stream);
gboolean sky_stream_is_stopped(SkyStream *stream);
void sky_stream_free(SkyStream *stream); /* does not wait where it is stopped */
SkyStreamState *sky_stream_state(SkyStream *stream);
void sky_stream_read(SkyStream *stream, SkyStreamNumbers *ret_numbers); /* release with sky_stream_numbers_clear() */
int64_t sky_stream_keyless_ns(SkyStream *stream); /* for how long packets have come since the last key frame */
gboolean sky_stream_has_plain_keys(const SkyStream *stream); /* plain I pictures had to do for key frames, in this connection */
void sky_stream_count_onvif(const SkyStream *stream, SkyOnvifCounts *counts); /* adds its own */
void sky_stream_numbers_clear(SkyStreamNumbers *numbers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyStream, sky_stream_free)
