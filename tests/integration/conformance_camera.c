/* SPDX-License-Identifier: Apache-2.0 */
/* Against the project's own simulated camera: the program skynet-camera, named by $SKYNET_CAMERA. */
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/transport_choice.h"
#include "integration/conformance.h"
#include "support/camera_fixture.h"
#include "support/source_tap.h"

/* How a camera is started, and how it is reached. */
typedef struct {
    const char *clip, *options;
    SkyRtspTransport transport;
    guint packets; /* that are waited for; 0: 40 */
} Setting;

/* NULL: the test is skipped. */
static CameraFixture *start(const char *clip, const char *options) {
    const char *program = g_getenv("SKYNET_CAMERA");
    const char *path = program != NULL ? conformance_clip(clip) : NULL;
    if (program == NULL)
        g_test_skip("no skynet-camera in this build (no GStreamer)");
    if (path == NULL)
        return NULL;
    g_autofree char *all = g_strdup_printf("%s cam=%s", options != NULL ? options : "", path);
    CameraFixture *camera = camera_fixture_new(program, all);
    g_assert_nonnull(camera);
    return camera;
}

static Tap *look(const CameraFixture *camera, SkyRtspTransport transport) {
    g_autofree char *url = camera_fixture_url(camera, "cam");
    return tap_new(&(Reach){.url = url, .transport = transport});
}

static Tap *look_closely(const CameraFixture *camera, SkyRtspTransport transport) {
    g_autofree char *url = camera_fixture_url(camera, "cam");
    return tap_new(&(Reach){.url = url, .transport = transport, .stall_ns = 2 * SKY_NS_PER_S});
}

static const SkyPacketTimes *times_at(const Tap *tap, guint i) {
    return sky_packet_times(g_ptr_array_index(tap->packets, i));
}

static void test_clean(gconstpointer data) {
    const Setting *setting = data;
    guint packets = setting->packets > 0 ? setting->packets : 40;
    g_autoptr(CameraFixture) camera = start(setting->clip, setting->options);
    if (camera == NULL)
        return;
    g_autoptr(Tap) tap = look(camera, setting->transport);
    tap_wait(tap, packets);
    tap_check_clean(tap);
}

/* From the first picture to that one, without the longest step: a camera that was held up for a second goes on later, and says so. */
static int64_t unbroken_ns(const Tap *tap, guint last) {
    int64_t longest_ns = 0;
    for (guint i = 1; i <= last; i++)
        longest_ns = MAX(longest_ns, times_at(tap, i)->pts_ns - times_at(tap, i - 1)->pts_ns);
    return times_at(tap, last)->pts_ns - times_at(tap, 0)->pts_ns - longest_ns;
}

static void test_codec(gconstpointer data) {
    const Setting *setting = data;
    g_autoptr(CameraFixture) camera = start(setting->clip, setting->options);
    if (camera == NULL)
        return;
    SkyCodec codec = g_str_has_prefix(setting->clip, "h264")   ? SKY_CODEC_H264
                     : g_str_has_prefix(setting->clip, "h265") ? SKY_CODEC_H265
                                                               : SKY_CODEC_MJPEG;
    int64_t before_ns = sky_clock_monotonic_ns();
    g_autoptr(Tap) tap = look(camera, setting->transport);
    tap_wait(tap, 40);
    SkyStreamInfo *info = sky_packet_info(g_ptr_array_index(tap->packets, 39));
    g_assert_cmpint(sky_stream_info_codec(info), ==, codec);
    g_assert_cmpuint(sky_stream_info_width_px(info), ==, 320);
    g_assert_cmpuint(sky_stream_info_height_px(info), ==, 240);
    g_assert_true(sky_packet_info(g_ptr_array_index(tap->packets, 0)) == info);
    tap_check_clean(tap);
    g_assert_cmpint(ABS(unbroken_ns(tap, 39) - 38 * 40 * SKY_NS_PER_MS), <=, conformance_slack_ns());
    g_assert_cmpint(times_at(tap, 0)->arrival_ns, >, before_ns);
    g_assert_cmpint(times_at(tap, 39)->arrival_ns, >, times_at(tap, 0)->arrival_ns);
    g_assert_cmpint(times_at(tap, 39)->arrival_ns, <, sky_clock_monotonic_ns());
}

