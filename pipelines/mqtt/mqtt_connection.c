/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/mqtt_connection.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"

/* From the first SYN to the CONNACK. */
#define CONNECT_LIMIT_NS (15 * SKY_NS_PER_S)
#define WINDOW 64 /* what libmosquitto sends ahead; how much it gets is the outbox's to say */

struct SkyMqttConnection {
    const SkyMqttParams *params;
    const SkyTransportEvents *events;
    struct mosquitto *handle;
    SkyTransportOps ops;
    gboolean v5;
    int64_t deadline_ns;
    gboolean established; /* TCP */
    gboolean accepted;    /* CONNACK 0 came */
    gboolean up;          /* and was told */
    gboolean ended;
    int connack, disconnect; /* reasons, 0 where none came */
    int result, errno_value; /* of libmosquitto */
    const char *given_up; /* why we hung up; NULL: we did not */
    uint64_t arrived_bytes; /* what we wrote, at the other end */
    int64_t arrived_ns;     /* when that last grew */
    int verify_error;
    char library_text[96];
};

static void on_connect(struct mosquitto *handle, void *user, int code, int flags, const mosquitto_property *properties) {
    SkyMqttConnection *connection = user;
    uint8_t qos_max = 2;
    mosquitto_property_read_byte(properties, MQTT_PROP_MAXIMUM_QOS, &qos_max, false);
    connection->connack = code == 0 && qos_max == 0 ? MQTT_RC_QOS_NOT_SUPPORTED : code;
    connection->accepted = connection->connack == 0;
}

static void on_disconnect(struct mosquitto *handle, void *user, int code, const mosquitto_property *properties) {
    SkyMqttConnection *connection = user;
    if (code >= 0x80) connection->disconnect = code; /* below: libmosquitto's own codes, which the loop returns too */
}

static void on_publish(struct mosquitto *handle, void *user, int token, int reason, const mosquitto_property *properties) {
    SkyMqttConnection *connection = user;
    if (connection->events->acknowledged)
        connection->events->acknowledged((uint32_t)token, (uint32_t)reason, connection->events->user);
}

static void on_message(struct mosquitto *handle, void *user, const struct mosquitto_message *message) {
    SkyMqttConnection *connection = user;
    const SkyTransportIncoming incoming = {.topic = message->topic, .payload = message->payload, .retained = message->retain,
                                           .payload_bytes = (gsize)message->payloadlen};
    if (connection->events->received) connection->events->received(&incoming, connection->events->user);
}

/* OpenSSL's own words reach us only here: "OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed". */
static void on_log(struct mosquitto *handle, void *user, int level, const char *text) {
    SkyMqttConnection *connection = user;
    const char *words = strstr(text, "OpenSSL Error") ? strrchr(text, ':') : NULL;
    if (words && !connection->library_text[0]) g_strlcpy(connection->library_text, words + 1, sizeof connection->library_text);
}

static void end(SkyMqttConnection *connection, int result, int errno_value) {
    if (connection->ended) return;
    connection->ended = TRUE;
    connection->result = result;
    connection->errno_value = errno_value;
}

static gboolean add_properties(const SkyTransportMessage *message, mosquitto_property **ret_properties) {
    int result = MOSQ_ERR_SUCCESS;
    if (message->content_type) {
        result = mosquitto_property_add_string(ret_properties, MQTT_PROP_CONTENT_TYPE, message->content_type);
    }
    if (result == MOSQ_ERR_SUCCESS && message->expiry_s) {
        result = mosquitto_property_add_int32(ret_properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, message->expiry_s);
    }
    return result == MOSQ_ERR_SUCCESS;
}

