/* SPDX-License-Identifier: Apache-2.0 */
/* Clips and pictures of really encoded video, judged by the ffmpeg program. */
#include <glib/gstdio.h>
#include <string.h>

#include "base/clock.h"
#include "support/evidence_fixture.h"

#define H264 "-c:v libx264 -preset veryfast -g 50"

static SkyPreroll *preroll_new(void) {
    return sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
}

/* 20 s have just gone by; an event from second 10 to second 14 of them. Pre-roll 5 s: from the key frame at second 4. */
static SkyEvidenceResult make_clip(EvidenceFixture *f, const EvidenceVideo *video, SkyPreroll *preroll) {
    int64_t base_ns = sky_clock_monotonic_ns() - 20 * SKY_NS_PER_S;
    evidence_video_push(video, preroll, 0, 20, base_ns);
    evidence_fixture_clip(f, preroll, "a1", base_ns + 10 * SKY_NS_PER_S);
    sky_evidence_clip_end(f->evidence, "a1", base_ns + 14 * SKY_NS_PER_S);
    return evidence_fixture_await(f);
}

typedef struct {
    const char *name, *encoder, *codec, *tag;
    double event_offset_s; /* dts 0 to the event, and the reordering */
} CodecRow;

static const CodecRow codec_rows[] = {
    {"h264-baseline", H264 " -profile:v baseline", "h264", "avc1", 6},
    {"h264-main-b-frames", H264 " -profile:v main -bf 3", "h264", "avc1", 6.08},
    {"h264-high-slices", H264 " -profile:v high -bf 2 -slices 4", "h264", "avc1", 6.08},
    {"h265", "-c:v libx265 -preset ultrafast -x265-params keyint=50:min-keyint=50:scenecut=0:log-level=none", "hevc", "hvc1", 6.08},
    {"mjpeg", "-c:v mjpeg -q:v 8", "mjpeg", "mp4v", 5},
};

static void test_codec(gconstpointer data) {
    const CodecRow *row = data;
    g_autoptr(EvidenceVideo) video = evidence_video_make("640x360", 25, 20, row->encoder);
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    SkyEvidenceResult result = make_clip(&f, video, preroll);
    g_assert_true(result.ok);
    g_assert_cmpint(result.kind, ==, SKY_EVIDENCE_CLIP);
    g_assert_cmpstr(result.camera, ==, "cam1");
    g_assert_false(result.truncated || result.repaired);
    g_assert_cmpuint(result.parts, ==, 1);
    g_assert_cmpuint(result.gaps, ==, 0);
    double length_s = row->event_offset_s >= 6 ? 13 : 12; /* second 4 (MJPEG: 5) to second 17 */
    g_assert_cmpfloat_with_epsilon(result.seconds, length_s, 0.3);
    g_assert_cmpfloat_with_epsilon(result.event_offset_s, row->event_offset_s, 0.13);
    unsigned frames = evidence_check_clip(result.path);
    g_assert_cmpuint(frames, >=, (unsigned)(length_s * 25));
    g_assert_cmpuint(frames, <=, (unsigned)(length_s * 25) + 1);
    g_autofree char *codec = evidence_probe(result.path, "codec_name");
    g_autofree char *tag = evidence_probe(result.path, "codec_tag_string");
    g_autofree char *duration = evidence_probe(result.path, "duration");
    g_autofree char *sha256 = evidence_sha256(result.path);
    g_assert_cmpstr(codec, ==, row->codec);
    g_assert_cmpstr(tag, ==, row->tag);
    g_assert_cmpfloat_with_epsilon(g_ascii_strtod(duration, NULL), result.seconds, 0.13); /* it counts by dts */
    g_assert_cmpstr(sha256, ==, result.sha256);
    GStatBuf file;
    g_assert_cmpint(g_stat(result.path, &file), ==, 0);
    g_assert_cmpuint((uint64_t)file.st_size, ==, result.bytes);
    g_autofree char *list = evidence_fixture_list(&f);
    g_assert_cmpstr(list, ==, "cam1/a1.mp4\n");
    evidence_fixture_clear(&f);
}

/* ---- real cameras' clips ---- */

