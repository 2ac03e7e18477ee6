/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of the pre-roll, judged by the ffmpeg program. */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "support/evidence_fixture.h"

#define H264 "-c:v libx264 -preset veryfast -g 50"

typedef struct {
    uint8_t *pixels;
    unsigned width, height;
} Picture;

static Picture read_picture(const char *path) {
    Picture picture;
    picture.pixels = evidence_read_pixels(path, &picture.width, &picture.height);
    return picture;
}

/* The mean difference of two pictures of one size. */
static double difference(const Picture *a, const Picture *b) {
    g_assert_true(a->width == b->width && a->height == b->height);
    uint64_t sum = 0;
    for (gsize i = 0; i < (gsize)a->width * a->height; i++)
        sum += (uint64_t)abs(a->pixels[i] - b->pixels[i]);
    return (double)sum / (a->width * a->height);
}

/* What ffmpeg's test picture is before any encoding: every frame, one after the other. */
typedef struct {
    uint8_t *pixels;
    unsigned width, height, fps;
} Truth;

static Truth truth_make(unsigned width, unsigned height, unsigned fps, unsigned seconds) {
    char path[] = "/tmp/sky-truth-XXXXXX";
    g_close(g_mkstemp(path), NULL);
    g_autofree char *input = g_strdup_printf("testsrc2=s=%ux%u:r=%u:d=%u", width, height, fps, seconds);
    const char *const argv[] = {"ffmpeg", "-nostdin", "-y", "-v", "error", "-f", "lavfi", "-i", input, "-pix_fmt", "gray", "-f",
                                "rawvideo", path, NULL};
    g_autofree char *out = evidence_run(argv);
    g_assert_nonnull(out);
    char *pixels = NULL;
    gsize bytes = 0;
    g_assert_true(g_file_get_contents(path, &pixels, &bytes, NULL));
    g_assert_cmpuint(bytes, ==, (gsize)width * height * fps * seconds);
    g_unlink(path);
    return (Truth){(uint8_t *)pixels, width, height, fps};
}

static Picture truth_at(const Truth *truth, double second) {
    gsize frame = (gsize)(second * truth->fps + 0.5);
    return (Picture){truth->pixels + frame * truth->width * truth->height, truth->width, truth->height};
}

static SkyEvidenceResult take(EvidenceFixture *f, SkyPreroll *preroll, int64_t at_ns) {
    evidence_fixture_snapshot(f, preroll, "a1", at_ns);
    SkyEvidenceResult result = evidence_fixture_await(f);
    g_assert_cmpint(result.kind, ==, SKY_EVIDENCE_SNAPSHOT);
    return result;
}

typedef struct {
    const char *name, *encoder;
} CodecRow;

static const CodecRow codec_rows[] = {
    {"h264-baseline", H264 " -profile:v baseline"},
    {"h264-b-frames", H264 " -bf 3"},
    {"h265", "-c:v libx265 -preset ultrafast -x265-params keyint=50:min-keyint=50:scenecut=0:open-gop=0:log-level=none"},
    {"mjpeg", "-c:v mjpeg -q:v 3"},
};