static gboolean publish(gpointer transport, const SkyTransportMessage *message, uint32_t *ret_token, GError **error) {
    SkyMqttConnection *connection = transport;
    if (!connection->up || connection->ended || message->payload_bytes > INT32_MAX) {
        g_set_error(error, SKY_ERROR, connection->ended || !connection->up ? SKY_ERR_RETRY : SKY_ERR_DATA,
                    "not connected, or too large");
        return FALSE;
    }
    mosquitto_property *properties = NULL;
    if (connection->v5 && !add_properties(message, &properties)) g_assert_not_reached();
    int token = 0;
    errno = 0;
    int result = mosquitto_publish_v5(connection->handle, &token, message->topic, (int)message->payload_bytes, message->payload,
                                      message->qos, message->retain, properties);
    int errno_value = errno;
    mosquitto_property_free_all(&properties);
    if (result == MOSQ_ERR_SUCCESS) {
        *ret_token = (uint32_t)token;
        return TRUE;
    }
    GError *failed = sky_mqtt_error_of_library(result, errno_value);
    gboolean message_at_fault = result == MOSQ_ERR_OVERSIZE_PACKET || result == MOSQ_ERR_PAYLOAD_SIZE || result == MOSQ_ERR_INVAL ||
                                result == MOSQ_ERR_MALFORMED_UTF8;
    failed->code = message_at_fault ? SKY_ERR_DATA : SKY_ERR_RETRY;
    /* libmosquitto may hold the message all the same, and would send it on: the handle is not to be used any more. */
    if (!message_at_fault) end(connection, result, errno_value);
    g_propagate_error(error, failed);
    return FALSE;
}

static gboolean subscribe(gpointer transport, const char *topic_filter, int qos, GError **error) {
    SkyMqttConnection *connection = transport;
    errno = 0;
    int result =
        connection->up && !connection->ended ? mosquitto_subscribe(connection->handle, NULL, topic_filter, qos) : MOSQ_ERR_NO_CONN;
    if (result == MOSQ_ERR_SUCCESS) return TRUE;
    g_propagate_error(error, sky_mqtt_error_of_library(result, errno));
    return FALSE;
}

static gboolean unsubscribe(gpointer transport, const char *topic_filter, GError **error) {
    SkyMqttConnection *connection = transport;
    errno = 0;
    int result = connection->up && !connection->ended ? mosquitto_unsubscribe(connection->handle, NULL, topic_filter) : MOSQ_ERR_NO_CONN;
    if (result == MOSQ_ERR_SUCCESS) return TRUE;
    g_propagate_error(error, sky_mqtt_error_of_library(result, errno));
    return FALSE;
}

static void hang_up(gpointer transport, const char *why) {
    SkyMqttConnection *connection = transport;
    if (!connection->ended) connection->given_up = why;
    end(connection, MOSQ_ERR_KEEPALIVE, 0);
}

/* FALSE: it can not be known, as of a socket on this box, which is never slow. */
static gboolean look_at_line(const SkyMqttConnection *connection, struct tcp_info *ret_info) {
    int fd = mosquitto_socket(connection->handle);
    socklen_t bytes = sizeof *ret_info;
    memset(ret_info, 0, sizeof *ret_info);
    return fd >= 0 && getsockopt(fd, IPPROTO_TCP, TCP_INFO, ret_info, &bytes) == 0;
}

static gboolean is_on_its_way(const struct tcp_info *line) {
    return line->tcpi_unacked > 0 || line->tcpi_notsent_bytes > 0;
}

static gboolean is_sending(gpointer transport) {
    struct tcp_info line;
    return look_at_line(transport, &line) && is_on_its_way(&line);
}

/* libmosquitto hangs up where its PINGREQ is not answered within the keep-alive. But that waits behind a picture that takes minutes over
 * a slow line, whose other end lives: it takes the picture. */
static gboolean is_taken(SkyMqttConnection *connection, int64_t now_ns) {
    struct tcp_info line;
    if (!look_at_line(connection, &line)) return FALSE;
    if (line.tcpi_bytes_acked != connection->arrived_bytes) {
        connection->arrived_bytes = line.tcpi_bytes_acked;
        connection->arrived_ns = now_ns;
    }
    return is_on_its_way(&line) && now_ns - connection->arrived_ns < connection->params->keep_alive_s * SKY_NS_PER_S;
}

static void set_callbacks(struct mosquitto *handle) {
    mosquitto_connect_v5_callback_set(handle, on_connect);
    mosquitto_disconnect_v5_callback_set(handle, on_disconnect);
    mosquitto_publish_v5_callback_set(handle, on_publish);
    mosquitto_message_callback_set(handle, on_message);
    mosquitto_log_callback_set(handle, on_log);
}

