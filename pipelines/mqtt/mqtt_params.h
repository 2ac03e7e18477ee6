/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* How to reach the broker; copied. Exactly one of socket_path and host. */
typedef struct {
    const char *client_id;
    const char *socket_path; /* Unix socket of the broker on this box */
    const char *host;
    int port;                /* 1883, 8883 with TLS */
    gboolean tls;
    const char *ca_file, *certificate_file, *key_file; /* NULL: system CAs, none */
    gboolean verify;         /* TRUE unless a person has turned it off */
    const char *user, *password;
    int keep_alive_s;        /* 30 */
    /* The last will. */
    const char *will_topic;
    const char *will_payload;
} SkyMqttParams;
