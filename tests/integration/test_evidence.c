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

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(codec_rows); i++) {
        g_autofree char *name = g_strconcat("/evidence/codec/", codec_rows[i].name, NULL);
        g_test_add_data_func(name, &codec_rows[i], test_codec);
    }
    return g_test_run();
}
