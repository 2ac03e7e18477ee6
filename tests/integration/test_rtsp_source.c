/* SPDX-License-Identifier: Apache-2.0 */
/* rtsp_source against a real RTSP server: the program skynet-camera, named by $SKYNET_CAMERA. */
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/lock.h"
#include "decode/decoder.h"
#include "support/camera_fixture.h"
#include "support/clip_fixture.h"

static ClipFixture *fixture;
static const char *program;
static char *h264, *h264_wide, *h265, *mjpeg;

/* A source on its way into a decoder, and what came of it. */
typedef struct {
    SkyLock lock;
    SkySource *source;
    SkyDecoder *decoder;
    GPtrArray *packets;
    gboolean ended;
    GError *error;
    guint frames, damaged;
    uint32_t width_px;
} Tap;

static void on_frame(SkyFrame *frame, gpointer user) {
    Tap *tap = user;
    tap->frames++;
    tap->damaged += frame->damaged ? 1 : 0;
}

static void on_packet(SkyPacket *packet, gpointer user) {
    Tap *tap = user;
    sky_lock_enter(&tap->lock);
    g_ptr_array_add(tap->packets, packet);
    tap->width_px = sky_stream_info_width_px(sky_packet_info(packet));
    sky_decoder_push(tap->decoder, packet, NULL);
    sky_lock_wake(&tap->lock);
    sky_lock_leave(&tap->lock);
}

static void on_ended(const GError *error, gpointer user) {
    Tap *tap = user;
    sky_lock_enter(&tap->lock);
    tap->error = error != NULL ? g_error_copy(error) : NULL;
    tap->ended = TRUE;
    sky_lock_wake(&tap->lock);
    sky_lock_leave(&tap->lock);
}

static void unref_packet(gpointer packet) {
    sky_packet_unref(packet);
}

typedef struct {
    const char *name;
    SkyRtspTransport transport;
    const char *user, *password;
} Reach;

static Tap *tap_new(const CameraFixture *camera, const Reach *reach) {
    Tap *tap = g_new0(Tap, 1);
    sky_lock_init(&tap->lock);
    tap->packets = g_ptr_array_new_with_free_func(unref_packet);
    tap->decoder = sky_decoder_new(&(SkyDecodeParams){.analysis_width_px = 320}, on_frame, tap);
    g_autofree char *url = camera_fixture_url(camera, reach->name);
    SkySourceParams params = {.camera = reach->name,
                              .url = url,
                              .user = reach->user,
                              .password = reach->password,
                              .transport = reach->transport,
                              .connect_timeout_ns = 10 * SKY_NS_PER_S,
                              .stall_timeout_ns = 2 * SKY_NS_PER_S};
    tap->source = sky_rtsp_source_new(&params, &(SkySourceSink){on_packet, on_ended, tap});
    g_assert_true(sky_source_start(tap->source, NULL));
    return tap;
}

static void tap_free(Tap *tap) {
    sky_source_free(tap->source);
    sky_decoder_free(tap->decoder);
    g_ptr_array_unref(tap->packets);
    g_clear_error(&tap->error);
    sky_lock_clear(&tap->lock);
    g_free(tap);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tap, tap_free)

/* Until so many packets have come, or it has ended. */
static void wait_packets(Tap *tap, guint count) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + 30 * SKY_NS_PER_S;
    sky_lock_enter(&tap->lock);
    while (tap->packets->len < count && !tap->ended && sky_lock_wait_until(&tap->lock, deadline_ns))
        ;
    if (tap->packets->len < count)
        g_error("%u packets of %u: %s", tap->packets->len, count, tap->error != NULL ? tap->error->message : "no more in 30 s");
    sky_lock_leave(&tap->lock);
}

static void wait_more(Tap *tap, guint more) {
    sky_lock_enter(&tap->lock);
    guint count = tap->packets->len + more;
    sky_lock_leave(&tap->lock);
    wait_packets(tap, count);
}

static void wait_end(Tap *tap, SkyErrorCode code, const char *says) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + 30 * SKY_NS_PER_S;
    sky_lock_enter(&tap->lock);
    while (!tap->ended && sky_lock_wait_until(&tap->lock, deadline_ns))
        ;
    g_assert_true(tap->ended);
    g_assert_error(tap->error, SKY_ERROR, (gint)code);
    if (strstr(tap->error->message, says) == NULL)
        g_error("%s", tap->error->message);
    sky_lock_leave(&tap->lock);
}

