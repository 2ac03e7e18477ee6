/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "event/event.h"
#include "message/message.h"

/* The CloudEvents 1.0 envelope (structured mode) that every message travels in, and the groups of members that several messages
 * share. What is opened here is `{...,"data":{`; the end closes both. */

/* Bounds of single texts in a message, after escaping: all of them together stay well under SKY_MESSAGE_BYTES_MAX. */
#define SKY_TEXT_ID_BYTES 64
#define SKY_TEXT_NAME_BYTES 256
#define SKY_TEXT_WORDS_BYTES 1024

typedef struct {
    const char *id;      /* NULL: a new ULID */
    const char *type;    /* behind "skynet.": "alert.raised" */
    const char *schema;  /* "alert": names alert-1.json */
    const char *subject; /* what it is about; "" or NULL: the site */
    int64_t utc_ns;
} SkyEnvelope;

GString *sky_envelope_begin(const SkyMessageContext *context, const SkyEnvelope *envelope);
char *sky_envelope_end(GString *json); /* takes; asserts the size */
/* Without the last two brackets: a tail follows when it is sent. Takes; asserts the size with the tail. */
char *sky_envelope_end_head(GString *json);

/* {"id","name"}; the id stands for a missing name, null for a missing id. */
void sky_envelope_named(GString *json, const char *name, const char *id, const char *display_name);
void sky_envelope_site(GString *json, const SkyMessageContext *context);
void sky_envelope_clock(GString *json, const SkyMessageContext *context);
void sky_envelope_alarm_type(GString *json, SkyEventKind kind);
void sky_envelope_box(GString *json, const SkyBox *box);                            /* null where empty */
void sky_envelope_path(GString *json, SkyPoint from, SkyPoint to, double seconds); /* null where seconds is 0 */
void sky_envelope_further(GString *json, const SkyAlertClip *clip);                /* the SHA-256 of its files behind the first */
/* Our own words about a trouble: without URLs and paths; null where there are none. */
void sky_envelope_words(GString *json, const char *name, const char *text);
