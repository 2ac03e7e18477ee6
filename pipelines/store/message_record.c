/* SPDX-License-Identifier: Apache-2.0 */
#include "store/message_record.h"

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