/* The promises of source.h. Ends the source. */
static void check(Tap *tap) {
    sky_source_request_stop(tap->source);
    g_clear_pointer(&tap->source, sky_source_free);
    int64_t last_ns = INT64_MIN;
    for (guint i = 0; i < tap->packets->len; i++) {
        const SkyPacketTimes *times = sky_packet_times(g_ptr_array_index(tap->packets, i));
        g_assert_true(i > 0 || (times->key && times->pts_ns == 0));
        g_assert_cmpint(times->dts_ns, >, last_ns);
        g_assert_cmpint(times->pts_ns, >=, times->dts_ns);
        last_ns = times->dts_ns;
    }
    sky_decoder_drain(tap->decoder);
}

static void check_clean(Tap *tap) {
    SkySourceNumbers numbers = *sky_source_numbers(tap->source);
    g_assert_cmpuint(sky_counter_get(&numbers.bad_packets), ==, 0);
    g_assert_cmpuint(sky_counter_get(&numbers.mended_times), ==, 0);
    check(tap);
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(tap->decoder)->errors), ==, 0);
    g_assert_cmpuint(tap->frames, ==, tap->packets->len);
}

static CameraFixture *start_camera(const char *options) {
    CameraFixture *camera = camera_fixture_new(program, options);
    g_assert_nonnull(camera);
    return camera;
}

static CameraFixture *start_h264(const char *more) {
    g_autofree char *options = g_strdup_printf("%s cam=%s", more, h264);
    return start_camera(options);
}

static void test_codecs(void) {
    static const struct {
        Reach reach;
        SkyCodec codec;
    } rows[] = {{{"a", SKY_RTSP_TCP}, SKY_CODEC_H264},  {{"a", SKY_RTSP_UDP}, SKY_CODEC_H264},
                {{"b", SKY_RTSP_TCP}, SKY_CODEC_H265},  {{"b", SKY_RTSP_UDP}, SKY_CODEC_H265},
                {{"c", SKY_RTSP_TCP}, SKY_CODEC_MJPEG}, {{"c", SKY_RTSP_UDP}, SKY_CODEC_MJPEG}};
    g_autofree char *options = g_strdup_printf("a=%s b=%s c=%s", h264, h265, mjpeg);
    g_autoptr(CameraFixture) camera = start_camera(options);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Tap) tap = tap_new(camera, &rows[i].reach);
        wait_packets(tap, 40);
        SkyStreamInfo *info = sky_packet_info(g_ptr_array_index(tap->packets, 39));
        g_assert_cmpint(sky_stream_info_codec(info), ==, rows[i].codec);
        g_assert_cmpuint(sky_stream_info_width_px(info), ==, 320);
        g_assert_cmpuint(sky_stream_info_height_px(info), ==, 240);
        g_assert_true(sky_packet_info(g_ptr_array_index(tap->packets, 0)) == info);
        check_clean(tap);
        const SkyPacketTimes *last = sky_packet_times(g_ptr_array_index(tap->packets, 39));
        const SkyPacketTimes *first = sky_packet_times(g_ptr_array_index(tap->packets, 0));
        g_assert_cmpint(last->pts_ns, ==, 39 * 40 * SKY_NS_PER_MS);
        g_assert_cmpint(ABS(last->arrival_ns - first->arrival_ns - last->pts_ns), <, SKY_NS_PER_S);
    }
}

static void test_account(gconstpointer method) {
    g_autofree char *secret = g_build_filename(fixture->directory, "password", NULL);
    g_assert_true(g_file_set_contents(secret, "p@ss/w:0%rd\n", -1, NULL));
    g_autofree char *options = g_strdup_printf("--user ad-min --password-file %s --auth %s", secret, (const char *)method);
    g_autoptr(CameraFixture) camera = start_h264(options);
    {
        g_autoptr(Tap) tap = tap_new(camera, &(Reach){"cam", SKY_RTSP_TCP, "ad-min", "p@ss/w:0%rd"});
        wait_packets(tap, 5);
        check_clean(tap);
    }
    static const Reach wrong[] = {
        {"cam", SKY_RTSP_TCP, "ad-min", "p@ss/w:0%rd-not"}, {"cam", SKY_RTSP_TCP, "else", "p@ss/w:0%rd"}, {"cam", SKY_RTSP_UDP}};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(Tap) tap = tap_new(camera, &wrong[i]);
        wait_end(tap, SKY_ERR_CONFIG, "authentication");
        g_assert_null(strstr(tap->error->message, "p@ss"));
    }
}

