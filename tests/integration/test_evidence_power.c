/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of clips when the power goes, and what becomes of it at the next start. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "evidence/repair.h"
#include "support/evidence_fixture.h"

#define H264 "-c:v libx264 -preset veryfast -g 50"

static SkyPreroll *preroll_new(void) {
    return sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
}

/* ---- kill -9 ---- */

/* The child: two cameras' clips that never end, fed ten times as fast as cameras do; it says when it has begun. */
G_GNUC_NORETURN static void write_for_ever(EvidenceFixture *f, const EvidenceVideo *video, int said_fd) {
    alarm(60);
    evidence_fixture_start(f);
    SkyPreroll *prerolls[2] = {preroll_new(), preroll_new()};
    int64_t base_ns = sky_clock_monotonic_ns() - 10 * SKY_NS_PER_S;
    for (int i = 0; i < 2; i++) {
        evidence_video_push(video, prerolls[i], 0, 6, base_ns);
        evidence_fixture_clip(f, prerolls[i], i ? "a2" : "a1", base_ns + 5 * SKY_NS_PER_S);
    }
    if (write(said_fd, "x", 1) != 1)
        _exit(3);
    for (int step = 0;; step++) {
        g_usleep(20000);
        for (int i = 0; i < 2; i++)
            evidence_video_push(video, prerolls[i], 6 + 0.2 * step, 6 + 0.2 * (step + 1), base_ns);
    }
}

static gsize count_bytes(const EvidenceVideo *video, double seconds) {
    gsize bytes = 0;
    for (guint i = 0; i < video->packets->len; i++) {
        const SkyPacket *packet = video->packets->pdata[i];
        bytes += sky_packet_times(packet)->dts_ns < seconds * SKY_NS_PER_S ? sky_packet_size_bytes(packet) : 0;
    }
    return bytes;
}

/* Both clips hold so much; however slow the machine is. */
static void await_parts(const EvidenceFixture *f, gsize bytes) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + 50 * SKY_NS_PER_S; /* before the child's alarm */
    for (int i = 0; i < 2; i++) {
        g_autofree char *path = g_build_filename(f->directory, "cam1", i ? "a2.mp4.part" : "a1.mp4.part", NULL);
        GStatBuf file = {0};
        while ((g_stat(path, &file) != 0 || (gsize)file.st_size < bytes) && sky_clock_monotonic_ns() < deadline_ns)
            g_usleep(5000);
        g_assert_cmpuint(file.st_size, >=, bytes);
    }
}

static void kill_writer(EvidenceFixture *f, const EvidenceVideo *video, double held_s) {
    int fds[2];
    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    pid_t child = fork();
    if (child == 0)
        write_for_ever(f, video, fds[1]);
    char said;
    g_assert_cmpint(read(fds[0], &said, 1), ==, 1);
    close(fds[0]);
    close(fds[1]);
    if (held_s > 0)
        await_parts(f, count_bytes(video, held_s));
    kill(child, SIGKILL);
    int status = 0;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void test_kill(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 30, H264 " -bf 2");
    if (video == NULL)
        return;
    static const double held_s[] = {0, 1, 5, 9, 14};
    for (gsize i = 0; i < G_N_ELEMENTS(held_s); i++) {
        EvidenceFixture f;
        evidence_fixture_init(&f);
        kill_writer(&f, video, held_s[i]);
        g_autofree char *before = evidence_fixture_list(&f);
        g_test_message("left: %s", before);
        unsigned left = (strstr(before, "a1.mp4.part") != NULL) + (strstr(before, "a2.mp4.part") != NULL);
        g_assert_true(left == 2 || held_s[i] == 0);
        evidence_fixture_start(&f);
        for (unsigned k = 0; k < left; k++) {
            SkyEvidenceResult result = evidence_fixture_await(&f);
            g_assert_true(result.repaired);
            g_assert_cmpint(result.kind, ==, SKY_EVIDENCE_CLIP);
            g_assert_true(result.ok || held_s[i] == 0);
            if (!result.ok)
                continue;
            g_autofree char *sha256 = evidence_sha256(result.path);
            g_assert_cmpstr(sha256, ==, result.sha256);
            g_assert_cmpuint(evidence_check_clip(result.path), >=, (unsigned)(result.seconds * 25) - 3);
            g_assert_cmpfloat(result.seconds, >, held_s[i] - 2.1); /* all but the last GOP, of 2 s */
            g_assert_cmpfloat_with_epsilon(result.event_offset_s, 5, 0.2);
        }
        evidence_fixture_stop(&f);
        g_assert_false(evidence_fixture_has_result(&f));
        g_autofree char *after = evidence_fixture_list(&f);
        g_assert_null(strstr(after, ".part"));
        evidence_fixture_clear(&f);
    }
}