static void test_footage(void) {
    const char *given = g_getenv("SKYNET_FOOTAGE");
    g_autofree char *here = g_path_get_dirname(__FILE__);
    g_autofree char *beside = g_build_filename(here, "..", "..", "..", "shared", "footage", NULL);
    g_autofree char *path = g_build_filename(given ? given : beside, "car.mp4", NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_test_skip("no real clips: set SKYNET_FOOTAGE");
        return;
    }
    g_autoptr(EvidenceVideo) video = evidence_video_read(path);
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    SkyEvidenceResult result = make_clip(&f, video, preroll);
    g_assert_true(result.ok);
    g_assert_cmpfloat(result.event_offset_s, >=, 5);
    g_assert_cmpuint(evidence_check_clip(result.path), >, 100);
    evidence_fixture_clear(&f);
}

/* ---- the course of a clip ---- */

static EvidenceVideo *plain_video(void) {
    return evidence_video_make("320x180", 25, 20, H264);
}

/* The camera falls silent while the event goes on; the clip closes by the clock, and nothing waits for a packet. */
static void test_stall(void) {
    g_autoptr(EvidenceVideo) video = plain_video();
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    f.params.post_roll_ns = SKY_NS_PER_S;
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t begin_ns = sky_clock_monotonic_ns();
    evidence_video_push(video, preroll, 0, 10, begin_ns - 10 * SKY_NS_PER_S);
    evidence_fixture_clip(&f, preroll, "a1", begin_ns);
    g_usleep(600000);
    g_assert_false(evidence_fixture_has_result(&f));
    int64_t end_ns = sky_clock_monotonic_ns();
    sky_evidence_clip_end(f.evidence, "a1", end_ns);
    SkyEvidenceResult result = evidence_fixture_await(&f);
    int64_t late_ns = sky_clock_monotonic_ns() - (end_ns + f.params.post_roll_ns);
    g_assert_cmpint(late_ns, >=, 0);
    g_assert_cmpint(late_ns, <, 10 * SKY_NS_PER_S);
    g_assert_true(result.ok && !result.truncated);
    g_assert_cmpfloat_with_epsilon(result.seconds, 6, 0.1); /* second 4 to 10: what the camera sent */
    g_assert_cmpfloat_with_epsilon(result.event_offset_s, 6, 0.1);
    evidence_check_clip(result.path);
    evidence_fixture_clear(&f);
}

/* Packets come while the clip is open, as from a camera; by a clock that is ahead, so that a machine which is held up ends no clip. */
static void test_live(void) {
    g_autoptr(EvidenceVideo) video = plain_video();
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    f.params.post_roll_ns = SKY_NS_PER_S / 2;
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = sky_clock_monotonic_ns() + 50 * SKY_NS_PER_S;
    evidence_video_push(video, preroll, 0, 10, base_ns);
    evidence_fixture_clip(&f, preroll, "a1", base_ns + 9 * SKY_NS_PER_S);
    for (int step = 0; step < 20; step++) { /* 2 s */
        g_usleep(100000);
        evidence_video_push(video, preroll, 10 + 0.1 * step, 10 + 0.1 * (step + 1), base_ns);
        if (step == 10)
            sky_evidence_clip_end(f.evidence, "a1", base_ns + 11 * SKY_NS_PER_S);
    }
    SkyEvidenceResult result = evidence_fixture_await(&f);
    g_assert_true(result.ok);
    g_assert_cmpfloat_with_epsilon(result.seconds, 7.5, 0.1); /* second 4 to 11.5 */
    g_assert_cmpuint(evidence_check_clip(result.path), >=, (unsigned)(result.seconds * 25) - 3); /* B frames may miss at the end */
    evidence_fixture_clear(&f);
}

static void test_clip_max(void) {
    g_autoptr(EvidenceVideo) video = plain_video();
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    f.params.clip_max_ns = 8 * SKY_NS_PER_S;
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = sky_clock_monotonic_ns() - 20 * SKY_NS_PER_S;
    evidence_video_push(video, preroll, 0, 20, base_ns);
    evidence_fixture_clip(&f, preroll, "a1", base_ns + 10 * SKY_NS_PER_S); /* and no end */
    SkyEvidenceResult result = evidence_fixture_await(&f);
    g_assert_true(result.ok && result.truncated);
    g_assert_cmpfloat_with_epsilon(result.seconds, 8, 0.1);
    evidence_check_clip(result.path);
    sky_evidence_clip_end(f.evidence, "a1", base_ns + 14 * SKY_NS_PER_S); /* too late: nobody's any more */
    evidence_fixture_clear(&f);
}

