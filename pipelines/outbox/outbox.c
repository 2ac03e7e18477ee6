/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox/outbox.h"

#include "outbox/outbox_internal.h"

#define UNACKNOWLEDGED_MOST_NS (120 * SKY_NS_PER_S)

SkyOutbox *sky_outbox_new(const SkyOutboxParams *params, SkyStore *store) {
    g_assert(params->window > 0 && params->window <= SKY_OUTBOX_WINDOW_MAX);
    SkyOutbox *outbox = g_new0(SkyOutbox, 1);
    outbox->params = *params;
    outbox->command_filter = g_strdup(params->command_filter);
    outbox->params.command_filter = outbox->command_filter;
    outbox->command_probe = g_strdup(params->command_probe);
    outbox->params.command_probe = outbox->command_probe;
    outbox->retained_filters = g_strdupv((char **)params->retained_filters);
    outbox->params.retained_filters = (const char *const *)outbox->retained_filters;
    outbox->store = store;
    outbox->inbox = sky_outbox_inbox_new();
    outbox->numbers.oldest_unserved_ns = outbox->numbers.unacknowledged_ns = SKY_TIME_NONE;
    sky_outbox_states_init(outbox);
    outbox->probes = g_ptr_array_new();
    outbox->acknowledged = g_array_new(FALSE, FALSE, sizeof(int64_t));
    return outbox;
}

void sky_outbox_free(SkyOutbox *outbox) {
    if (!outbox) return;
    for (uint32_t i = 0; i < outbox->in_flight; i++) sky_outbox_flight_clear(&outbox->flights[i]);
    outbox->in_flight = 0;
    sky_outbox_replays_clear(outbox);
    sky_outbox_lane_clear(&outbox->state_lane);
    sky_outbox_lane_clear(&outbox->log_lane);
    g_queue_clear_full(&outbox->notes, (GDestroyNotify)sky_outbox_note_free);
    sky_outbox_states_clear(outbox);
    g_ptr_array_unref(outbox->probes);
    g_array_unref(outbox->acknowledged);
    sky_outbox_inbox_unref(outbox->inbox);
    g_free(outbox->command_filter);
    g_free(outbox->command_probe);
    g_strfreev(outbox->retained_filters);
    g_free(outbox);
}

static void on_connected(const SkyTransportOps *ops, gboolean v5, gpointer user) {
    SkyOutbox *outbox = user;
    outbox->ops = *ops;
    outbox->connected = TRUE;
    outbox->announced = FALSE;
    outbox->connected_utc_ns = sky_clock_utc_ns();
    outbox->numbers.up = TRUE;
    /* A refusal shows at once: the transport ends the connection. */
    if (outbox->command_filter) outbox->ops.subscribe(outbox->ops.transport, outbox->command_filter, 1, NULL);
    for (char **filter = outbox->retained_filters; filter && *filter; filter++) outbox->ops.subscribe(outbox->ops.transport, *filter, 0, NULL);
    sky_outbox_states_resend(outbox);
    sky_outbox_probes_begin(outbox);
    sky_outbox_rows_begin(outbox);
}

static void on_disconnected(const GError *error, gpointer user) {
    SkyOutbox *outbox = user;
    outbox->connected = FALSE;
    outbox->numbers.up = FALSE;
    sky_outbox_lose_flights(outbox, error);
    sky_outbox_rows_end(outbox);
    sky_outbox_replays_rewind(outbox, error);
    g_queue_clear_full(&outbox->notes, (GDestroyNotify)sky_outbox_note_free);
    outbox->numbers.in_flight = 0;
    outbox->numbers.oldest_unserved_ns = outbox->numbers.unacknowledged_ns = SKY_TIME_NONE;
    sky_outbox_inbox_tell(outbox->inbox, &outbox->numbers, FALSE);
    if (outbox->params.link) outbox->params.link(FALSE, error->message, outbox->params.user);
}

static void on_acknowledged(uint32_t token, uint32_t reason_code, gpointer user) {
    SkyOutbox *outbox = user;
    SkyOutboxFlight flight;
    if (!sky_outbox_land(outbox, token, &flight)) return;
    outbox->numbers.unacknowledged_ns = SKY_TIME_NONE;
    if (reason_code < 0x80) outbox->numbers.acknowledged++;
    else if (flight.kind != SKY_FLIGHT_ROW) outbox->numbers.refused++;
    switch (flight.kind) {
    case SKY_FLIGHT_STATE: sky_outbox_states_landed(outbox, &flight); break;
    case SKY_FLIGHT_ROW: sky_outbox_rows_landed(outbox, flight.record, reason_code); break;
    case SKY_FLIGHT_PROBE: sky_outbox_probes_landed(outbox, flight.probe, reason_code); break;
    case SKY_FLIGHT_REPLAY: sky_outbox_replays_landed(outbox, flight.replay, reason_code); break;
    case SKY_FLIGHT_NOTE: break;
    }
    sky_outbox_flight_clear(&flight);
}

static void on_received(const SkyTransportIncoming *message, gpointer user) {
    SkyOutbox *outbox = user;
    if (sky_outbox_probes_received(outbox, message)) return;
    if (outbox->params.received) outbox->params.received(message, outbox->params.user);
}

