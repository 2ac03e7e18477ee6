/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated camera itself, $SKYNET_CAMERA, as ffmpeg sees it and as its packets are. */
#include <string.h>
#include <sys/wait.h>
#include "base/clock.h"
#include "support/camera_fixture.h"
#include "support/clip_fixture.h"
#include "support/rtsp_client.h"

#define TICKS_PER_PICTURE 3600 /* 90 kHz, 25 a second */
#define CLIP_PICTURES 50
#define CLIP_NS (2 * SKY_NS_PER_S)
#define PATIENCE_MS 30000
#define SLACK_NS (1500 * SKY_NS_PER_MS) /* of a busy machine */

static ClipFixture *fixture;
static const char *program;
static char *h264, *h265, *mjpeg;

static CameraFixture *start(const char *format, ...) G_GNUC_PRINTF(1, 2);
static CameraFixture *start(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *options = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    CameraFixture *camera = camera_fixture_new(program, options);
    g_assert_nonnull(camera);
    return camera;
}

/* What the command says, standard error too, without the newline at its end. */
static char *say(int *ret_status, const char *format, ...) G_GNUC_PRINTF(2, 3);
static char *say(int *ret_status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *command = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *out = NULL, *err = NULL;
    int status = -1;
    g_autoptr(GError) error = NULL;
    g_spawn_command_line_sync(command, &out, &err, &status, &error);
    g_assert_no_error(error);
    *ret_status = WEXITSTATUS(status);
    return g_strchomp(g_strconcat(out, err, NULL));
}

static char *probe(const char *transport, const char *url) {
    int status;
    return say(&status, "ffprobe -v error -rtsp_transport %s -show_entries stream=codec_name,width,height -of csv=p=0 %s",
               transport, url);
}

static void test_codecs(void) {
    g_autoptr(CameraFixture) camera = start("a=%s b=%s c=%s", h264, h265, mjpeg);
    static const char *const transports[] = {"tcp", "udp"};
    for (gsize i = 0; i < G_N_ELEMENTS(transports); i++) {
        g_autofree char *a = camera_fixture_url(camera, "a"), *b = camera_fixture_url(camera, "b"),
                        *c = camera_fixture_url(camera, "c");
        g_autofree char *first = probe(transports[i], a), *second = probe(transports[i], b), *third = probe(transports[i], c);
        g_assert_cmpstr(first, ==, "h264,320,240");
        g_assert_cmpstr(second, ==, "hevc,320,240");
        g_assert_cmpstr(third, ==, "mjpeg,320,240");
    }
}

/* Picture for picture what is in the file, in both transports, over the end of it too. */
static void test_pictures(gconstpointer codec) {
    const char *file = strcmp(codec, "h265") == 0 ? h265 : strcmp(codec, "mjpeg") == 0 ? mjpeg : h264;
    g_autoptr(CameraFixture) camera = start("a=%s", file);
    g_autofree char *url = camera_fixture_url(camera, "a");
    int status;
    g_autofree char *want =
        say(&status, "sh -c \"ffmpeg -v error -stream_loop 1 -i %s -frames:v 60 -vsync 0 -f framehash - | cut -d, -f 6\"", file);
    g_assert_cmpuint(strlen(want), >, 60 * 64);
    static const char *const transports[] = {"tcp", "udp"};
    for (gsize i = 0; i < G_N_ELEMENTS(transports); i++) {
        g_autofree char *have =
            say(&status, "sh -c \"ffmpeg -v error -rtsp_transport %s -i %s -frames:v 60 -vsync 0 -f framehash - | cut -d, -f 6\"",
                transports[i], url);
        g_assert_cmpstr(have, ==, want);
    }
}

/* Time and sequence go on over the end of the file, and the loops are told when they begin. */
static void test_loops(void) {
    g_autoptr(CameraFixture) camera = start("a=%s", h264);
    g_autofree char *url = camera_fixture_url(camera, "a");
    g_autoptr(RtspClient) client = rtsp_client_new(camera_fixture_port(camera));
    int64_t begun_ns = sky_clock_monotonic_ns();
    rtsp_client_play(client, url, NULL);
    RtspPacket packet, last = {.marker = TRUE};
    for (int pictures = 0, packets = 0; pictures < 2 * CLIP_PICTURES + 10; packets++) {
        g_assert_true(rtsp_client_next(client, PATIENCE_MS, &packet));
        if (packet.report) continue;
        if (last.source) g_assert_cmpuint(packet.sequence, ==, (uint16_t)(last.sequence + 1));
        if (last.source) g_assert_cmpuint(packet.time - last.time, ==, last.marker ? TICKS_PER_PICTURE : 0);
        pictures += packet.marker;
        last = packet;
    }
    guint64 first = 0, second = 0, third = 0;
    int64_t first_ns = camera_fixture_await_loop(camera, "a", &first), second_ns = camera_fixture_await_loop(camera, "a", &second);
    int64_t third_ns = camera_fixture_await_loop(camera, "a", &third);
    g_assert_cmpuint(first, ==, 1);
    g_assert_cmpuint(second, ==, 2);
    g_assert_cmpuint(third, ==, 3);
    g_assert_cmpint(ABS(second_ns - first_ns - CLIP_NS), <, SLACK_NS);
    g_assert_cmpint(ABS(third_ns - second_ns - CLIP_NS), <, SLACK_NS);
    g_assert_cmpint(first_ns, >, begun_ns);
    g_assert_cmpint(third_ns, <, sky_clock_monotonic_ns());
}

