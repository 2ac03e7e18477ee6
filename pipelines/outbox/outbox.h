/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "outbox/transport.h"
#include "store/store.h"

/* Which message goes next. On every connect, in this order: the states given by sky_outbox_set_state() by rank (status, cameras,
 * motion), the newest revision of each open alert, then the undelivered rows in order; while connected, a new alert overtakes a
 * backlog. In-flight window: 20. A row leaves the store on a PUBACK below 0x80, else it becomes a dead letter.
 * Several state changes of one topic merge. Probe echo: for each audience, at each connect, one message to its probe topic is
 * published and read back (subscribed); none within 10 s = `refused_audiences`. So for the road of commands, one that comes by
 * command_filter: a broker may take that subscription and hand out nothing, or refuse it, and either is `commands_refused`.
 * A broker that has all that it was sent and acknowledges nothing for two minutes, whatever else it answers, is hung up on: what was in
 * flight goes again.
 * Retained echo: what the broker holds under retained_filters is handed to received() at each connect, until the states are out.
 * Thread: _events() functions on the transport's thread; the rest from any (they leave it in an inbox and wake the transport). */
typedef struct SkyOutbox SkyOutbox;

typedef struct {
    uint32_t window;                    /* 20 */
    const char *command_filter;         /* "skynet/v1/<site>/cmd/+/+/+": subscribed at each connect. Copied */
    const char *command_probe;          /* a topic that command_filter takes in, and nobody's command. NULL: none. Copied */
    const char *const *retained_filters; /* NULL-terminated; NULL: none. Copied */
    /* The text of a JSON record as it goes out: payload + tail; of a gap note (sky_message_record_is_gap()) the gap message. New
     * memory. Called on the transport's thread. */
    char *(*finish)(const SkyMessageRecord *record, gboolean replayed, int64_t queued_ms, gpointer user);
    /* The text of an audience's probe (NULL: of the commands'): new memory, on the transport's thread. */
    char *(*probe)(const char *audience, gpointer user);
    /* A command came; on the transport's thread: copy, post, return. */
    void (*received)(const SkyTransportIncoming *message, gpointer user);
    /* Connected and the states are out, or disconnected; on the transport's thread. */
    void (*link)(gboolean up, const char *why, gpointer user);
    /* A LOG row (alert may be "") was acknowledged, or refused for good (reason_code 0x80 and above), on the transport's thread. NULL: not
     * wanted. */
    void (*landed)(const SkyMessageRecord *record, uint32_t reason_code, gpointer user);
    gpointer user;
} SkyOutboxParams;

typedef struct {
    gboolean up;
    uint32_t in_flight;
    uint64_t published, acknowledged, refused; /* refused: reason 0x80 and above */
    char refused_audiences[32 * SKY_ID_BYTES]; /* probe echoes that did not come back, comma separated: room for all that a site has */
    gboolean commands_refused;
    uint64_t notes_dropped; /* what sky_outbox_send() was given and found no room for */
    int64_t oldest_unserved_ns;                /* watchdog: connected, something to send, and nothing sent since then */
    int64_t unacknowledged_ns; /* connected, something in flight, all at the other end, and nothing acknowledged since then; else
                                  SKY_TIME_NONE */
} SkyOutboxNumbers;

SkyOutbox *sky_outbox_new(const SkyOutboxParams *params, SkyStore *store);
void sky_outbox_free(SkyOutbox *outbox);
SkyTransportEvents sky_outbox_events(SkyOutbox *outbox);

/* The retained state of a topic that is not stored: kept, sent now and at every connect. rank: 0 first. NULL payload: publish an
 * empty retained message once, then forget the topic. */
void sky_outbox_set_state(SkyOutbox *outbox, const char *topic, const char *json, int rank);
/* Something was committed: look in the store. */
void sky_outbox_poke(SkyOutbox *outbox);
/* One message, not stored, dropped while disconnected: replies (qos 1), metrics (qos 0), images on request. */
void sky_outbox_send(SkyOutbox *outbox, const char *topic, const void *payload, gsize bytes, int qos);
/* Log rows of an audience again to topic (replay/<audience>/<client>), each with replayed: true; ends when there are no more. What
 * the store does not have any more is named by a gap note first. The same topic again begins anew; at most 16 at a time. */
void sky_outbox_replay(SkyOutbox *outbox, const char *audience, uint64_t from_seq, const char *topic);
/* The audiences to probe, beside the commands: audience ids and their probe topics; replaces. */
void sky_outbox_set_probes(SkyOutbox *outbox, const char *const *audiences, const char *const *topics, uint32_t count);
/* Waits at most limit_ns for what is in flight and all states to be acknowledged: for a clean stop. FALSE at once
 * where there is no connection. Not on the transport's thread. */
gboolean sky_outbox_flush(SkyOutbox *outbox, int64_t limit_ns);
SkyOutboxNumbers sky_outbox_numbers(SkyOutbox *outbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyOutbox, sky_outbox_free)