static gboolean set_tls(SkyMqttConnection *connection, GError **error) {
    SSL_CTX *context = sky_mqtt_tls_new(connection->params, &connection->verify_error, error);
    if (!context) return FALSE;
    mosquitto_int_option(connection->handle, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
    mosquitto_void_option(connection->handle, MOSQ_OPT_SSL_CTX, context); /* takes a reference */
    SSL_CTX_free(context);
    return TRUE;
}

static gboolean set_options(SkyMqttConnection *connection, GError **error) {
    const SkyMqttParams *params = connection->params;
    struct mosquitto *handle = connection->handle;
    mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, connection->v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
    mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, WINDOW);
    if (params->host) mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1); /* else each window waits for the delayed TCP ACK */
    int result = params->user ? mosquitto_username_pw_set(handle, params->user, params->password) : MOSQ_ERR_SUCCESS;
    if (result == MOSQ_ERR_SUCCESS && params->will_topic) {
        const char *payload = params->will_payload ? params->will_payload : "";
        result = mosquitto_will_set(handle, params->will_topic, (int)strlen(payload), payload, 1, true);
    }
    if (result != MOSQ_ERR_SUCCESS) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "user or last will: %s", mosquitto_strerror(result));
        return FALSE;
    }
    return !params->tls || set_tls(connection, error);
}

SkyMqttConnection *sky_mqtt_connection_new(const SkyMqttParams *params, const char *address, gboolean v5,
                                           const SkyTransportEvents *events, GError **error) {
    g_autoptr(SkyMqttConnection) connection = g_new0(SkyMqttConnection, 1);
    connection->params = params;
    connection->events = events;
    connection->v5 = v5;
    connection->ops = (SkyTransportOps){publish, subscribe, unsubscribe, is_sending, hang_up, connection};
    connection->deadline_ns = sky_clock_monotonic_ns() + CONNECT_LIMIT_NS;
    connection->established = params->socket_path != NULL;
    connection->handle = mosquitto_new(params->client_id, true, connection);
    if (!connection->handle) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "client id %s: %s", params->client_id, g_strerror(errno));
        return NULL;
    }
    set_callbacks(connection->handle);
    if (!set_options(connection, error)) return NULL;
    errno = 0;
    int result = mosquitto_connect_async(connection->handle, address, params->socket_path ? 0 : params->port,
                                         MAX(params->keep_alive_s, 5)); /* less is refused by libmosquitto */
    int errno_value = errno;
    if (result == MOSQ_ERR_INVAL) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "not a usable address: %s", address); /* a path of over 107 bytes, a port */
        return NULL;
    }
    if (result > MOSQ_ERR_SUCCESS) end(connection, result, errno_value); /* told at the first step, like any other end */
    return g_steal_pointer(&connection);
}

void sky_mqtt_connection_free(SkyMqttConnection *connection) {
    if (!connection) return;
    if (connection->handle) mosquitto_destroy(connection->handle);
    g_free(connection);
}

int sky_mqtt_connection_fd(const SkyMqttConnection *connection) {
    return connection->ended ? -1 : mosquitto_socket(connection->handle);
}

/* libmosquitto's want_write stays set from the first, unconnected attempt until something is written: believed during the
 * handshake, poll() would never sleep. So OpenSSL is asked. */
static const SSL *handshaking(const SkyMqttConnection *connection) {
    const SSL *ssl = connection->params->tls ? mosquitto_ssl_get(connection->handle) : NULL;
    return ssl && !SSL_is_init_finished(ssl) ? ssl : NULL;
}

short sky_mqtt_connection_wants(const SkyMqttConnection *connection) {
    if (!connection->established) return POLLOUT;
    const SSL *ssl = handshaking(connection);
    gboolean write = ssl ? SSL_want_write(ssl) : mosquitto_want_write(connection->handle);
    return write ? POLLIN | POLLOUT : POLLIN;
}

static gboolean has_peer(int fd) {
    struct sockaddr_storage peer;
    socklen_t bytes = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &bytes) == 0;
}

