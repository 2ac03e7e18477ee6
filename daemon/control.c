/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/control.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "message/reader.h"

#define CALLERS_MAX 16
#define REQUEST_BYTES_MAX 65536
#define SEND_NS (5 * SKY_NS_PER_S)
#define ANSWER_NS (40 * SKY_NS_PER_S)

typedef struct {
    SkyControl *control;
    uint64_t call;
    int fd;
    guint watch;
    int64_t since_ns;
    GString *in;
    gboolean asked;     /* the request is with the handler */
    char *out;          /* what is still to be written */
    gsize out_bytes, out_done;
} Caller;

struct SkyControl {
    char *path;
    int fd;
    guint watch;
    SkyControlHandler handler;
    gpointer user;
    GPtrArray *callers; /* Caller * */
    uint64_t calls;
    SkyControlNumbers numbers;
};

static void caller_free(gpointer data) {
    Caller *caller = data;
    if (caller->watch)
        g_source_remove(caller->watch);
    sky_close_fd(&caller->fd);
    g_string_free(caller->in, TRUE);
    g_free(caller->out);
    g_free(caller);
}

static Caller *find(SkyControl *control, uint64_t call) {
    for (guint i = 0; i < control->callers->len; i++)
        if (((Caller *)control->callers->pdata[i])->call == call)
            return control->callers->pdata[i];
    return NULL;
}

/* ---- answers ---- */

/* TRUE: there is more to write. */
static gboolean write_some(Caller *caller) {
    while (caller->out_done < caller->out_bytes) {
        ssize_t sent =
            send(caller->fd, caller->out + caller->out_done, caller->out_bytes - caller->out_done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return TRUE;
        if (sent <= 0)
            return FALSE;
        caller->out_done += (gsize)sent;
    }
    return FALSE;
}

static gboolean on_writable(int fd, GIOCondition condition, gpointer user) {
    Caller *caller = user;
    if (write_some(caller))
        return G_SOURCE_CONTINUE;
    caller->watch = 0;
    g_ptr_array_remove(caller->control->callers, caller);
    return G_SOURCE_REMOVE;
}

void sky_control_answer(SkyControl *control, uint64_t call, const char *const *names, const char *const *values, guint count) {
    Caller *caller = find(control, call);
    if (!caller || caller->out)
        return;
    g_autofree char *line = sky_reader_pack(names, values, count);
    caller->out = g_strconcat(line, "\n", NULL);
    caller->out_bytes = strlen(caller->out);
    if (caller->watch)
        g_source_remove(caller->watch);
    caller->watch = g_unix_fd_add(caller->fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, on_writable, caller);
}

void sky_control_fail(SkyControl *control, uint64_t call, const char *code, const char *error) {
    const char *names[] = {"code", "error"};
    const char *values[] = {code, error};
    sky_control_answer(control, call, names, values, 2);
}

gboolean sky_control_waits(SkyControl *control, uint64_t call, int64_t *ret_since_ns) {
    Caller *caller = find(control, call);
    if (!caller || caller->out)
        return FALSE;
    *ret_since_ns = caller->since_ns;
    return TRUE;
}

/* ---- requests ---- */

static void ask(Caller *caller, gsize line_bytes) {
    SkyControl *control = caller->control;
    uint64_t call = caller->call;
    caller->asked = TRUE;
    caller->since_ns = sky_clock_monotonic_ns();
    g_autoptr(GHashTable) request = sky_reader_unpack(caller->in->str, line_bytes);
    if (!request)
        sky_control_fail(control, call, "bad-json", "a request is one line: a JSON object of texts");
    else
        control->handler(call, request, control->user);
}

static gboolean on_readable(int fd, GIOCondition condition, gpointer user) {
    Caller *caller = user;
    char bytes[4096];
    ssize_t count = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    if (count <= 0 || caller->in->len + (gsize)count > REQUEST_BYTES_MAX) {
        caller->watch = 0;
        g_ptr_array_remove(caller->control->callers, caller);
        return G_SOURCE_REMOVE;
    }
    if (caller->asked)
        return G_SOURCE_CONTINUE; /* one request a connection: the rest is not looked at */
    g_string_append_len(caller->in, bytes, count);
    const char *end = memchr(caller->in->str, '\n', caller->in->len);
    if (!end)
        return G_SOURCE_CONTINUE;
    guint watch = caller->watch;
    ask(caller, (gsize)(end - caller->in->str));
    return caller->watch == watch ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE; /* an answer has put another watch in its place */
}

static gboolean on_caller(int fd, GIOCondition condition, gpointer user) {
    SkyControl *control = user;
    sky_autofd accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        control->numbers.no_descriptor++;
        control->watch = 0; /* no descriptors left: who calls stays at the door, and would wake us without end. The next turn looks again */
        return G_SOURCE_REMOVE;
    }
    if (accepted >= 0 && control->callers->len >= CALLERS_MAX)
        control->numbers.turned_away++;
    if (accepted < 0 || control->callers->len >= CALLERS_MAX)
        return G_SOURCE_CONTINUE;
    Caller *caller = g_new0(Caller, 1);
    caller->control = control;
    caller->call = ++control->calls;
    caller->fd = sky_steal_fd(&accepted);
    caller->since_ns = sky_clock_monotonic_ns();
    caller->in = g_string_new(NULL);
    caller->watch = g_unix_fd_add(caller->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, caller);
    g_ptr_array_add(control->callers, caller);
    return G_SOURCE_CONTINUE;
}

