/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox/outbox_internal.h"

#include <string.h>

/* What the broker hangs up on so often is not asked of it again. */
#define LOSSES_MAX 3

static void replay_free(SkyOutboxReplay *replay) {
    sky_outbox_lane_clear(&replay->lane);
    g_free(replay->topic);
    g_free(replay);
}

static void remove_replay(SkyOutbox *outbox, SkyOutboxReplay *replay) {
    for (uint32_t i = 0; i < outbox->in_flight; i++) {
        if (outbox->flights[i].replay == replay) outbox->flights[i].replay = NULL;
    }
    g_queue_remove(&outbox->replays, replay);
    replay_free(replay);
}

void sky_outbox_replays_clear(SkyOutbox *outbox) {
    while (outbox->replays.head) remove_replay(outbox, outbox->replays.head->data);
}

static void start_at(SkyOutboxReplay *replay, uint64_t seq) {
    replay->next_seq = MAX(seq, 1);
    replay->resume_seq = UINT64_MAX;
    sky_outbox_lane_reset(&replay->lane, (int64_t)(replay->next_seq - 1));
}

void sky_outbox_replays_begin(SkyOutbox *outbox, const SkyOutboxReplayRequest *request) {
    for (GList *item = outbox->replays.head; item; item = item->next) {
        SkyOutboxReplay *earlier = item->data;
        if (strcmp(earlier->topic, request->topic) != 0) continue;
        remove_replay(outbox, earlier);
        break;
    }
    if (outbox->replays.length >= SKY_OUTBOX_REPLAYS_MAX) return;
    SkyOutboxReplay *replay = g_new0(SkyOutboxReplay, 1);
    g_strlcpy(replay->audience, request->audience, sizeof replay->audience);
    replay->topic = g_strdup(request->topic);
    replay->lane.by_seq = TRUE;
    start_at(replay, MIN(request->from_seq, (uint64_t)INT64_MAX));
    g_queue_push_tail(&outbox->replays, replay);
}

void sky_outbox_replays_rewind(SkyOutbox *outbox, const GError *error) {
    gboolean thrown_out = g_error_matches(error, SKY_ERROR, SKY_ERR_DATA);
    for (GList *item = outbox->replays.head, *next; item; item = next) {
        SkyOutboxReplay *replay = item->data;
        next = item->next;
        if (thrown_out && replay->resume_seq != UINT64_MAX && ++replay->losses >= LOSSES_MAX) {
            remove_replay(outbox, replay);
            continue;
        }
        start_at(replay, MIN(replay->resume_seq, replay->next_seq));
    }
}

void sky_outbox_replays_fetch(SkyOutbox *outbox) {
    for (GList *item = outbox->replays.head; item; item = item->next) {
        SkyOutboxReplay *replay = item->data;
        if (!sky_outbox_lane_wants(&replay->lane)) continue;
        gpointer expected = sky_outbox_inbox_expect(outbox->inbox, ++outbox->next_ticket);
        if (sky_store_fetch_log(outbox->store, replay->audience, (uint64_t)replay->lane.after + 1, SKY_OUTBOX_PAGE_ROWS,
                                sky_outbox_inbox_on_rows, expected)) {
            replay->lane.ticket = outbox->next_ticket;
        } else {
            sky_outbox_inbox_forget(expected);
        }
    }
}

void sky_outbox_replays_accept(SkyOutbox *outbox, const SkyOutboxPage *page) {
    for (GList *item = outbox->replays.head; item; item = item->next) {
        SkyOutboxReplay *replay = item->data;
        if (replay->lane.ticket == page->ticket) sky_outbox_lane_accept(&replay->lane, page);
    }
}

static SkyHandOver send_gap(SkyOutbox *outbox, SkyOutboxReplay *replay, uint64_t to_seq) {
    g_autoptr(SkyMessageRecord) gap = sky_message_record_new_gap(replay->audience, replay->topic, replay->next_seq, to_seq);
    gap->created_utc_ns = sky_clock_utc_ns();
    const SkyOutboxFlight flight = {.kind = SKY_FLIGHT_REPLAY, .replay = replay, .seq = replay->next_seq};
    return sky_outbox_hand_over_record(outbox, gap, replay->topic, TRUE, &flight);
}

static SkyHandOver send_next(SkyOutbox *outbox, SkyOutboxReplay *replay, const SkyMessageRecord *record, GPtrArray *page) {
    if (record->seq > replay->next_seq) {
        SkyHandOver handed = send_gap(outbox, replay, record->seq - 1);
        if (handed == SKY_HANDED_OVER) {
            replay->in_flight++;
            replay->next_seq = record->seq;
        }
        return handed;
    }
    const SkyOutboxFlight flight = {.kind = SKY_FLIGHT_REPLAY, .replay = replay, .seq = record->seq};
    SkyHandOver handed = sky_outbox_hand_over_record(outbox, record, replay->topic, TRUE, &flight);
    if (handed == SKY_HAND_OVER_LATER) return handed;
    if (handed == SKY_HANDED_OVER) replay->in_flight++;
    replay->next_seq = record->seq + 1;
    sky_outbox_lane_advance(&replay->lane);
    return SKY_HANDED_OVER;
}

gboolean sky_outbox_replays_send(SkyOutbox *outbox) {
    for (guint tries = outbox->replays.length; tries > 0; tries--) {
        SkyOutboxReplay *replay = g_queue_pop_head(&outbox->replays);
        g_queue_push_tail(&outbox->replays, replay); /* each in its turn */
        GPtrArray *page = NULL;
        const SkyMessageRecord *record = sky_outbox_lane_peek(&replay->lane, &page);
        if (record) {
            SkyHandOver handed = send_next(outbox, replay, record, page);
            if (handed == SKY_HAND_OVER_NEVER) remove_replay(outbox, replay);
            return handed == SKY_HANDED_OVER;
        }
        if (sky_outbox_lane_is_dry(&replay->lane) && replay->in_flight == 0) remove_replay(outbox, replay);
    }
    return FALSE;
}

void sky_outbox_replays_landed(SkyOutbox *outbox, SkyOutboxReplay *replay, uint32_t reason_code) {
    if (!replay) return;
    replay->in_flight--;
    replay->losses = 0;
    if (reason_code >= 0x80) remove_replay(outbox, replay); /* it will not be let through the next time either */
}