/* On the loopback a whole handshake may be over, and the peer gone again, before we look for the first time. */
static gboolean has_answered(const SkyMqttConnection *connection) {
    const SSL *ssl = connection->params->tls ? mosquitto_ssl_get(connection->handle) : NULL;
    return ssl && BIO_number_read(SSL_get_rbio(ssl)) > 0;
}

/* libmosquitto does not look whether the socket is connected: over TLS it would try again and again, at full speed, until the
 * keep-alive. FALSE: nothing to read or write yet, or it failed. */
static gboolean establish(SkyMqttConnection *connection, short happened) {
    if (!connection->established && has_answered(connection)) connection->established = TRUE;
    if (connection->established) return TRUE;
    if (!happened) return FALSE;
    int fd = mosquitto_socket(connection->handle), error = 0;
    socklen_t bytes = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes) != 0) error = errno;
    /* Told already, to OpenSSL's first write, which libmosquitto takes for "not yet". */
    if (!error && !has_peer(fd)) error = ECONNREFUSED;
    if (error) end(connection, MOSQ_ERR_ERRNO, error);
    connection->established = !error;
    return !error;
}

/* After a hang-up, what was left is read first (the alert that says why); but where nothing is, TLS may not notice, and poll()
 * would not sleep again. */
static gboolean is_over(const SkyMqttConnection *connection, short happened) {
    if (!(happened & (POLLERR | POLLHUP | POLLNVAL))) return FALSE;
    char byte;
    ssize_t got = recv(mosquitto_socket(connection->handle), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

static void drive(SkyMqttConnection *connection, short happened, int64_t now_ns) {
    struct mosquitto *handle = connection->handle;
    int result = MOSQ_ERR_SUCCESS;
    gboolean shaking = handshaking(connection) != NULL;
    errno = 0;
    if (happened & (POLLIN | POLLERR | POLLHUP) || (shaking && happened)) result = mosquitto_loop_read(handle, 1);
    if (result == MOSQ_ERR_SUCCESS && mosquitto_socket(handle) >= 0 && !handshaking(connection) && mosquitto_want_write(handle)) {
        result = mosquitto_loop_write(handle, 1);
    }
    if (result == MOSQ_ERR_SUCCESS && mosquitto_socket(handle) >= 0 && !is_taken(connection, now_ns)) result = mosquitto_loop_misc(handle);
    int errno_value = errno;
    if (result != MOSQ_ERR_SUCCESS || mosquitto_socket(handle) < 0) end(connection, result, errno_value);
    else if (is_over(connection, happened)) end(connection, MOSQ_ERR_CONN_LOST, 0);
}

/* A write failed while we published: what the broker acknowledged before it hung up may still be there to read. */
static void read_rest(SkyMqttConnection *connection) {
    for (int i = 0; i < WINDOW && mosquitto_socket(connection->handle) >= 0; i++) {
        if (mosquitto_loop_read(connection->handle, 1) != MOSQ_ERR_SUCCESS) return;
    }
}

gboolean sky_mqtt_connection_step(SkyMqttConnection *connection, short happened, int64_t now_ns) {
    if (connection->ended && connection->up) read_rest(connection);
    if (!connection->ended && establish(connection, happened)) drive(connection, happened, now_ns);
    if (connection->connack != 0) end(connection, MOSQ_ERR_CONN_REFUSED, 0);
    if (!connection->ended && !connection->accepted && now_ns >= connection->deadline_ns) end(connection, MOSQ_ERR_KEEPALIVE, 0);
    if (connection->accepted && !connection->up && !connection->ended) {
        connection->up = TRUE;
        if (connection->events->connected)
            connection->events->connected(&connection->ops, connection->v5, connection->events->user);
    }
    return !connection->ended;
}

gboolean sky_mqtt_connection_was_reached(const SkyMqttConnection *connection) {
    int errno_value = connection->errno_value;
    return connection->established || connection->verify_error != X509_V_OK || connection->library_text[0] ||
           errno_value == ECONNRESET || errno_value == EPIPE || errno_value == EPROTO;
}

gboolean sky_mqtt_connection_is_up(const SkyMqttConnection *connection) {
    return connection->up;
}

/* Closing a socket with unread bytes resets it, and a reset overtakes our DISCONNECT: the broker would publish the last will.
 * So a second descriptor keeps the socket while the broker reads, and what it still sends is thrown away. */
static void drain(int fd, int64_t deadline_ns) {
    char bytes[4096];
    shutdown(fd, SHUT_WR);
    for (int64_t now_ns = sky_clock_monotonic_ns(); now_ns < deadline_ns; now_ns = sky_clock_monotonic_ns()) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (poll(&wait, 1, (int)((deadline_ns - now_ns) / SKY_NS_PER_MS) + 1) < 0 && errno != EINTR) return;
        ssize_t got = wait.revents ? recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) : -1;
        if (got == 0 || (got < 0 && wait.revents && errno != EAGAIN && errno != EINTR)) return;
    }
}

