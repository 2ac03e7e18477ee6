/* SPDX-License-Identifier: Apache-2.0 */
/* Files are made with the ffmpeg program, as no file of our own could be trusted to be like a camera's. */
#include <string.h>

#include "av/access_unit.h"
#include "base/clock.h"
#include "base/error.h"
#include "support/clip_fixture.h"

#define PICTURE "testsrc2=s=160x128:r=25:d=2"

static ClipFixture *fixture;

static ClipCatch *play(const SkySourceParams *params, guint stop_after) {
    ClipCatch *caught = clip_catch_replay(params, stop_after);
    g_assert_cmpuint(caught->bad_packets, ==, 0);
    g_assert_cmpuint(caught->mended_times, ==, 0);
    return caught;
}

static void check_packets(const ClipCatch *caught, SkyCodec codec) {
    static const uint8_t zeros[SKY_PACKET_PADDING];
    g_assert_true(clip_catch_times(caught, 0)->key);
    g_assert_cmpint(clip_catch_times(caught, 0)->pts_ns, ==, 0);
    int64_t last_ns = INT64_MIN;
    for (guint i = 0; i < caught->packets->len; i++) {
        SkyPacket *packet = clip_catch_at(caught, i);
        const SkyPacketTimes *times = sky_packet_times(packet);
        g_assert_cmpint(times->dts_ns, >, last_ns);
        g_assert_cmpint(times->pts_ns, >=, times->dts_ns);
        g_assert_false(times->gap);
        last_ns = times->dts_ns;
        SkyStreamInfo *info = sky_packet_info(packet);
        g_assert_cmpint(sky_stream_info_codec(info), ==, codec);
        g_assert_cmpuint(sky_stream_info_width_px(info), ==, 160);
        g_assert_cmpuint(sky_stream_info_height_px(info), ==, 128);
        SkyAccessUnit unit = sky_access_unit_scan(codec, sky_packet_data(packet), sky_packet_size_bytes(packet), NULL, NULL);
        g_assert_true(unit.valid && unit.has_picture);
        g_assert_cmpint(unit.random_access, ==, times->key);
        g_assert_cmpmem(sky_packet_data(packet) + sky_packet_size_bytes(packet), SKY_PACKET_PADDING, zeros, SKY_PACKET_PADDING);
    }
}

typedef struct {
    const char *name, *file, *arguments;
    SkyCodec codec;
    guint keys;
} Row;

static const Row rows[] = {
    {"h264-mp4", "a.mp4", "-c:v libx264 -preset ultrafast -g 25 -bf 0", SKY_CODEC_H264, 2},
    {"h264-mp4-reordered", "b.mp4", "-c:v libx264 -preset ultrafast -g 25 -bf 3 -flags +cgop", SKY_CODEC_H264, 2},
    {"h264-mkv", "c.mkv", "-c:v libx264 -preset ultrafast -g 25 -bf 2", SKY_CODEC_H264, 2},
    {"h264-ts", "d.ts", "-c:v libx264 -preset ultrafast -g 25 -bf 0", SKY_CODEC_H264, 2},
    {"h265-mp4", "e.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=1:keyint=25:bframes=2", SKY_CODEC_H265,
     2},
    {"mjpeg-mkv", "f.mkv", "-c:v mjpeg", SKY_CODEC_MJPEG, 50},
};

static void test_row(gconstpointer data) {
    const Row *row = data;
    g_autofree char *path = clip_fixture_make(fixture, row->file, PICTURE, row->arguments);
    if (path == NULL) {
        g_test_skip("no ffmpeg with this encoder");
        return;
    }
    g_autoptr(ClipCatch) caught = play(&(SkySourceParams){.camera = "file", .url = path}, 0);
    g_assert_no_error(caught->error);
    g_assert_cmpuint(caught->packets->len, ==, 50);
    check_packets(caught, row->codec);
    guint keys = 0;
    gsize sets_bytes = 0;
    for (guint i = 0; i < 50; i++) {
        keys += clip_catch_times(caught, i)->key ? 1 : 0;
        g_assert_cmpint(clip_catch_times(caught, i)->arrival_ns, ==, clip_catch_times(caught, i)->pts_ns);
    }
    g_assert_cmpuint(keys, ==, row->keys);
    SkyStreamInfo *info = sky_packet_info(clip_catch_at(caught, 0));
    sky_stream_info_parameter_sets(info, &sets_bytes);
    g_assert_true((sets_bytes > 0) == (row->codec != SKY_CODEC_MJPEG));
    g_assert_true(sky_packet_info(clip_catch_at(caught, 49)) == info); /* one stream, one info */
    g_assert_cmpfloat(sky_stream_info_frame_rate(info), ==, 25);
}

