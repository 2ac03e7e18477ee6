/* SPDX-License-Identifier: Apache-2.0 */
/* What only the GStreamer engine has: texts, elements that hang. What it shares with libavformat's is in test_rtsp_source.c, which
 * runs for both. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/queue.h"
#include "base/thread.h"
#include "source/gst_life.h"
#include "source/pipeline_text.h"
#include "support/camera_fixture.h"
#include "support/clip_fixture.h"
#include "support/rtsp_stage.h"

#define X265 "-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=1:keyint=25:bframes=0"
#define PATIENT_NS (60 * SKY_NS_PER_S) /* what comes does so within it on any machine */

static const char *program, *folder;

static char *shipped(const char *name) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void check_picture_text(gpointer user) {
    g_autofree char *text = shipped("test.pipeline");
    g_autoptr(GError) error = NULL;
    sky_pipeline_text_check(text, &error);
    g_assert_no_error(error);
}

/* The first of a process: none is judged before GStreamer knows its elements. */
static void test_many_at_once(void) {
    SkyThread *threads[32];
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++) {
        g_assert_nonnull(threads[i] = sky_thread_start("check", check_picture_text, NULL, NULL));
        g_usleep(3000);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        sky_thread_join(threads[i]);
}

static void test_texts(void) {
    static const char *const names[] = {"rtsp-tcp.pipeline", "rtsp-udp.pipeline", "test.pipeline"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = shipped(names[i]);
        g_autoptr(GError) error = NULL;
        g_assert_true(sky_pipeline_text_check(text, &error));
        g_assert_no_error(error);
    }
    /* Decoders that this machine has, or that it is told where to get. */
    static const struct {
        const char *name, *says;
    } hardware[] = {{"rtsp-vaapi.pipeline", "vah264dec (Debian package gstreamer1.0-plugins-bad, which offers it only where a VA-API"},
                    {"rtsp-v4l2.pipeline", "v4l2slh264dec (Debian package gstreamer1.0-plugins-bad, which offers it only where the k"},
                    {"rtsp-mpp.pipeline", "mppvideodec (not in Debian: gstreamer1.0-rockchip1 of the board's vendor)"}};
    for (gsize i = 0; i < G_N_ELEMENTS(hardware); i++) {
        g_autofree char *text = shipped(hardware[i].name);
        g_autoptr(GError) error = NULL;
        if (!sky_pipeline_text_check(text, &error) && strstr(error->message, hardware[i].says) == NULL)
            g_error("%s: %s", hardware[i].name, error->message);
    }
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"rtspsrc name=camera ! appsink name=pictures", "appsink name=packets"},
        {"rtspsrc name=camera ! fakesink name=packets", "appsink name=packets"},
        {"appsink name=packets", "appsink name=packets"},
        {"", "does not parse"},
        {"# rtspsrc name=camera ! appsink name=packets", "does not parse"},
        {"rtspsrc name=camera ! ! appsink name=packets", "does not parse"},
        {"rtspsrc name=camera no-such-property=1 ! appsink name=packets", "no-such-property"},
        {"rtspsrc name=camera ! mppvideodec ! appsink name=packets", "mppvideodec (not in Debian: gstreamer1.0-rockchip1"},
        {"rtspsrc name=camera ! v4l2slh999dec ! appsink name=packets", "v4l2slh999dec (Debian package gstreamer1.0-plugins-bad"},
        {"rtspsrc name=camera ! no-such ! nor-this ! appsink name=packets", "no such element here: no-such; nor-this"},
        {"rtspsrc name=camera ! appsink name=frames", "no clips: put a tee before the decoder"},
        {"rtspsrc name=camera ! appsink name=frames ! fakesink name=packets", "does not parse"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(sky_pipeline_text_check(bad[i].text, &error));
        g_assert_error(error, SKY_ERROR, SKY_ERR_CONFIG);
        if (strstr(error->message, bad[i].says) == NULL)
            g_error("%s: %s", bad[i].text, error->message);
    }
}

/* ---- a source ---- */

typedef struct {
    SkyQueue *ended; /* GError */
    SkyCounter packets, keys, pictures;
    gboolean has_pictures;  /* said before the first packet */
    SkyPicture last;        /* its luma is gone; behind the counter */
    uint8_t least, most;    /* of that luma */
    gboolean ascending;
} Tap;

