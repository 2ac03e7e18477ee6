/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox/outbox_internal.h"

#define MARK_ROWS 32
#define SUSPECT_LOSSES 3
#define REASON_TOO_LARGE 0x95
#define REASON_UNSPECIFIED 0x80

void sky_outbox_rows_begin(SkyOutbox *outbox) {
    sky_outbox_lane_reset(&outbox->state_lane, 0);
    sky_outbox_lane_reset(&outbox->log_lane, 0);
    outbox->states_are_out = FALSE;
    outbox->rescan = FALSE;
    outbox->rescan_ns = outbox->now_ns + SKY_OUTBOX_RESCAN_NS;
}

void sky_outbox_rows_end(SkyOutbox *outbox) {
    sky_outbox_lane_clear(&outbox->state_lane);
    sky_outbox_lane_clear(&outbox->log_lane);
    sky_outbox_rows_mark(outbox);
}

void sky_outbox_rows_poke(SkyOutbox *outbox) {
    sky_outbox_lane_poke(&outbox->state_lane);
    sky_outbox_lane_poke(&outbox->log_lane);
}

/* A refused fetch (the disk is stuck) is asked for again in the next turn. */
void sky_outbox_rows_fetch(SkyOutbox *outbox) {
    SkyOutboxLane *lanes[] = {&outbox->state_lane, &outbox->log_lane};
    for (guint i = 0; i < G_N_ELEMENTS(lanes); i++) {
        if (!sky_outbox_lane_wants(lanes[i])) continue;
        sky_outbox_rows_mark(outbox); /* so that the answer leaves out what was acknowledged */
        gpointer expected = sky_outbox_inbox_expect(outbox->inbox, ++outbox->next_ticket);
        gboolean (*fetch)(SkyStore *, int64_t, uint32_t, SkyStoreRows, gpointer) =
            i == 0 ? sky_store_fetch_states : sky_store_fetch;
        if (fetch(outbox->store, lanes[i]->after, SKY_OUTBOX_PAGE_ROWS, sky_outbox_inbox_on_rows, expected)) {
            lanes[i]->ticket = outbox->next_ticket;
        } else {
            sky_outbox_inbox_forget(expected);
        }
    }
}

void sky_outbox_rows_accept(SkyOutbox *outbox, const SkyOutboxPage *page) {
    if (outbox->state_lane.ticket == page->ticket) sky_outbox_lane_accept(&outbox->state_lane, page);
    else if (outbox->log_lane.ticket == page->ticket) sky_outbox_lane_accept(&outbox->log_lane, page);
}

static void tell_landed(SkyOutbox *outbox, const SkyMessageRecord *record, uint32_t reason_code) {
    gboolean log = record->message_class == SKY_MESSAGE_LOG && record->seq > 0;
    if (log && outbox->params.landed) outbox->params.landed(record, reason_code, outbox->params.user);
}

static void give_up(SkyOutbox *outbox, const SkyMessageRecord *record, uint32_t reason_code) {
    outbox->numbers.refused++;
    sky_store_dead_letter(outbox->store, record->row, reason_code);
    tell_landed(outbox, record, reason_code);
}

static gboolean send_record(SkyOutbox *outbox, SkyOutboxLane *lane, const SkyMessageRecord *record, GPtrArray *page) {
    const SkyOutboxFlight flight = {.kind = SKY_FLIGHT_ROW, .page = page, .record = record};
    gboolean waited = record->created_utc_ns < outbox->connected_utc_ns;
    SkyHandOver handed = sky_outbox_hand_over_record(outbox, record, record->topic, waited, &flight);
    if (handed == SKY_HAND_OVER_LATER) return FALSE;
    if (handed == SKY_HAND_OVER_NEVER) give_up(outbox, record, REASON_TOO_LARGE);
    sky_outbox_lane_advance(lane);
    return TRUE;
}

static gboolean may_send(const SkyOutbox *outbox) {
    return outbox->suspect.alone == 0 || outbox->in_flight == 0;
}