/* The event goes on, the camera says nothing: clip_max is by the clock too. */
static void test_clip_max_by_clock(void) {
    g_autoptr(EvidenceVideo) video = plain_video();
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    f.params.clip_max_ns = 3 * SKY_NS_PER_S / 2;
    f.params.pre_roll_ns = SKY_NS_PER_S / 2;
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t begin_ns = sky_clock_monotonic_ns();
    evidence_video_push(video, preroll, 0, 1, begin_ns - SKY_NS_PER_S);
    evidence_fixture_clip(&f, preroll, "a1", begin_ns);
    SkyEvidenceResult result = evidence_fixture_await(&f);
    g_assert_true(result.ok && result.truncated);
    g_assert_cmpint(sky_clock_monotonic_ns() - begin_ns, <, 10 * SKY_NS_PER_S);
    evidence_fixture_clear(&f);
}

static void test_change(void) {
    g_autoptr(EvidenceVideo) small = evidence_video_make("320x180", 25, 10, H264);
    g_autoptr(EvidenceVideo) large = evidence_video_make("640x360", 25, 10, H264 " -bf 2");
    if (small == NULL || large == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = sky_clock_monotonic_ns() - 20 * SKY_NS_PER_S;
    evidence_video_push(small, preroll, 0, 10, base_ns);
    evidence_video_push(large, preroll, 0, 10, base_ns + 10 * SKY_NS_PER_S);
    evidence_fixture_clip(&f, preroll, "a1", base_ns + 9 * SKY_NS_PER_S);
    sky_evidence_clip_end(f.evidence, "a1", base_ns + 12 * SKY_NS_PER_S);
    SkyEvidenceResult result = evidence_fixture_await(&f);
    g_assert_true(result.ok && result.truncated);
    g_assert_cmpuint(result.parts, ==, 2);
    g_assert_cmpfloat_with_epsilon(result.seconds, 6, 0.1); /* of the first: second 4 to 10 */
    g_assert_cmpfloat_with_epsilon(result.event_offset_s, 5, 0.1);
    g_autofree char *list = evidence_fixture_list(&f);
    g_assert_cmpstr(list, ==, "cam1/a1-2.mp4\ncam1/a1.mp4\n");
    g_autofree char *second = g_build_filename(f.directory, "cam1", "a1-2.mp4", NULL);
    g_autofree char *second_sha256 = evidence_sha256(second);
    g_assert_cmpstr(result.further_sha256[0], ==, second_sha256);
    g_assert_cmpstr(result.further_sha256[1], ==, "");
    g_autofree char *first_size = evidence_probe(result.path, "width,height");
    g_autofree char *second_size = evidence_probe(second, "width,height");
    g_autofree char *second_duration = evidence_probe(second, "duration");
    g_assert_cmpstr(first_size, ==, "320,180");
    g_assert_cmpstr(second_size, ==, "640,360");
    g_assert_cmpfloat_with_epsilon(g_ascii_strtod(second_duration, NULL), 5, 0.15);
    evidence_check_clip(result.path);
    evidence_check_clip(second);
    /* Where it changes ahead of the event, all of the event is in one file. */
    evidence_fixture_clip(&f, preroll, "a2", base_ns + 11 * SKY_NS_PER_S);
    sky_evidence_clip_end(f.evidence, "a2", base_ns + 12 * SKY_NS_PER_S);
    result = evidence_fixture_await(&f);
    g_assert_true(result.ok && !result.truncated);
    g_assert_cmpuint(result.parts, ==, 1);
    g_assert_cmpfloat_with_epsilon(result.event_offset_s, 1, 0.1);
    g_autofree char *size = evidence_probe(result.path, "width,height");
    g_assert_cmpstr(size, ==, "640,360");
    evidence_fixture_clear(&f);
}

/* The new stream comes without its key frame at first, and the event is over by then: nothing is left of what is given up. */
static void test_change_without_key(void) {
    g_autoptr(EvidenceVideo) small = evidence_video_make("320x180", 25, 10, H264);
    g_autoptr(EvidenceVideo) large = evidence_video_make("640x360", 25, 10, H264);
    if (small == NULL || large == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = sky_clock_monotonic_ns() - 20 * SKY_NS_PER_S;
    evidence_video_push(small, preroll, 0, 10, base_ns);
    evidence_video_push(large, preroll, 0.2, 10, base_ns + 10 * SKY_NS_PER_S);
    evidence_fixture_clip(&f, preroll, "a1", base_ns + 10 * SKY_NS_PER_S + SKY_NS_PER_S / 2);
    sky_evidence_clip_end(f.evidence, "a1", base_ns + 13 * SKY_NS_PER_S);
    SkyEvidenceResult result = evidence_fixture_await(&f);
    g_assert_true(result.ok);
    g_autofree char *size = evidence_probe(result.path, "width,height");
    g_assert_cmpstr(size, ==, "640,360");
    g_assert_cmpfloat(result.event_offset_s, ==, 0);
    evidence_fixture_clear(&f);
}

/* A camera that changes at every key frame ends its clip at the eighth file, and not the disk. */
static void test_change_without_end(void) {
    g_autoptr(EvidenceVideo) one = evidence_video_make("320x180", 25, 2, H264);
    g_autoptr(EvidenceVideo) other = evidence_video_make("160x90", 25, 2, H264);
    if (one == NULL || other == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    f.params.pre_roll_ns = 40 * SKY_NS_PER_S;
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = sky_clock_monotonic_ns() - 30 * SKY_NS_PER_S;
    for (int i = 0; i < 15; i++)
        evidence_video_push(i % 2 ? other : one, preroll, 0, 2, base_ns + i * 2 * SKY_NS_PER_S);
    evidence_fixture_clip(&f, preroll, "a1", base_ns + SKY_NS_PER_S);
    SkyEvidenceResult result = evidence_fixture_await(&f);
    g_assert_true(result.ok && result.truncated);
    g_assert_cmpuint(result.parts, ==, 8);
    evidence_fixture_clear(&f);
}

/* The connection broke for 4 s; the new one begins its media time at 0. */
static void test_gap(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 20, H264 " -bf 2");
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = sky_clock_monotonic_ns() - 20 * SKY_NS_PER_S;
    evidence_video_push(video, preroll, 0, 7, base_ns);
    sky_preroll_break(preroll);
    evidence_video_push(video, preroll, 0, 9, base_ns + 11 * SKY_NS_PER_S);
    evidence_fixture_clip(&f, preroll, "a1", base_ns + 12 * SKY_NS_PER_S);
    sky_evidence_clip_end(f.evidence, "a1", base_ns + 14 * SKY_NS_PER_S);
    SkyEvidenceResult result = evidence_fixture_await(&f);
    g_assert_true(result.ok && !result.truncated);
    g_assert_cmpuint(result.gaps, ==, 1);
    g_assert_cmpfloat_with_epsilon(result.seconds, 11, 0.2); /* second 6 to 17, the hole is in it */
    g_assert_cmpfloat_with_epsilon(result.event_offset_s, 6, 0.15);
    evidence_check_clip(result.path);
    evidence_fixture_clear(&f);
}

/* ---- many ---- */

#define CAMERAS 10 /* 30 requests: what may wait */

static void test_at_once(void) {
    g_autoptr(EvidenceVideo) video = plain_video();
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    SkyPreroll *prerolls[CAMERAS];
    int64_t base_ns = sky_clock_monotonic_ns() - 20 * SKY_NS_PER_S;
    for (int i = 0; i < CAMERAS; i++) {
        prerolls[i] = preroll_new();
        evidence_video_push(video, prerolls[i], 0, 20, base_ns);
        for (int event = 0; event < 2; event++) { /* two overlap at each camera */
            g_autofree char *alert = g_strdup_printf("a%d-%d", i, event ? 9 : 0);
            evidence_fixture_clip(&f, prerolls[i], alert, base_ns + (8 + event) * SKY_NS_PER_S);
            sky_evidence_clip_end(f.evidence, alert, base_ns + (11 + event) * SKY_NS_PER_S);
            if (event == 0)
                evidence_fixture_snapshot(&f, prerolls[i], alert, base_ns + 9 * SKY_NS_PER_S);
        }
    }
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < 3 * CAMERAS; i++) {
        SkyEvidenceResult result = evidence_fixture_await(&f);
        g_assert_true(result.ok);
        g_assert_true(g_hash_table_add(seen, g_strdup_printf("%d %s", result.kind, result.alert))); /* once each */
        if (result.kind == SKY_EVIDENCE_CLIP)
            g_assert_cmpfloat_with_epsilon(result.seconds, 12, 2.1);
    }
    g_assert_cmpuint(sky_counter_get(&sky_evidence_numbers(f.evidence)->clips), ==, 2 * CAMERAS);
    g_assert_cmpuint(sky_counter_get(&sky_evidence_numbers(f.evidence)->snapshots), ==, CAMERAS);
    evidence_fixture_stop(&f);
    g_assert_false(evidence_fixture_has_result(&f));
    for (int i = 0; i < CAMERAS; i++)
        sky_preroll_unref(prerolls[i]);
    evidence_fixture_clear(&f);
}

/* Before the start nothing is taken out: 32 wait, the next is refused at once, and each of the 32 is answered once. */
static void test_bound(void) {
    g_autoptr(EvidenceVideo) video = plain_video();
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    g_autoptr(GError) error = NULL;
    g_autoptr(SkyPreroll) preroll = preroll_new();
    evidence_fixture_make(&f);
    int64_t now_ns = sky_clock_monotonic_ns();
    evidence_video_push(video, preroll, 0, 4, now_ns - 4 * SKY_NS_PER_S);
    for (int i = 0; i < 32; i++) {
        g_autofree char *alert = g_strdup_printf("a%d", i);
        evidence_fixture_clip(&f, preroll, alert, now_ns - SKY_NS_PER_S);
        sky_evidence_clip_end(f.evidence, alert, now_ns - 5 * SKY_NS_PER_S);
    }
    SkyClipRequest request = {.camera = "cam1", .alert = "one-more", .preroll = preroll, .begin_ns = now_ns};
    g_assert_false(sky_evidence_clip_begin(f.evidence, &request));
    g_assert_cmpint(sky_evidence_oldest_job_ns(f.evidence), !=, SKY_TIME_NONE);
    static const char *const bad[] = {"", "../../etc", "A1", "x/y", "a1-2"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        request.alert = bad[i];
        g_assert_false(sky_evidence_clip_begin(f.evidence, &request));
        SkySnapshotRequest picture = {.camera = bad[i], .alert = "a99", .preroll = preroll};
        if (i < 4) /* the last one may well be a camera's */
            g_assert_false(sky_evidence_snapshot(f.evidence, &picture));
    }
    g_assert_cmpuint(sky_counter_get(&sky_evidence_numbers(f.evidence)->refused), ==, 10);
    g_assert_true(sky_evidence_start(f.evidence, &error));
    for (int i = 0; i < 32; i++) {
        SkyEvidenceResult result = evidence_fixture_await(&f);
        g_assert_true(result.ok);
    }
    evidence_fixture_stop(&f);
    g_assert_false(evidence_fixture_has_result(&f));
    evidence_fixture_clear(&f);
}

/* A worker that is held up for longer than the pre-roll reaches back, as by a disk that stands still: the clip is whole. */
static void test_late_worker(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 40, "-c:v libx264 -preset veryfast -g 50");
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_make(&f);
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(64 << 20, 6 * SKY_NS_PER_S, NULL);
    int64_t base_ns = sky_clock_monotonic_ns() - 40 * SKY_NS_PER_S;
    evidence_video_push(video, preroll, 0, 6, base_ns);
    evidence_fixture_clip(&f, preroll, "a1", base_ns + 5 * SKY_NS_PER_S);
    evidence_fixture_snapshot(&f, preroll, "a1", base_ns + 7 * SKY_NS_PER_S);
    evidence_video_push(video, preroll, 6, 40, base_ns);
    sky_evidence_clip_end(f.evidence, "a1", base_ns + 35 * SKY_NS_PER_S);
    g_autoptr(GError) error = NULL;
    g_assert_true(sky_evidence_start(f.evidence, &error));
    for (int i = 0; i < 2; i++) {
        SkyEvidenceResult result = evidence_fixture_await(&f);
        g_assert_true(result.ok);
        g_assert_cmpuint(result.gaps, ==, 0);
        if (result.kind == SKY_EVIDENCE_CLIP)
            g_assert_cmpfloat(result.seconds, >, 30);
        else
            g_assert_cmpint(ABS(result.at_ns - (base_ns + 7 * SKY_NS_PER_S)), <, SKY_NS_PER_S / 10);
    }
    evidence_fixture_clear(&f);
}