/* The picture of exactly that moment, and not the one before or after it. */
static void test_moment(gconstpointer data) {
    const CodecRow *row = data;
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 10, 12, row->encoder);
    if (video == NULL)
        return;
    Truth truth = truth_make(320, 180, 10, 12);
    EvidenceFixture f;
    evidence_fixture_init(&f);
    f.params.thumbnail_width_px = 160;
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
    int64_t base_ns = sky_clock_monotonic_ns() - 12 * SKY_NS_PER_S;
    evidence_video_push(video, preroll, 0, 12, base_ns);
    /* arrival is by dts: look for the packet whose picture is that of second 7.3 */
    static const double seconds[] = {7.3, 9.9};
    for (gsize i = 0; i < G_N_ELEMENTS(seconds); i++) {
        int64_t first_pts_ns = sky_packet_times(video->packets->pdata[0])->pts_ns, at_ns = 0;
        for (guint k = 0; k < video->packets->len; k++) {
            const SkyPacketTimes *times = sky_packet_times(video->packets->pdata[k]);
            if (llabs(times->pts_ns - first_pts_ns - (int64_t)(seconds[i] * 1e9)) < SKY_NS_PER_MS)
                at_ns = base_ns + times->dts_ns;
        }
        g_assert_cmpint(at_ns, !=, 0);
        SkyEvidenceResult result = take(&f, preroll, at_ns);
        g_assert_true(result.ok);
        g_assert_cmpint(result.at_ns, ==, at_ns);
        Picture picture = read_picture(result.path);
        double best = 255, around[3];
        for (int k = -1; k <= 1; k++) {
            Picture real = truth_at(&truth, seconds[i] + 0.1 * k);
            around[k + 1] = difference(&picture, &real);
            best = MIN(best, around[k + 1]);
        }
        g_test_message("%.1f s: %.2f %.2f %.2f", seconds[i], around[0], around[1], around[2]);
        g_assert_cmpfloat(around[1], ==, best);
        g_assert_cmpfloat(best, <, 4);
        g_free(picture.pixels);
        Picture thumbnail = read_picture(result.thumbnail_path);
        g_assert_cmpuint(thumbnail.width, ==, 160);
        g_assert_cmpuint(thumbnail.height, ==, 90);
        g_free(thumbnail.pixels);
        g_autofree char *sha256 = evidence_sha256(result.path);
        g_autofree char *thumbnail_sha256 = evidence_sha256(result.thumbnail_path);
        g_assert_cmpstr(sha256, ==, result.sha256);
        g_assert_cmpstr(thumbnail_sha256, ==, result.thumbnail_sha256);
    }
    g_autofree char *list = evidence_fixture_list(&f);
    g_assert_cmpstr(list, ==, "cam1/a1-thumb.jpg\ncam1/a1.jpg\n");
    g_free(truth.pixels);
    evidence_fixture_clear(&f);
}

static gboolean is_grey(const Picture *picture, double x, double y) {
    return abs(picture->pixels[(unsigned)(y * picture->height) * picture->width + (unsigned)(x * picture->width)] - 128) <= 2;
}

static void assert_masked(const char *path, const SkyPolygon *polygons, unsigned count, const Picture *open) {
    Picture picture = read_picture(path);
    unsigned masked = 0, changed = 0, outside = 0;
    for (unsigned y = 0; y < picture.height; y++)
        for (unsigned x = 0; x < picture.width; x++) {
            double fx = (x + 0.5) / picture.width, fy = (y + 0.5) / picture.height;
            gboolean inside = FALSE;
            for (unsigned i = 0; i < count; i++)
                inside |= sky_polygon_contains(&polygons[i], (float)fx, (float)fy);
            if (inside) {
                /* not within the last block of 8 at the edge, where coding lets a little of the outside ring in */
                g_assert_cmpint(abs(picture.pixels[y * picture.width + x] - 128), <=, 40);
                masked += is_grey(&picture, fx, fy);
            } else {
                outside++;
                changed += open != NULL && abs(picture.pixels[y * picture.width + x] - open->pixels[y * picture.width + x]) > 24;
            }
        }
    g_test_message("%u grey, %u of %u outside changed", masked, changed, outside);
    g_assert_cmpuint(masked, >, (picture.width * picture.height - outside) * 9 / 10);
    g_assert_cmpuint(changed, <, outside / 20);
    g_free(picture.pixels);
}

static void test_privacy(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("640x360", 10, 6, H264);
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
    int64_t base_ns = sky_clock_monotonic_ns() - 6 * SKY_NS_PER_S;
    evidence_video_push(video, preroll, 0, 6, base_ns);
    SkyEvidenceResult open_result = take(&f, preroll, base_ns + 4 * SKY_NS_PER_S);
    Picture open = read_picture(open_result.path);
    SkyPolygon privacy[2] = {{4, {{0.1f, 0.1f}, {0.45f, 0.1f}, {0.45f, 0.6f}, {0.1f, 0.6f}}},
                             {3, {{0.6f, 0.9f}, {0.95f, 0.9f}, {0.8f, 0.3f}}}};
    SkySnapshotRequest request = {.camera = "cam1", .alert = "a1", .preroll = preroll, .at_ns = base_ns + 4 * SKY_NS_PER_S,
                                  .privacy = privacy, .privacy_count = 2};
    g_assert_true(sky_evidence_snapshot(f.evidence, &request));
    SkyPolygon copy[2];
    memcpy(copy, privacy, sizeof copy);
    memset(privacy, 0, sizeof privacy); /* the caller's memory is the caller's again */
    SkyEvidenceResult result = evidence_fixture_await(&f);
    g_assert_true(result.ok);
    assert_masked(result.path, copy, 2, &open);
    assert_masked(result.thumbnail_path, copy, 2, NULL);
    g_free(open.pixels);
    evidence_fixture_clear(&f);
}

