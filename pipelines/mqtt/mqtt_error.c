/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include "base/error.h"
#include "mqtt/mqtt_internal.h"

static SkyErrorCode code_of_connack(int code, gboolean v5) {
    if (!v5) return code == CONNACK_REFUSED_SERVER_UNAVAILABLE ? SKY_ERR_RETRY : SKY_ERR_CONFIG;
    switch (code) {
    case MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION: case MQTT_RC_CLIENTID_NOT_VALID: case MQTT_RC_BAD_USERNAME_OR_PASSWORD:
    case MQTT_RC_NOT_AUTHORIZED: case MQTT_RC_BANNED: case MQTT_RC_BAD_AUTHENTICATION_METHOD: case MQTT_RC_TOPIC_NAME_INVALID:
    case MQTT_RC_QOS_NOT_SUPPORTED: case MQTT_RC_RETAIN_NOT_SUPPORTED: return SKY_ERR_CONFIG;
    default: return SKY_ERR_RETRY;
    }
}

gboolean sky_mqtt_is_other_version(int connack_code, gboolean v5) {
    return connack_code == (v5 ? MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION : CONNACK_REFUSED_PROTOCOL_VERSION);
}

GError *sky_mqtt_error_of_connack(int code, gboolean v5, const SkyMqttParams *params) {
    const char *account = params->user ? params->user : "anonymous";
    SkyErrorCode what = code_of_connack(code, v5);
    if (sky_mqtt_is_other_version(code, v5)) {
        return g_error_new(SKY_ERROR, what, "the broker does not speak MQTT %s", v5 ? "5" : "3.1.1");
    }
    gboolean account_refused = v5 ? code == MQTT_RC_BAD_USERNAME_OR_PASSWORD || code == MQTT_RC_NOT_AUTHORIZED
                                  : code == CONNACK_REFUSED_BAD_USERNAME_PASSWORD || code == CONNACK_REFUSED_NOT_AUTHORIZED;
    if (account_refused) return g_error_new(SKY_ERROR, what, "the broker refuses the account: %s", account);
    gboolean id_refused = code == (v5 ? MQTT_RC_CLIENTID_NOT_VALID : CONNACK_REFUSED_IDENTIFIER_REJECTED);
    if (id_refused) return g_error_new(SKY_ERROR, what, "the broker refuses the client id %s", params->client_id);
    return g_error_new(SKY_ERROR, what, "the broker refuses: %s",
                       v5 ? mosquitto_reason_string(code) : mosquitto_connack_string(code));
}

GError *sky_mqtt_error_of_disconnect(int reason, const SkyMqttParams *params) {
    switch (reason) {
    case MQTT_RC_SESSION_TAKEN_OVER:
        return g_error_new(SKY_ERROR, SKY_ERR_RETRY, "another client took over the client id %s", params->client_id);
    case MQTT_RC_SERVER_SHUTTING_DOWN: return g_error_new(SKY_ERROR, SKY_ERR_RETRY, "the broker is shutting down");
    case MQTT_RC_NOT_AUTHORIZED: case MQTT_RC_ADMINISTRATIVE_ACTION:
        return g_error_new(SKY_ERROR, SKY_ERR_CONFIG, "the broker ended the connection: %s", mosquitto_reason_string(reason));
    default:
        return g_error_new(SKY_ERROR, SKY_ERR_DATA, "the broker ended the connection: %s", mosquitto_reason_string(reason));
    }
}

GError *sky_mqtt_error_of_library(int result, int errno_value) {
    switch ((enum mosq_err_t)result) {
    case MOSQ_ERR_SUCCESS: case MOSQ_ERR_CONN_LOST: case MOSQ_ERR_NO_CONN:
        return g_error_new(SKY_ERROR, SKY_ERR_DATA, "the broker closed the connection");
    case MOSQ_ERR_KEEPALIVE: return g_error_new(SKY_ERROR, SKY_ERR_RETRY, "no answer from the broker");
    case MOSQ_ERR_ERRNO:
        if (errno_value == EPIPE || errno_value == EPROTO || errno_value == ECONNRESET) {
            return g_error_new(SKY_ERROR, SKY_ERR_DATA, "the broker closed the connection");
        }
        return g_error_new(SKY_ERROR, SKY_ERR_RETRY, "%s", g_strerror(errno_value));
    case MOSQ_ERR_TLS: return g_error_new(SKY_ERROR, SKY_ERR_CONFIG, "TLS failed");
    case MOSQ_ERR_PROTOCOL: case MOSQ_ERR_MALFORMED_PACKET:
        return g_error_new(SKY_ERROR, SKY_ERR_DATA, "the broker broke the protocol");
    case MOSQ_ERR_OVERSIZE_PACKET: case MOSQ_ERR_PAYLOAD_SIZE:
        return g_error_new(SKY_ERROR, SKY_ERR_DATA, "larger than the broker takes");
    case MOSQ_ERR_INVAL: case MOSQ_ERR_MALFORMED_UTF8:
        return g_error_new(SKY_ERROR, SKY_ERR_DATA, "not a valid topic or message");
    default: return g_error_new(SKY_ERROR, SKY_ERR_RETRY, "%s", mosquitto_strerror(result));
    }
}