/* One stream for all who look; when all have gone it ends, and begins anew with the next. */
static void test_shared(void) {
    g_autoptr(CameraFixture) camera = start("a=%s", h264);
    g_autofree char *url = camera_fixture_url(camera, "a");
    RtspClient *clients[3];
    RtspPacket packets[3];
    guint64 number;
    for (int i = 0; i < 3; i++) {
        clients[i] = rtsp_client_new(camera_fixture_port(camera));
        rtsp_client_play(clients[i], url, NULL);
        do g_assert_true(rtsp_client_next(clients[i], PATIENCE_MS, &packets[i]));
        while (packets[i].report);
        g_assert_cmpuint(packets[i].source, ==, packets[0].source);
    }
    for (int i = 0; i < 3; i++) rtsp_client_free(clients[i]);
    int64_t before_ns = camera_fixture_await_loop(camera, "a", &number);
    g_usleep(2 * CLIP_NS / SKY_NS_PER_US); /* no loop begins */
    g_autoptr(RtspClient) again = rtsp_client_new(camera_fixture_port(camera));
    rtsp_client_play(again, url, NULL);
    int64_t after_ns = camera_fixture_await_loop(camera, "a", &number);
    g_assert_cmpint(after_ns - before_ns, >, 2 * CLIP_NS);
    g_assert_cmpuint(number, ==, 2);
}

/* Somebody who does not read any more stops nobody. */
static void test_slow_client(void) {
    g_autoptr(CameraFixture) camera = start("a=%s", mjpeg);
    g_autofree char *url = camera_fixture_url(camera, "a");
    g_autoptr(RtspClient) lazy = rtsp_client_new(camera_fixture_port(camera)), busy = rtsp_client_new(camera_fixture_port(camera));
    rtsp_client_play(lazy, url, NULL);
    rtsp_client_play(busy, url, NULL);
    int64_t end_ns = sky_clock_monotonic_ns() + 12 * SKY_NS_PER_S;
    for (RtspPacket packet; sky_clock_monotonic_ns() < end_ns;)
        g_assert_true(rtsp_client_next(busy, 5000, &packet));
}

static void test_account(gconstpointer method) {
    g_autofree char *password = g_build_filename(fixture->directory, "password", NULL);
    g_assert_true(g_file_set_contents(password, "open sesame\n", -1, NULL));
    g_autoptr(CameraFixture) camera = start("--user ali --password-file %s --auth %s a=%s", password, (const char *)method, h264);
    int port = camera_fixture_port(camera), status;
    g_autofree char *bare = camera_fixture_url(camera, "a");
    g_autoptr(RtspClient) client = rtsp_client_new(port);
    g_assert_cmpint(rtsp_client_ask(client, "OPTIONS", bare, "", NULL), ==, 200);
    g_assert_cmpint(rtsp_client_ask(client, "DESCRIBE", bare, "", NULL), ==, 401);
    g_autofree char *good =
        say(&status, "ffprobe -v error -show_entries stream=width -of csv=p=0 rtsp://ali:open%%20sesame@127.0.0.1:%d/a", port);
    g_assert_cmpstr(good, ==, "320");
    static const char *const wrong[] = {"ali:open", "eve:open%20sesame", "ali:"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *bad = say(&status, "ffprobe -v error rtsp://%s@127.0.0.1:%d/a", wrong[i], port);
        g_assert_nonnull(strstr(bad, "401"));
    }
}

static void test_transports(void) {
    g_autoptr(CameraFixture) udp = start("--udp-only a=%s", h264), tcp = start("--tcp-only a=%s", h264);
    g_autofree char *udp_url = camera_fixture_url(udp, "a"), *tcp_url = camera_fixture_url(tcp, "a");
    g_autofree char *right = probe("udp", udp_url), *also_right = probe("tcp", tcp_url);
    g_autofree char *wrong = probe("tcp", udp_url), *also_wrong = probe("udp", tcp_url);
    g_assert_cmpstr(right, ==, "h264,320,240");
    g_assert_cmpstr(also_right, ==, "h264,320,240");
    g_assert_nonnull(strstr(wrong, "461"));
    g_assert_nonnull(strstr(also_wrong, "461"));
}