/* ---- every cut ---- */

typedef struct {
    gsize at[64];      /* edges of the top boxes */
    gboolean fragment[64]; /* a fragment ends there */
    guint count;
} Edges;

static Edges find_edges(const char *data, gsize bytes) {
    Edges edges = {0};
    for (gsize at = 0; at + 8 <= bytes && edges.count < G_N_ELEMENTS(edges.at);) {
        guint32 box;
        memcpy(&box, data + at, sizeof box);
        box = GUINT32_FROM_BE(box);
        g_assert_cmpuint(box, >=, 8);
        edges.fragment[edges.count] = memcmp(data + at + 4, "mdat", 4) == 0;
        edges.at[edges.count++] = at += box;
    }
    g_assert_cmpuint(edges.at[edges.count - 1], ==, bytes);
    return edges;
}

static void repair_cut(EvidenceFixture *f, const char *data, gsize cut, gsize whole) {
    g_autofree char *camera = g_build_filename(f->directory, "cam1", NULL);
    g_autofree char *path = g_build_filename(camera, "a1.mp4", NULL);
    g_autofree char *part = g_strconcat(path, ".part", NULL);
    g_mkdir(camera, 0700);
    g_assert_true(g_file_set_contents(part, data, (gssize)cut, NULL));
    g_autoptr(GPtrArray) leftovers = sky_repair_find(f->directory);
    g_assert_cmpuint(leftovers->len, ==, 1);
    SkyEvidenceResult result;
    g_assert_true(sky_repair_run(f->directory, leftovers->pdata[0], &result));
    g_assert_true(result.repaired && result.truncated);
    g_assert_cmpstr(result.camera, ==, "cam1");
    g_assert_cmpstr(result.alert, ==, "a1");
    g_assert_true(result.ok == (whole > 0));
    g_assert_false(g_file_test(part, G_FILE_TEST_EXISTS));
    if (whole == 0) {
        g_assert_cmpstr(result.error, !=, "");
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
        return;
    }
    g_assert_cmpuint(result.bytes, ==, whole);
    g_assert_cmpfloat(result.seconds, >, 0.9);
    g_assert_cmpfloat_with_epsilon(result.event_offset_s, 4, 0.2);
    unsigned frames = evidence_check_clip(path);
    g_assert_cmpuint(frames, >=, (unsigned)(result.seconds * 25) - 3);
    g_assert_cmpuint(frames, <=, (unsigned)(result.seconds * 25) + 1);
    g_assert_cmpint(g_remove(path), ==, 0);
}

static void test_every_edge(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 8, H264 " -bf 2");
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    f.params.post_roll_ns = SKY_NS_PER_S;
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = sky_clock_monotonic_ns() - 8 * SKY_NS_PER_S;
    evidence_video_push(video, preroll, 0, 8, base_ns);
    evidence_fixture_clip(&f, preroll, "a1", base_ns + 4 * SKY_NS_PER_S);
    sky_evidence_clip_end(f.evidence, "a1", base_ns + 6 * SKY_NS_PER_S);
    SkyEvidenceResult result = evidence_fixture_await(&f);
    evidence_fixture_stop(&f);
    g_autofree char *data = NULL;
    gsize bytes = 0;
    g_assert_true(g_file_get_contents(result.path, &data, &bytes, NULL));
    g_assert_cmpint(g_remove(result.path), ==, 0);
    Edges edges = find_edges(data, bytes);
    gsize whole = 0, before = 0;
    unsigned fragments = 0;
    repair_cut(&f, data, 0, 0);
    for (guint i = 0; i < edges.count; i++) {
        repair_cut(&f, data, before + (edges.at[i] - before) / 2, whole);
        repair_cut(&f, data, edges.at[i] - 1, whole);
        whole = edges.fragment[i] ? edges.at[i] : whole;
        fragments += edges.fragment[i];
        repair_cut(&f, data, edges.at[i], whole);
        before = edges.at[i];
    }
    g_assert_cmpuint(fragments, >=, 4);
    evidence_fixture_clear(&f);
}

