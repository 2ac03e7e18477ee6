/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "outbox/outbox.h"

/* What other threads leave for the transport's thread: merged and bounded, so that nobody waits and nothing is lost but what may
 * be. Thread: all calls from any, sky_outbox_inbox_take() and _tell() from the transport's. Owner: references; an answer of the
 * store may come after the outbox is gone. */
typedef struct SkyOutboxInbox SkyOutboxInbox;

#define SKY_OUTBOX_NOTES_MAX 64
#define SKY_OUTBOX_NOTES_BYTES_MAX (4 << 20)
#define SKY_OUTBOX_REPLAYS_MAX 16

typedef struct {
    char *topic, *json; /* json NULL: clear the topic */
    int rank;
} SkyOutboxChange;

typedef struct {
    char *topic;
    GBytes *payload;
    int qos;
} SkyOutboxNote;

typedef struct {
    char audience[SKY_ID_BYTES];
    char *topic;
    uint64_t from_seq;
} SkyOutboxReplayRequest;

/* An answer of the store. */
typedef struct {
    uint64_t ticket;
    GPtrArray *rows; /* SkyMessageRecord * */
    gboolean more;
} SkyOutboxPage;

typedef struct {
    GQueue changes, notes, replays, pages;
    char **audiences, **topics; /* of the probes, where they changed; else NULL */
    gboolean poked;
} SkyOutboxMail;

SkyOutboxInbox *sky_outbox_inbox_new(void);
SkyOutboxInbox *sky_outbox_inbox_ref(SkyOutboxInbox *inbox);
void sky_outbox_inbox_unref(SkyOutboxInbox *inbox);
int sky_outbox_inbox_fd(const SkyOutboxInbox *inbox);

void sky_outbox_inbox_change(SkyOutboxInbox *inbox, const char *topic, const char *json, int rank);
gboolean sky_outbox_inbox_note(SkyOutboxInbox *inbox, const char *topic, GBytes *payload, int qos); /* takes payload; FALSE: full */
void sky_outbox_inbox_replay(SkyOutboxInbox *inbox, const char *audience, uint64_t from_seq, const char *topic);
void sky_outbox_inbox_probes(SkyOutboxInbox *inbox, const char *const *audiences, const char *const *topics, uint32_t count);
void sky_outbox_inbox_poke(SkyOutboxInbox *inbox);
/* The user pointer and callback of a fetch: the answer arrives as a page with this ticket. */
gpointer sky_outbox_inbox_expect(SkyOutboxInbox *inbox, uint64_t ticket);
void sky_outbox_inbox_on_rows(GPtrArray *rows, gboolean more, gpointer expected); /* takes rows */
void sky_outbox_inbox_forget(gpointer expected); /* the fetch was refused */

/* Everything that is there, and the fd silenced. */
SkyOutboxMail sky_outbox_inbox_take(SkyOutboxInbox *inbox);
void sky_outbox_mail_clear(SkyOutboxMail *mail);
/* At the end of a turn. quiet: connected, and nothing of what a flush waits for is left. */
void sky_outbox_inbox_tell(SkyOutboxInbox *inbox, const SkyOutboxNumbers *numbers, gboolean quiet);
gboolean sky_outbox_inbox_is_flushing(SkyOutboxInbox *inbox);
gboolean sky_outbox_inbox_flush(SkyOutboxInbox *inbox, int64_t limit_ns);
SkyOutboxNumbers sky_outbox_inbox_numbers(SkyOutboxInbox *inbox);
void sky_outbox_note_free(SkyOutboxNote *note);