static void on_packet(SkyPacket *packet, gpointer user) {
    Tap *tap = user;
    sky_counter_add(&tap->packets, 1);
    sky_counter_add(&tap->keys, sky_packet_times(packet)->key ? 1 : 0);
    sky_packet_unref(packet);
}

static void on_has_pictures(gpointer user) {
    Tap *tap = user;
    g_assert_cmpuint(sky_counter_get(&tap->packets), ==, 0);
    tap->has_pictures = TRUE;
}

static void on_picture(const SkyPicture *picture, gpointer user) {
    Tap *tap = user;
    gboolean first = sky_counter_get(&tap->pictures) == 0;
    tap->ascending = first || (tap->ascending && picture->pts_ns > tap->last.pts_ns &&
                               picture->arrival_ns >= tap->last.arrival_ns && picture->number > tap->last.number);
    tap->last = *picture;
    tap->least = 255;
    tap->most = 0;
    for (uint32_t y = 0; y < picture->height_px; y++)
        for (uint32_t x = 0; x < picture->width_px; x++) {
            uint8_t luma = picture->luma[(ptrdiff_t)y * picture->stride_bytes + x];
            tap->least = MIN(tap->least, luma);
            tap->most = MAX(tap->most, luma);
        }
    sky_counter_add(&tap->pictures, 1);
}

static void on_ended(const GError *error, gpointer user) {
    sky_queue_push(((Tap *)user)->ended, error != NULL ? g_error_copy(error) : g_error_new(SKY_ERROR, SKY_ERR_FATAL, "stopped"));
}

static SkySource *play(Tap *tap, const char *text, const char *url, int64_t connect_timeout_ns) {
    *tap = (Tap){.ended = sky_queue_new(1, (GDestroyNotify)g_error_free)};
    SkySourceParams params = {.camera = "cam",
                              .url = url,
                              .pipeline_text = text,
                              .connect_timeout_ns = connect_timeout_ns,
                              .stall_timeout_ns = PATIENT_NS};
    SkySource *source = sky_gst_source_new(&params, &(SkySourceSink){.packet = on_packet, .ended = on_ended, .user = tap});
    g_assert_true(sky_source_start(source, NULL));
    return source;
}

static GError *wait_end(Tap *tap) {
    gpointer error = NULL;
    g_assert_cmpint(sky_queue_pop(tap->ended, sky_clock_monotonic_ns() + PATIENT_NS, &error), ==, SKY_QUEUE_OK);
    return error;
}

static void wait_for(SkyCounter *counter, guint count) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + PATIENT_NS;
    while (sky_counter_get(counter) < count && sky_clock_monotonic_ns() < deadline_ns)
        g_usleep(10000);
    g_assert_cmpuint(sky_counter_get(counter), >=, count);
}

static void test_picture(void) {
    g_autofree char *text = shipped("test.pipeline");
    Tap tap;
    g_autoptr(SkySource) source = play(&tap, text, "rtsp://127.0.0.1/unused", PATIENT_NS);
    wait_for(&tap.packets, 60);
    wait_for(&tap.keys, 2);
    sky_source_request_stop(source);
    g_autoptr(GError) error = wait_end(&tap);
    g_assert_error(error, SKY_ERROR, SKY_ERR_FATAL);
    sky_queue_free(tap.ended);
}

/* Trust that no element of the text asks for. */
static void test_nobody_asks(void) {
    static const char *const texts[] = {"videotestsrc ! jpegenc ! appsink name=packets", "videotestsrc name=camera ! jpegenc ! appsink name=packets"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        Tap tap = {.ended = sky_queue_new(1, (GDestroyNotify)g_error_free)};
        SkySourceParams params = {.camera = "cam", .url = "rtsps://127.0.0.1/unused", .pipeline_text = texts[i], .ca_file = "/dev/null",
                                  .connect_timeout_ns = PATIENT_NS, .stall_timeout_ns = PATIENT_NS};
        g_autoptr(SkySource) source = sky_gst_source_new(&params, &(SkySourceSink){.packet = on_packet, .ended = on_ended, .user = &tap});
        g_assert_true(sky_source_start(source, NULL));
        g_autoptr(GError) error = wait_end(&tap);
        g_assert_error(error, SKY_ERROR, SKY_ERR_CONFIG);
        g_assert_nonnull(strstr(error->message, "has no element name=camera that asks for certificates"));
        g_assert_cmpuint(sky_counter_get(&tap.packets), ==, 0);
        sky_queue_free(tap.ended);
    }
}