/* ---- accounts, paths ---- */

static void test_account(gconstpointer method) {
    static const char password[] = "p@ss/w:0%rd";
    g_autofree char *secret = g_build_filename(conformance_directory(), "password", NULL);
    g_assert_true(g_file_set_contents(secret, "p@ss/w:0%rd\n", -1, NULL));
    g_autofree char *options = g_strdup_printf("--user ad-min --password-file %s --auth %s", secret, (const char *)method);
    g_autoptr(CameraFixture) camera = start("h264.mp4", options);
    if (camera == NULL)
        return;
    g_autofree char *url = camera_fixture_url(camera, "cam");
    {
        g_autoptr(Tap) tap = tap_new(&(Reach){.url = url, .user = "ad-min", .password = password});
        tap_wait(tap, 5);
        tap_check_clean(tap);
    }
    const Reach wrong[] = {{.url = url, .user = "ad-min", .password = "p@ss/w:0%rd-not"},
                           {.url = url, .user = "else", .password = password},
                           {.url = url, .transport = SKY_RTSP_UDP}};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(Tap) tap = tap_new(&wrong[i]);
        tap_wait_end(tap, SKY_ERR_CONFIG, "authentication");
        g_assert_null(strstr(tap->error->message, "p@ss"));
        g_assert_cmpint(tap->transport, ==, SKY_RTSP_AUTO); /* never let in */
    }
}

/* A certificate of its own for whoever asks, with its key; NULL: the test is skipped. */
static char *make_certificate(const char *name) {
    g_autofree char *pem = g_build_filename(conformance_directory(), name, NULL);
    g_autofree char *make = g_strdup_printf("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
                                            "-subj /CN=camera -keyout %s -out %s.crt", pem, pem);
    g_autofree char *join = g_strdup_printf("sh -c 'cat %s.crt >> %s'", pem, pem);
    int status = 1;
    if (!g_spawn_command_line_sync(make, NULL, NULL, &status, NULL) || status != 0 ||
        !g_spawn_command_line_sync(join, NULL, NULL, &status, NULL) || status != 0) {
        g_test_skip("no openssl program");
        return NULL;
    }
    return g_steal_pointer(&pem);
}

static CameraFixture *start_encrypted(const char *pem) {
    g_autofree char *secret = g_build_filename(conformance_directory(), "password", NULL);
    g_assert_true(g_file_set_contents(secret, "secret\n", -1, NULL));
    if (!g_tls_backend_supports_tls(g_tls_backend_get_default())) {
        g_test_skip("the simulated camera has no TLS: apt-get install glib-networking");
        return NULL;
    }
    g_autofree char *options = g_strdup_printf("--user viewer --password-file %s --tls %s", secret, pem);
    return start("h264.mp4", options);
}

static Tap *look_encrypted(const CameraFixture *camera, const char *ca_file) {
    g_autofree char *url = g_strdup_printf("rtsps://127.0.0.1:%d/cam", camera_fixture_port(camera));
    return tap_new(&(Reach){.url = url, .transport = SKY_RTSP_AUTO, .first = SKY_RTSP_UDP, .user = "viewer", .password = "secret",
                            .ca_file = ca_file});
}

/* Encrypted, in TCP whatever the transport says. Whose certificate it is, nobody asks who is told no ca_file. */
static void test_tls(gconstpointer data) {
    g_autofree char *pem = make_certificate("camera.pem");
    g_autoptr(CameraFixture) camera = pem != NULL ? start_encrypted(pem) : NULL;
    if (camera == NULL)
        return;
    g_autoptr(Tap) tap = look_encrypted(camera, NULL);
    tap_wait(tap, 40);
    g_assert_cmpint(tap->transport, ==, SKY_RTSP_TCP);
    tap_check_clean(tap);
}

