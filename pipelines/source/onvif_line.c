/* SPDX-License-Identifier: Apache-2.0 */
#include "source/onvif_line.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "source/onvif_tls.h"

#define STEP_MS 100

struct SkyOnvifLine {
    const SkyOnvifDoor *door;
    int fd;
    SkyOnvifTls *tls; /* NULL: in the open */
};

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

/* ---- one step: what could be done at once ---- */

static SkyOnvifStep step_of(gssize done, gsize *ret_bytes) {
    *ret_bytes = (gsize)MAX(done, 0);
    return done >= 0 ? SKY_ONVIF_STEP_DONE : errno == EAGAIN || errno == EINTR ? SKY_ONVIF_STEP_WANTS_IN : SKY_ONVIF_STEP_FAILED;
}

static SkyOnvifStep send_some(SkyOnvifLine *line, const char *text, gsize bytes, gsize *ret_sent) {
    if (line->tls)
        return sky_onvif_tls_send(line->tls, text, bytes, ret_sent);
    SkyOnvifStep step = step_of(send(line->fd, text, bytes, MSG_NOSIGNAL), ret_sent);
    return step == SKY_ONVIF_STEP_WANTS_IN ? SKY_ONVIF_STEP_WANTS_OUT : step;
}

static SkyOnvifStep receive_some(SkyOnvifLine *line, char *piece, gsize bytes, gsize *ret_received) {
    return line->tls ? sky_onvif_tls_receive(line->tls, piece, bytes, ret_received)
                     : step_of(recv(line->fd, piece, bytes, 0), ret_received);
}

/* What a step left to be waited for. FALSE: it failed, or for too long. */
static gboolean wait_after(SkyOnvifLine *line, SkyOnvifStep step, const char *what, GError **error) {
    switch (step) {
    case SKY_ONVIF_STEP_DONE:
        return TRUE;
    case SKY_ONVIF_STEP_WANTS_IN:
        return wait_for(line->door, line->fd, POLLIN, error);
    case SKY_ONVIF_STEP_WANTS_OUT:
        return wait_for(line->door, line->fd, POLLOUT, error);
    case SKY_ONVIF_STEP_FAILED:
        return line->tls ? sky_onvif_tls_fail(line->tls, what, error) : fail_errno(error, what);
    }
    g_assert_not_reached();
}

/* ---- a line ---- */

static gboolean shake_hands(SkyOnvifLine *line, GError **error) {
    if (!line->door->tls)
        return TRUE;
    line->tls = sky_onvif_tls_new(line->fd, line->door->host, line->door->ca_file, error);
    SkyOnvifStep step = SKY_ONVIF_STEP_WANTS_OUT;
    while (line->tls && step != SKY_ONVIF_STEP_DONE) {
        step = sky_onvif_tls_shake_hands(line->tls);
        if (!wait_after(line, step, "HTTPS", error))
            return FALSE;
    }
    return line->tls != NULL;
}

SkyOnvifLine *sky_onvif_line_new(const SkyOnvifDoor *door, GError **error) {
    int fd = open_to(door, error);
    if (fd < 0)
        return NULL;
    g_autoptr(SkyOnvifLine) line = g_new0(SkyOnvifLine, 1);
    line->door = door;
    line->fd = fd;
    return shake_hands(line, error) ? g_steal_pointer(&line) : NULL;
}

void sky_onvif_line_free(SkyOnvifLine *line) {
    if (!line)
        return;
    sky_onvif_tls_free(line->tls);
    sky_close_fd(&line->fd);
    g_free(line);
}

gboolean sky_onvif_line_send(SkyOnvifLine *line, const char *text, gsize bytes, GError **error) {
    while (bytes > 0) {
        gsize sent = 0;
        if (!wait_after(line, send_some(line, text, bytes, &sent), "asking", error))
            return FALSE;
        text += sent;
        bytes -= sent;
    }
    return TRUE;
}

gssize sky_onvif_line_receive(SkyOnvifLine *line, char *ret_piece, gsize bytes, GError **error) {
    for (;;) {
        gsize received = 0;
        SkyOnvifStep step = receive_some(line, ret_piece, bytes, &received);
        if (step == SKY_ONVIF_STEP_DONE)
            return (gssize)received;
        if (!wait_after(line, step, "the answer", error))
            return -1;
    }
}
