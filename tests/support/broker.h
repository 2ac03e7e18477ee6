/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* A mosquitto of its own in a directory of its own; ends with the test. */
typedef struct {
    char *directory;
    GString *config;   /* mosquitto.conf: add lines before the start */
    int port, tls_port; /* free on the loopback; 0: no such listener */
    char *socket_path; /* NULL: no such listener */
    GPid pid;          /* 0: not running */
} Broker;

/* FALSE: no mosquitto here (the test is to be skipped). */
gboolean broker_is_there(void);
/* No listener yet: add them; anonymous clients are allowed unless `accounts`. */
void broker_init(Broker *broker, gboolean accounts);
void broker_clear(Broker *broker);
void broker_listen_tcp(Broker *broker);
void broker_listen_unix(Broker *broker);
/* Certificates of certificates_make(); client_certificate: wants one, and its CN is the user name. */
void broker_listen_tls(Broker *broker, const char *directory, const char *server, gboolean client_certificate);
void broker_account(Broker *broker, const char *user, const char *password);
void broker_acl(Broker *broker, const char *lines);
void broker_start(Broker *broker); /* waits until it listens */
void broker_kill(Broker *broker);  /* SIGKILL, waits */
void broker_stop(Broker *broker);  /* SIGTERM, waits */
void broker_pause(Broker *broker);
void broker_resume(Broker *broker);

/* ca.pem, ca.key; NAME.pem, NAME.key for each: server (localhost, 127.0.0.1), other (elsewhere.example), expired, future, client
 * (CN gateway). With the openssl program; FALSE where there is none. */
gboolean certificates_make(const char *directory);
void certificates_remove(const char *directory);