gboolean sky_outbox_rows_send_state(SkyOutbox *outbox) {
    GPtrArray *page = NULL;
    const SkyMessageRecord *record = sky_outbox_lane_peek(&outbox->state_lane, &page);
    if (record) return may_send(outbox) && send_record(outbox, &outbox->state_lane, record, page);
    if (sky_outbox_lane_is_dry(&outbox->state_lane)) outbox->states_are_out = TRUE;
    return FALSE;
}

gboolean sky_outbox_rows_send_log(SkyOutbox *outbox) {
    GPtrArray *page = NULL;
    const SkyMessageRecord *record;
    while ((record = sky_outbox_lane_peek(&outbox->log_lane, &page)) != NULL) {
        /* Retained topics have their own lane; only what that one has passed without finding it is sent from here. */
        gboolean elsewhere =
            record->message_class == SKY_MESSAGE_STATE && !(outbox->rescan && record->row <= outbox->state_lane.after);
        if (!elsewhere) return may_send(outbox) && send_record(outbox, &outbox->log_lane, record, page);
        sky_outbox_lane_advance(&outbox->log_lane);
    }
    return FALSE;
}

void sky_outbox_rows_landed(SkyOutbox *outbox, const SkyMessageRecord *record, uint32_t reason_code) {
    if (outbox->suspect.alone > 0) outbox->suspect.alone--;
    if (record->row == outbox->suspect.row) outbox->suspect.row = outbox->suspect.losses = 0;
    if (reason_code >= 0x80) {
        give_up(outbox, record, reason_code);
        return;
    }
    tell_landed(outbox, record, reason_code);
    g_array_append_val(outbox->acknowledged, record->row);
    if (outbox->acknowledged->len >= MARK_ROWS) sky_outbox_rows_mark(outbox);
}

void sky_outbox_rows_mark(SkyOutbox *outbox) {
    if (outbox->acknowledged->len == 0) return;
    sky_store_delivered(outbox->store, (const int64_t *)outbox->acknowledged->data, outbox->acknowledged->len);
    g_array_set_size(outbox->acknowledged, 0);
}

void sky_outbox_rows_check(SkyOutbox *outbox) {
    gboolean idle =
        outbox->in_flight == 0 && sky_outbox_lane_is_dry(&outbox->state_lane) && sky_outbox_lane_is_dry(&outbox->log_lane);
    if (!idle) {
        outbox->rescan_ns = outbox->now_ns + SKY_OUTBOX_RESCAN_NS;
    } else if (outbox->now_ns >= outbox->rescan_ns) {
        outbox->rescan_ns = outbox->now_ns + SKY_OUTBOX_RESCAN_NS;
        outbox->rescan = sky_store_numbers(outbox->store).undelivered > 0;
        if (outbox->rescan) sky_outbox_lane_reset(&outbox->log_lane, 0);
    }
}

/* In 3.1.1 a broker that dislikes a message (larger than it takes) can only hang up: the row would come again at every connect, and
 * nothing behind it would ever go out. */
void sky_outbox_rows_suspect(SkyOutbox *outbox, const GError *error) {
    const SkyMessageRecord *last = NULL;
    uint32_t rows = 0;
    for (uint32_t i = 0; i < outbox->in_flight; i++) {
        if (outbox->flights[i].kind != SKY_FLIGHT_ROW) continue;
        rows++;
        last = outbox->flights[i].record;
    }
    if (rows == 0 || !g_error_matches(error, SKY_ERROR, SKY_ERR_DATA)) return;
    outbox->suspect.alone = outbox->params.window;
    if (rows > 1) return;
    if (outbox->suspect.row != last->row) outbox->suspect.losses = 0;
    outbox->suspect.row = last->row;
    if (++outbox->suspect.losses < SUSPECT_LOSSES) return;
    outbox->suspect.row = outbox->suspect.losses = 0;
    give_up(outbox, last, REASON_UNSPECIFIED);
}