/* What tells no pts is shown as it was where they were told. */
static void test_untimed(void) {
    static const struct {
        const char *encoder, *ending;
        guint untimed;
    } ways[] = {
        {"-c:v libx264 -preset ultrafast -g 20 -bf 0", "264", 1},
        {"-c:v libx264 -preset ultrafast -g 20 -bf 3 -b_strategy 0 -x264-params b-pyramid=normal", "264", 1},
        {"-c:v libx264 -preset ultrafast -g 20 -bf 3 -b_strategy 0 -x264-params open-gop=1", "264", 1},
        {"-c:v libx264 -preset ultrafast -g 20 -bf 3 -b_strategy 0", "avi", 0},
        {"-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=1:keyint=20:bframes=4:b-adapt=0:open-gop=1", "265", 1},
    };
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autofree char *told = clip_fixture_make(fixture, "told.mp4", "testsrc2=s=160x128:r=12:d=5", ways[i].encoder);
        g_autofree char *name = g_strconcat("untold.", ways[i].ending, NULL), *path = g_build_filename(fixture->directory, name, NULL);
        const char *const copy[] = {"ffmpeg", "-v", "error", "-y", "-i", told, "-c", "copy", path, NULL};
        int status = -1;
        if (!told || !g_spawn_sync(NULL, (char **)copy, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL) || status != 0) {
            g_test_skip("no ffmpeg with this encoder");
            return;
        }
        g_autoptr(ClipCatch) right = play(&(SkySourceParams){.camera = "file", .url = told}, 0);
        g_autoptr(ClipCatch) found = play(&(SkySourceParams){.camera = "file", .url = path}, 0);
        g_assert_cmpuint(right->untimed, ==, 0);
        g_assert_cmpuint(found->untimed, ==, ways[i].untimed);
        g_assert_cmpuint(found->packets->len, ==, 60);
        for (guint at = 0; at < 60; at++) {
            int64_t off_ns = clip_catch_times(found, at)->pts_ns - clip_catch_times(right, at)->pts_ns;
            g_test_message("%s, packet %u: off by %d us", ways[i].encoder, at, (int)(off_ns / 1000));
            g_assert_cmpint(ABS(off_ns), <, SKY_NS_PER_MS);
        }
    }
}

/* A file that is another size from its 26th picture on. */
static void test_changes(void) {
    g_autofree char *path = g_build_filename(fixture->directory, "two.ts", NULL);
    g_autofree char *script = g_strdup_printf(
        "cd %s && ffmpeg -v error -y -f lavfi -i testsrc2=s=160x128:r=25:d=1 -c:v libx264 -preset ultrafast -bf 0 1.ts && "
        "ffmpeg -v error -y -f lavfi -i testsrc2=s=192x112:r=25:d=1 -c:v libx264 -preset ultrafast -bf 0 -output_ts_offset 1 2.ts "
        "&& "
        "cat 1.ts 2.ts >two.ts",
        fixture->directory);
    const char *const shell[] = {"sh", "-c", script, NULL};
    int status = -1;
    if (!g_spawn_sync(NULL, (char **)shell, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL) || status != 0) {
        g_test_skip("no ffmpeg");
        return;
    }
    g_autoptr(ClipCatch) caught = play(&(SkySourceParams){.camera = "file", .url = path}, 0);
    g_assert_cmpuint(caught->packets->len, ==, 50);
    SkyStreamInfo *first = sky_packet_info(clip_catch_at(caught, 0));
    SkyStreamInfo *last = sky_packet_info(clip_catch_at(caught, 49));
    g_assert_false(sky_stream_info_equal(first, last));
    g_assert_cmpuint(sky_stream_info_width_px(last), ==, 192);
    g_assert_true(sky_packet_info(clip_catch_at(caught, 24)) == first);
    g_assert_true(sky_packet_info(clip_catch_at(caught, 25)) == last);
}

