/* SPDX-License-Identifier: Apache-2.0 */
#include "source/onvif_http.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "source/onvif_message.h"

#define HEAD_BYTES_MAX 16384
#define STEP_MS 100

static gboolean fail(GError **error, const char *words) {
    g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: %s", words);
    return FALSE;
}

static gboolean fail_errno(GError **error, const char *what) {
    g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: %s: %s", what, g_strerror(errno));
    return FALSE;
}

static gboolean wait_for(const SkyOnvifDoor *door, int fd, short events, GError **error) {
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = events};
        if (atomic_load(door->stop))
            return fail(error, "stopped");
        if (sky_clock_monotonic_ns() >= door->deadline_ns)
            return fail(error, "the camera did not answer in time");
        if (poll(&wait, 1, STEP_MS) > 0)
            return TRUE;
    }
}

static int open_to(const SkyOnvifDoor *door, GError **error) {
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char port[8];
    int failed = 0;
    socklen_t bytes = sizeof failed;
    g_snprintf(port, sizeof port, "%d", door->port);
    if (getaddrinfo(door->address, port, &hints, &found) != 0 || !found) {
        fail(error, "not an address");
        return -1;
    }
    sky_autofd fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    gboolean begun = fd >= 0 && (connect(fd, found->ai_addr, found->ai_addrlen) == 0 || errno == EINPROGRESS);
    freeaddrinfo(found);
    if (!begun) {
        fail_errno(error, "connect");
        return -1;
    }
    if (!wait_for(door, fd, POLLOUT, error))
        return -1;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &bytes) != 0 || failed != 0) {
        errno = failed ? failed : errno;
        fail_errno(error, "connect");
        return -1;
    }
    return sky_steal_fd(&fd);
}

static gboolean send_all(const SkyOnvifDoor *door, int fd, const char *text, gsize bytes, GError **error) {
    while (bytes > 0) {
        if (!wait_for(door, fd, POLLOUT, error))
            return FALSE;
        ssize_t sent = send(fd, text, bytes, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return fail_errno(error, "asking");
        text += MAX(sent, 0);
        bytes -= (gsize)MAX(sent, 0);
    }
    return TRUE;
}

/* The value of a header field; NULL. New memory. */
static char *header_of(const char *head, const char *name) {
    g_autofree char *front = g_strdup_printf("\n%s:", name);
    g_autofree char *low = g_ascii_strdown(head, -1);
    const char *found = strstr(low, front);
    if (!found)
        return NULL;
    const char *value = head + (found - low) + strlen(front);
    return g_strstrip(g_strndup(value, strcspn(value, "\r\n")));
}

/* How much of it is there when it is all there; G_MAXSIZE: until the camera hangs up. 0: the head is not whole. */
static gsize whole_of(const GString *got) {
    const char *end = strstr(got->str, "\r\n\r\n");
    if (!end)
        return 0;
    g_autofree char *head = g_strndup(got->str, (gsize)(end - got->str));
    g_autofree char *length = header_of(head, "content-length");
    guint64 bytes = length ? g_ascii_strtoull(length, NULL, 10) : G_MAXSIZE;
    gsize front = (gsize)(end + 4 - got->str);
    return bytes > G_MAXSIZE - front ? G_MAXSIZE : front + (gsize)bytes;
}

static gboolean receive(const SkyOnvifDoor *door, int fd, GString *got, GError **error) {
    char piece[4096];
    for (gsize whole = 0; (whole = whole_of(got)) == 0 || got->len < whole;) {
        if (whole == 0 ? got->len > HEAD_BYTES_MAX : got->len > HEAD_BYTES_MAX + SKY_ONVIF_ANSWER_BYTES_MAX)
            return fail(error, "the camera's answer is larger than any of that kind");
        if (!wait_for(door, fd, POLLIN, error))
            return FALSE;
        ssize_t bytes = recv(fd, piece, sizeof piece, 0);
        if (bytes == 0)
            return whole == G_MAXSIZE || fail(error, "the camera hung up amid its answer");
        if (bytes < 0 && errno != EAGAIN && errno != EINTR)
            return fail_errno(error, "the answer");
        g_string_append_len(got, piece, MAX(bytes, 0));
    }
    return TRUE;
}

/* 200, and what bears a fault. */
static gboolean check_status(const GString *got, GError **error) {
    int status = 0;
    if (sscanf(got->str, "HTTP/1.%*1[01] %3d", &status) != 1)
        return fail(error, "what answers there does not speak HTTP");
    if (status == 401) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG,
                            "authentication: refused by ONVIF (401): is the account one of the camera's ONVIF users? Many cameras "
                            "keep those apart");
        return FALSE;
    }
    if (status >= 300 && status < 400)
        return fail(error, "the camera sends on to another address, which is not followed: give the port that its ONVIF service has, "
                           "or main and sub");
    if (status == 200 || status == 400 || status == 500)
        return TRUE;
    g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: the camera answers %d: is ONVIF switched on in it, and is this its port?",
                status);
    return FALSE;
}

GBytes *sky_onvif_post(const SkyOnvifDoor *door, const char *path, const char *body, GError **error) {
    sky_autofd fd = open_to(door, error);
    if (fd < 0)
        return NULL;
    gboolean six = strchr(door->host, ':') != NULL;
    g_autofree char *request =
        g_strdup_printf("POST %s HTTP/1.0\r\nHost: %s%s%s:%d\r\nContent-Type: application/soap+xml; charset=utf-8\r\n"
                        "Content-Length: %zu\r\nConnection: close\r\n\r\n%s", path, six ? "[" : "", door->host, six ? "]" : "", door->port, strlen(body), body);
    g_autoptr(GString) got = g_string_new(NULL);
    if (!send_all(door, fd, request, strlen(request), error) || !receive(door, fd, got, error) || !check_status(got, error))
        return NULL;
    const char *front = strstr(got->str, "\r\n\r\n") + 4;
    g_autofree char *coding = header_of(got->str, "transfer-encoding");
    if (coding && g_ascii_strcasecmp(coding, "identity") != 0) {
        fail(error, "the camera answers in chunks, which HTTP/1.0 does not know");
        return NULL;
    }
    gsize bytes = got->len - (gsize)(front - got->str);
    return g_bytes_new(front, MIN(bytes, whole_of(got) - (gsize)(front - got->str)));
}