/* What an element can not read is a packet lost, not the stream. */
static void test_odd_types(void) {
    ClipFixture *fixture = clip_fixture_new();
    g_autofree char *path = clip_fixture_make(fixture, "clip.mp4", "testsrc2=s=320x240:r=25:d=4",
                                              "-c:v libx264 -preset ultrafast -g 25 -bf 0 -tune zerolatency");
    if (path != NULL) {
        g_autoptr(ClipCatch) clip = clip_catch_replay(&(SkySourceParams){.camera = "file", .url = path}, 0);
        g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.odd_types = TRUE, .pace_ms = 10}, clip);
        g_autofree char *text = shipped("rtsp-tcp.pipeline");
        Tap tap;
        g_autoptr(SkySource) source = play(&tap, text, rtsp_stage_url(stage), PATIENT_NS);
        wait_for(&tap.packets, 60);
        g_assert_cmpuint(sky_counter_get(&sky_source_numbers(source)->bad_packets), >=, 20);
        sky_source_request_stop(source);
        g_error_free(wait_end(&tap));
        sky_queue_free(tap.ended);
    } else {
        g_test_skip("no ffmpeg with this encoder");
    }
    clip_fixture_free(fixture);
}

/* An end of sequence that is longer than it can be, in an access unit: that one is lost, and not the stream. */
static void test_long_end(gconstpointer data) {
    gboolean h265 = GPOINTER_TO_INT(data);
    static const uint8_t long_end[2][12] = {{0, 0, 1, 10, 9, 9, 9, 9, 9, 9, 9, 9}, {0, 0, 1, 36 << 1, 1, 9, 9, 9, 9, 9, 9, 9}};
    g_autoptr(ClipFixture) clips = clip_fixture_new();
    g_autofree char *path = clip_fixture_make(clips, "clip.mp4", "testsrc2=s=320x240:r=25:d=2",
                                              h265 ? X265 : "-c:v libx264 -preset ultrafast -g 25 -bf 0");
    if (path == NULL) {
        g_test_skip("no ffmpeg with this encoder");
        return;
    }
    g_autoptr(ClipCatch) clip = clip_catch_replay(&(SkySourceParams){.camera = "file", .url = path}, 0);
    for (guint i = 0; i < clip->packets->len; i++) {
        SkyPacket *packet = clip_catch_at(clip, i);
        g_autoptr(GByteArray) unit = g_byte_array_new();
        g_byte_array_append(unit, sky_packet_data(packet), (guint)sky_packet_size_bytes(packet));
        if (i == 20 || i == 40)
            g_byte_array_append(unit, long_end[h265], sizeof long_end[h265]);
        g_autofree char *name = g_strdup_printf("%s/unit-%02u", clips->directory, i);
        g_assert_true(g_file_set_contents(name, (const char *)unit->data, unit->len, NULL));
    }
    g_autofree char *text = g_strdup_printf("multifilesrc location=%s/unit-%%02d"
                                            " caps=video/x-%s,stream-format=byte-stream,alignment=au,framerate=25/1"
                                            " ! %sparse ! appsink name=packets", clips->directory, h265 ? "h265" : "h264",
                                            h265 ? "h265" : "h264");
    Tap tap;
    g_autoptr(SkySource) source = play(&tap, text, "rtsp://127.0.0.1/unused", PATIENT_NS);
    g_autoptr(GError) error = wait_end(&tap);
    g_assert_nonnull(strstr(error->message, "it ended"));
    g_assert_cmpuint(sky_counter_get(&tap.packets), ==, clip->packets->len - 2);
    g_assert_cmpuint(sky_counter_get(&sky_source_numbers(source)->bad_packets), ==, 2);
    sky_queue_free(tap.ended);
}

/* ---- pictures ---- */

/* A decoder's place is taken by what made the picture: shape and contract are the same. */
static char *picture_text(const char *format, int width_px, const char *pattern) {
    return g_strdup_printf("videotestsrc is-live=true pattern=%s ! video/x-raw,format=I420,width=%d,height=120,framerate=25/1"
                           " ! tee name=t ! queue ! openh264enc gop-size=25 complexity=low ! h264parse"
                           " ! video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=packets"
                           " t. ! queue ! videoconvert ! video/x-raw,format=%s ! appsink name=frames", pattern, width_px, format);
}

