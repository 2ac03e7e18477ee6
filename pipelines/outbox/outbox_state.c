/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox/outbox_internal.h"

#include <string.h>

static void state_free(gpointer item) {
    SkyOutboxState *state = item;
    g_free(state->topic);
    g_free(state->json);
    g_free(state);
}

void sky_outbox_states_init(SkyOutbox *outbox) {
    outbox->states = g_ptr_array_new_with_free_func(state_free);
    outbox->state_of = g_hash_table_new(g_str_hash, g_str_equal);
}

void sky_outbox_states_clear(SkyOutbox *outbox) {
    g_hash_table_unref(outbox->state_of);
    g_ptr_array_unref(outbox->states);
}

static guint place_of(const SkyOutbox *outbox, int rank) {
    guint i = 0;
    while (i < outbox->states->len && ((SkyOutboxState *)outbox->states->pdata[i])->rank <= rank) i++;
    return i;
}

void sky_outbox_states_change(SkyOutbox *outbox, const SkyOutboxChange *change) {
    SkyOutboxState *state = g_hash_table_lookup(outbox->state_of, change->topic);
    if (!state) {
        state = g_new0(SkyOutboxState, 1);
        state->topic = g_strdup(change->topic);
        state->rank = change->rank; /* stays: a topic has one */
        g_ptr_array_insert(outbox->states, (gint)place_of(outbox, change->rank), state);
        g_hash_table_insert(outbox->state_of, state->topic, state);
    }
    g_free(state->json);
    state->json = g_strdup(change->json);
    state->wanted++;
}

void sky_outbox_states_resend(SkyOutbox *outbox) {
    for (guint i = 0; i < outbox->states->len; i++) {
        SkyOutboxState *state = outbox->states->pdata[i];
        state->sent = state->done = 0;
        g_assert(state->in_flight == 0);
    }
}

SkyOutboxState *sky_outbox_states_next(SkyOutbox *outbox) {
    for (guint i = 0; i < outbox->states->len; i++) {
        SkyOutboxState *state = outbox->states->pdata[i];
        if (state->sent != state->wanted) return state;
    }
    return NULL;
}

SkyHandOver sky_outbox_states_send(SkyOutbox *outbox, SkyOutboxState *state) {
    const SkyTransportMessage message = {.topic = state->topic, .payload = state->json, .qos = 1, .retain = TRUE,
                                         .payload_bytes = state->json ? strlen(state->json) : 0,
                                         .content_type = state->json ? "application/json" : NULL};
    const SkyOutboxFlight flight = {.kind = SKY_FLIGHT_STATE, .state = state, .version = state->wanted};
    SkyHandOver handed = sky_outbox_hand_over(outbox, &message, &flight);
    if (handed == SKY_HAND_OVER_LATER) return handed;
    state->sent = state->wanted;
    if (handed == SKY_HANDED_OVER) state->in_flight++;
    else state->done = state->wanted;
    return handed;
}

void sky_outbox_states_landed(SkyOutbox *outbox, const SkyOutboxFlight *flight) {
    SkyOutboxState *state = flight->state;
    state->in_flight--;
    state->done = MAX(state->done, flight->version);
    if (state->json || state->in_flight || state->done != state->wanted) return;
    g_hash_table_remove(outbox->state_of, state->topic);
    g_ptr_array_remove(outbox->states, state);
}

gboolean sky_outbox_states_are_done(const SkyOutbox *outbox) {
    for (guint i = 0; i < outbox->states->len; i++) {
        const SkyOutboxState *state = outbox->states->pdata[i];
        if (state->done != state->wanted) return FALSE;
    }
    return TRUE;
}
