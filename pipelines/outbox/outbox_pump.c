/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox/outbox_internal.h"

/* Nobody waits for the answer to a command, or for numbers, longer than that. */
#define NOTE_EXPIRY_S 3600

static gboolean send_note(SkyOutbox *outbox) {
    SkyOutboxNote *note = g_queue_peek_head(&outbox->notes);
    gsize bytes = 0;
    const void *payload = g_bytes_get_data(note->payload, &bytes);
    const SkyTransportMessage message = {.topic = note->topic, .payload = payload, .payload_bytes = bytes, .qos = note->qos,
                                         .expiry_s = NOTE_EXPIRY_S};
    const SkyOutboxFlight flight = {.kind = SKY_FLIGHT_NOTE};
    if (sky_outbox_hand_over(outbox, &message, &flight) == SKY_HAND_OVER_LATER) return FALSE;
    sky_outbox_note_free(g_queue_pop_head(&outbox->notes));
    return TRUE;
}

/* The log in order and what somebody asked to have again, in turns: neither may starve the other. */
static gboolean send_log_or_replay(SkyOutbox *outbox) {
    outbox->replay_turn = !outbox->replay_turn;
    if (outbox->replay_turn) return sky_outbox_replays_send(outbox) || sky_outbox_rows_send_log(outbox);
    return sky_outbox_rows_send_log(outbox) || sky_outbox_replays_send(outbox);
}

/* FALSE: nothing more at hand, or the transport takes nothing. */
static gboolean send_one(SkyOutbox *outbox, gboolean flushing) {
    SkyOutboxState *state = sky_outbox_states_next(outbox);
    if (state) return sky_outbox_states_send(outbox, state) != SKY_HAND_OVER_LATER;
    if (outbox->notes.length > 0) return send_note(outbox);
    if (flushing) return FALSE;
    SkyOutboxProbe *probe = sky_outbox_probes_next(outbox);
    if (probe) return sky_outbox_probes_send(outbox, probe) != SKY_HAND_OVER_LATER;
    /* A new alert overtakes a backlog here; at a connect the log waits until the open alerts are out. */
    if (sky_outbox_rows_send_state(outbox)) return TRUE;
    return outbox->states_are_out && send_log_or_replay(outbox);
}

void sky_outbox_pump(SkyOutbox *outbox) {
    gboolean flushing = sky_outbox_inbox_is_flushing(outbox->inbox);
    while (sky_outbox_has_room(outbox) && send_one(outbox, flushing)) continue;
    if (flushing) return;
    sky_outbox_rows_fetch(outbox);
    sky_outbox_replays_fetch(outbox);
}