/* Its own certificate, whatever name is in it; but no other's, though that has the same name. */
static void test_tls_verified(gconstpointer data) {
    g_autofree char *pem = make_certificate("camera.pem"), *other = pem != NULL ? make_certificate("other.pem") : NULL;
    g_autoptr(CameraFixture) camera = other != NULL ? start_encrypted(pem) : NULL;
    if (camera == NULL)
        return;
    g_autofree char *own = g_strconcat(pem, ".crt", NULL), *foreign = g_strconcat(other, ".crt", NULL);
    g_autofree char *none = g_build_filename(conformance_directory(), "password", NULL);
    g_autoptr(Tap) believed = look_encrypted(camera, own);
    tap_wait(believed, 40);
    tap_check_clean(believed);
    g_autoptr(Tap) refused = look_encrypted(camera, foreign);
    tap_wait_end(refused, SKY_ERR_CONFIG, "certificate");
    g_assert_cmpuint(refused->packets->len, ==, 0);
    g_autoptr(Tap) lost = look_encrypted(camera, none);
    tap_wait_end(lost, SKY_ERR_CONFIG, "ca_file");
}

static void test_wrong_path(gconstpointer data) {
    g_autoptr(CameraFixture) camera = start("h264.mp4", NULL);
    if (camera == NULL)
        return;
    g_autofree char *url = camera_fixture_url(camera, "nothing-here");
    g_autoptr(Tap) tap = tap_new(&(Reach){.url = url});
    tap_wait_end(tap, SKY_ERR_CONFIG, "404");
}

/* ---- transports ---- */

static void test_refused(gconstpointer data) {
    const Setting *setting = data;
    g_autoptr(CameraFixture) camera = start("h264.mp4", setting->options);
    if (camera == NULL)
        return;
    g_autoptr(Tap) tap = look(camera, setting->transport);
    tap_wait_end(tap, SKY_ERR_CONFIG, "transport");
}

/* Refused: the other one within the attempt, whichever comes first. */
static void test_auto_refused(gconstpointer data) {
    static const struct {
        const char *option;
        SkyRtspTransport first, used;
    } rows[] = {{"--udp-only", SKY_RTSP_TCP, SKY_RTSP_UDP}, {"--tcp-only", SKY_RTSP_UDP, SKY_RTSP_TCP},
                {"", SKY_RTSP_TCP, SKY_RTSP_TCP}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(CameraFixture) camera = start("h264.mp4", rows[i].option);
        if (camera == NULL)
            return;
        g_autofree char *url = camera_fixture_url(camera, "cam");
        g_autoptr(Tap) tap = tap_new(&(Reach){.url = url, .transport = SKY_RTSP_AUTO, .first = rows[i].first});
        tap_wait(tap, 10);
        g_assert_cmpint(tap->transport, ==, rows[i].used);
        tap_check_clean(tap);
    }
}

/* Swallowed: an attempt that brings nothing, then the other one, which is remembered. */
static void test_auto_swallowed(gconstpointer data) {
    SkyRtspTransport swallowed = (SkyRtspTransport)GPOINTER_TO_INT(data);
    g_autoptr(CameraFixture) camera = start("h264.mp4", swallowed == SKY_RTSP_TCP ? "--swallow tcp" : "--swallow udp");
    if (camera == NULL)
        return;
    g_autofree char *url = camera_fixture_url(camera, "cam");
    SkyTransportChoice choice;
    sky_transport_choice_init(&choice, SKY_RTSP_TCP);
    choice.first = swallowed;
    g_autoptr(Tap) silent = tap_new(&(Reach){.url = url, .transport = SKY_RTSP_AUTO, .first = choice.first,
                                             .stall_ns = 2 * SKY_NS_PER_S});
    tap_wait_end(silent, SKY_ERR_RETRY, "nothing for 2.0 s");
    g_assert_cmpint(silent->transport, ==, swallowed);
    sky_transport_choice_was_silent(&choice, silent->transport);
    g_autoptr(Tap) tap = tap_new(&(Reach){.url = url, .transport = SKY_RTSP_AUTO, .first = choice.first});
    tap_wait(tap, 20);
    g_assert_cmpint(tap->transport, !=, swallowed);
    sky_transport_choice_worked(&choice, tap->transport);
    g_assert_cmpint(choice.first, ==, tap->transport);
    tap_check_clean(tap);
}

