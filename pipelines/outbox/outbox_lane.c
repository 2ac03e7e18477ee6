/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox/outbox_lane.h"

void sky_outbox_lane_clear(SkyOutboxLane *lane) {
    g_clear_pointer(&lane->page, g_ptr_array_unref);
    g_clear_pointer(&lane->ahead, g_ptr_array_unref);
    lane->next = 0;
    lane->ticket = 0;
    lane->more = lane->again = FALSE;
}

void sky_outbox_lane_reset(SkyOutboxLane *lane, int64_t after) {
    sky_outbox_lane_clear(lane);
    lane->after = after;
    lane->more = TRUE;
}

void sky_outbox_lane_poke(SkyOutboxLane *lane) {
    if (lane->ticket) lane->again = TRUE; /* that answer may have been read before the commit */
    else lane->more = TRUE;
}

gboolean sky_outbox_lane_wants(const SkyOutboxLane *lane) {
    return lane->more && !lane->ticket && !lane->ahead;
}

void sky_outbox_lane_accept(SkyOutboxLane *lane, const SkyOutboxPage *page) {
    lane->ticket = 0;
    lane->more = page->more || lane->again;
    lane->again = FALSE;
    if (page->rows->len == 0) return;
    const SkyMessageRecord *last = page->rows->pdata[page->rows->len - 1];
    lane->after = lane->by_seq ? (int64_t)last->seq : last->row;
    if (lane->page) {
        lane->ahead = g_ptr_array_ref(page->rows);
    } else {
        lane->page = g_ptr_array_ref(page->rows);
        lane->next = 0;
    }
}

const SkyMessageRecord *sky_outbox_lane_peek(const SkyOutboxLane *lane, GPtrArray **ret_page) {
    if (!lane->page) return NULL;
    *ret_page = lane->page;
    return lane->page->pdata[lane->next];
}

void sky_outbox_lane_advance(SkyOutboxLane *lane) {
    if (++lane->next < lane->page->len) return;
    g_ptr_array_unref(lane->page);
    lane->page = g_steal_pointer(&lane->ahead);
    lane->next = 0;
}

gboolean sky_outbox_lane_is_dry(const SkyOutboxLane *lane) {
    return !lane->page && !lane->more && !lane->ticket;
}
