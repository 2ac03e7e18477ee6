/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/budget.h"
#include "media/packet.h"

/* The newest whole GOPs of one stream, bounded in bytes (charged to the camera's budget; "smart" codecs have GOPs of 10 s
 * and more, so seconds are no bound) and in age: what no clip can ask for any more goes. Readers do not take packets out: a clip
 * reads on from where it stopped, a snapshot copies one GOP.
 * Thread: one pusher (the source), any reader. Reference-counted: the camera and requests under way hold it. */
typedef struct SkyPreroll SkyPreroll;
typedef struct {
    uint32_t packets;
    uint64_t bytes, dropped_packets; /* dropped: for the bound, not for age */
    int64_t oldest_ns, newest_ns;    /* arrival, SKY_TIME_NONE where empty */
} SkyPrerollNumbers;

/* keep_ns: what lies further back than this before the newest packet may go, in whole GOPs. budget may be NULL. */
SkyPreroll *sky_preroll_new(uint64_t bytes_max, int64_t keep_ns, SkyBudget *budget);
SkyPreroll *sky_preroll_ref(SkyPreroll *preroll);
void sky_preroll_unref(SkyPreroll *preroll);
void sky_preroll_push(SkyPreroll *preroll, SkyPacket *packet); /* takes */
/* No clip will ask for what came before from_ns any more: it may go, though it is not as old as keep_ns. Never goes back. */
void sky_preroll_settle(SkyPreroll *preroll, int64_t from_ns);
/* The stream broke: what comes next bears a gap; nothing is dropped. */
void sky_preroll_break(SkyPreroll *preroll);
/* Packets (references) from the GOP that holds arrival from_ns (the oldest where that is gone) to the newest, at most packets_max.
 * A GOP whose last packet came over 5 s before from_ns does not hold it: the camera fell silent, and what it showed then is not
 * shown as now. cursor: 0 at first; given back to read on without a repeat. A cursor whose next packet is gone answers from the
 * oldest key frame with `gap` set on its first packet. */
GPtrArray *sky_preroll_read(SkyPreroll *preroll, int64_t from_ns, uint64_t *cursor, uint32_t packets_max);
/* The packets of the GOP that holds arrival at_ns, up to and with the first packet at or after it. Empty array: nothing there. */
GPtrArray *sky_preroll_read_gop(SkyPreroll *preroll, int64_t at_ns);
/* When the key frame of the GOP that holds arrival at_ns came (the oldest where that is gone); SKY_TIME_NONE: there is none. */
int64_t sky_preroll_key_ns(SkyPreroll *preroll, int64_t at_ns);
/* A reader's claim: what came from from_ns on does not go for its age, however late the reader is (a disk that stands still for some
 * seconds); the bound in bytes holds all the same. Any thread, one at a time; holds a reference. */
typedef struct SkyPrerollHold SkyPrerollHold;
SkyPrerollHold *sky_preroll_hold_new(SkyPreroll *preroll, int64_t from_ns);
void sky_preroll_hold_move(SkyPrerollHold *hold, int64_t from_ns); /* has read up to there */
void sky_preroll_hold_free(SkyPrerollHold *hold);
SkyPrerollNumbers sky_preroll_numbers(SkyPreroll *preroll);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyPreroll, sky_preroll_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyPrerollHold, sky_preroll_hold_free)