/* Open clips are closed, and what waits is answered. */
static void test_stop(void) {
    g_autoptr(EvidenceVideo) video = plain_video();
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t now_ns = sky_clock_monotonic_ns();
    evidence_video_push(video, preroll, 0, 10, now_ns - 10 * SKY_NS_PER_S);
    evidence_fixture_clip(&f, preroll, "a1", now_ns - SKY_NS_PER_S);
    g_usleep(300000);
    evidence_fixture_clip(&f, preroll, "a2", now_ns - SKY_NS_PER_S);
    evidence_fixture_snapshot(&f, preroll, "a1", now_ns - SKY_NS_PER_S);
    evidence_fixture_snapshot(&f, preroll, "a2", sky_clock_monotonic_ns() + SKY_NS_PER_S / 2); /* has not come yet */
    int64_t stop_ns = sky_clock_monotonic_ns();
    sky_evidence_stop(f.evidence);
    g_assert_cmpint(sky_clock_monotonic_ns() - stop_ns, <, 10 * SKY_NS_PER_S);
    int clips = 0, pictures = 0;
    for (int i = 0; i < 4; i++) {
        SkyEvidenceResult result = evidence_fixture_await(&f);
        clips += result.kind == SKY_EVIDENCE_CLIP && result.ok;
        pictures += result.kind == SKY_EVIDENCE_SNAPSHOT;
        if (result.kind == SKY_EVIDENCE_CLIP)
            evidence_check_clip(result.path);
    }
    g_assert_cmpint(clips, ==, 2);
    g_assert_cmpint(pictures, ==, 2);
    SkyClipRequest late = {.camera = "cam1", .alert = "a3", .preroll = preroll, .begin_ns = now_ns};
    g_assert_false(sky_evidence_clip_begin(f.evidence, &late));
    evidence_fixture_clear(&f);
}

