/* SPDX-License-Identifier: Apache-2.0 */
/* A clip whose stream falls silent while the camera's other one goes on: it goes on with that. */
#include <glib/gstdio.h>

#include "base/clock.h"
#include "support/evidence_fixture.h"

#define H264 "-c:v libx264 -preset ultrafast -g 20"

typedef struct {
    EvidenceFixture fixture;
    EvidenceVideo *large, *small;
    SkyPreroll *preroll, *spare;
    int64_t base_ns; /* second 0 of both: 20 s have just gone by */
} Case;

static gboolean case_init(Case *c) {
    c->large = evidence_video_make("320x180", 10, 20, H264);
    c->small = evidence_video_make("160x90", 10, 20, H264);
    if (c->large == NULL || c->small == NULL)
        return FALSE;
    evidence_fixture_init(&c->fixture);
    evidence_fixture_start(&c->fixture);
    c->preroll = sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
    c->spare = sky_preroll_new(64 << 20, 8 * SKY_NS_PER_S, NULL); /* what is older is there because it is held */
    c->base_ns = sky_clock_monotonic_ns() - 20 * SKY_NS_PER_S;
    return TRUE;
}

static void case_clear(Case *c) {
    if (c->preroll != NULL)
        evidence_fixture_clear(&c->fixture);
    sky_preroll_unref(c->preroll);
    sky_preroll_unref(c->spare);
    evidence_video_free(c->large);
    evidence_video_free(c->small);
}

/* Both up to second 8, and the clip of an event that begins at at_s. */
static void begin(Case *c, double at_s) {
    evidence_video_push(c->large, c->preroll, 0, 8, c->base_ns);
    evidence_video_push(c->small, c->spare, 0, 8, c->base_ns);
    SkyClipRequest request = {.camera = "cam1", .alert = "a1", .preroll = c->preroll, .spare = c->spare,
                              .begin_ns = c->base_ns + (int64_t)(at_s * 1e9)};
    g_assert_true(sky_evidence_clip_begin(c->fixture.evidence, &request));
}

static SkyEvidenceResult end(Case *c, int64_t at_s) {
    sky_evidence_clip_end(c->fixture.evidence, "a1", c->base_ns + at_s * SKY_NS_PER_S);
    return evidence_fixture_await(&c->fixture);
}

static void assert_file(const Case *c, const char *name, const char *size, double seconds) {
    g_autofree char *path = g_build_filename(c->fixture.directory, "cam1", name, NULL);
    g_autofree char *is = evidence_probe(path, "width,height"), *lasts = evidence_probe(path, "duration");
    g_assert_cmpstr(is, ==, size);
    g_assert_cmpfloat_with_epsilon(g_ascii_strtod(lasts, NULL), seconds, 0.15);
    evidence_check_clip(path);
}

/* At second 10; the event is from 7 to 14, and the clip up to 17. */
static void test_in_the_middle(void) {
    Case c = {0};
    if (case_init(&c)) {
        begin(&c, 7);
        evidence_video_push(c.large, c.preroll, 8, 10, c.base_ns);
        evidence_video_push(c.small, c.spare, 8, 20, c.base_ns);
        SkyEvidenceResult result = end(&c, 14);
        g_assert_true(result.ok && result.truncated && result.spared);
        g_assert_cmpuint(result.parts, ==, 2);
        g_assert_cmpfloat_with_epsilon(result.event_offset_s, 5, 0.1);
        assert_file(&c, "a1.mp4", "320,180", 8);   /* from the key frame at second 2 */
        assert_file(&c, "a1-2.mp4", "160,90", 9); /* from the one at second 8 */
    }
    case_clear(&c);
}

/* At second 8; the event is from 9 to 12: none of it is in the large stream, all of it is to be in one file. */
static void test_before_the_event(void) {
    Case c = {0};
    if (case_init(&c)) {
        begin(&c, 9);
        evidence_video_push(c.small, c.spare, 8, 20, c.base_ns);
        SkyEvidenceResult result = end(&c, 12);
        g_assert_true(result.ok && result.spared);
        g_assert_cmpuint(result.parts, ==, 1);
        g_assert_cmpfloat_with_epsilon(result.event_offset_s, 5, 0.1);
        assert_file(&c, "a1.mp4", "160,90", 11);
        g_autofree char *list = evidence_fixture_list(&c.fixture);
        g_assert_cmpstr(list, ==, "cam1/a1.mp4\n");
    }
    case_clear(&c);
}