static void test_wrong_path(void) {
    g_autoptr(CameraFixture) camera = start_h264("");
    g_autoptr(Tap) tap = tap_new(camera, &(Reach){"nothing-here", SKY_RTSP_TCP});
    wait_end(tap, SKY_ERR_CONFIG, "404");
}

static void test_transport(void) {
    g_autoptr(CameraFixture) udp = start_h264("--udp-only");
    g_autoptr(Tap) taken = tap_new(udp, &(Reach){"cam", SKY_RTSP_UDP});
    wait_packets(taken, 5);
    check_clean(taken);
    g_autoptr(Tap) refused = tap_new(udp, &(Reach){"cam", SKY_RTSP_TCP});
    wait_end(refused, SKY_ERR_CONFIG, "transport");
    g_autoptr(CameraFixture) tcp = start_h264("--tcp-only");
    g_autoptr(Tap) also_refused = tap_new(tcp, &(Reach){"cam", SKY_RTSP_UDP});
    wait_end(also_refused, SKY_ERR_CONFIG, "transport");
}

/* Silent, frozen, gone: found out within the stall time-out, and the next attempt works as soon as the camera does. */
static void test_silence(gconstpointer transport) {
    Reach reach = {"cam", (SkyRtspTransport)GPOINTER_TO_INT(transport)};
    g_autoptr(CameraFixture) camera = start_h264("");
    g_autoptr(Tap) stalled = tap_new(camera, &reach);
    wait_packets(stalled, 10);
    camera_fixture_tell(camera, "stall cam");
    int64_t before_ns = sky_clock_monotonic_ns();
    wait_end(stalled, SKY_ERR_RETRY, "nothing for 2.0 s");
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, <, 4 * SKY_NS_PER_S);
    camera_fixture_tell(camera, "resume cam");

    g_autoptr(Tap) frozen = tap_new(camera, &reach);
    wait_packets(frozen, 10);
    kill(camera_fixture_process(camera), SIGSTOP);
    before_ns = sky_clock_monotonic_ns();
    wait_end(frozen, SKY_ERR_RETRY, "nothing for 2.0 s");
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, <, 4 * SKY_NS_PER_S);
    kill(camera_fixture_process(camera), SIGCONT);

    g_autoptr(Tap) thrown_out = tap_new(camera, &reach);
    wait_packets(thrown_out, 10);
    camera_fixture_tell(camera, "disconnect cam");
    wait_end(thrown_out, SKY_ERR_RETRY, "");
    check(stalled);
    check(frozen);
    check(thrown_out);
}

static void test_switch(void) {
    g_autoptr(CameraFixture) camera = start_h264("");
    g_autoptr(Tap) tap = tap_new(camera, &(Reach){"cam", SKY_RTSP_TCP});
    wait_packets(tap, 20);
    g_assert_cmpuint(tap->width_px, ==, 320);
    camera_fixture_tell(camera, "switch cam %s", h264_wide);
    wait_more(tap, 60);
    g_assert_cmpuint(tap->width_px, ==, 480);
    check(tap);
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

static void test_restart(void) {
    g_autoptr(CameraFixture) camera = start_h264("");
    g_autoptr(Tap) tap = tap_new(camera, &(Reach){"cam", SKY_RTSP_TCP});
    wait_packets(tap, 20);
    camera_fixture_tell(camera, "restart cam"); /* new time stamps */
    wait_more(tap, 50);
    g_assert_cmpuint(sky_counter_get(&sky_source_numbers(tap->source)->mended_times), >, 0);
    check(tap);
    const SkyPacketTimes *last = sky_packet_times(g_ptr_array_index(tap->packets, tap->packets->len - 1));
    g_assert_cmpint(last->pts_ns, <, 10 * SKY_NS_PER_S);
}

static void test_habits(void) {
    static const char *const rows[] = {"--no-sprop", "--seq-wrap", "--clock-offset 28800"};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int transport = SKY_RTSP_TCP; transport <= SKY_RTSP_UDP; transport++) {
            g_autoptr(CameraFixture) camera = start_h264(rows[i]);
            g_autoptr(Tap) tap = tap_new(camera, &(Reach){"cam", (SkyRtspTransport)transport});
            wait_packets(tap, 40);
            check_clean(tap);
        }
}

