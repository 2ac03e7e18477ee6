/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "mqtt/mqtt_params.h"
#include "outbox/transport.h"

/* The transport with libmosquitto: one handle a connection, made and destroyed on our own thread, MQTT 5 where the broker has it,
 * else 3.1.1; back-off 1 s doubling to 60 s with jitter. See the MQTT contract, "Delivery", for the habits of libmosquitto that
 * shape it. */
typedef struct SkyMqtt SkyMqtt;
typedef enum {
    SKY_BROKER_CONNECTING,
    SKY_BROKER_CONNECTED,
    SKY_BROKER_DOWN,
    SKY_BROKER_REFUSED /* account, certificate, protocol */
} SkyBrokerState;
typedef struct {
    SkyBrokerState state;
    gboolean v5;
    char why[160];           /* in words; never a secret; CONNECTED: why that may not last, else "" */
    uint64_t connects, failures;
    int64_t since_ns, next_try_ns; /* monotonic; SKY_TIME_NONE */
} SkyMqttNumbers;

/* events: copied; its functions are called on the MQTT thread. */
SkyMqtt *sky_mqtt_new(const SkyMqttParams *params, const SkyTransportEvents *events);
gboolean sky_mqtt_start(SkyMqtt *mqtt, GError **error);
/* Publishes nothing more by itself; disconnects cleanly (no last will), joins within 2 s. A stop never waits on a name look-up. */
void sky_mqtt_stop(SkyMqtt *mqtt);
void sky_mqtt_free(SkyMqtt *mqtt);
/* After a reload: reconnect now with these. */
void sky_mqtt_set_params(SkyMqtt *mqtt, const SkyMqttParams *params);
SkyMqttNumbers sky_mqtt_numbers(SkyMqtt *mqtt);
/* Once per process, around everything else. */
void sky_mqtt_library_init(void);
void sky_mqtt_library_cleanup(void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyMqtt, sky_mqtt_free)
