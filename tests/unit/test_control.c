/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "daemon/control.h"

static SkyControl *control;

static void on_request(uint64_t call, GHashTable *request, gpointer user) {
    sky_control_answer(control, call, (const char *[]){"ok"}, (const char *[]){"yes"}, 1);
}

static int dial(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(connect(fd, (const struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

/* From now on accept() finds no descriptor free. */
static struct rlimit leave_no_descriptor(void) {
    struct rlimit before;
    int free_fd = dup(STDERR_FILENO);
    close(free_fd);
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
    const struct rlimit none = {.rlim_cur = (rlim_t)free_fd, .rlim_max = before.rlim_max};
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
    return before;
}

static guint turns_of_the_loop(void) {
    guint turns = 0;
    for (guint i = 0; i < 100; i++) turns += g_main_context_iteration(NULL, FALSE);
    return turns;
}

/* Who calls while no descriptor is free waits at the door: the main loop sleeps on, and takes him in once there is one. */
static void test_no_descriptor_left(void) {
    g_autofree char *directory = g_dir_make_tmp("sky-control-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "control.sock", NULL);
    control = sky_control_new(path, on_request, NULL, NULL);
    g_assert_nonnull(control);
    sky_autofd caller = dial(path);
    struct rlimit before = leave_no_descriptor();
    g_assert_cmpuint(turns_of_the_loop(), <=, 1);
    sky_control_turn(control, sky_clock_monotonic_ns());
    g_assert_cmpuint(turns_of_the_loop(), <=, 1);
    g_assert_cmpuint(sky_control_numbers(control).no_descriptor, ==, 2);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
    sky_control_turn(control, sky_clock_monotonic_ns());
    g_assert_cmpint(send(caller, "{\"verb\":\"status\"}\n", 18, MSG_NOSIGNAL), ==, 18);
    char answer[64];
    ssize_t count = -1;
    for (int i = 0; i < 1000 && count <= 0; i++) {
        g_main_context_iteration(NULL, FALSE);
        count = recv(caller, answer, sizeof answer, MSG_DONTWAIT);
        if (count <= 0) g_usleep(1000);
    }
    g_assert_cmpint(count, >, 0);
    g_assert_nonnull(strstr(answer, "\"ok\""));
    sky_control_free(control);
    g_rmdir(directory);
}

/* Sixteen are listened to at once; who comes then is told by the line that is closed. */
static void test_too_many_callers(void) {
    g_autofree char *directory = g_dir_make_tmp("sky-control-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "control.sock", NULL);
    control = sky_control_new(path, on_request, NULL, NULL);
    g_assert_nonnull(control);
    int callers[18];
    for (guint i = 0; i < G_N_ELEMENTS(callers); i++) {
        callers[i] = dial(path);
        turns_of_the_loop();
    }
    g_assert_cmpuint(sky_control_numbers(control).turned_away, ==, 2);
    char byte;
    g_assert_cmpint(recv(callers[15], &byte, 1, MSG_DONTWAIT), ==, -1);
    g_assert_cmpint(recv(callers[16], &byte, 1, MSG_DONTWAIT), ==, 0);
    for (guint i = 0; i < G_N_ELEMENTS(callers); i++)
        close(callers[i]);
    sky_control_free(control);
    g_rmdir(directory);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/no-descriptor-left", test_no_descriptor_left);
    g_test_add_func("/control/too-many-callers", test_too_many_callers);
    return g_test_run();
}
