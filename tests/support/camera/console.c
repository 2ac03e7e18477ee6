/* SPDX-License-Identifier: Apache-2.0 */
#include "support/camera/console.h"

#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096

struct Console {
    ConsoleObey obey;
    gpointer user;
    guint watch;
    GString *pending;
};

void console_say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *line = g_strconcat(text, "\n", NULL);
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (poll(&out, 1, 0) <= 0) return;
    if (write(STDOUT_FILENO, line, strlen(line)) < 0) g_debug("nobody reads what the camera says");
}

static void obey_lines(Console *console) {
    char *end;
    while ((end = strchr(console->pending->str, '\n'))) {
        g_autofree char *line = g_strndup(console->pending->str, (gsize)(end - console->pending->str));
        g_string_erase(console->pending, 0, (gssize)strlen(line) + 1);
        console->obey(line, console->user);
    }
    if (console->pending->len > LINE_MAX_BYTES) g_string_truncate(console->pending, 0);
}

static gboolean on_input(gint fd, GIOCondition condition, gpointer user) {
    Console *console = user;
    char bytes[1024];
    ssize_t length = read(fd, bytes, sizeof bytes);
    if (length > 0) {
        g_string_append_len(console->pending, bytes, length);
        obey_lines(console);
        return G_SOURCE_CONTINUE;
    }
    console->watch = 0;
    return G_SOURCE_REMOVE;
}

Console *console_new(ConsoleObey obey, gpointer user) {
    Console *console = g_new0(Console, 1);
    console->obey = obey;
    console->user = user;
    console->pending = g_string_new(NULL);
    console->watch = g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, console);
    return console;
}

void console_free(Console *console) {
    if (console == NULL) return;
    if (console->watch) g_source_remove(console->watch);
    g_string_free(console->pending, TRUE);
    g_free(console);
}