static void test_loops(void) {
    g_autofree char *path = clip_fixture_make(fixture, "loop.mp4", PICTURE, "-c:v libx264 -preset ultrafast -g 25 -bf 0");
    if (path == NULL) {
        g_test_skip("no ffmpeg");
        return;
    }
    g_autoptr(ClipCatch) caught = play(&(SkySourceParams){.camera = "file", .url = path, .loop = TRUE}, 120);
    g_assert_no_error(caught->error); /* told to stop */
    g_assert_cmpuint(caught->packets->len, ==, 120);
    check_packets(caught, SKY_CODEC_H264);
    for (guint i = 0; i < 120; i++)
        g_assert_cmpint(clip_catch_times(caught, i)->dts_ns, ==, i * 40 * SKY_NS_PER_MS);
}

static void test_paced(void) {
    g_autofree char *path = clip_fixture_make(fixture, "paced.mp4", PICTURE, "-c:v libx264 -preset ultrafast -bf 0");
    if (path == NULL) {
        g_test_skip("no ffmpeg");
        return;
    }
    int64_t before_ns = sky_clock_monotonic_ns();
    g_autoptr(ClipCatch) caught = play(&(SkySourceParams){.camera = "file", .url = path, .paced = TRUE}, 6); /* 5 steps of 40 ms */
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, >=, 200 * SKY_NS_PER_MS);
    g_assert_cmpint(clip_catch_times(caught, 0)->arrival_ns, >=, before_ns);
    for (guint i = 1; i < 6; i++) /* each no sooner than it is due; the first one may be late */
        g_assert_cmpint(clip_catch_times(caught, i)->arrival_ns, >=, before_ns + i * 40 * SKY_NS_PER_MS);
    g_assert_cmpuint(caught->packets->len, ==, 6);
}

static void test_refuses(void) {
    g_autoptr(ClipCatch) missing = play(&(SkySourceParams){.camera = "file", .url = "/nonexistent.mp4"}, 0);
    g_assert_error(missing->error, SKY_ERROR, SKY_ERR_CONFIG);
    g_autofree char *noise = g_build_filename(fixture->directory, "noise.mp4", NULL);
    g_assert_true(g_file_set_contents(noise, "this is no video at all", -1, NULL));
    g_autoptr(ClipCatch) bad = play(&(SkySourceParams){.camera = "file", .url = noise}, 0);
    g_assert_error(bad->error, SKY_ERROR, SKY_ERR_DATA);
    g_autofree char *vp8 = clip_fixture_make(fixture, "vp8.mkv", PICTURE, "-c:v libvpx");
    if (vp8 == NULL)
        return;
    g_autoptr(ClipCatch) codec = play(&(SkySourceParams){.camera = "file", .url = vp8}, 0);
    g_assert_error(codec->error, SKY_ERROR, SKY_ERR_CONFIG);
    g_assert_nonnull(strstr(codec->error->message, "vp8"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    fixture = clip_fixture_new();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strconcat("/replay-source/", rows[i].name, NULL);
        g_test_add_data_func(name, &rows[i], test_row);
    }
    g_test_add_func("/replay-source/untimed", test_untimed);
    g_test_add_func("/replay-source/changes", test_changes);
    g_test_add_func("/replay-source/loops", test_loops);
    g_test_add_func("/replay-source/paced", test_paced);
    g_test_add_func("/replay-source/refuses", test_refuses);
    int failed = g_test_run();
    clip_fixture_free(fixture);
    return failed;
}
