/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/id.h"

/* A command from a person: cmd/<audience>/<client>/<verb>. Hostile input: whatever comes, the answer is a value and a code, never a
 * crash. The actor is the topic's client; nothing in the payload says who. */
typedef enum {
    SKY_VERB_ACKNOWLEDGE, SKY_VERB_ASSIGN, SKY_VERB_RESOLVE, SKY_VERB_DISMISS, SKY_VERB_COMMENT, SKY_VERB_IMAGE, SKY_VERB_REPLAY,
    SKY_VERB_ARM, SKY_VERB_DISARM, SKY_VERB_SNAPSHOT, SKY_VERB_UNKNOWN,
} SkyVerb;

typedef struct {
    char audience[SKY_ID_BYTES], client[SKY_ID_BYTES];
    SkyVerb verb;
    char verb_text[16];
    char request_id[SKY_ID_BYTES];   /* [A-Za-z0-9._-]{1,63}; "" where missing */
    char alert[SKY_ID_BYTES];        /* "" where none */
    char camera[SKY_ID_BYTES];
    char assignee[SKY_ID_BYTES];
    char note[512];
    int64_t deadline_utc_ns;         /* SKY_TIME_NONE where none */
    int64_t until_utc_ns;            /* disarm; SKY_TIME_NONE where none */
    char epoch[SKY_ULID_BYTES];      /* replay */
    uint64_t from_seq;               /* replay */
    const char *refusal;             /* NULL: well-formed; else a code of sky_message_reply() (static) */
    char refusal_text[160];          /* what to do about it */
} SkyCommand;

/* Parses topic and payload. FALSE: the topic is not a command topic of this site, or its client or audience is no id: nobody to
 * answer. Of several reasons to refuse the first is told; request_id is taken wherever it can be read, for the reply to bear. */
gboolean sky_command_parse(const char *site, const char *topic, const void *payload, gsize payload_bytes, gboolean retained,
                           SkyCommand *ret_command);
const char *sky_verb_name(SkyVerb verb);
