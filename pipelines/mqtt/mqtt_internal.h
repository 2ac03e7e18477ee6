/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <openssl/ssl.h>
#include "mqtt/mqtt.h"

/* The inside of the transport, shared by mqtt*.c only. All of it belongs to the MQTT thread. */

/* mqtt_params.c: a copy of its own; the password is wiped when it is freed. */
SkyMqttParams *sky_mqtt_params_copy(const SkyMqttParams *params);
void sky_mqtt_params_free(SkyMqttParams *params);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyMqttParams, sky_mqtt_params_free)

/* mqtt_error.c: where libmosquitto's codes and MQTT's reasons end. Code CONFIG: account, certificate or protocol, a person has to
 * act; DATA: the broker ended the connection itself; RETRY: the network. */
GError *sky_mqtt_error_of_connack(int code, gboolean v5, const SkyMqttParams *params);
GError *sky_mqtt_error_of_disconnect(int reason, const SkyMqttParams *params);
GError *sky_mqtt_error_of_library(int result, int errno_value);
gboolean sky_mqtt_is_other_version(int connack_code, gboolean v5);

/* mqtt_tls.c: libmosquitto verifies against the text that it connects to, which is a numeric address here, so the checks are
 * our own: OpenSSL verifies the certificate for params->host and says that name to the broker (SNI).
 * verify_error receives the X509_V_ERR of what was found wrong; both have to outlive the context. */
SSL_CTX *sky_mqtt_tls_new(const SkyMqttParams *params, int *verify_error, GError **error);
/* "certificate has expired" */
const char *sky_mqtt_tls_verify_text(int verify_error);