/* ---- silence, loss, change ---- */

/* Silent, frozen, gone: found out within the stall time-out, and the next attempt works as soon as the camera does. */
static void test_silence(gconstpointer transport) {
    SkyRtspTransport by = (SkyRtspTransport)GPOINTER_TO_INT(transport);
    g_autoptr(CameraFixture) camera = start("h264.mp4", NULL);
    if (camera == NULL)
        return;
    g_autoptr(Tap) stalled = look_closely(camera, by);
    tap_wait(stalled, 10);
    camera_fixture_tell(camera, "stall cam");
    int64_t before_ns = sky_clock_monotonic_ns();
    tap_wait_end(stalled, SKY_ERR_RETRY, "nothing for 2.0 s");
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, <, 10 * SKY_NS_PER_S);
    camera_fixture_tell(camera, "resume cam");

    g_autoptr(Tap) frozen = look_closely(camera, by);
    tap_wait(frozen, 10);
    kill(camera_fixture_process(camera), SIGSTOP);
    before_ns = sky_clock_monotonic_ns();
    tap_wait_end(frozen, SKY_ERR_RETRY, "nothing for 2.0 s");
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, <, 10 * SKY_NS_PER_S);
    kill(camera_fixture_process(camera), SIGCONT);

    g_autoptr(Tap) thrown_out = look(camera, by);
    tap_wait(thrown_out, 10);
    camera_fixture_tell(camera, "disconnect cam");
    tap_wait_end(thrown_out, SKY_ERR_RETRY, "");
    tap_check(stalled);
    tap_check(frozen);
    tap_check(thrown_out);
}

static void test_switch(gconstpointer data) {
    g_autoptr(CameraFixture) camera = start("h264.mp4", NULL);
    const char *wide = camera != NULL ? conformance_clip("wide.mp4") : NULL;
    if (wide == NULL)
        return;
    g_autoptr(Tap) tap = look(camera, SKY_RTSP_TCP);
    tap_wait(tap, 20);
    g_assert_cmpuint(tap->width_px, ==, 320);
    camera_fixture_tell(camera, "switch cam %s", wide);
    tap_wait_width(tap, 480);
    tap_wait_more(tap, 20);
    tap_check(tap);
    SkyStreamInfo *last = NULL;
    guint infos = 0;
    for (guint i = 0; i < tap->packets->len; i++) {
        SkyPacket *packet = g_ptr_array_index(tap->packets, i);
        infos += sky_packet_info(packet) != last ? 1 : 0;
        g_assert_true(sky_packet_info(packet) == last || sky_packet_times(packet)->key); /* changes come with key frames only */
        last = sky_packet_info(packet);
    }
    g_assert_cmpuint(infos, ==, 2);
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(tap->decoder)->errors), ==, 0);
}

static void test_restart(gconstpointer data) {
    g_autoptr(CameraFixture) camera = start("h264.mp4", NULL);
    if (camera == NULL)
        return;
    g_autoptr(Tap) tap = look(camera, SKY_RTSP_TCP);
    tap_wait(tap, 20);
    camera_fixture_tell(camera, "restart cam"); /* new time stamps */
    for (guint i = 0; i < 250 && sky_counter_get(&sky_source_numbers(tap->source)->mended_times) == 0; i++)
        tap_wait_more(tap, 1);
    g_assert_cmpuint(sky_counter_get(&sky_source_numbers(tap->source)->mended_times), >, 0);
    tap_wait_more(tap, 20);
    tap_check(tap);
    g_assert_cmpint(times_at(tap, tap->packets->len - 1)->pts_ns, <, 10 * SKY_NS_PER_S);
}

