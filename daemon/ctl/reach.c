/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/reach.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/resolve.h"

/* The errno, 0: it stands. */
static int finish(int fd, int64_t limit_ns) {
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t bytes = sizeof error;
    if (poll(&wait, 1, (int)(limit_ns / SKY_NS_PER_MS)) <= 0)
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes) == 0 ? error : errno;
}

static int connect_to(const struct sockaddr *address, socklen_t bytes, int64_t limit_ns, int *ret_fd) {
    sky_autofd fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    int failed = connect(fd, address, bytes) == 0 ? 0 : errno;
    if (failed == EINPROGRESS)
        failed = finish(fd, limit_ns);
    if (!failed)
        *ret_fd = sky_steal_fd(&fd);
    return failed;
}

static int connect_numeric(const char *text, int port, int64_t limit_ns, int *ret_fd) {
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char port_text[8];
    g_snprintf(port_text, sizeof port_text, "%d", port);
    if (getaddrinfo(text, port_text, &hints, &found) != 0 || !found)
        return EAFNOSUPPORT;
    int failed = connect_to(found->ai_addr, found->ai_addrlen, limit_ns, ret_fd);
    freeaddrinfo(found);
    return failed;
}

void sky_reach_host(const char *host, int port, int64_t limit_ns, SkyReach *ret_reach) {
    *ret_reach = (SkyReach){.fd = -1, .failed = EHOSTUNREACH};
    const atomic_bool never = FALSE;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) addresses = sky_resolve_all(host, limit_ns, &never, &error);
    if (!addresses) {
        ret_reach->unresolved = g_strdup(error->message);
        return;
    }
    int64_t deadline_ns = sky_clock_monotonic_ns() + limit_ns;
    for (guint i = 0; addresses[i] && ret_reach->fd < 0; i++) {
        int64_t left_ns = deadline_ns - sky_clock_monotonic_ns();
        if (i > 0 && left_ns <= 0)
            break;
        g_free(ret_reach->address);
        ret_reach->address = g_strdup(addresses[i]);
        ret_reach->failed = connect_numeric(addresses[i], port, MAX(left_ns, SKY_NS_PER_MS), &ret_reach->fd);
    }
}

void sky_reach_socket(const char *path, SkyReach *ret_reach) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *ret_reach = (SkyReach){.fd = -1, .failed = ENAMETOOLONG, .address = g_strdup(path)};
    if (strlen(path) >= sizeof address.sun_path)
        return;
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    ret_reach->failed = connect_to((const struct sockaddr *)&address, sizeof address, SKY_NS_PER_S, &ret_reach->fd);
}

void sky_reach_clear(SkyReach *reach) {
    sky_close_fd(&reach->fd);
    g_clear_pointer(&reach->unresolved, g_free);
    g_clear_pointer(&reach->address, g_free);
}
