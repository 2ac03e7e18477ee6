/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "outbox/outbox_inbox.h"

/* Rows of the store on their way out, a page at hand and one ahead: memory does not depend on how many wait.
 * Thread: the transport's. Decides what to fetch; asks nobody itself. */
typedef struct {
    gboolean by_seq;       /* pages are ordered by seq (a replay), else by row */
    GPtrArray *page, *ahead;
    guint next;            /* in page */
    int64_t after;         /* row or seq: the next fetch starts behind it */
    uint64_t ticket;       /* of the fetch under way; 0: none */
    gboolean more, again;  /* the store has further ones, or may have by now */
} SkyOutboxLane;

/* Begins anew behind `after`. What is under way is not taken any more. */
void sky_outbox_lane_reset(SkyOutboxLane *lane, int64_t after);
void sky_outbox_lane_clear(SkyOutboxLane *lane); /* and asks for nothing until it is reset */
void sky_outbox_lane_poke(SkyOutboxLane *lane);  /* something was committed */
gboolean sky_outbox_lane_wants(const SkyOutboxLane *lane); /* a fetch */
void sky_outbox_lane_accept(SkyOutboxLane *lane, const SkyOutboxPage *page);
/* The next record, borrowed from *ret_page; NULL: none at hand. */
const SkyMessageRecord *sky_outbox_lane_peek(const SkyOutboxLane *lane, GPtrArray **ret_page);
void sky_outbox_lane_advance(SkyOutboxLane *lane);
gboolean sky_outbox_lane_is_dry(const SkyOutboxLane *lane); /* nothing at hand, nothing to come */