/* Losses and noise: nothing breaks, nothing is invented, and it is whole again afterwards. */
static void test_damage(gconstpointer data) {
    const Setting *setting = data;
    g_autoptr(CameraFixture) camera = start(setting->clip, NULL);
    if (camera == NULL)
        return;
    g_autoptr(Tap) tap = look(camera, setting->transport);
    tap_wait(tap, 20);
    camera_fixture_tell(camera, "drop cam 20");
    tap_wait_more(tap, 30);
    camera_fixture_tell(camera, "drop cam 0");
    camera_fixture_tell(camera, "garbage cam 40"); /* RTP packets: of noise that does not end, nothing need come */
    tap_wait_more(tap, 70);
    sky_lock_enter(&tap->lock);
    guint damaged = tap->damaged, frames = tap->frames;
    sky_lock_leave(&tap->lock);
    tap_wait_more(tap, 20);
    sky_lock_enter(&tap->lock);
    g_assert_cmpuint(tap->frames, >, frames);
    g_assert_cmpuint(tap->damaged, ==, damaged);
    sky_lock_leave(&tap->lock);
    tap_check(tap);
}

/* Over UDP neighbours change places: put right again, nothing is lost. */
static void test_reorder(gconstpointer data) {
    g_autoptr(CameraFixture) camera = start("h264.mp4", NULL);
    if (camera == NULL)
        return;
    camera_fixture_tell(camera, "reorder cam on");
    g_autoptr(Tap) tap = look(camera, SKY_RTSP_UDP);
    tap_wait(tap, 60);
    tap_check_clean(tap);
}

/* The camera ends a session of 2 s that is not kept alive, at the latest after 12 s. */
static void test_session(gconstpointer data) {
    const Setting *setting = data;
    g_autoptr(CameraFixture) camera = start("h264.mp4", "--session 2");
    if (camera == NULL)
        return;
    g_autoptr(Tap) tap = look(camera, setting->transport);
    tap_wait(tap, 16 * 25);
    tap_check_clean(tap);
}

static void test_b_frames(gconstpointer data) {
    const Setting *setting = data;
    g_autoptr(CameraFixture) camera = start(setting->clip, NULL);
    if (camera == NULL)
        return;
    g_autoptr(Tap) tap = look(camera, setting->transport);
    tap_wait(tap, 80);
    tap_check(tap);
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(tap->decoder)->errors), ==, 0);
    g_assert_cmpuint(tap->frames, ==, tap->packets->len);
    guint reordered = 0;
    for (guint i = 40; i < tap->packets->len; i++)
        reordered += times_at(tap, i)->pts_ns < times_at(tap, i - 1)->pts_ns;
    g_assert_cmpuint(reordered, >, 0);
}

#define CLIP(codec, by) &(const Setting){.clip = codec, .transport = SKY_RTSP_##by}
#define HABIT(file, text, by, count) &(const Setting){.clip = file, .options = text, .transport = SKY_RTSP_##by, .packets = count}
#define BY(by) GINT_TO_POINTER(SKY_RTSP_##by)

