/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text_file.h"
#include "mqtt/mqtt_internal.h"

SkyMqttParams *sky_mqtt_params_copy(const SkyMqttParams *params) {
    g_assert((params->socket_path == NULL) != (params->host == NULL));
    SkyMqttParams *copy = g_new0(SkyMqttParams, 1);
    *copy = *params;
    copy->client_id = g_strdup(params->client_id);
    copy->socket_path = g_strdup(params->socket_path);
    copy->host = g_strdup(params->host);
    copy->ca_file = g_strdup(params->ca_file);
    copy->certificate_file = g_strdup(params->certificate_file);
    copy->key_file = g_strdup(params->key_file);
    copy->user = g_strdup(params->user);
    copy->password = g_strdup(params->password);
    copy->will_topic = g_strdup(params->will_topic);
    copy->will_payload = g_strdup(params->will_payload);
    return copy;
}

void sky_mqtt_params_free(SkyMqttParams *params) {
    if (!params) return;
    g_free((char *)params->client_id);
    g_free((char *)params->socket_path);
    g_free((char *)params->host);
    g_free((char *)params->ca_file);
    g_free((char *)params->certificate_file);
    g_free((char *)params->key_file);
    g_free((char *)params->user);
    sky_text_wipe((char *)params->password);
    g_free((char *)params->password);
    g_free((char *)params->will_topic);
    g_free((char *)params->will_payload);
    g_free(params);
}
