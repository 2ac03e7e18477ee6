/* SPDX-License-Identifier: Apache-2.0 */
#include "support/camera_fixture.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "support/free_port.h"

#define PATIENCE_NS (60 * SKY_NS_PER_S) /* a sanitizer build on a busy machine, or the first start on a new one: nothing is cached */

struct CameraFixture {
    int port;
    GPid process;
    int input, output;
    GString *pending;
};

/* The next line of its output, NULL at its end or when patience is over. */
static char *read_line(CameraFixture *camera) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + PATIENCE_NS;
    char *end;
    while ((end = strchr(camera->pending->str, '\n')) == NULL) {
        struct pollfd ready = {.fd = camera->output, .events = POLLIN};
        int64_t left_ns = deadline_ns - sky_clock_monotonic_ns();
        char bytes[512];
        if (left_ns <= 0 || poll(&ready, 1, (int)(left_ns / SKY_NS_PER_MS) + 1) <= 0)
            return NULL;
        ssize_t got = read(camera->output, bytes, sizeof bytes);
        if (got <= 0)
            return NULL;
        g_string_append_len(camera->pending, bytes, got);
    }
    char *line = g_strndup(camera->pending->str, (gsize)(end - camera->pending->str));
    g_string_erase(camera->pending, 0, (gssize)strlen(line) + 1);
    return line;
}

static void die_with_test(gpointer user) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

CameraFixture *camera_fixture_new(const char *program, const char *options) {
    CameraFixture *camera = g_new0(CameraFixture, 1);
    camera->port = free_port();
    camera->pending = g_string_new(NULL);
    camera->input = camera->output = -1;
    g_autofree char *command = g_strdup_printf("%s --port %d %s", program, camera->port, options);
    g_auto(GStrv) words = NULL;
    gboolean started = g_shell_parse_argv(command, NULL, &words, NULL) &&
                       g_spawn_async_with_pipes(NULL, words, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_test, NULL, &camera->process,
                                                &camera->input, &camera->output, NULL, NULL);
    g_autofree char *line = started ? read_line(camera) : NULL;
    if (g_strcmp0(line, "ready") == 0)
        return camera;
    camera_fixture_free(camera);
    return NULL;
}

void camera_fixture_free(CameraFixture *camera) {
    if (camera == NULL)
        return;
    if (camera->process > 0) {
        kill(camera->process, SIGCONT); /* a test may have frozen it */
        kill(camera->process, SIGKILL);
        waitpid(camera->process, NULL, 0);
        g_spawn_close_pid(camera->process);
    }
    sky_close_fd(&camera->input);
    sky_close_fd(&camera->output);
    g_string_free(camera->pending, TRUE);
    g_free(camera);
}

char *camera_fixture_url(const CameraFixture *camera, const char *name) {
    return g_strdup_printf("rtsp://127.0.0.1:%d/%s", camera->port, name);
}

void camera_fixture_tell(CameraFixture *camera, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *command = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *sent = g_strconcat(command, "\n", NULL);
    g_assert_cmpint(write(camera->input, sent, strlen(sent)), ==, (gssize)strlen(sent));
    for (;;) { /* `loop` lines come between */
        g_autofree char *line = read_line(camera);
        if (g_strcmp0(line, "ok") == 0)
            return;
        if (line == NULL || !g_str_has_prefix(line, "loop "))
            g_error("%s: %s", command, line != NULL ? line : "no answer");
    }
}

char *camera_fixture_ask(CameraFixture *camera, const char *command) {
    g_autofree char *sent = g_strconcat(command, "\n", NULL);
    g_assert_cmpint(write(camera->input, sent, strlen(sent)), ==, (gssize)strlen(sent));
    for (;;) {
        char *line = read_line(camera);
        if (line == NULL || !g_str_has_prefix(line, "loop "))
            return line;
        g_free(line);
    }
}

int64_t camera_fixture_await_loop(CameraFixture *camera, const char *name, guint64 *ret_number) {
    for (;;) {
        g_autofree char *line = read_line(camera);
        g_assert_nonnull(line);
        g_auto(GStrv) words = g_strsplit(line, " ", -1);
        if (g_strv_length(words) != 4 || strcmp(words[0], "loop") != 0 || strcmp(words[1], name) != 0)
            continue;
        *ret_number = g_ascii_strtoull(words[2], NULL, 10);
        return g_ascii_strtoll(words[3], NULL, 10);
    }
}

int camera_fixture_port(const CameraFixture *camera) {
    return camera->port;
}

int camera_fixture_process(const CameraFixture *camera) {
    return camera->process;
}