static void test_cap(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("1920x1080", 5, 2, H264 " -vf noise=alls=60:allf=t");
    if (video == NULL)
        return;
    static const unsigned caps[] = {1000000, 200000, 60000, 15000};
    for (gsize i = 0; i < G_N_ELEMENTS(caps); i++) {
        EvidenceFixture f;
        evidence_fixture_init(&f);
        f.params.image_bytes_max = caps[i];
        evidence_fixture_start(&f);
        g_autoptr(SkyPreroll) preroll = sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
        int64_t base_ns = sky_clock_monotonic_ns() - 2 * SKY_NS_PER_S;
        evidence_video_push(video, preroll, 0, 2, base_ns);
        SkyEvidenceResult result = take(&f, preroll, base_ns + SKY_NS_PER_S);
        g_assert_true(result.ok);
        g_assert_cmpuint(result.bytes, <=, caps[i]);
        GStatBuf file;
        g_assert_cmpint(g_stat(result.path, &file), ==, 0);
        g_assert_cmpuint((uint64_t)file.st_size, ==, result.bytes);
        Picture picture = read_picture(result.path);
        g_test_message("%u bytes allowed: %ux%u in %u", caps[i], picture.width, picture.height, (unsigned)result.bytes);
        g_assert_true(i == 0 ? picture.width == 1920 : picture.width <= 1920);
        g_free(picture.pixels);
        evidence_fixture_clear(&f);
    }
}

/* A stream that died a minute ago shows nothing of now; and a main stream that lags by half a second is waited for. */
static void test_far_and_late(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 10, 10, H264);
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
    int64_t now_ns = sky_clock_monotonic_ns();
    SkyEvidenceResult result = take(&f, preroll, now_ns);
    g_assert_false(result.ok); /* nothing at all */
    evidence_video_push(video, preroll, 0, 5, now_ns - 60 * SKY_NS_PER_S);
    result = take(&f, preroll, now_ns);
    g_assert_false(result.ok);
    result = take(&f, preroll, now_ns - 80 * SKY_NS_PER_S);
    g_assert_false(result.ok);
    sky_preroll_break(preroll);
    now_ns = sky_clock_monotonic_ns() + 50 * SKY_NS_PER_S; /* or a machine that is held up would wait for too long */
    evidence_video_push(video, preroll, 0, 8, now_ns - 8 * SKY_NS_PER_S);
    int64_t at_ns = now_ns - 8 * SKY_NS_PER_S + (int64_t)(8.5e9);
    evidence_fixture_snapshot(&f, preroll, "a1", at_ns);
    g_usleep(300000);
    g_assert_false(evidence_fixture_has_result(&f));
    evidence_video_push(video, preroll, 8, 10, now_ns - 8 * SKY_NS_PER_S);
    result = evidence_fixture_await(&f);
    g_assert_true(result.ok);
    g_assert_cmpint(llabs(result.at_ns - at_ns), <=, 50 * SKY_NS_PER_MS);
    evidence_fixture_clear(&f);
}