static void test_nothing_came(void) {
    EvidenceFixture f;
    evidence_fixture_init(&f);
    f.params.post_roll_ns = 0;
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t now_ns = sky_clock_monotonic_ns();
    evidence_fixture_clip(&f, preroll, "a1", now_ns);
    SkyClipRequest again = {.camera = "cam1", .alert = "a1", .preroll = preroll, .begin_ns = now_ns};
    g_assert_false(sky_evidence_clip_begin(f.evidence, &again)); /* one clip an alert */
    sky_evidence_clip_end(f.evidence, "a1", now_ns);
    SkyEvidenceResult result = evidence_fixture_await(&f);
    g_assert_false(result.ok);
    g_assert_cmpuint(result.parts, ==, 0);
    g_autofree char *list = evidence_fixture_list(&f);
    g_assert_cmpstr(list, ==, "");
    evidence_fixture_clear(&f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(codec_rows); i++) {
        g_autofree char *name = g_strconcat("/evidence/codec/", codec_rows[i].name, NULL);
        g_test_add_data_func(name, &codec_rows[i], test_codec);
    }
    g_test_add_func("/evidence/footage", test_footage);
    g_test_add_func("/evidence/stall", test_stall);
    g_test_add_func("/evidence/live", test_live);
    g_test_add_func("/evidence/clip-max", test_clip_max);
    g_test_add_func("/evidence/clip-max-by-clock", test_clip_max_by_clock);
    g_test_add_func("/evidence/change", test_change);
    g_test_add_func("/evidence/change-without-key", test_change_without_key);
    g_test_add_func("/evidence/change-without-end", test_change_without_end);
    g_test_add_func("/evidence/gap", test_gap);
    g_test_add_func("/evidence/at-once", test_at_once);
    g_test_add_func("/evidence/bound", test_bound);
    g_test_add_func("/evidence/late-worker", test_late_worker);
    g_test_add_func("/evidence/stop", test_stop);
    g_test_add_func("/evidence/nothing-came", test_nothing_came);
    return g_test_run();
}