/* Four seconds behind, as on a bad link, and then it comes after all. */
static void test_that_is_late(void) {
    Case c = {0};
    if (case_init(&c)) {
        begin(&c, 7);
        evidence_video_push(c.small, c.spare, 8, 12, c.base_ns);
        g_usleep(600000);
        g_assert_false(evidence_fixture_has_result(&c.fixture));
        evidence_video_push(c.large, c.preroll, 8, 20, c.base_ns);
        evidence_video_push(c.small, c.spare, 12, 20, c.base_ns);
        SkyEvidenceResult result = end(&c, 14);
        g_assert_true(result.ok && !result.truncated && !result.spared);
        assert_file(&c, "a1.mp4", "320,180", 15);
    }
    case_clear(&c);
}

/* As late, when the daemon is stopped: what it lacks does not come any more. */
static void test_at_the_stop(void) {
    Case c = {0};
    if (case_init(&c)) {
        begin(&c, 7);
        evidence_video_push(c.small, c.spare, 8, 12, c.base_ns);
        g_usleep(600000);
        evidence_fixture_stop(&c.fixture);
        SkyEvidenceResult result = evidence_fixture_await(&c.fixture);
        g_assert_true(result.ok && result.spared);
        assert_file(&c, "a1.mp4", "320,180", 6);
        assert_file(&c, "a1-2.mp4", "160,90", 6); /* from the key frame at second 6 */
    }
    case_clear(&c);
}

/* The small stream's only GOP has outgrown its ring, and there is nothing in it that plays: the large one, which comes back, is waited for. */
static void test_without_a_key_frame(void) {
    Case c = {0};
    if (case_init(&c)) {
        evidence_video_free(c.small);
        c.small = evidence_video_make("160x90", 10, 20, "-c:v libx264 -preset ultrafast -g 1000 -sc_threshold 0");
        evidence_video_push(c.large, c.preroll, 0, 8, c.base_ns);
        evidence_video_push(c.small, c.spare, 1, 14, c.base_ns);
        SkyClipRequest request = {.camera = "cam1", .alert = "a1", .preroll = c.preroll, .spare = c.spare,
                                  .begin_ns = c.base_ns + 9 * SKY_NS_PER_S};
        g_assert_true(sky_evidence_clip_begin(c.fixture.evidence, &request));
        g_usleep(600000);
        evidence_video_push(c.large, c.preroll, 14, 20, c.base_ns);
        evidence_video_push(c.small, c.spare, 14, 20, c.base_ns);
        SkyEvidenceResult result = end(&c, 15);
        g_assert_true(result.ok && !result.spared);
        assert_file(&c, "a1.mp4", "320,180", 14); /* from the key frame at second 4 to 18 */
    }
    case_clear(&c);
}

/* What is told of a clip is what was written. */
static void test_not_written(void) {
    Case c = {0};
    if (case_init(&c)) {
        begin(&c, 7);
        g_autofree char *first = g_build_filename(c.fixture.directory, "cam1", "a1.mp4.part", NULL);
        while (!g_file_test(first, G_FILE_TEST_EXISTS)) /* by then the worker has looked for what a killed one left */
            g_usleep(10000);
        g_autofree char *in_the_way = g_build_filename(c.fixture.directory, "cam1", "a1-2.mp4.part", NULL);
        g_assert_cmpint(g_mkdir(in_the_way, 0700), ==, 0);
        evidence_video_push(c.small, c.spare, 8, 20, c.base_ns);
        SkyEvidenceResult result = end(&c, 14);
        g_assert_true(result.ok && result.truncated && !result.spared);
        g_assert_cmpuint(result.parts, ==, 1);
    }
    case_clear(&c);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/evidence-spare/in-the-middle", test_in_the_middle);
    g_test_add_func("/evidence-spare/before-the-event", test_before_the_event);
    g_test_add_func("/evidence-spare/late", test_that_is_late);
    g_test_add_func("/evidence-spare/stop", test_at_the_stop);
    g_test_add_func("/evidence-spare/without-a-key-frame", test_without_a_key_frame);
    g_test_add_func("/evidence-spare/not-written", test_not_written);
    return g_test_run();
}
