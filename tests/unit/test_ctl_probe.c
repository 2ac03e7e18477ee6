/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "daemon/ctl/probe_report.h"

/* ---- the rate ---- */

/* Groups of 25 pictures; a size of group i is that of its key frame, or that of the others; grow: per cent a group. */
static SkyRate rate_of(guint groups, guint key_bytes, guint other_bytes, guint grow, double *ret_share) {
    SkyRateMeter meter;
    sky_rate_meter_init(&meter);
    for (guint i = 0; i < groups * 25; i++) {
        guint scale = 100 + grow * (i / 25);
        sky_rate_meter_take(&meter, (i % 25 == 0 ? key_bytes : other_bytes) * scale / 100, i % 25 == 0);
    }
    SkyRate rate = sky_rate_meter_judge(&meter, ret_share);
    sky_rate_meter_clear(&meter);
    return rate;
}

static void test_rates(void) {
    double share;
    g_assert_cmpint(rate_of(4, 11000, 50, 0, &share), ==, SKY_RATE_VARIABLE);
    g_assert_cmpfloat(share, <, 0.005);
    g_assert_cmpint(rate_of(4, 20000, 2400, 0, &share), ==, SKY_RATE_CONSTANT);
    g_assert_cmpfloat_with_epsilon(share, 0.12, 0.0001);
    g_assert_cmpint(rate_of(4, 20000, 2400, 40, &share), ==, SKY_RATE_UNCLEAR); /* something moves */
    g_assert_cmpint(rate_of(2, 20000, 2400, 0, &share), ==, SKY_RATE_UNCLEAR);  /* one whole group has no like */
    g_assert_cmpint(rate_of(0, 0, 0, 0, &share), ==, SKY_RATE_UNCLEAR);
}

static void test_rate_of_whole_pictures(void) {
    SkyRateMeter meter;
    sky_rate_meter_init(&meter);
    for (guint i = 0; i < 100; i++)
        sky_rate_meter_take(&meter, 30000, TRUE);
    double share = 1;
    g_assert_cmpint(sky_rate_meter_judge(&meter, &share), ==, SKY_RATE_UNCLEAR);
    g_assert_cmpfloat(share, ==, 0);
    sky_rate_meter_clear(&meter);
}

/* ---- the report ---- */

static SkyLook good_look(void) {
    return (SkyLook){.packets = 150, .codec = SKY_CODEC_H264, .width_px = 640, .height_px = 360, .fps = 25, .seconds = 6, .bit_rate = 72e3,
                     .keys = 4, .gop_least = 50, .gop_most = 50, .gop_most_ns = 2 * SKY_NS_PER_S, .rate = SKY_RATE_VARIABLE,
                     .between_share = 0.005, .has_clock = TRUE, .clock_ahead_ns = -200 * SKY_NS_PER_MS, .transport = SKY_RTSP_TCP};
}

/* The report of one bare URL, and what must stand in it (NULL: no advice at all). */
static void says(const SkyLook *look, const char *words) {
    g_autofree char *text = sky_probe_report(&(SkyProbed){.analysed = TRUE, .recorded = TRUE, .look = look}, 1);
    g_test_message("%s", text);
    if (words)
        g_assert_nonnull(strstr(text, words));
    else
        g_assert_null(strstr(text, "advice"));
}

static void test_nothing_to_change(void) {
    SkyLook look = good_look();
    says(&look, NULL);
    says(&look, "clock          as here\n");
    says(&look, "rate control   variable (between key frames 0.5 % of one)\n");
}

static void test_advice(void) {
    SkyLook look = good_look();
    look.rate = SKY_RATE_CONSTANT;
    says(&look, "advice         choose variable bit rate (VBR)");
    look = good_look();
    look.fps = 2.9;
    says(&look, "advice         set it to 10 to 15 pictures a second");
    look = good_look();
    look.width_px = 1920, look.height_px = 1080;
    says(&look, "let `sub` be a stream of about 640x360");
    look = good_look();
    look.width_px = 176, look.height_px = 144;
    says(&look, "this is small");
    look = good_look();
    look.codec = SKY_CODEC_H265;
    says(&look, "H.264 costs this box the least");
    says(&look, "do not play in every browser");
    look = good_look();
    look.gop_most_ns = 4 * SKY_NS_PER_S, look.gop_most = 100, look.gop_least = 100;
    says(&look, "I-frame interval to 1 to 2 s (50 pictures");
    g_autofree char *plain = sky_probe_report(&(SkyProbed){.analysed = TRUE, .look = &look}, 1);
    g_assert_null(strstr(plain, "smart"));
    look.gop_least = 25; /* sometimes 1 s, sometimes 4 */
    says(&look, "a \"smart\" codec seems to be on");
    says(&look, "25 to 100 pictures, 4.0 s, at most");
    look = good_look();
    look.keys = 1, look.seconds = 9;
    says(&look, "a \"smart\" codec seems to be on");
    look.codec = SKY_CODEC_MJPEG, look.between_share = 0;
    says(&look, "every picture is whole");
}

static void test_clocks(void) {
    SkyLook look = good_look();
    look.clock_ahead_ns = INT64_C(8) * 3600 * SKY_NS_PER_S - 300 * SKY_NS_PER_MS;
    says(&look, "clock          8 h 0 min ahead of here\n");
    says(&look, "set the camera's time zone");
    look.clock_ahead_ns = -754 * SKY_NS_PER_S;
    says(&look, "clock          12 min behind here\n");
    says(&look, "by NTP");
    look.clock_ahead_ns = -INT64_C(56) * 366 * 86400 * SKY_NS_PER_S; /* 1970 */
    says(&look, "by NTP");
    look.has_clock = FALSE;
    says(&look, "it did not tell the time");
    says(&look, NULL);
}

static void test_beside_each_other(void) {
    SkyLook sub = good_look(), main_look = good_look();
    main_look.width_px = 1920, main_look.height_px = 1080, main_look.codec = SKY_CODEC_H265;
    const SkyProbed streams[] = {{.name = "sub", .analysed = TRUE, .look = &sub}, {.name = "main", .recorded = TRUE, .look = &main_look}};
    g_autofree char *text = sky_probe_report(streams, 2);
    g_test_message("%s", text);
    g_assert_nonnull(strstr(text, "\nsize           640x360"));
    g_assert_nonnull(strstr(text, "  1920x1080\n"));
    g_assert_nonnull(strstr(text, "advice         main: H.265 clips"));
    g_assert_null(strstr(text, "large")); /* the main stream is not analysed */
    g_assert_null(strstr(text, "advice         sub:"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl_probe/rates", test_rates);
    g_test_add_func("/ctl_probe/rate-of-whole-pictures", test_rate_of_whole_pictures);
    g_test_add_func("/ctl_probe/nothing-to-change", test_nothing_to_change);
    g_test_add_func("/ctl_probe/advice", test_advice);
    g_test_add_func("/ctl_probe/clocks", test_clocks);
    g_test_add_func("/ctl_probe/beside-each-other", test_beside_each_other);
    return g_test_run();
}
