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
#include "source/http_reply.h"
#include "source/onvif_message.h"

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

static gboolean receive(const SkyOnvifDoor *door, int fd, GString *got, GError **error) {
    char piece[4096];
    SkyHttpState state;
    while ((state = sky_http_reply_state(got, SKY_ONVIF_ANSWER_BYTES_MAX)) == SKY_HTTP_MORE || state == SKY_HTTP_UNBOUNDED) {
        if (!wait_for(door, fd, POLLIN, error))
            return FALSE;
        ssize_t bytes = recv(fd, piece, sizeof piece, 0);
        if (bytes == 0)
            return state == SKY_HTTP_UNBOUNDED || fail(error, "the camera hung up amid its answer");
        if (bytes < 0 && errno != EAGAIN && errno != EINTR)
            return fail_errno(error, "the answer");
        g_string_append_len(got, piece, MAX(bytes, 0));
    }
    return state == SKY_HTTP_WHOLE || fail(error, "the camera's answer is larger than any of that kind");
}

static gboolean check_status(const GString *got, gboolean bears_account, GError **error) {
    int status = sky_http_reply_status(got);
    if (status == 0)
        return fail(error, "what answers there does not speak HTTP");
    g_autofree char *place = sky_http_reply_field(got, "location", 0);
    if (status >= 300 && status < 400 && place && g_ascii_strncasecmp(place, "https:", 6) == 0)
        return fail(error, "the camera wants HTTPS, which is not spoken here: allow HTTP beside it in the camera, or give main and sub");
    if (status >= 300 && status < 400)
        return fail(error, "the camera sends on to another address, which is not followed: give the port that its ONVIF service has, "
                           "or main and sub");
    if (status == 200 || status == 400 || status == 401 || status == 500 || (status == 403 && bears_account))
        return TRUE;
    g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: the camera answers %d: is ONVIF switched on in it, and is this its port?",
                status);
    return FALSE;
}

static char *request_of(const SkyOnvifDoor *door, const SkyOnvifQuestion *question) {
    const char *authorization = question->authorization;
    gboolean six = strchr(door->host, ':') != NULL;
    return g_strdup_printf("POST %s HTTP/1.0\r\nHost: %s%.*s%s:%d\r\n%s%s%sContent-Type: application/soap+xml; charset=utf-8\r\n"
                           "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                           question->path, six ? "[" : "", (int)strcspn(door->host, "%"), door->host, six ? "]" : "", door->port,
                           authorization ? "Authorization: " : "", authorization ? authorization : "", authorization ? "\r\n" : "",
                           strlen(question->body), question->body);
}

GString *sky_onvif_post(const SkyOnvifDoor *door, const SkyOnvifQuestion *question, GError **error) {
    sky_autofd fd = open_to(door, error);
    if (fd < 0)
        return NULL;
    g_autofree char *request = request_of(door, question);
    g_autoptr(GString) got = g_string_new(NULL);
    if (!send_all(door, fd, request, strlen(request), error) || !receive(door, fd, got, error) ||
        !check_status(got, question->bears_account, error))
        return NULL;
    g_autofree char *coding = sky_http_reply_field(got, "transfer-encoding", 0);
    if (!coding || g_ascii_strcasecmp(coding, "identity") == 0)
        return g_steal_pointer(&got);
    fail(error, "the camera answers in chunks, which HTTP/1.0 does not know");
    return NULL;
}
