/* SPDX-License-Identifier: Apache-2.0 */
#include "store/message_record.h"

#include <stdio.h>
#include <string.h>

SkyMessageRecord *sky_message_record_new(SkyMessageClass message_class, const char *audience, const char *topic,
                                         const void *payload, gsize payload_bytes) {
    SkyMessageRecord *record = g_new0(SkyMessageRecord, 1);
    record->message_class = message_class;
    g_strlcpy(record->audience, audience ? audience : "", sizeof record->audience);
    record->topic = g_strdup(topic);
    record->payload = g_memdup2(payload, payload_bytes);
    record->payload_bytes = payload_bytes;
    record->json = payload_bytes > 0 && message_class != SKY_MESSAGE_IMAGE;
    return record;
}

void sky_message_record_free(SkyMessageRecord *record) {
    if (!record) return;
    g_free(record->topic);
    g_free(record->payload);
    g_free(record);
}

SkyMessageRecord *sky_message_record_new_gap(const char *audience, const char *topic, uint64_t from_seq, uint64_t to_seq) {
    char text[48];
    int bytes = g_snprintf(text, sizeof text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, from_seq, to_seq);
    return sky_message_record_new(SKY_MESSAGE_LOG, audience, topic, text, (gsize)bytes);
}

gboolean sky_message_record_is_gap(const SkyMessageRecord *record, uint64_t *ret_from_seq, uint64_t *ret_to_seq) {
    char text[48] = "";
    guint64 from_seq, to_seq;
    if (record->message_class != SKY_MESSAGE_LOG || record->seq != 0 || record->payload_bytes >= sizeof text) return FALSE;
    if (record->payload_bytes) memcpy(text, record->payload, record->payload_bytes);
    if (sscanf(text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &from_seq, &to_seq) != 2) return FALSE;
    *ret_from_seq = from_seq;
    *ret_to_seq = to_seq;
    return TRUE;
}
