/* SPDX-License-Identifier: Apache-2.0 */
#include "support/rtsp_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "base/cleanup.h"
#include "base/clock.h"

#define PATIENCE_MS 60000
#define RTP_HEADER 12

struct RtspClient {
    int fd;
    unsigned number; /* CSeq */
    GByteArray *come;
    gsize used; /* of come, by the packet that was handed out last */
    char *session;
    gboolean hung_up;
};

RtspClient *rtsp_client_new(int port) {
    RtspClient *client = g_new0(RtspClient, 1);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    client->come = g_byte_array_new();
    g_assert_cmpint(connect(client->fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    return client;
}

void rtsp_client_free(RtspClient *client) {
    if (client == NULL) return;
    sky_close_fd(&client->fd);
    g_byte_array_unref(client->come);
    g_free(client->session);
    g_free(client);
}

static gboolean receive(RtspClient *client, int64_t until_ns) {
    struct pollfd ready = {.fd = client->fd, .events = POLLIN};
    int64_t left_ns = until_ns - sky_clock_monotonic_ns();
    guint8 bytes[65536];
    if (client->hung_up || left_ns <= 0 || poll(&ready, 1, (int)(left_ns / SKY_NS_PER_MS) + 1) <= 0) return FALSE;
    ssize_t length = recv(client->fd, bytes, sizeof bytes, 0);
    client->hung_up = length <= 0;
    if (length > 0) g_byte_array_append(client->come, bytes, (guint)length);
    return length > 0;
}

static void use_up(RtspClient *client) {
    if (client->used > 0) g_byte_array_remove_range(client->come, 0, (guint)client->used);
    client->used = 0;
}

/* The length of the packet at the front: 0 where there is none yet, or a reply stands there. */
static gsize packet_length(const RtspClient *client) {
    const guint8 *data = client->come->data;
    if (client->come->len < 4 || data[0] != '$') return 0;
    gsize length = 4 + (gsize)(data[2] << 8 | data[3]);
    return length <= client->come->len ? length : 0;
}

static char *header_of(const char *reply, const char *name) {
    g_autofree char *begin = g_strdup_printf("\r\n%s: ", name);
    const char *at = strstr(reply, begin);
    return at ? g_strndup(at + strlen(begin), strcspn(at + strlen(begin), "\r;")) : NULL;
}

/* The whole reply at the front, without its body, which goes to ret_body. NULL: not here yet. */
static char *take_reply(RtspClient *client, char **ret_body) {
    const char *data = (const char *)client->come->data,
               *end = client->come->len ? memmem(data, client->come->len, "\r\n\r\n", 4) : NULL;
    if (end == NULL || data[0] == '$') return NULL;
    g_autofree char *reply = g_strndup(data, (gsize)(end - data));
    g_autofree char *length_text = header_of(reply, "Content-Length");
    gsize head = strlen(reply) + 4, body = length_text ? (gsize)atoi(length_text) : 0;
    if (client->come->len < head + body) return NULL;
    *ret_body = g_strndup(data + head, body);
    g_byte_array_remove_range(client->come, 0, (guint)(head + body));
    return g_steal_pointer(&reply);
}

int rtsp_client_ask(RtspClient *client, const char *method, const char *url, const char *headers, char **ret_body) {
    g_autofree char *session = client->session ? g_strdup_printf("Session: %s\r\n", client->session) : g_strdup("");
    g_autofree char *request =
        g_strdup_printf("%s %s RTSP/1.0\r\nCSeq: %u\r\n%s%s\r\n", method, url, ++client->number, session, headers);
    g_autofree char *reply = NULL, *body = NULL;
    int64_t until_ns = sky_clock_monotonic_ns() + PATIENCE_MS * SKY_NS_PER_MS;
    use_up(client);
    g_assert_cmpint(send(client->fd, request, strlen(request), MSG_NOSIGNAL), ==, (gssize)strlen(request));
    while ((reply = take_reply(client, &body)) == NULL) {
        client->used = packet_length(client);
        if (client->used > 0) use_up(client);
        else g_assert_true(receive(client, until_ns));
    }
    g_autofree char *given = header_of(reply, "Session");
    if (given && client->session == NULL) client->session = g_steal_pointer(&given);
    if (ret_body) *ret_body = g_steal_pointer(&body);
    int status = 0;
    g_assert_cmpint(sscanf(reply, "RTSP/1.0 %d", &status), ==, 1);
    return status;
}

void rtsp_client_play(RtspClient *client, const char *url, char **ret_description) {
    g_autofree char *track = g_strconcat(url, "/stream=0", NULL);
    g_assert_cmpint(rtsp_client_ask(client, "DESCRIBE", url, "Accept: application/sdp\r\n", ret_description), ==, 200);
    g_assert_cmpint(rtsp_client_ask(client, "SETUP", track, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n", NULL), ==, 200);
    g_assert_cmpint(rtsp_client_ask(client, "PLAY", url, "", NULL), ==, 200);
}

static guint32 big_endian(const guint8 *at) {
    return (guint32)at[0] << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
}

gboolean rtsp_client_next(RtspClient *client, int limit_ms, RtspPacket *ret_packet) {
    int64_t until_ns = sky_clock_monotonic_ns() + limit_ms * SKY_NS_PER_MS;
    use_up(client);
    while ((client->used = packet_length(client)) == 0)
        if (!receive(client, until_ns)) return FALSE;
    const guint8 *at = client->come->data + 4;
    gsize length = client->used - 4;
    *ret_packet = (RtspPacket){.report = client->come->data[1] == 1, .bytes = at, .length = length};
    if (ret_packet->report) return TRUE;
    g_assert_cmpuint(length, >, RTP_HEADER);
    *ret_packet = (RtspPacket){.marker = at[1] >> 7,
                               .sequence = (uint16_t)(at[2] << 8 | at[3]),
                               .time = big_endian(at + 4),
                               .source = big_endian(at + 8),
                               .bytes = at + RTP_HEADER,
                               .length = length - RTP_HEADER};
    return TRUE;
}

gboolean rtsp_client_hung_up(const RtspClient *client) {
    return client->hung_up;
}
