/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "outbox/transport.h"

/* A broker in memory behind the outbox's transport. A message is handed over, then on the wire, then the broker's (retained, given to
 * whoever listens), then its PUBACK is on the way back: the line may break between any two, and the broker may forget all it knows.
 * Everything happens on the caller's thread, when it is told to. */
typedef struct {
    uint32_t token, reason;
    char *topic, *payload;
    gboolean retain;
} SimPublish;

typedef struct {
    /* The broker has it. denied: the access list did not let it through. */
    void (*published)(const SimPublish *publish, gboolean denied, gpointer user);
    void (*forgot)(gpointer user); /* sessions and all */
    gpointer user;
} SimBrokerSink;

typedef struct {
    SimBrokerSink sink;
    SkyTransportEvents events;
    gboolean connected;
    gboolean stalled;           /* the line is dead, and only publish() says so yet */
    GQueue wire, pubacks;       /* SimPublish * */
    GHashTable *retained;       /* topic -> payload */
    char *denied;               /* topics that begin so are refused; NULL: none */
    char *filter;               /* what the gateway subscribed to in this connection */
    uint32_t next_token, connection;
} SimBroker;

void sim_broker_init(SimBroker *broker, const SimBrokerSink *sink);
void sim_broker_clear(SimBroker *broker);
void sim_broker_attach(SimBroker *broker, const SkyTransportEvents *events); /* a gateway has started */
void sim_broker_detach(SimBroker *broker);                                   /* it is dead: nobody is told */
void sim_broker_connect(SimBroker *broker);
void sim_broker_lose(SimBroker *broker);
void sim_broker_forget(SimBroker *broker); /* loses the connection too */
gboolean sim_broker_take(SimBroker *broker); /* the next message from the wire; FALSE: none */
gboolean sim_broker_puback(SimBroker *broker); /* the next one arrives */
/* A client publishes a command. FALSE: nobody subscribes now. */
gboolean sim_broker_send(SimBroker *broker, const char *topic, const char *payload, gsize bytes, gboolean retained);