/* ---- the rest of a power cut ---- */

static void write_file(EvidenceFixture *f, const char *name, const char *data, gssize bytes) {
    g_autofree char *camera = g_build_filename(f->directory, "cam1", NULL);
    g_autofree char *path = g_build_filename(camera, name, NULL);
    g_mkdir(camera, 0700);
    g_assert_true(g_file_set_contents(path, data, bytes, NULL));
}

/* Cut off in the second file: one result for the alert, of its first file. Pictures under way just go. */
static void test_second_part(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 8, H264);
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    f.params.post_roll_ns = 0;
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = sky_clock_monotonic_ns() - 8 * SKY_NS_PER_S;
    evidence_video_push(video, preroll, 0, 8, base_ns);
    evidence_fixture_clip(&f, preroll, "a1", base_ns + 4 * SKY_NS_PER_S);
    sky_evidence_clip_end(f.evidence, "a1", base_ns + 6 * SKY_NS_PER_S);
    SkyEvidenceResult result = evidence_fixture_await(&f);
    evidence_fixture_stop(&f);
    g_autofree char *data = NULL;
    gsize bytes = 0;
    g_assert_true(g_file_get_contents(result.path, &data, &bytes, NULL));
    write_file(&f, "a1-2.mp4.part", data, (gssize)bytes - 1000);
    write_file(&f, "a2.mp4.part", data, 10);
    write_file(&f, "a3.jpg.part", data, 10);
    write_file(&f, "a3-thumb.jpg.part", data, 10);
    evidence_fixture_make(&f);
    g_assert_true(sky_evidence_clip_recall(f.evidence, "cam1", "a1")); /* told with the mending, once */
    g_assert_true(sky_evidence_start(f.evidence, NULL));
    for (int i = 0; i < 2; i++) {
        SkyEvidenceResult repaired = evidence_fixture_await(&f);
        g_assert_true(repaired.repaired);
        gboolean first = strcmp(repaired.alert, "a1") == 0;
        g_assert_cmpstr(repaired.alert, ==, first ? "a1" : "a2");
        g_assert_true(repaired.ok == first);
        if (!first)
            continue;
        g_assert_cmpuint(repaired.parts, ==, 2);
        g_assert_true(repaired.truncated);
        g_assert_cmpstr(repaired.sha256, ==, result.sha256);
        g_assert_cmpstr(repaired.path, ==, result.path);
    }
    evidence_fixture_stop(&f);
    g_assert_false(evidence_fixture_has_result(&f));
    g_autofree char *list = evidence_fixture_list(&f);
    g_assert_cmpstr(list, ==, "cam1/a1-2.mp4\ncam1/a1.mp4\n");
    g_autofree char *second = g_build_filename(f.directory, "cam1", "a1-2.mp4", NULL);
    evidence_check_clip(second);

    /* The clip was whole, but the process died before anyone was told. */
    evidence_fixture_start(&f);
    g_assert_true(sky_evidence_clip_recall(f.evidence, "cam1", "a1"));
    SkyEvidenceResult recalled = evidence_fixture_await(&f);
    g_assert_true(recalled.ok && recalled.repaired);
    g_assert_cmpstr(recalled.sha256, ==, result.sha256);
    g_autofree char *second_sha256 = evidence_sha256(second);
    g_assert_cmpstr(recalled.further_sha256[0], ==, second_sha256);
    g_assert_cmpfloat_with_epsilon(recalled.seconds, result.seconds, 0.1);
    g_assert_true(sky_evidence_clip_recall(f.evidence, "cam1", "a2"));
    SkyEvidenceResult none = evidence_fixture_await(&f);
    g_assert_false(none.ok);
    evidence_fixture_clear(&f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/evidence-power/kill", test_kill);
    g_test_add_func("/evidence-power/every-edge", test_every_edge);
    g_test_add_func("/evidence-power/second-part", test_second_part);
    return g_test_run();
}