static SkySource *play_pictures(Tap *tap, const char *text, const char *url, double picture_fps, gboolean wanted,
                                int64_t stall_ns) {
    *tap = (Tap){.ended = sky_queue_new(1, (GDestroyNotify)g_error_free)};
    SkySourceParams params = {.camera = "cam",
                              .url = url,
                              .pipeline_text = text,
                              .picture_fps = picture_fps,
                              .connect_timeout_ns = PATIENT_NS,
                              .stall_timeout_ns = stall_ns};
    SkySourceSink sink = {.packet = on_packet, .ended = on_ended, .user = tap};
    if (wanted) {
        sink.picture = on_picture;
        sink.has_pictures = on_has_pictures;
    }
    SkySource *source = sky_gst_source_new(&params, &sink);
    g_assert_true(sky_source_start(source, NULL));
    return source;
}

/* White is 235, black 16 in each format, up to the last pixel of rows whose padding is neither. */
static void test_formats(void) {
    static const char *const formats[] = {"GRAY8", "NV12", "I420"};
    static const struct {
        const char *pattern;
        uint8_t luma;
    } patterns[] = {{"white", 235}, {"black", 16}};
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autofree char *text = picture_text(formats[i], 162, patterns[i % 2].pattern);
        Tap tap;
        g_autoptr(SkySource) source = play_pictures(&tap, text, "rtsp://127.0.0.1/unused", 0, TRUE, PATIENT_NS);
        wait_for(&tap.pictures, 5);
        wait_for(&tap.packets, 5);
        sky_source_request_stop(source);
        g_error_free(wait_end(&tap));
        g_assert_true(tap.has_pictures && tap.ascending && !tap.last.damaged);
        g_assert_cmpuint(tap.last.width_px, ==, 162);
        g_assert_cmpuint(tap.last.height_px, ==, 120);
        g_assert_cmpint(ABS(tap.least - patterns[i % 2].luma), <=, 1);
        g_assert_cmpint(ABS(tap.most - patterns[i % 2].luma), <=, 1);
        sky_queue_free(tap.ended);
    }
}

/* Thinned before they are looked at; where nobody wants them the branch rests, and packets go on. */
static void test_thinned(void) {
    g_autofree char *text = picture_text("NV12", 160, "ball");
    Tap tap;
    {
        g_autoptr(SkySource) source = play_pictures(&tap, text, "rtsp://127.0.0.1/unused", 5, TRUE, PATIENT_NS);
        wait_for(&tap.packets, 50);
        wait_for(&tap.pictures, 10);
        sky_source_request_stop(source);
        g_error_free(wait_end(&tap));
        int64_t fifths = 5 * (int64_t)sky_counter_get(&tap.pictures); /* of 25 a second */
        g_assert_cmpint(ABS(fifths - (int64_t)sky_counter_get(&sky_source_numbers(source)->pictures)), <=, 15);
        sky_queue_free(tap.ended);
    }
    g_autoptr(SkySource) source = play_pictures(&tap, text, "rtsp://127.0.0.1/unused", 5, FALSE, PATIENT_NS);
    wait_for(&tap.packets, 30);
    g_assert_cmpuint(sky_counter_get(&sky_source_numbers(source)->pictures), ==, 0);
    sky_source_request_stop(source);
    g_error_free(wait_end(&tap));
    sky_queue_free(tap.ended);
}

static char *replaced(char *text, const char *what, const char *by) {
    g_autofree char *before = text;
    g_auto(GStrv) parts = g_strsplit(before, what, -1);
    return g_strjoinv(by, parts);
}

/* A shipped text with decoders in software in the place of the hardware's, another one for each codec. */
static char *shipped_in_software(const char *name, gboolean h265) {
    char *text = shipped(name);
    text = replaced(text, "vah264dec", "openh264dec");
    text = replaced(text, "vah265dec", "libde265dec");
    text = replaced(text, "v4l2slh264dec", "openh264dec");
    text = replaced(text, "v4l2slh265dec", "libde265dec");
    return replaced(text, "mppvideodec", h265 ? "libde265dec" : "openh264dec");
}

