/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/id.h"

/* One outgoing MQTT message as the store keeps it. */
typedef enum {
    SKY_MESSAGE_STATE, /* alert/<audience>/<alert>: retained, only the newest revision of a topic counts; empty payload clears it */
    SKY_MESSAGE_LOG,   /* alert-log/<audience>: every revision, in order of seq, kept for replay (30 days) */
    SKY_MESSAGE_EVENT, /* event/<camera>/<kind> */
    SKY_MESSAGE_IMAGE, /* image/<audience>/<alert>: the payload is the JPEG */
} SkyMessageClass;

typedef struct {
    int64_t row;          /* given by the store; ascending; 0 before */
    SkyMessageClass message_class;
    char audience[SKY_ID_BYTES]; /* "" for EVENT */
    uint64_t seq;         /* LOG: per audience within the epoch, from 1, without holes; else 0 */
    char alert[SKY_ID_BYTES];    /* "" for EVENT without one */
    char *topic;
    uint8_t *payload;     /* for JSON: without its tail; message_finish() adds replayed and queued_ms when it is sent */
    gsize payload_bytes;
    gboolean json;        /* FALSE: image or empty */
    int64_t created_utc_ns;
} SkyMessageRecord;

SkyMessageRecord *sky_message_record_new(SkyMessageClass message_class, const char *audience, const char *topic,
                                         const void *payload, gsize payload_bytes); /* topic, payload copied */
void sky_message_record_free(SkyMessageRecord *record);
/* A gap note: that the LOG rows from_seq..to_seq of an audience were evicted before anybody had them, or never stored. A LOG record
 * without seq, whose payload is only "FROM TO": whoever sends it writes the message. The store makes it where it evicts, in the same
 * transaction. */
SkyMessageRecord *sky_message_record_new_gap(const char *audience, const char *topic, uint64_t from_seq, uint64_t to_seq);
gboolean sky_message_record_is_gap(const SkyMessageRecord *record, uint64_t *ret_from_seq, uint64_t *ret_to_seq);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyMessageRecord, sky_message_record_free)
