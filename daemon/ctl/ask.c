/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "daemon/ctl/ctl.h"
#include "message/reader.h"
#include "message/reader_text.h"

#define ANSWER_BYTES_MAX (1024 * 1024)
#define DEFAULT_SOCKET "/run/skynetd/control.sock"
#define CONNECT_S 5

/* A configuration that can not be read (by this user, say) must not keep anybody from asking: then the default place. */
static char *socket_path(const SkyCtl *ctl, gboolean quiet) {
    if (ctl->socket_path)
        return g_strdup(ctl->socket_path);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(SkyConfig) config = sky_config_load(ctl->config_path, errors);
    if (!config && ctl->config_given && !quiet)
        fprintf(stderr, "skynetctl: %s can not be used (skynetctl check says why): asking at " DEFAULT_SOCKET "\n",
                ctl->config_path);
    return g_strdup(config ? sky_config_values(config)->control_socket : DEFAULT_SOCKET);
}

/* Whose members may use the socket. */
static const char *group_of(const char *path) {
    struct stat status;
    const struct group *group = stat(path, &status) == 0 ? getgrgid(status.st_gid) : NULL;
    return group ? group->gr_name : "skynetd";
}

static char *explain(const char *path, int failed) {
    switch (failed) {
    case EACCES:
    case EPERM:
        return g_strdup_printf("%s: permission denied: run it as root, or become a member of the group %s", path, group_of(path));
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
        return g_strdup_printf(
            "%s: no daemon answers there: is skynetd running (systemctl status skynetd), and is this its socket?", path);
    case EAGAIN:
        return g_strdup_printf("%s: the daemon does not take calls: it hangs, or too many wait", path);
    default:
        return g_strdup_printf("%s: %s", path, g_strerror(failed));
    }
}

/* The errno, 0 on success. */
static int connect_to(const char *path, int *ret_fd) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval limit = {.tv_sec = CONNECT_S};
    if (strlen(path) >= sizeof address.sun_path)
        return ENAMETOOLONG;
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    sky_autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0)
        return errno;
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        if (errno != EINTR) /* suspended and resumed, as by Ctrl-Z: a call with a time limit is not begun again by itself */
            return errno;
    *ret_fd = sky_steal_fd(&fd);
    return 0;
}

static gboolean is_ready(int fd, short events, int64_t deadline_ns) {
    struct pollfd poller = {.fd = fd, .events = events};
    for (;;) {
        int64_t left_ms = (deadline_ns - sky_clock_monotonic_ns()) / SKY_NS_PER_MS;
        int ready = left_ms > 0 ? poll(&poller, 1, (int)left_ms) : 0;
        if (ready >= 0 || errno != EINTR)
            return ready > 0;
    }
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

/* NULL: why not is in *ret_why. */
static GHashTable *read_answer(int fd, int64_t deadline_ns, const char **ret_why) {
    g_autoptr(GString) line = g_string_new(NULL);
    char bytes[16384];
    *ret_why = "the daemon's answer is not understood: is skynetctl of another version?";
    while (line->len < ANSWER_BYTES_MAX) {
        if (!is_ready(fd, POLLIN, deadline_ns)) {
            *ret_why = "the daemon has not answered in time";
            return NULL;
        }
        ssize_t count = recv(fd, bytes, sizeof bytes, 0);
        if (count <= 0) {
            *ret_why = "the daemon hung up without an answer: has it just been stopped?";
            return NULL;
        }
        g_string_append_len(line, bytes, count);
        if (memchr(bytes, '\n', (gsize)count))
            return sky_reader_unpack(line->str, strcspn(line->str, "\n"));
    }
    return NULL;
}

/* NULL: why not is in *ret_why (new memory), the connection's errno in *ret_errno. */
static GHashTable *ask(const char *path, const char *line, int64_t limit_ns, char **ret_why, int *ret_errno) {
    sky_autofd fd = -1;
    *ret_errno = connect_to(path, &fd);
    if (*ret_errno) {
        *ret_why = explain(path, *ret_errno);
        return NULL;
    }
    int64_t deadline_ns = sky_clock_monotonic_ns() + limit_ns;
    const char *why = "the daemon hung up before it had the question";
    GHashTable *answer = send_all(fd, line, deadline_ns) ? read_answer(fd, deadline_ns, &why) : NULL;
    if (!answer)
        *ret_why = g_strdup_printf("%s: %s", path, why);
    return answer;
}

char *sky_ctl_socket_path(const SkyCtl *ctl) {
    return socket_path(ctl, TRUE);
}

/* name, value, ..., NULL: as one line. New memory. */
static char *line_of(const char *name, va_list arguments) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    for (const char *next = name; next; next = va_arg(arguments, const char *)) {
        g_ptr_array_add(names, (gpointer)next);
        g_ptr_array_add(values, va_arg(arguments, char *));
    }
    g_autofree char *packed = sky_reader_pack((const char *const *)names->pdata, (const char *const *)values->pdata, names->len);
    return g_strconcat(packed, "\n", NULL);
}

GHashTable *sky_ctl_ask_quietly(const SkyCtl *ctl, int64_t limit_ns, char **ret_why, int *ret_errno, const char *name, ...) {
    va_list arguments;
    va_start(arguments, name);
    g_autofree char *line = line_of(name, arguments);
    va_end(arguments);
    g_autofree char *path = socket_path(ctl, TRUE);
    return ask(path, line, limit_ns, ret_why, ret_errno);
}

GHashTable *sky_ctl_ask(const SkyCtl *ctl, int64_t limit_ns, const char *name, ...) {
    va_list arguments;
    va_start(arguments, name);
    g_autofree char *line = line_of(name, arguments);
    va_end(arguments);
    g_autofree char *path = socket_path(ctl, FALSE);
    g_autofree char *why = NULL;
    int failed = 0;
    GHashTable *answer = ask(path, line, limit_ns, &why, &failed);
    if (!answer)
        fprintf(stderr, "skynetctl: %s\n", why);
    return answer;
}

static int compare(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *sky_ctl_json(GHashTable *answer) {
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    guint count;
    g_autofree const char **names = (const char **)g_hash_table_get_keys_as_array(answer, &count);
    qsort(names, count, sizeof *names, compare);
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(values, g_hash_table_lookup(answer, names[i]));
    g_autofree char *line = sky_reader_pack(names, (const char *const *)values->pdata, count);
    return g_strconcat(line, "\n", NULL);
}

const char *sky_ctl_text(GHashTable *answer, const char *name) {
    const char *text = g_hash_table_lookup(answer, name);
    return text ? text : "";
}

gboolean sky_ctl_refused(GHashTable *answer) {
    const char *error = g_hash_table_lookup(answer, "error");
    g_autofree char *clean = sky_reader_text(error, 1024);
    if (error)
        fprintf(stderr, "skynetctl: %s\n", clean);
    return error != NULL;
}
