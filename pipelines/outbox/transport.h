/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* What the outbox asks of whatever carries messages, and what it is told. Everything here happens on the transport's ONE thread:
 * publish, the token-to-row map and PUBACK never meet a lock. */
typedef struct {
    const char *topic;
    const void *payload;
    gsize payload_bytes;
    int qos;
    gboolean retain;
    const char *content_type; /* MQTT 5 property; NULL = none */
    uint32_t expiry_s;        /* MQTT 5 property: nobody needs it later; 0 = none */
} SkyTransportMessage;

typedef struct {
    /* TRUE: handed over; the acknowledgement will bear *ret_token (qos 1). FALSE: nothing was queued. RETRY: not connected; DATA:
     * the message can never go (too large for this broker, not a topic). */
    gboolean (*publish)(gpointer transport, const SkyTransportMessage *message, uint32_t *ret_token, GError **error);
    gboolean (*subscribe)(gpointer transport, const char *topic_filter, int qos, GError **error);
    gboolean (*unsubscribe)(gpointer transport, const char *topic_filter, GError **error);
    /* Some of what was handed over has not got to the other end yet. */
    gboolean (*is_sending)(gpointer transport);
    /* Ends the connection; disconnected() comes with RETRY and this text, a literal, after the call. */
    void (*hang_up)(gpointer transport, const char *why);
    gpointer transport;
} SkyTransportOps;

typedef struct {
    const char *topic;
    const uint8_t *payload;
    gsize payload_bytes;
    gboolean retained;
} SkyTransportIncoming;

/* Any function may be NULL. */
typedef struct {
    void (*connected)(const SkyTransportOps *ops, gboolean v5, gpointer user);
    /* Every token is void. DATA: the broker ended the connection itself, perhaps because of what it was sent; CONFIG: it refuses
     * us; RETRY: the network, or our own stop. Comes once for each connected. */
    void (*disconnected)(const GError *error, gpointer user);
    void (*acknowledged)(uint32_t token, uint32_t reason_code, gpointer user); /* reason below 0x80 = accepted */
    void (*received)(const SkyTransportIncoming *message, gpointer user);
    /* Each turn of the loop, at least every second, connected or not (but not while a name is looked up: 5 s). */
    void (*turn)(int64_t now_ns, gpointer user);
    int wake_fd;                                              /* readable: a turn is wanted now; drained by turn. -1: none */
    gpointer user;
} SkyTransportEvents;
