/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever devices the machine has, mostly none. */
#include "decode/hardware.h"

#include <libavcodec/avcodec.h>

#include "av/av_cleanup.h"
#include "decode/decoder.h"
#include "support/clip_fixture.h"

static ClipFixture *fixture;

static SkyStreamInfo *info_of(SkyCodec codec, uint32_t width_px, uint32_t height_px) {
    return sky_stream_info_new(codec, width_px, height_px, 25, NULL, 0);
}

static AVCodecContext *context_for(SkyHardware *hardware, SkyStreamInfo *info) {
    g_autoptr(GError) error = NULL;
    AVCodecContext *context = sky_hardware_context(hardware, info, &error);
    g_assert_no_error(error);
    return context;
}

/* Small pictures and JPEG are not worth a device; without one nothing is missed. */
static void test_auto(void) {
    static const struct {
        SkyCodec codec;
        uint32_t width_px, height_px;
    } rows[] = {{SKY_CODEC_H264, 640, 360}, {SKY_CODEC_H265, 1280, 720}, {SKY_CODEC_MJPEG, 1920, 1080}, {SKY_CODEC_H264, 0, 0}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        SkyHardware hardware;
        sky_hardware_init(&hardware, SKY_DECODER_AUTO);
        g_autoptr(SkyStreamInfo) info = info_of(rows[i].codec, rows[i].width_px, rows[i].height_px);
        g_autoptr(AVCodecContext) context = context_for(&hardware, info);
        g_assert_cmpint(hardware.used, ==, SKY_DECODER_SOFTWARE);
        g_assert_null(context->hw_device_ctx);
        g_assert_null(hardware.why);
        sky_hardware_clear(&hardware);
    }
}

/* One that fails all the time is left, and not asked for again. */
static void test_gives_up(void) {
    SkyHardware hardware;
    sky_hardware_init(&hardware, SKY_DECODER_VAAPI);
    for (guint i = 0; i < 200; i++)
        g_assert_false(sky_hardware_judge(&hardware, FALSE)); /* software has nothing to be left for */
    hardware.used = SKY_DECODER_VAAPI;
    hardware.errors = 0;
    guint errors = 1;
    for (guint i = 0; i < 40; i++)
        g_assert_false(sky_hardware_judge(&hardware, FALSE));
    g_assert_false(sky_hardware_judge(&hardware, TRUE)); /* a picture: it counts from the beginning */
    while (!sky_hardware_judge(&hardware, FALSE))
        errors++;
    g_assert_cmpuint(errors, ==, 50);
    g_assert_cmpstr(hardware.why, ==, "the device fails all the time");
    g_autoptr(SkyStreamInfo) info = info_of(SKY_CODEC_H264, 1920, 1080);
    g_autoptr(AVCodecContext) context = context_for(&hardware, info);
    g_assert_cmpint(hardware.used, ==, SKY_DECODER_SOFTWARE);
    g_assert_null(context->hw_device_ctx);
    g_assert_cmpstr(hardware.why, ==, "the device fails all the time");
    sky_hardware_clear(&hardware);
}

static void count(SkyFrame *frame, gpointer user) {
    (*(guint *)user)++;
}

/* Whatever was asked for: all pictures come, and where it is not what was asked for it says why. */
static void test_asked(gconstpointer data) {
    static const struct {
        const char *name, *encoder;
    } clips[] = {{"a.mp4", "-c:v libx264 -preset ultrafast -g 25 -bf 0"}, {"a.mkv", "-c:v mjpeg -pix_fmt yuvj420p"}};
    SkyDecoderKind asked = (SkyDecoderKind)GPOINTER_TO_INT(data);
    for (gsize i = 0; i < G_N_ELEMENTS(clips); i++) {
        g_autofree char *path = clip_fixture_make(fixture, clips[i].name, "testsrc2=s=320x240:r=25:d=2", clips[i].encoder);
        if (path == NULL) {
            g_test_skip("no ffmpeg with this encoder");
            return;
        }
        g_autoptr(ClipCatch) clip = clip_catch_replay(&(SkySourceParams){.camera = "file", .url = path}, 0);
        guint frames = 0;
        g_autoptr(SkyDecoder) decoder =
            sky_decoder_new(&(SkyDecodeParams){.decoder = asked, .analysis_width_px = 160}, count, &frames);
        for (guint p = 0; p < 50; p++)
            g_assert_true(sky_decoder_push(decoder, clip_catch_at(clip, p), NULL));
        SkyDecoderKind used = sky_decoder_kind(decoder);
        const char *why = sky_decoder_why(decoder);
        g_test_message("%s: %s (%s)", sky_decoder_kind_name(asked), sky_decoder_kind_name(used), why != NULL ? why : "");
        g_assert_true(used == asked || used == SKY_DECODER_SOFTWARE);
        g_assert_true((used == asked) == (why == NULL));
        g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(decoder)->errors), ==, 0);
        sky_decoder_drain(decoder);
        g_assert_cmpuint(frames, ==, 50);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    fixture = clip_fixture_new();
    g_test_add_func("/hardware/auto", test_auto);
    g_test_add_func("/hardware/gives-up", test_gives_up);
    g_test_add_data_func("/hardware/asked/software", GINT_TO_POINTER(SKY_DECODER_SOFTWARE), test_asked);
    g_test_add_data_func("/hardware/asked/vaapi", GINT_TO_POINTER(SKY_DECODER_VAAPI), test_asked);
    g_test_add_data_func("/hardware/asked/v4l2", GINT_TO_POINTER(SKY_DECODER_V4L2), test_asked);
    int failed = g_test_run();
    clip_fixture_free(fixture);
    return failed;
}