static void accept_mail(SkyOutbox *outbox, SkyOutboxMail *mail) {
    for (GList *item = mail->changes.head; item; item = item->next) sky_outbox_states_change(outbox, item->data);
    for (GList *item = mail->replays.head; item; item = item->next) sky_outbox_replays_begin(outbox, item->data);
    if (mail->audiences) sky_outbox_probes_change(outbox, mail->audiences, mail->topics);
    if (!outbox->connected) return;
    for (GList *item = mail->pages.head; item; item = item->next) {
        sky_outbox_rows_accept(outbox, item->data);
        sky_outbox_replays_accept(outbox, item->data);
    }
    if (mail->poked) sky_outbox_rows_poke(outbox);
    while (mail->notes.length > 0) {
        SkyOutboxNote *note = g_queue_pop_head(&mail->notes);
        if (outbox->notes.length < SKY_OUTBOX_NOTES_MAX) {
            g_queue_push_tail(&outbox->notes, note);
        } else {
            outbox->numbers.notes_dropped++;
            sky_outbox_note_free(note);
        }
    }
}

/* The watchdog's question: is there room and something to send, and yet nothing goes? */
static void watch(SkyOutbox *outbox) {
    GPtrArray *page;
    gboolean waiting = sky_outbox_states_next(outbox) || outbox->notes.length > 0 ||
                       sky_outbox_lane_peek(&outbox->state_lane, &page) || sky_outbox_lane_peek(&outbox->log_lane, &page);
    if (!outbox->connected || !waiting || outbox->in_flight > 0) outbox->numbers.oldest_unserved_ns = SKY_TIME_NONE;
    else if (outbox->numbers.oldest_unserved_ns == SKY_TIME_NONE) outbox->numbers.oldest_unserved_ns = outbox->now_ns;
}

/* With a full window nothing more goes out, for as long as a broker that takes all of it, and answers each PINGREQ, acknowledges none.
 * What is on its way over a slow line is not counted against it. */
static void watch_acknowledgements(SkyOutbox *outbox, int64_t turn_ns) {
    int64_t *since_ns = &outbox->numbers.unacknowledged_ns;
    if (!outbox->connected || outbox->in_flight == 0) *since_ns = SKY_TIME_NONE;
    else if (*since_ns == SKY_TIME_NONE) *since_ns = outbox->now_ns;
    else if (outbox->ops.is_sending(outbox->ops.transport)) *since_ns += turn_ns;
    else if (outbox->now_ns - *since_ns >= UNACKNOWLEDGED_MOST_NS)
        outbox->ops.hang_up(outbox->ops.transport, "the broker takes what it is sent and acknowledges nothing, for two minutes now");
}

/* The broker hands out what it holds with the subscription, and has acknowledged what was published behind it: else each of our own
 * messages would come back to us. */
static void leave_retained(SkyOutbox *outbox) {
    for (char **filter = outbox->retained_filters; filter && *filter; filter++) outbox->ops.unsubscribe(outbox->ops.transport, *filter, NULL);
}

static void on_turn(int64_t now_ns, gpointer user) {
    SkyOutbox *outbox = user;
    int64_t turn_ns = now_ns - outbox->now_ns;
    outbox->now_ns = now_ns;
    SkyOutboxMail mail = sky_outbox_inbox_take(outbox->inbox);
    accept_mail(outbox, &mail);
    sky_outbox_mail_clear(&mail);
    if (outbox->connected) {
        sky_outbox_probes_check(outbox);
        sky_outbox_rows_check(outbox);
        sky_outbox_pump(outbox);
    }
    sky_outbox_rows_mark(outbox);
    gboolean states_done = outbox->connected && sky_outbox_states_are_done(outbox);
    if (states_done && !outbox->announced) {
        outbox->announced = TRUE;
        leave_retained(outbox);
        if (outbox->params.link) outbox->params.link(TRUE, "", outbox->params.user);
    }
    watch(outbox);
    watch_acknowledgements(outbox, turn_ns);
    outbox->numbers.in_flight = outbox->in_flight;
    sky_outbox_inbox_tell(outbox->inbox, &outbox->numbers, states_done && outbox->in_flight == 0 && outbox->notes.length == 0);
}

SkyTransportEvents sky_outbox_events(SkyOutbox *outbox) {
    return (SkyTransportEvents){on_connected, on_disconnected, on_acknowledged, on_received, on_turn,
                                sky_outbox_inbox_fd(outbox->inbox), outbox};
}

void sky_outbox_set_state(SkyOutbox *outbox, const char *topic, const char *json, int rank) {
    sky_outbox_inbox_change(outbox->inbox, topic, json, rank);
}

void sky_outbox_poke(SkyOutbox *outbox) {
    sky_outbox_inbox_poke(outbox->inbox);
}

void sky_outbox_send(SkyOutbox *outbox, const char *topic, const void *payload, gsize bytes, int qos) {
    sky_outbox_inbox_note(outbox->inbox, topic, g_bytes_new(payload, bytes), qos);
}

void sky_outbox_replay(SkyOutbox *outbox, const char *audience, uint64_t from_seq, const char *topic) {
    sky_outbox_inbox_replay(outbox->inbox, audience, from_seq, topic);
}

void sky_outbox_set_probes(SkyOutbox *outbox, const char *const *audiences, const char *const *topics, uint32_t count) {
    sky_outbox_inbox_probes(outbox->inbox, audiences, topics, count);
}

gboolean sky_outbox_flush(SkyOutbox *outbox, int64_t limit_ns) {
    return sky_outbox_inbox_flush(outbox->inbox, limit_ns);
}

SkyOutboxNumbers sky_outbox_numbers(SkyOutbox *outbox) {
    return sky_outbox_inbox_numbers(outbox->inbox);
}