static const ConformanceCell cells[] = {
    {"camera", "h264-tcp", test_codec, CLIP("h264.mp4", TCP)},
    {"camera", "h264-udp", test_codec, CLIP("h264.mp4", UDP)},
    {"camera", "h265-tcp", test_codec, CLIP("h265.mp4", TCP)},
    {"camera", "h265-udp", test_codec, CLIP("h265.mp4", UDP)},
    {"camera", "mjpeg-tcp", test_codec, CLIP("mjpeg.mkv", TCP)},
    {"camera", "mjpeg-udp", test_codec, CLIP("mjpeg.mkv", UDP)},
    {"camera", "tcp-refused", test_refused, HABIT("h264.mp4", "--udp-only", TCP, 0)},
    {"camera", "udp-refused", test_refused, HABIT("h264.mp4", "--tcp-only", UDP, 0)},
    {"camera", "auto-refused", test_auto_refused},
    {"camera", "auto-tcp-swallowed", test_auto_swallowed, BY(TCP)},
    {"camera", "auto-udp-swallowed", test_auto_swallowed, BY(UDP)},
    {"camera", "multicast", NULL, NULL, "gst-rtsp-server binds the group's port for itself alone: no client on the same host"},
    {"camera", "basic", test_account, "basic"},
    {"camera", "digest-md5", test_account, "digest"},
    {"camera", "digest-sha256", NULL, NULL, "libavformat 5.1 and gst-rtsp-server 1.22 know MD5 alone (RFC 7616, RFC 8760)"},
    {"camera", "rtsps-encrypted", test_tls},
    {"camera", "rtsps-verified", test_tls_verified},
    {"camera", "wrong-path", test_wrong_path},
    {"camera", "session-kept-alive-tcp", test_session, CLIP("", TCP)},
    {"camera", "session-kept-alive-udp", test_session, CLIP("", UDP)},
    {"camera", "no-sprop-tcp", test_clean, HABIT("h264.mp4", "--no-sprop", TCP, 0)},
    {"camera", "no-sprop-udp", test_clean, HABIT("h264.mp4", "--no-sprop", UDP, 0)},
    {"camera", "h265-sets-in-band", test_clean, HABIT("h265.mp4", "--no-sprop", TCP, 0)},
    {"camera", "late-sets", test_clean, HABIT("h264.mp4", "--no-sprop --late-sets 2", TCP, 0)},
    {"camera", "multi-slice-tcp", test_clean, HABIT("slices.mp4", NULL, TCP, 60)},
    {"camera", "multi-slice-udp", test_clean, HABIT("slices.mp4", NULL, UDP, 60)},
    {"camera", "b-frames-tcp", test_b_frames, CLIP("b-frames.mp4", TCP)},
    {"camera", "b-frames-udp", test_b_frames, CLIP("b-frames.mp4", UDP)},
    {"camera", "h265-b-frames-tcp", test_b_frames, CLIP("h265-b-frames.mp4", TCP)},
    {"camera", "gop-12s", test_clean, HABIT("smart.mp4", NULL, TCP, 140)},
    {"camera", "sequence-wraps-tcp", test_clean, HABIT("h264.mp4", "--seq-wrap", TCP, 100)},
    {"camera", "sequence-wraps-udp", test_clean, HABIT("h264.mp4", "--seq-wrap", UDP, 100)},
    {"camera", "reordered-udp", test_reorder},
    {"camera", "loss-and-noise-h264-tcp", test_damage, CLIP("h264.mp4", TCP)},
    {"camera", "loss-and-noise-h264-udp", test_damage, CLIP("h264.mp4", UDP)},
    {"camera", "loss-and-noise-h265-tcp", test_damage, CLIP("h265.mp4", TCP)},
    {"camera", "loss-and-noise-h265-udp", test_damage, CLIP("h265.mp4", UDP)},
    {"camera", "resolution-changes", test_switch},
    {"camera", "camera-restarts", test_restart},
    {"camera", "1-fps", test_clean, HABIT("slow.mp4", NULL, TCP, 9)},
    {"camera", "60-fps", test_clean, HABIT("fast.mp4", NULL, TCP, 300)},
    {"camera", "variable-rate", test_clean, HABIT("variable.mp4", NULL, TCP, 60)},
    {"camera", "clock-8h-off-tcp", test_clean, HABIT("h264.mp4", "--clock-offset 28800", TCP, 150)},
    {"camera", "clock-8h-off-udp", test_clean, HABIT("h264.mp4", "--clock-offset 28800", UDP, 150)},
    {"camera", "silence-tcp", test_silence, BY(TCP)},
    {"camera", "silence-udp", test_silence, BY(UDP)},
};

const ConformanceCell *conformance_camera_cells(guint *ret_count) {
    *ret_count = G_N_ELEMENTS(cells);
    return cells;
}
