/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox/outbox_internal.h"

#include <string.h>

gboolean sky_outbox_has_room(const SkyOutbox *outbox) {
    return outbox->in_flight < outbox->params.window;
}

SkyHandOver sky_outbox_hand_over(SkyOutbox *outbox, const SkyTransportMessage *message, const SkyOutboxFlight *flight) {
    g_autoptr(GError) error = NULL;
    uint32_t token = 0;
    g_assert(outbox->connected && (message->qos == 0 || sky_outbox_has_room(outbox)));
    if (!outbox->ops.publish(outbox->ops.transport, message, &token, &error)) {
        return g_error_matches(error, SKY_ERROR, SKY_ERR_DATA) ? SKY_HAND_OVER_NEVER : SKY_HAND_OVER_LATER;
    }
    outbox->numbers.published++;
    if (message->qos == 0) return SKY_HANDED_OVER;
    SkyOutboxFlight *place = &outbox->flights[outbox->in_flight++];
    *place = *flight;
    place->token = token;
    if (place->page) g_ptr_array_ref(place->page);
    return SKY_HANDED_OVER;
}

/* What was written before the clock was first set waited for nobody knows how long: not for the 50 years since 1970. */
static int64_t queued_ms(const SkyMessageRecord *record) {
    if (record->created_utc_ns < SKY_CLOCK_EARLIEST_UTC_NS) return 0;
    return MAX(sky_clock_utc_ns() - record->created_utc_ns, 0) / SKY_NS_PER_MS;
}

SkyHandOver sky_outbox_hand_over_record(SkyOutbox *outbox, const SkyMessageRecord *record, const char *topic, gboolean replayed,
                                        const SkyOutboxFlight *flight) {
    const SkyOutboxParams *params = &outbox->params;
    g_autofree char *text = record->json && params->finish ? params->finish(record, replayed, queued_ms(record), params->user) : NULL;
    const SkyTransportMessage message = {
        .topic = topic,
        .payload = text ? (const void *)text : record->payload,
        .payload_bytes = text ? strlen(text) : record->payload_bytes,
        .qos = 1,
        .retain = record->message_class == SKY_MESSAGE_STATE,
        .content_type = record->json ? "application/json" : record->message_class == SKY_MESSAGE_IMAGE ? "image/jpeg" : NULL,
    };
    return sky_outbox_hand_over(outbox, &message, flight);
}

void sky_outbox_flight_clear(SkyOutboxFlight *flight) {
    if (flight->page) g_ptr_array_unref(flight->page);
}

gboolean sky_outbox_land(SkyOutbox *outbox, uint32_t token, SkyOutboxFlight *ret_flight) {
    for (uint32_t i = 0; i < outbox->in_flight; i++) {
        if (outbox->flights[i].token != token) continue;
        *ret_flight = outbox->flights[i];
        outbox->in_flight--;
        memmove(&outbox->flights[i], &outbox->flights[i + 1], (outbox->in_flight - i) * sizeof outbox->flights[0]);
        return TRUE;
    }
    return FALSE;
}

void sky_outbox_lose_flights(SkyOutbox *outbox, const GError *error) {
    sky_outbox_rows_suspect(outbox, error);
    for (uint32_t i = 0; i < outbox->in_flight; i++) {
        SkyOutboxFlight *flight = &outbox->flights[i];
        if (flight->state) flight->state->in_flight--;
        if (flight->replay) {
            flight->replay->in_flight--;
            flight->replay->resume_seq = MIN(flight->replay->resume_seq, flight->seq);
        }
        sky_outbox_flight_clear(flight);
    }
    outbox->in_flight = 0;
}