static void assert_refuses(const char *options, const char *words) {
    int status;
    g_autofree char *says = say(&status, "%s %s", program, options);
    g_test_message("%s", says);
    g_assert_cmpint(status, ==, 1);
    g_assert_true(g_str_has_prefix(says, "skynet-camera: "));
    g_assert_nonnull(strstr(says, words));
    g_assert_null(strchr(says, '\n'));
}

static void test_refusals(void) {
    g_autoptr(CameraFixture) camera = start("a=%s", h264);
    g_autofree char *taken = g_strdup_printf("--port %d a=%s", camera_fixture_port(camera), h264);
    g_autofree char *twice = g_strdup_printf("--port 1 a=%s a=%s", h264, h264);
    g_autofree char *secret = g_strdup_printf("--port 1 --user a --password-file %s/none a=%s", fixture->directory, h264);
    assert_refuses(taken, "is taken");
    assert_refuses("--port 1 a=/nowhere.mp4", "/nowhere.mp4: No such file");
    assert_refuses("--port 1 a=/dev/null", "/dev/null: ");
    assert_refuses("--port 1", "no camera");
    assert_refuses("--port 70000 a=b", "--port");
    assert_refuses("--port 1 --nonsense a=b", "nonsense");
    assert_refuses(twice, "NAME=VIDEO");
    assert_refuses(secret, "none: No such file");
}

static void test_commands(void) {
    g_autoptr(CameraFixture) camera = start("a=%s", h264);
    static const char *const rows[][2] = {{"stall b", "error no camera b"},
                                          {"sing a", "error not a command"},
                                          {"", "error not a command"},
                                          {"drop a 101", "error not a command"},
                                          {"garbage a maybe", "error not a command"},
                                          {"drop a", "error not a command"},
                                          {"switch a", "error not a command"},
                                          {"switch a /nowhere.mp4", "error /nowhere.mp4: No such file or directory"},
                                          {"stall a", "ok"},
                                          {"resume a", "ok"},
                                          {"resume a", "ok"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *answer = camera_fixture_ask(camera, rows[i][0]);
        g_assert_cmpstr(answer, ==, rows[i][1]);
    }
    g_autofree char *other = g_strdup_printf("switch a %s", h265), *refused = camera_fixture_ask(camera, other);
    g_assert_nonnull(strstr(refused, "another codec"));
    g_autofree char *bye = camera_fixture_ask(camera, "quit");
    g_assert_cmpstr(bye, ==, "ok");
}

static gboolean make_clips(void) {
    h264 = clip_fixture_make(fixture, "a.mp4", "testsrc2=s=320x240:r=25:d=2", "-c:v libx264 -preset veryfast -g 25 -bf 0");
    h265 = clip_fixture_make(fixture, "b.mp4", "testsrc2=s=320x240:r=25:d=2",
                             "-c:v libx265 -preset veryfast -x265-params log-level=none:pools=1:keyint=25:bframes=0");
    mjpeg =
        clip_fixture_make(fixture, "c.mkv", "testsrc2=s=320x240:r=25:d=2", "-c:v mjpeg -pix_fmt yuvj420p -huffman default -q:v 2");
    return h264 != NULL && h265 != NULL && mjpeg != NULL;
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    program = g_getenv("SKYNET_CAMERA");
    fixture = clip_fixture_new();
    if (program == NULL || !make_clips()) {
        g_print("1..0 # SKIP %s\n", program == NULL ? "no skynet-camera in this build" : "no ffmpeg with libx264 and libx265");
        clip_fixture_free(fixture);
        return 0;
    }
    g_test_add_func("/camera/codecs", test_codecs);
    g_test_add_data_func("/camera/pictures-h264", "h264", test_pictures);
    g_test_add_data_func("/camera/pictures-h265", "h265", test_pictures);
    g_test_add_data_func("/camera/pictures-mjpeg", "mjpeg", test_pictures);
    g_test_add_func("/camera/loops", test_loops);
    g_test_add_func("/camera/shared", test_shared);
    g_test_add_func("/camera/slow-client", test_slow_client);
    g_test_add_data_func("/camera/digest", "digest", test_account);
    g_test_add_data_func("/camera/basic", "basic", test_account);
    g_test_add_func("/camera/transports", test_transports);
    g_test_add_func("/camera/refusals", test_refusals);
    g_test_add_func("/camera/commands", test_commands);
    int failed = g_test_run();
    clip_fixture_free(fixture);
    g_free(h264);
    g_free(h265);
    g_free(mjpeg);
    return failed;
}
