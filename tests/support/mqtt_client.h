/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/mailbox.h"
#include "base/queue.h"
#include "mqtt/mqtt.h"

/* A plain client on the transport under test: hears its filters, publishes what it is told, keeps what it is told back. */
typedef struct {
    SkyMqtt *mqtt;
    SkyTransportOps ops;     /* the transport's thread only, like `up` */
    gboolean up;
    const char *const *filters;
    SkyMailbox *orders;      /* MqttOrder * */
    SkyQueue *heard;         /* MqttHeard * */
    SkyQueue *reasons;       /* PUBACK reasons + 1, as pointers */
} MqttClient;

typedef struct {
    char *topic, *payload;   /* NUL-terminated */
    gsize bytes;
    gboolean retained;
    int64_t at_ns;
} MqttHeard;

/* filters: NULL-terminated, borrowed for the client's life; NULL: none. */
void mqtt_client_start(MqttClient *client, const SkyMqttParams *params, const char *const *filters);
void mqtt_client_stop(MqttClient *client);
void mqtt_client_publish(MqttClient *client, const char *topic, const char *payload, gboolean retain);
/* The next message. NULL where none comes for a minute: what was to come never will. */
MqttHeard *mqtt_client_hear(MqttClient *client);
/* The next one within limit_ms, or NULL: where the silence is what is looked for. */
MqttHeard *mqtt_client_overhear(MqttClient *client, int limit_ms);
void mqtt_heard_free(MqttHeard *heard);
/* Of the next acknowledgement. -1 where none comes for a minute. */
int mqtt_client_reason(MqttClient *client);
/* Polls the numbers. FALSE where it has not come to that after a minute. */
gboolean mqtt_await_state(SkyMqtt *mqtt, SkyBrokerState state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MqttHeard, mqtt_heard_free)