/* Packets and pictures by each of the shipped texts, of both codecs; pictures follow the camera to another size. */
static void test_shipped(void) {
    static const struct {
        const char *name, *encoder;
        gboolean h265, changes;
    } rows[] = {{"rtsp-vaapi.pipeline", "-c:v libx264 -g 25 -bf 0", FALSE, TRUE},
                {"rtsp-v4l2.pipeline", X265, TRUE, FALSE},
                {"rtsp-mpp.pipeline", "-c:v libx264 -g 25 -bf 0", FALSE, FALSE}};
    g_autoptr(ClipFixture) clips = clip_fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *small = clip_fixture_make(clips, "a.mp4", "testsrc2=s=320x240:r=25:d=2", rows[i].encoder);
        g_autofree char *large = clip_fixture_make(clips, "b.mp4", "testsrc2=s=480x272:r=25:d=2", rows[i].encoder);
        if (program == NULL || small == NULL || large == NULL) {
            g_test_skip("no skynet-camera, or no ffmpeg with libx264 and libx265");
            return;
        }
        g_autofree char *options = g_strconcat("cam=", small, NULL);
        g_autoptr(CameraFixture) camera = camera_fixture_new(program, options);
        g_autofree char *url = camera_fixture_url(camera, "cam");
        g_autofree char *text = shipped_in_software(rows[i].name, rows[i].h265);
        Tap tap;
        g_autoptr(SkySource) source = play_pictures(&tap, text, url, 0, TRUE, PATIENT_NS);
        wait_for(&tap.pictures, 20);
        if (rows[i].changes) {
            camera_fixture_tell(camera, "switch cam %s", large);
            wait_for(&tap.pictures, (guint)sky_counter_get(&tap.pictures) + 100); /* those on their way before it, too */
        }
        sky_source_request_stop(source);
        g_autoptr(GError) error = wait_end(&tap);
        g_assert_error(error, SKY_ERROR, SKY_ERR_FATAL); /* told to stop: it had not ended */
        g_assert_cmpuint(tap.last.width_px, ==, rows[i].changes ? 480 : 320);
        g_assert_cmpuint(tap.last.height_px, ==, rows[i].changes ? 272 : 240);
        g_assert_true(tap.ascending);
        g_assert_cmpuint(sky_counter_get(&tap.packets), >=, 20);
        g_assert_cmpuint(sky_counter_get(&sky_source_numbers(source)->bad_pictures), ==, 0);
        sky_queue_free(tap.ended);
    }
}

/* A decoder that fails in the middle, or falls silent, ends the attempt; one that can not give what is wanted is a matter of
 * configuration. */
static void test_decoder_fails(void) {
    static const struct {
        const char *decoder, *says;
        SkyErrorCode code;
    } rows[] = {{"identity error-after=8", "stream: ", SKY_ERR_RETRY},
                {"videoconvert ! video/x-raw,format=RGB", "does not fit", SKY_ERR_CONFIG},
                {"valve drop=true", "stalled: packets come, but for 10 s no picture", SKY_ERR_RETRY}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text =
            g_strdup_printf("videotestsrc is-live=true ! video/x-raw,format=I420,width=160,height=120,framerate=25/1 ! tee name=t"
                            " ! queue ! openh264enc ! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au"
                            " ! appsink name=packets t. ! queue ! %s ! appsink name=frames", rows[i].decoder);
        Tap tap;
        g_autoptr(SkySource) source = play_pictures(&tap, text, "rtsp://127.0.0.1/unused", 0, TRUE, 2 * SKY_NS_PER_S);
        g_assert_nonnull(source);
        g_autoptr(GError) error = wait_end(&tap);
        g_assert_error(error, SKY_ERROR, (gint)rows[i].code);
        if (strstr(error->message, rows[i].says) == NULL)
            g_error("%s: %s", rows[i].decoder, error->message);
        sky_queue_free(tap.ended);
    }
}

