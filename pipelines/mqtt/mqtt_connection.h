/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "mqtt/mqtt_internal.h"

/* One connection: one handle of libmosquitto from the first SYN to its end; never used again (a handle keeps messages and
 * sends them by itself when it reconnects). Driven through poll() by the MQTT thread, with mosquitto_loop_read(), _write()
 * and _misc(): the parts of mosquitto_loop(), whose own select() knows neither our wake-ups nor SO_ERROR. */
typedef struct SkyMqttConnection SkyMqttConnection;

/* address: numeric, or the path of a Unix socket. params and events outlive the connection. Fails only for what is wrong with
 * params; a refused connection is one that has ended at its first step. */
SkyMqttConnection *sky_mqtt_connection_new(const SkyMqttParams *params, const char *address, gboolean v5,
                                           const SkyTransportEvents *events, GError **error);
/* Closes at once: the broker publishes the last will. */
void sky_mqtt_connection_free(SkyMqttConnection *connection);
int sky_mqtt_connection_fd(const SkyMqttConnection *connection);    /* -1 once it has ended */
short sky_mqtt_connection_wants(const SkyMqttConnection *connection); /* of poll() */
/* After each poll(), also where nothing happened. Calls events. FALSE: it has ended. */
gboolean sky_mqtt_connection_step(SkyMqttConnection *connection, short happened, int64_t now_ns);
gboolean sky_mqtt_connection_was_reached(const SkyMqttConnection *connection); /* somebody was there */
gboolean sky_mqtt_connection_is_up(const SkyMqttConnection *connection);
/* A clean end (no last will); waits at most limit_ns for the broker to have read it. */
void sky_mqtt_connection_close(SkyMqttConnection *connection, int64_t limit_ns);
/* After the end: why. other_version: the broker (perhaps) does not speak this version of MQTT. New error. */
GError *sky_mqtt_connection_error(const SkyMqttConnection *connection, gboolean *ret_other_version);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyMqttConnection, sky_mqtt_connection_free)