/* Packets that no decoder likes: an answer comes, the worker lives, the next picture is taken. */
static void test_damage(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 10, 10, H264 " -bf 2");
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    for (int round = 0; round < 20; round++) {
        g_autoptr(SkyPreroll) preroll = sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
        int64_t base_ns = sky_clock_monotonic_ns() - 10 * SKY_NS_PER_S;
        for (guint i = 0; i < video->packets->len; i++) {
            SkyPacket *packet = video->packets->pdata[i];
            SkyPacketTimes times = *sky_packet_times(packet);
            times.arrival_ns = base_ns + times.dts_ns;
            g_autofree uint8_t *data = g_memdup2(sky_packet_data(packet), sky_packet_size_bytes(packet));
            for (int k = 0; k < round * 3; k++)
                data[g_test_rand_int_range(0, (gint32)sky_packet_size_bytes(packet))] = (uint8_t)g_test_rand_int();
            sky_preroll_push(preroll, sky_packet_new_copy(video->info, &times, data, sky_packet_size_bytes(packet)));
        }
        SkyEvidenceResult result = take(&f, preroll, base_ns + 8 * SKY_NS_PER_S);
        g_assert_true(result.ok || round > 0);
        evidence_fixture_clip(&f, preroll, "a2", base_ns + 5 * SKY_NS_PER_S);
        sky_evidence_clip_end(f.evidence, "a2", base_ns + 6 * SKY_NS_PER_S);
        result = evidence_fixture_await(&f);
        g_assert_true(result.ok); /* what came is kept as it came */
    }
    evidence_fixture_clear(&f);
}

/* One row of blocks beyond 8K, by a camera that lies: the memory for it is not taken. */
static void test_too_large(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("8192x4368", 2, 1, "-c:v mjpeg -q:v 31");
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
    int64_t base_ns = sky_clock_monotonic_ns() - SKY_NS_PER_S;
    evidence_video_push(video, preroll, 0, 1, base_ns);
    SkyEvidenceResult result = take(&f, preroll, base_ns);
    g_assert_false(result.ok);
    g_assert_nonnull(strstr(result.error, "can not be decoded"));
    evidence_fixture_clear(&f);
}

/* Decoding a long GOP holds up no clip: a clip asked for right behind it is closed first. */
static void test_slices(void) {
    g_autoptr(EvidenceVideo) large = evidence_video_make("1920x1080", 25, 10, "-c:v libx264 -preset ultrafast -g 250 -bf 0");
    g_autoptr(EvidenceVideo) small = evidence_video_make("160x90", 10, 4, H264);
    if (large == NULL || small == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(256 << 20, 40 * SKY_NS_PER_S, NULL);
    g_autoptr(SkyPreroll) other = sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
    int64_t base_ns = sky_clock_monotonic_ns() - 15 * SKY_NS_PER_S;
    evidence_video_push(large, preroll, 0, 10, base_ns);
    evidence_video_push(small, other, 0, 4, base_ns);
    int64_t asked_ns = sky_clock_monotonic_ns();
    evidence_fixture_snapshot(&f, preroll, "a1", base_ns + (int64_t)(9.9e9));
    g_usleep(30000);
    int64_t between_ns = sky_clock_monotonic_ns() - asked_ns;
    evidence_fixture_clip(&f, other, "a2", base_ns + SKY_NS_PER_S);
    sky_evidence_clip_end(f.evidence, "a2", base_ns + SKY_NS_PER_S);
    SkyEvidenceResult first = evidence_fixture_await(&f), second = evidence_fixture_await(&f);
    g_test_message("both after %d ms", (int)((sky_clock_monotonic_ns() - asked_ns) / SKY_NS_PER_MS));
    g_assert_true(first.ok && second.ok);
    if (between_ns < 200 * SKY_NS_PER_MS) /* else the picture may have been done before the clip was asked for */
        g_assert_cmpint(first.kind, ==, SKY_EVIDENCE_CLIP);
    evidence_fixture_clear(&f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(codec_rows); i++) {
        g_autofree char *name = g_strconcat("/evidence-picture/moment/", codec_rows[i].name, NULL);
        g_test_add_data_func(name, &codec_rows[i], test_moment);
    }
    g_test_add_func("/evidence-picture/privacy", test_privacy);
    g_test_add_func("/evidence-picture/cap", test_cap);
    g_test_add_func("/evidence-picture/far-and-late", test_far_and_late);
    g_test_add_func("/evidence-picture/damage", test_damage);
    g_test_add_func("/evidence-picture/too-large", test_too_large);
    g_test_add_func("/evidence-picture/slices", test_slices);
    return g_test_run();
}
