/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "daemon/ctl.h"
#include "message/reader.h"

#define ANSWER_BYTES_MAX (1024 * 1024)
#define DEFAULT_SOCKET "/run/skynetd/control.sock"

/* A configuration that can not be read (by this user, say) must not keep anybody from asking: then the default place. */
static char *socket_path(const SkyCtl *ctl) {
    if (ctl->socket_path)
        return g_strdup(ctl->socket_path);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(SkyConfig) config = sky_config_load(ctl->config_path, errors);
    return g_strdup(config ? sky_config_values(config)->control_socket : DEFAULT_SOCKET);
}

static void explain(const char *path, int failed) {
    if (failed == EACCES)
        fprintf(stderr, "skynetctl: %s: permission denied: run it as root, or as a member of the group that owns the socket (skynetd)\n", path);
    else if (failed == ENOENT || failed == ECONNREFUSED)
        fprintf(stderr, "skynetctl: %s: no daemon answers there: is skynetd running (systemctl status skynetd), and is this its socket?\n",
                path);
    else
        fprintf(stderr, "skynetctl: %s: %s\n", path, g_strerror(failed));
}

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    sky_autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = fd < 0 ? errno : strlen(path) >= sizeof address.sun_path ? ENAMETOOLONG : 0;
    if (!failed) {
        g_strlcpy(address.sun_path, path, sizeof address.sun_path);
        failed = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
    }
    if (!failed)
        return sky_steal_fd(&fd);
    explain(path, failed);
    return -1;
}

static gboolean is_ready(int fd, short events, int64_t deadline_ns) {
    int64_t left_ms = (deadline_ns - sky_clock_monotonic_ns()) / SKY_NS_PER_MS;
    struct pollfd poller = {.fd = fd, .events = events};
    return left_ms > 0 && poll(&poller, 1, (int)left_ms) > 0;
}

static gboolean send_all(int fd, const char *line, int64_t deadline_ns) {
    gsize bytes = strlen(line);
    for (gsize done = 0; done < bytes;) {
        if (!is_ready(fd, POLLOUT, deadline_ns))
            return FALSE;
        ssize_t sent = send(fd, line + done, bytes - done, MSG_NOSIGNAL);
        if (sent <= 0)
            return FALSE;
        done += (gsize)sent;
    }
    return TRUE;
}

static GString *read_line(int fd, int64_t deadline_ns) {
    g_autoptr(GString) line = g_string_new(NULL);
    char bytes[16384];
    while (line->len < ANSWER_BYTES_MAX && is_ready(fd, POLLIN, deadline_ns)) {
        ssize_t count = recv(fd, bytes, sizeof bytes, 0);
        if (count <= 0)
            break;
        g_string_append_len(line, bytes, count);
        if (memchr(bytes, '\n', (gsize)count))
            return g_steal_pointer(&line);
    }
    return NULL;
}

static GHashTable *ask(const SkyCtl *ctl, const char *line, int64_t limit_ns) {
    g_autofree char *path = socket_path(ctl);
    sky_autofd fd = connect_to(path);
    if (fd < 0)
        return NULL;
    int64_t deadline_ns = sky_clock_monotonic_ns() + limit_ns;
    g_autoptr(GString) answer = send_all(fd, line, deadline_ns) ? read_line(fd, deadline_ns) : NULL;
    GHashTable *table = answer ? sky_reader_unpack(answer->str, strcspn(answer->str, "\n")) : NULL;
    if (!table)
        fprintf(stderr, "skynetctl: %s: the daemon gave no answer\n", path);
    return table;
}

GHashTable *sky_ctl_ask(const SkyCtl *ctl, int64_t limit_ns, const char *name, ...) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    va_list arguments;
    va_start(arguments, name);
    for (const char *next = name; next; next = va_arg(arguments, const char *)) {
        g_ptr_array_add(names, (gpointer)next);
        g_ptr_array_add(values, va_arg(arguments, char *));
    }
    va_end(arguments);
    g_autofree char *packed = sky_reader_pack((const char *const *)names->pdata, (const char *const *)values->pdata, names->len);
    g_autofree char *line = g_strconcat(packed, "\n", NULL);
    return ask(ctl, line, limit_ns);
}

const char *sky_ctl_text(GHashTable *answer, const char *name) {
    const char *text = g_hash_table_lookup(answer, name);
    return text ? text : "";
}

gboolean sky_ctl_refused(GHashTable *answer) {
    const char *error = g_hash_table_lookup(answer, "error");
    if (error)
        fprintf(stderr, "skynetctl: %s\n", error);
    return error != NULL;
}
