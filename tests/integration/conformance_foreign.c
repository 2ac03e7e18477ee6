/* SPDX-License-Identifier: Apache-2.0 */
/* Against RTSP servers that nobody here wrote. VLC (Debian: vlc-bin, vlc-plugin-base) answers TCP with 461; RTSP::Server for Perl
 * (librtsp-server-perl), which ffmpeg pushes to, answers it with 400. */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "integration/conformance.h"
#include "support/source_tap.h"

#define NOBODY 65534
#define START_NS (30 * SKY_NS_PER_S)

/* What runs, and its children with it: each is a group of its own. */
typedef struct {
    GPid server, pusher;
    char *url;
} Foreign;

static void lead_group(gpointer as_nobody) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (GPOINTER_TO_INT(as_nobody) && getuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) /* VLC refuses root */
        _exit(1);
}

static GPid spawn(const char *command, gboolean as_nobody) {
    g_auto(GStrv) words = NULL;
    GPid process = 0;
    GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL;
    g_assert_true(g_shell_parse_argv(command, NULL, &words, NULL));
    g_assert_true(g_spawn_async(NULL, words, NULL, flags, lead_group, GINT_TO_POINTER(as_nobody), &process, NULL));
    return process;
}

static void end(GPid process) {
    if (process <= 0)
        return;
    kill(-process, SIGKILL);
    waitpid(process, NULL, 0);
    g_spawn_close_pid(process);
}

static void foreign_free(Foreign *foreign) {
    end(foreign->pusher);
    end(foreign->server);
    g_free(foreign->url);
    g_free(foreign);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Foreign, foreign_free)

static gboolean has(const char *command) {
    int status;
    return g_spawn_command_line_sync(command, NULL, NULL, &status, NULL) && status == 0;
}

static Foreign *start_vlc(const char *path) {
    if (!has("sh -c 'command -v cvlc >/dev/null'")) {
        g_test_skip("no cvlc: apt-get install vlc-bin vlc-plugin-base");
        return NULL;
    }
    chmod(conformance_directory(), 0755);
    chmod(path, 0644);
    Foreign *foreign = g_new0(Foreign, 1);
    foreign->url = g_strdup("rtsp://127.0.0.1:18554/cam");
    g_autofree char *command = g_strdup_printf("env HOME=/nonexistent cvlc --intf dummy --no-audio --loop file://%s --sout "
                                               "'#rtp{sdp=%s}' --sout-keep --rtsp-host=127.0.0.1", path, foreign->url);
    foreign->server = spawn(command, TRUE);
    return foreign;
}

static Foreign *start_perl(const char *path) {
    if (!has("perl -MRTSP::Server -e 1")) {
        g_test_skip("no RTSP::Server: apt-get install librtsp-server-perl");
        return NULL;
    }
    Foreign *foreign = g_new0(Foreign, 1);
    foreign->url = g_strdup("rtsp://127.0.0.1:28554/cam");
    static const char program[] = "RTSP::Server->new(client_listen_port => 28554, source_listen_port => 28545, rtp_start_port => 30000,"
                                  " client_listen_address => q(127.0.0.1), source_listen_address => q(127.0.0.1), log_level => 0)"
                                  "->listen; AnyEvent->condvar->recv";
    g_autofree char *serve = g_strdup_printf("perl -MAnyEvent -MRTSP::Server -e '%s'", program);
    foreign->server = spawn(serve, FALSE);
    g_autofree char *push = g_strdup_printf("sh -c 'until ffmpeg -v error -re -stream_loop -1 -i %s -c copy -an -f rtsp "
                                            "rtsp://127.0.0.1:28545/cam; do sleep 0.3; done'", path);
    foreign->pusher = spawn(push, FALSE);
    return foreign;
}

typedef struct {
    Foreign *(*start)(const char *path);
    const char *clip;
    SkyRtspTransport transport, used;
    const char *refuses; /* NULL: it takes it */
} Setting;

/* Once it serves: until then nobody listens, it knows no such path, or has nothing to show there. */
static Tap *wait_for_server(const Foreign *foreign, const Setting *setting) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + START_NS;
    for (;;) {
        Tap *tap = tap_new(&(Reach){.url = foreign->url, .transport = setting->transport});
        sky_lock_enter(&tap->lock);
        while (!tap->ended && tap->packets->len == 0 && sky_lock_wait_until(&tap->lock, deadline_ns))
            ;
        const char *why = tap->ended ? tap->error->message : "";
        gboolean early = strstr(why, "Connection refused") != NULL || strstr(why, "404") != NULL || strstr(why, "5xx") != NULL;
        sky_lock_leave(&tap->lock);
        if (!early || sky_clock_monotonic_ns() > deadline_ns)
            return tap;
        tap_free(tap);
        g_usleep(200000);
    }
}

static void test_foreign(gconstpointer data) {
    const Setting *setting = data;
    const char *path = conformance_clip(setting->clip);
    g_autoptr(Foreign) foreign = path != NULL ? setting->start(path) : NULL;
    if (foreign == NULL)
        return;
    g_autoptr(Tap) tap = wait_for_server(foreign, setting);
    if (setting->refuses != NULL) {
        tap_wait_end(tap, SKY_ERR_CONFIG, setting->refuses);
        return;
    }
    tap_wait(tap, 60);
    g_assert_cmpint(tap->transport, ==, setting->used);
    tap_check(tap);
    /* Joined in the middle of a picture, at most that one is not whole. */
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(tap->decoder)->errors), <=, 1);
}

#define VLC(file, by, ...) &(const Setting){start_vlc, file, SKY_RTSP_##by, SKY_RTSP_UDP, __VA_ARGS__}
#define PERL(file, by, ...) &(const Setting){start_perl, file, SKY_RTSP_##by, SKY_RTSP_UDP, __VA_ARGS__}

static const ConformanceCell cells[] = {
    {"vlc", "h264-udp", test_foreign, VLC("long-h264.mp4", UDP, NULL)},
    {"vlc", "h265-udp", test_foreign, VLC("long-h265.mp4", UDP, NULL)},
    {"vlc", "tcp-refused", test_foreign, VLC("long-h264.mp4", TCP, "transport")},
    {"vlc", "auto-refused", test_foreign, VLC("long-h264.mp4", AUTO, NULL)},
    {"vlc", "multicast", NULL, NULL, "VLC 3.0 answers SETUP without the word multicast (RFC 2326, 12.39), libavformat insists"},
    {"perl", "multicast", NULL, NULL, "RTSP::Server has none"},
    {"perl", "h264-udp", test_foreign, PERL("h264.mp4", UDP, NULL)},
    {"perl", "h265-udp", test_foreign, PERL("h265.mp4", UDP, NULL)},
    {"perl", "tcp-refused", test_foreign, PERL("h264.mp4", TCP, "400")},
    {"perl", "auto-refused", test_foreign, PERL("h264.mp4", AUTO, NULL)},
};

const ConformanceCell *conformance_foreign_cells(guint *ret_count) {
    *ret_count = G_N_ELEMENTS(cells);
    return cells;
}