void sky_mqtt_connection_close(SkyMqttConnection *connection, int64_t limit_ns) {
    if (connection->ended || !connection->up) return;
    int64_t deadline_ns = sky_clock_monotonic_ns() + limit_ns;
    sky_autofd kept = fcntl(mosquitto_socket(connection->handle), F_DUPFD_CLOEXEC, 3);
    mosquitto_disconnect(connection->handle); /* writes it, behind what is still to be written */
    for (int64_t now_ns = sky_clock_monotonic_ns(); now_ns < deadline_ns; now_ns = sky_clock_monotonic_ns()) {
        int fd = mosquitto_socket(connection->handle);
        if (fd < 0) break; /* libmosquitto closed it: the DISCONNECT is written */
        struct pollfd wait = {.fd = fd, .events = POLLOUT};
        if (poll(&wait, 1, (int)((deadline_ns - now_ns) / SKY_NS_PER_MS) + 1) < 0 && errno != EINTR) break;
        if (wait.revents && mosquitto_loop_write(connection->handle, 1) != MOSQ_ERR_SUCCESS) break;
    }
    connection->ended = TRUE;
    if (kept >= 0 && mosquitto_socket(connection->handle) < 0) drain(kept, deadline_ns);
}

/* On a box that booted without a clock a good certificate looks as if it were out of its time. */
static const char *doubt_of_clock(int verify_error) {
    gboolean of_time = verify_error == X509_V_ERR_CERT_NOT_YET_VALID || verify_error == X509_V_ERR_CERT_HAS_EXPIRED;
    return of_time && !sky_clock_is_synced() ? ", by this box's clock, which is not synced and may be what is wrong" : "";
}

GError *sky_mqtt_connection_error(const SkyMqttConnection *connection, gboolean *ret_other_version) {
    *ret_other_version = FALSE;
    if (connection->given_up) return g_error_new_literal(SKY_ERROR, SKY_ERR_RETRY, connection->given_up);
    if (connection->verify_error != X509_V_OK) {
        return g_error_new(SKY_ERROR, SKY_ERR_CONFIG, "the broker's certificate: %s%s",
                           sky_mqtt_tls_verify_text(connection->verify_error), doubt_of_clock(connection->verify_error));
    }
    if (connection->connack != 0) {
        *ret_other_version = sky_mqtt_is_other_version(connection->connack, connection->v5);
        return sky_mqtt_error_of_connack(connection->connack, connection->v5, connection->params);
    }
    if (connection->disconnect != 0) return sky_mqtt_error_of_disconnect(connection->disconnect, connection->params);
    if (connection->library_text[0]) {
        return g_error_new(SKY_ERROR, connection->up ? SKY_ERR_RETRY : SKY_ERR_CONFIG, "TLS: %s", connection->library_text);
    }
    GError *error = sky_mqtt_error_of_library(connection->result, connection->errno_value);
    /* Some brokers drop a CONNECT of a version that they do not know without a word. */
    *ret_other_version = !connection->up && error->code == SKY_ERR_DATA;
    if (!*ret_other_version) return error;
    error->code = SKY_ERR_RETRY;
    /* The alert that would have said so may be lost to the reset behind it. */
    if (connection->params->tls && !connection->params->certificate_file) {
        g_free(error->message);
        error->message = g_strdup("the broker closed the connection before it said anything: does it want a client certificate?");
    }
    return error;
}