void sky_control_turn(SkyControl *control, int64_t now_ns) {
    for (guint i = control->callers->len; i-- > 0;) {
        Caller *caller = control->callers->pdata[i];
        if (now_ns - caller->since_ns > (caller->asked ? ANSWER_NS : SEND_NS))
            g_ptr_array_remove_index(control->callers, i);
    }
    if (!control->watch)
        control->watch = g_unix_fd_add(control->fd, G_IO_IN, on_caller, control);
}

SkyControlNumbers sky_control_numbers(const SkyControl *control) {
    return control->numbers;
}

/* ---- the socket ---- */

/* Also where it hangs, and more callers wait than it takes. */
static gboolean answers(const struct sockaddr_un *address) {
    sky_autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN);
}

/* A name that was mistyped may be that of anything. */
static gboolean is_something_else(const char *path) {
    struct stat there;
    return lstat(path, &there) == 0 && !S_ISSOCK(there.st_mode);
}

static int listen_at(const char *path, GError **error) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG,
                    "control_socket: %s is longer than the %zu bytes that a socket's name may have", path,
                    sizeof address.sun_path - 1);
        return -1;
    }
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (answers(&address)) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "control_socket: %s is in use: another skynetd runs", path);
        return -1;
    }
    if (is_something_else(path)) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "control_socket: %s is there, and no socket: give another name", path);
        return -1;
    }
    unlink(path);
    g_autofree char *directory = g_path_get_dirname(path);
    if (g_mkdir_with_parents(directory, 0750) != 0) {
        sky_error_set_errno(error, errno, "control_socket: its directory");
        return -1;
    }
    sky_autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0660) != 0 ||
        listen(fd, CALLERS_MAX) != 0) {
        g_autofree char *what = g_strconcat("control_socket: ", path, NULL);
        sky_error_set_errno(error, errno, what);
        return -1;
    }
    return sky_steal_fd(&fd);
}

SkyControl *sky_control_new(const char *path, SkyControlHandler handler, gpointer user, GError **error) {
    int fd = listen_at(path, error);
    if (fd < 0)
        return NULL;
    SkyControl *control = g_new0(SkyControl, 1);
    control->path = g_strdup(path);
    control->fd = fd;
    control->handler = handler;
    control->user = user;
    control->callers = g_ptr_array_new_with_free_func(caller_free);
    control->watch = g_unix_fd_add(fd, G_IO_IN, on_caller, control);
    return control;
}

void sky_control_free(SkyControl *control) {
    if (!control)
        return;
    if (control->watch)
        g_source_remove(control->watch);
    g_ptr_array_unref(control->callers);
    sky_close_fd(&control->fd);
    unlink(control->path);
    g_free(control->path);
    g_free(control);
}