/* Losses and noise: nothing breaks, nothing is invented, and it is whole again afterwards. */
static void test_damage(gconstpointer transport) {
    g_autofree char *options = g_strdup_printf("a=%s b=%s", h264, h265);
    g_autoptr(CameraFixture) camera = start_camera(options);
    static const char *const names[] = {"a", "b"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(Tap) tap = tap_new(camera, &(Reach){names[i], (SkyRtspTransport)GPOINTER_TO_INT(transport)});
        wait_packets(tap, 20);
        camera_fixture_tell(camera, "drop %s 20", names[i]);
        wait_more(tap, 30);
        camera_fixture_tell(camera, "drop %s 0", names[i]);
        camera_fixture_tell(camera, "garbage %s on", names[i]);
        wait_more(tap, 10);
        camera_fixture_tell(camera, "garbage %s off", names[i]);
        wait_more(tap, 60);
        sky_lock_enter(&tap->lock);
        guint damaged = tap->damaged, frames = tap->frames;
        sky_lock_leave(&tap->lock);
        wait_more(tap, 20);
        sky_lock_enter(&tap->lock);
        g_assert_cmpuint(tap->frames, >, frames);
        g_assert_cmpuint(tap->damaged, ==, damaged);
        sky_lock_leave(&tap->lock);
        check(tap);
    }
}

static gboolean make_clips(void) {
    h264 = clip_fixture_make(fixture, "a.mp4", "testsrc2=s=320x240:r=25:d=4", "-c:v libx264 -preset veryfast -g 25 -bf 0");
    h264_wide = clip_fixture_make(fixture, "w.mp4", "testsrc2=s=480x272:r=25:d=4", "-c:v libx264 -preset veryfast -g 25 -bf 0");
    h265 = clip_fixture_make(fixture, "b.mp4", "testsrc2=s=320x240:r=25:d=4",
                             "-c:v libx265 -preset veryfast -x265-params log-level=none:pools=1:keyint=25:bframes=0");
    mjpeg = clip_fixture_make(fixture, "c.mkv", "testsrc2=s=320x240:r=25:d=4", "-c:v mjpeg -pix_fmt yuvj420p");
    return h264 != NULL && h264_wide != NULL && h265 != NULL && mjpeg != NULL;
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
    g_test_add_func("/rtsp-source/codecs", test_codecs);
    g_test_add_data_func("/rtsp-source/digest", "digest", test_account);
    g_test_add_data_func("/rtsp-source/basic", "basic", test_account);
    g_test_add_func("/rtsp-source/wrong-path", test_wrong_path);
    g_test_add_func("/rtsp-source/transport", test_transport);
    g_test_add_data_func("/rtsp-source/silence-tcp", GINT_TO_POINTER(SKY_RTSP_TCP), test_silence);
    g_test_add_data_func("/rtsp-source/silence-udp", GINT_TO_POINTER(SKY_RTSP_UDP), test_silence);
    g_test_add_func("/rtsp-source/switch", test_switch);
    g_test_add_func("/rtsp-source/restart", test_restart);
    g_test_add_func("/rtsp-source/habits", test_habits);
    g_test_add_data_func("/rtsp-source/damage-tcp", GINT_TO_POINTER(SKY_RTSP_TCP), test_damage);
    g_test_add_data_func("/rtsp-source/damage-udp", GINT_TO_POINTER(SKY_RTSP_UDP), test_damage);
    int failed = g_test_run();
    clip_fixture_free(fixture);
    g_free(h264);
    g_free(h264_wide);
    g_free(h265);
    g_free(mjpeg);
    return failed;
}