/* A text that ends, and one that the camera's stream does not fit. */
static void test_ends(void) {
    Tap tap;
    {
        g_autoptr(SkySource) source = play(&tap, "videotestsrc num-buffers=3 ! openh264enc ! h264parse ! appsink name=packets",
                                           "rtsp://127.0.0.1/unused", PATIENT_NS);
        g_assert_nonnull(source);
        g_autoptr(GError) error = wait_end(&tap);
        g_assert_error(error, SKY_ERROR, SKY_ERR_RETRY);
        g_assert_nonnull(strstr(error->message, "it ended"));
        g_assert_cmpuint(sky_counter_get(&tap.packets), ==, 3);
        sky_queue_free(tap.ended);
    }
    g_autoptr(ClipFixture) clips = clip_fixture_new();
    g_autofree char *clip = clip_fixture_make(clips, "a.mp4", "testsrc2=s=320x240:r=25:d=2", "-c:v libx264 -g 25 -bf 0");
    if (program == NULL || clip == NULL) {
        g_test_skip("no skynet-camera, or no ffmpeg with libx264");
        return;
    }
    g_autofree char *options = g_strconcat("cam=", clip, NULL);
    g_autoptr(CameraFixture) camera = camera_fixture_new(program, options);
    g_autofree char *url = camera_fixture_url(camera, "cam");
    static const char *const other = "rtspsrc name=camera ! rtph265depay ! h265parse ! appsink name=packets";
    g_autoptr(SkySource) source = play(&tap, other, url, PATIENT_NS);
    g_assert_nonnull(source);
    g_autoptr(GError) error = wait_end(&tap);
    g_assert_error(error, SKY_ERROR, SKY_ERR_CONFIG);
    g_assert_nonnull(strstr(error->message, "does not fit what the camera sends"));
    sky_queue_free(tap.ended);
}

/* An element that hangs on its way up, as a device may: a FIFO that nobody writes. The source ends in time all the same; what
 * hangs is counted, and is gone once it is through. */
static void test_hangs(void) {
    g_autoptr(ClipFixture) clips = clip_fixture_new();
    g_autofree char *fifo = g_build_filename(clips->directory, "fifo", NULL);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_autofree char *text = g_strdup_printf("filesrc location=%s ! h264parse ! appsink name=packets", fifo);
    Tap tap;
    SkySource *source = play(&tap, text, "rtsp://127.0.0.1/unused", PATIENT_NS);
    g_usleep(1500000);
    int64_t asked_ns = sky_clock_monotonic_ns();
    sky_source_request_stop(source);
    g_error_free(wait_end(&tap));
    g_assert_cmpint(sky_clock_monotonic_ns() - asked_ns, <, 10 * SKY_NS_PER_S);
    sky_source_free(source);
    g_assert_cmpuint(sky_gst_life_hanging(), ==, 1);
    sky_queue_free(tap.ended);

    source = play(&tap, text, "rtsp://127.0.0.1/unused", SKY_NS_PER_S); /* our own clock ends this one */
    g_autoptr(GError) error = wait_end(&tap);
    g_assert_error(error, SKY_ERROR, SKY_ERR_RETRY);
    g_assert_cmpstr(error->message, ==, "connect: nothing for 1.0 s");
    sky_source_free(source);
    g_assert_cmpuint(sky_gst_life_hanging(), ==, 2);
    sky_queue_free(tap.ended);

    int64_t deadline_ns = sky_clock_monotonic_ns() + 10 * SKY_NS_PER_S;
    while (sky_gst_life_hanging() > 0 && sky_clock_monotonic_ns() < deadline_ns) { /* open() returns, then read() with the end */
        sky_autofd writer = g_open(fifo, O_RDWR | O_CLOEXEC, 0);
        g_assert_cmpint(writer, >=, 0);
        g_usleep(20000);
    }
    g_assert_cmpuint(sky_gst_life_hanging(), ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    program = g_getenv("SKYNET_CAMERA");
    folder = g_getenv("SKYNET_PIPELINES");
    g_test_add_func("/gst-source/many-at-once", test_many_at_once); /* first */
    g_test_add_func("/gst-source/texts", test_texts);
    g_test_add_func("/gst-source/picture", test_picture);
    g_test_add_func("/gst-source/nobody-asks", test_nobody_asks);
    g_test_add_func("/gst-pictures/formats", test_formats);
    g_test_add_func("/gst-pictures/thinned", test_thinned);
    g_test_add_func("/gst-pictures/shipped", test_shipped);
    g_test_add_func("/gst-pictures/decoder-fails", test_decoder_fails);
    g_test_add_func("/gst-source/odd-types", test_odd_types);
    g_test_add_data_func("/gst-source/long-end/h264", GINT_TO_POINTER(FALSE), test_long_end);
    g_test_add_data_func("/gst-source/long-end/h265", GINT_TO_POINTER(TRUE), test_long_end);
    g_test_add_func("/gst-source/ends", test_ends);
    g_test_add_func("/gst-source/hangs", test_hangs);
    return g_test_run();
}
