/* SPDX-License-Identifier: Apache-2.0 */
/* Disks that are full, read-only, frozen; and retention on a real file system. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "support/evidence_fixture.h"

#define H264 "-c:v libx264 -preset veryfast -g 50"
#define KB 1024u

static SkyPreroll *preroll_new(void) {
    return sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
}

/* Second 5 to 10 of video that has just gone by, with a pre-roll of 5 s: 8 s in all. */
static void ask_for_clip(EvidenceFixture *f, SkyPreroll *preroll, const char *alert, int64_t base_ns) {
    evidence_fixture_clip(f, preroll, alert, base_ns + 5 * SKY_NS_PER_S);
    sky_evidence_clip_end(f->evidence, alert, base_ns + 6 * SKY_NS_PER_S);
}

static SkyEvidenceResult make_clip(EvidenceFixture *f, SkyPreroll *preroll, const char *alert, int64_t base_ns) {
    ask_for_clip(f, preroll, alert, base_ns);
    return evidence_fixture_await(f);
}

static int64_t push_all(const EvidenceVideo *video, SkyPreroll *preroll) {
    int64_t base_ns = sky_clock_monotonic_ns() - 10 * SKY_NS_PER_S;
    evidence_video_push(video, preroll, 0, 10, base_ns);
    return base_ns;
}

/* ---- full, read-only ---- */

static gboolean mount_small(EvidenceFixture *f, const char *options) {
    if (mount("none", f->directory, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0)
        return TRUE;
    g_test_skip("no tmpfs can be mounted here (needs root)");
    evidence_fixture_clear(f);
    return FALSE;
}

static gboolean begin_on_small(EvidenceFixture *f, const char *options) {
    evidence_fixture_init(f);
    if (!mount_small(f, options))
        return FALSE;
    evidence_fixture_start(f);
    return TRUE;
}

static void unmount(EvidenceFixture *f) {
    evidence_fixture_stop(f);
    g_assert_cmpint(umount2(f->directory, MNT_DETACH), ==, 0);
    evidence_fixture_clear(f);
}

static void test_full(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("640x360", 25, 10, H264 " -b:v 2M");
    if (video == NULL)
        return;
    EvidenceFixture f;
    if (!begin_on_small(&f, "size=600k"))
        return;
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = push_all(video, preroll);
    SkyEvidenceResult result = make_clip(&f, preroll, "a1", base_ns);
    g_assert_false(result.ok);
    g_assert_nonnull(strstr(result.error, "No space left"));
    g_autofree char *list = evidence_fixture_list(&f);
    g_assert_cmpstr(list, ==, "");
    evidence_fixture_snapshot(&f, preroll, "a1", base_ns + 5 * SKY_NS_PER_S); /* what is small still fits */
    result = evidence_fixture_await(&f);
    g_assert_true(result.ok);

    g_autofree char *filler = g_build_filename(f.directory, "filler", NULL);
    g_autofree char *text = g_strnfill(600 * KB, 'x');
    g_autoptr(GError) error = NULL;
    g_assert_false(g_file_set_contents_full(filler, text, 600 * KB, G_FILE_SET_CONTENTS_NONE, 0600, &error));
    sky_autofd fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(fd, text, 4096) > 0)
        ;
    evidence_fixture_snapshot(&f, preroll, "a2", base_ns + 5 * SKY_NS_PER_S);
    result = evidence_fixture_await(&f);
    g_assert_false(result.ok);
    g_autofree char *after = evidence_fixture_list(&f);
    g_assert_cmpstr(after, ==, "cam1/a1-thumb.jpg\ncam1/a1.jpg\nfiller\n");

    g_assert_cmpint(g_unlink(filler), ==, 0);
    g_assert_cmpint(mount("none", f.directory, NULL, MS_REMOUNT, "size=16m"), ==, 0);
    result = make_clip(&f, preroll, "a3", base_ns);
    g_assert_true(result.ok);
    evidence_check_clip(result.path);
    unmount(&f);
}

/* As a file system becomes after errors. What was under way is reported, each request is answered, and later all is well again. */
static void test_read_only(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 10, H264);
    if (video == NULL)
        return;
    EvidenceFixture f;
    if (!begin_on_small(&f, "size=16m"))
        return;
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = push_all(video, preroll);
    g_assert_cmpint(mount("none", f.directory, NULL, MS_REMOUNT | MS_RDONLY, "size=16m"), ==, 0);
    SkyEvidenceResult result = make_clip(&f, preroll, "a1", base_ns);
    g_assert_false(result.ok);
    g_assert_nonnull(strstr(result.error, "Read-only"));
    evidence_fixture_snapshot(&f, preroll, "a1", base_ns + 5 * SKY_NS_PER_S);
    result = evidence_fixture_await(&f);
    g_assert_false(result.ok);
    g_autoptr(GError) error = NULL;
    SkyEvidence *begun = sky_evidence_new(&f.params, NULL, NULL, &error); /* it may be writable again at the next clip */
    g_assert_no_error(error);
    sky_evidence_free(begun);
    g_assert_cmpint(mount("none", f.directory, NULL, MS_REMOUNT, "size=16m"), ==, 0);
    result = make_clip(&f, preroll, "a2", base_ns);
    g_assert_true(result.ok);
    g_assert_cmpuint(sky_counter_get(&sky_evidence_numbers(f.evidence)->failures), ==, 2);
    unmount(&f);
}

/* After a power cut the disk comes up read-only: what is left of a clip is neither lost nor told as missing, and mended once it can be. */
static void test_cut_off_on_read_only(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 10, H264);
    if (video == NULL)
        return;
    EvidenceFixture f;
    if (!begin_on_small(&f, "size=16m"))
        return;
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = push_all(video, preroll);
    SkyEvidenceResult whole = make_clip(&f, preroll, "a1", base_ns);
    g_assert_true(whole.ok);
    evidence_fixture_stop(&f);
    g_autofree char *part = g_strconcat(whole.path, ".part", NULL);
    g_assert_cmpint(rename(whole.path, part), ==, 0);
    g_assert_cmpint(mount("none", f.directory, NULL, MS_REMOUNT | MS_RDONLY, "size=16m"), ==, 0);
    evidence_fixture_start(&f);
    static const char *const others[] = {"a2", "a3"}; /* the second is closed after what was left has been tried */
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        SkyEvidenceResult other = make_clip(&f, preroll, others[i], base_ns);
        g_assert_cmpstr(other.alert, ==, others[i]);
        g_assert_false(other.ok);
    }
    g_assert_cmpint(mount("none", f.directory, NULL, MS_REMOUNT, "size=16m"), ==, 0);
    SkyEvidenceResult result = evidence_fixture_await(&f);
    g_assert_cmpstr(result.alert, ==, "a1");
    g_assert_true(result.ok && result.repaired);
    unmount(&f);
}

/* ---- frozen ---- */

typedef struct {
    char *image;
    EvidenceFixture f;
} FrozenFixture;

static gboolean run(const char *program, const char *a, const char *b) {
    const char *const argv[] = {program, a, b, NULL};
    g_autofree char *out = evidence_run(argv);
    return out != NULL;
}

static gboolean frozen_init(FrozenFixture *frozen) {
    evidence_fixture_init(&frozen->f);
    frozen->image = g_strconcat(frozen->f.directory, ".img", NULL);
    g_assert_true(g_file_set_contents(frozen->image, "", 0, NULL));
    g_assert_cmpint(truncate(frozen->image, 32 << 20), ==, 0);
    const char *const argv[] = {"mount", "-o", "loop", frozen->image, frozen->f.directory, NULL};
    g_autofree char *out = run("mkfs.ext4", "-q", frozen->image) ? evidence_run(argv) : NULL;
    if (out != NULL)
        return TRUE;
    g_test_skip("no loop device can be mounted here (needs root, mkfs.ext4)");
    g_unlink(frozen->image);
    evidence_fixture_clear(&frozen->f);
    return FALSE;
}

static void frozen_clear(FrozenFixture *frozen) {
    evidence_fixture_stop(&frozen->f);
    g_assert_true(run("umount", "-l", frozen->f.directory));
    g_unlink(frozen->image);
    g_free(frozen->image);
    evidence_fixture_clear(&frozen->f);
}

static gboolean is_in_disk(void) {
    g_autoptr(GDir) threads = g_dir_open("/proc/self/task", 0, NULL);
    for (const char *id; (id = g_dir_read_name(threads)) != NULL;) {
        g_autofree char *path = g_build_filename("/proc/self/task", id, "status", NULL), *text = NULL;
        if (g_file_get_contents(path, &text, NULL, NULL) && strstr(text, "State:\tD") != NULL)
            return TRUE;
    }
    return FALSE;
}

/* Until the worker hangs: it is in the disk, and stays there. Not for ever: who waits has to thaw it. */
static void await_hang(void) {
    for (int i = 0, looks = 0; i < 6000 && looks < 50; i++, looks = is_in_disk() ? looks + 1 : 0)
        g_usleep(5000);
}

/* Everything that other threads call, while the worker hangs. */
static void call_everything(EvidenceFixture *f, SkyPreroll *preroll, int64_t base_ns) {
    int64_t before_ns = sky_clock_monotonic_ns();
    for (int i = 0; i < 100; i++) {
        g_autofree char *alert = g_strdup_printf("w%d", i);
        SkyClipRequest request = {.camera = "cam1", .alert = alert, .preroll = preroll, .begin_ns = base_ns};
        gboolean taken = sky_evidence_clip_begin(f->evidence, &request);
        g_assert_true(taken == (i < 32));
        sky_evidence_clip_end(f->evidence, alert, base_ns);
        sky_evidence_set_open(f->evidence, alert, TRUE);
        uint64_t bytes, free_bytes;
        sky_evidence_usage(f->evidence, &bytes, &free_bytes);
    }
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, <, 5 * SKY_NS_PER_S);
}

static void test_frozen(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 10, H264);
    FrozenFixture frozen;
    if (video == NULL || !frozen_init(&frozen))
        return;
    EvidenceFixture *f = &frozen.f;
    evidence_fixture_start(f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = push_all(video, preroll);
    g_assert_true(run("fsfreeze", "-f", f->directory));
    ask_for_clip(f, preroll, "a1", base_ns);
    await_hang();
    g_usleep(1200000);
    int64_t oldest_ns = sky_evidence_oldest_job_ns(f->evidence), now_ns = sky_clock_monotonic_ns();
    call_everything(f, preroll, base_ns);
    gboolean has_result = evidence_fixture_has_result(f);
    g_assert_true(run("fsfreeze", "-u", f->directory)); /* before any assert that may leave it frozen */
    g_assert_false(has_result);
    g_assert_cmpint(oldest_ns, !=, SKY_TIME_NONE);
    g_assert_cmpint(now_ns - oldest_ns, >, SKY_NS_PER_S); /* health can see it */
    gboolean answered = FALSE;
    for (int i = 0; i < 33; i++) {
        SkyEvidenceResult result = evidence_fixture_await(f);
        g_assert_true(result.ok);
        answered |= strcmp(result.alert, "a1") == 0;
    }
    g_assert_true(answered);
    frozen_clear(&frozen);
}

/* Before anybody has asked for anything: the worker clears away what is left of a picture. */
static void test_frozen_at_the_start(void) {
    FrozenFixture frozen;
    if (!frozen_init(&frozen))
        return;
    EvidenceFixture *f = &frozen.f;
    g_autofree char *camera = g_build_filename(f->directory, "cam1", NULL);
    g_autofree char *left = g_build_filename(camera, "a1.jpg.part", NULL);
    g_assert_cmpint(g_mkdir(camera, 0700), ==, 0);
    g_assert_true(g_file_set_contents(left, "x", 1, NULL));
    g_assert_true(run("fsfreeze", "-f", f->directory));
    evidence_fixture_start(f);
    await_hang();
    int64_t oldest_ns = sky_evidence_oldest_job_ns(f->evidence);
    g_assert_true(run("fsfreeze", "-u", f->directory));
    g_assert_cmpint(oldest_ns, !=, SKY_TIME_NONE);
    for (int i = 0; i < 6000 && sky_evidence_oldest_job_ns(f->evidence) != SKY_TIME_NONE; i++)
        g_usleep(5000);
    g_assert_cmpint(sky_evidence_oldest_job_ns(f->evidence), ==, SKY_TIME_NONE);
    g_assert_false(g_file_test(left, G_FILE_TEST_EXISTS));
    frozen_clear(&frozen);
}

/* The child: stops while the disk is frozen, and comes back; nobody is called afterwards. */
G_GNUC_NORETURN static void stop_while_frozen(EvidenceFixture *f, const EvidenceVideo *video, gboolean picture, int said_fd,
                                              int thawed_fd) {
    alarm(120);
    evidence_fixture_start(f);
    SkyPreroll *preroll = preroll_new();
    int64_t base_ns = push_all(video, preroll);
    g_assert_true(run("fsfreeze", "-f", f->directory));
    if (picture)
        evidence_fixture_snapshot(f, preroll, "a1", base_ns + 5 * SKY_NS_PER_S);
    else
        ask_for_clip(f, preroll, "a1", base_ns);
    await_hang();
    int64_t stop_ns = sky_clock_monotonic_ns();
    sky_evidence_stop(f->evidence);
    int64_t took_ns = sky_clock_monotonic_ns() - stop_ns;
    sky_evidence_free(f->evidence);
    char said = 'x';
    g_assert_cmpint(write(said_fd, &said, 1), ==, 1);
    g_assert_cmpint(read(thawed_fd, &said, 1), ==, 1);
    g_usleep(500000);
    gboolean called = evidence_fixture_has_result(f);
    said = called ? 'c' : took_ns > 10 * SKY_NS_PER_S ? 'l' : took_ns < 2 * SKY_NS_PER_S ? 'e' : '+';
    g_assert_cmpint(write(said_fd, &said, 1), ==, 1);
    raise(SIGKILL); /* no sanitizer's look at the thread that could not be joined */
    abort();
}

static void test_frozen_stop(gconstpointer data) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 10, H264);
    FrozenFixture frozen;
    if (video == NULL || !frozen_init(&frozen))
        return;
    int said[2], thawed[2];
    g_assert_cmpint(pipe2(said, O_CLOEXEC), ==, 0);
    g_assert_cmpint(pipe2(thawed, O_CLOEXEC), ==, 0);
    pid_t child = fork();
    if (child == 0)
        stop_while_frozen(&frozen.f, video, data != NULL, said[1], thawed[0]);
    close(said[1]);
    char byte = 0;
    struct pollfd fd = {.fd = said[0], .events = POLLIN};
    gssize got = poll(&fd, 1, 60000) == 1 ? read(said[0], &byte, 1) : 0; /* not for ever: only thawed can it die */
    g_assert_true(run("fsfreeze", "-u", frozen.f.directory));
    g_assert_cmpint(write(thawed[1], &byte, 1), ==, 1);
    g_assert_cmpint(got, ==, 1);
    g_assert_cmpint(read(said[0], &byte, 1), ==, 1);
    g_assert_cmpint(byte, ==, '+'); /* c: the sink was called; l: late; e: early */
    int status = 0;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    close(said[0]);
    close(thawed[0]);
    close(thawed[1]);
    frozen_clear(&frozen);
}

/* ---- retention ---- */

static void write_old(EvidenceFixture *f, const char *name, unsigned kilobytes, int days_ago) {
    g_autofree char *camera = g_build_filename(f->directory, "cam1", NULL);
    g_autofree char *path = g_build_filename(camera, name, NULL);
    g_autofree char *text = g_strnfill(kilobytes * KB, 'x');
    g_mkdir(camera, 0750);
    g_assert_true(g_file_set_contents(path, text, (gssize)(kilobytes * KB), NULL));
    struct timespec times[2] = {{0}, {0}};
    times[0].tv_sec = times[1].tv_sec = (time_t)(sky_clock_utc_ns() / SKY_NS_PER_S) - days_ago * 24 * 3600;
    g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

static void write_archive(EvidenceFixture *f) {
    write_old(f, "a1.mp4", 200, 40);
    write_old(f, "a1.jpg", 50, 40);
    write_old(f, "a2.mp4", 200, 20);
    write_old(f, "a2-2.mp4", 100, 20);
    write_old(f, "a3.mp4", 200, 10);
    write_old(f, "a3-thumb.jpg", 20, 10);
    write_old(f, "a4.mp4", 200, 5);
}

typedef struct {
    const char *name;
    unsigned total_kb, age_days;
    const char *open;    /* alerts */
    const char *left;    /* beside the new one */
    const char *removed; /* alerts that were open */
} RetentionRow;

static const RetentionRow retention_rows[] = {
    {"no-limits", 0, 0, "", "a1.jpg a1.mp4 a2-2.mp4 a2.mp4 a3-thumb.jpg a3.mp4 a4.mp4", ""},
    {"age", 0, 15, "", "a3-thumb.jpg a3.mp4 a4.mp4", ""},
    {"age-spares-the-open", 0, 15, "a1", "a1.jpg a1.mp4 a3-thumb.jpg a3.mp4 a4.mp4", ""},
    {"total", 1000, 0, "", "a3-thumb.jpg a3.mp4 a4.mp4", ""},
    {"total-spares-the-open", 1000, 0, "a1 a2", "a1.jpg a1.mp4 a2-2.mp4 a2.mp4", ""},
    {"total-takes-the-open-last", 500, 0, "a1 a2", "", "a1 a2"},
};

/* Looks after each clip: the new one is what brings the limits to bear. */
static void test_retention(gconstpointer data) {
    const RetentionRow *row = data;
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 10, H264 " -b:v 300k");
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    write_archive(&f);
    f.params.total_bytes_max = row->total_kb * KB;
    f.params.age_max_ns = row->age_days * 24 * 3600 * SKY_NS_PER_S;
    evidence_fixture_make(&f);
    g_auto(GStrv) open = g_strsplit(row->open, " ", -1);
    for (guint i = 0; open[i] != NULL; i++)
        sky_evidence_set_open(f.evidence, open[i], TRUE);
    sky_evidence_set_open(f.evidence, "new", TRUE);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    int64_t base_ns = push_all(video, preroll);
    ask_for_clip(&f, preroll, "new", base_ns);
    g_assert_true(sky_evidence_start(f.evidence, NULL));
    SkyEvidenceResult result = evidence_fixture_await(&f);
    g_assert_true(result.ok);
    g_test_message("the clip has %u KB", (unsigned)(result.bytes / KB));
    g_auto(GStrv) removed = g_strsplit(row->removed, " ", -1);
    for (guint i = 0; removed[i] != NULL; i++) {
        SkyEvidenceResult told = evidence_fixture_await(&f);
        g_assert_cmpint(told.kind, ==, SKY_EVIDENCE_REMOVED);
        g_assert_cmpstr(told.alert, ==, removed[i]);
        g_assert_cmpstr(told.camera, ==, "cam1");
    }
    evidence_fixture_stop(&f);
    g_assert_false(evidence_fixture_has_result(&f));
    g_autofree char *list = evidence_fixture_list(&f);
    g_autoptr(GString) expected = g_string_new(NULL);
    g_auto(GStrv) left = g_strsplit(row->left, " ", -1);
    for (guint i = 0; left[i] != NULL; i++)
        g_string_append_printf(expected, "cam1/%s\n", left[i]);
    g_string_append(expected, "cam1/new.mp4\n");
    g_assert_cmpstr(list, ==, expected->str);
    evidence_fixture_clear(&f);
}

static void test_free_space(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 10, H264 " -b:v 300k");
    if (video == NULL)
        return;
    EvidenceFixture f;
    evidence_fixture_init(&f);
    if (!mount_small(&f, "size=4m"))
        return;
    write_archive(&f); /* 970 KB: 3 MB are free */
    f.params.free_bytes_min = 3200 * KB;
    evidence_fixture_start(&f);
    g_autoptr(SkyPreroll) preroll = preroll_new();
    SkyEvidenceResult result = make_clip(&f, preroll, "new", push_all(video, preroll));
    g_assert_true(result.ok);
    g_assert_cmpint(sky_evidence_disk(f.evidence), ==, SKY_EVIDENCE_DISK_OK);
    evidence_fixture_stop(&f);
    g_autofree char *list = evidence_fixture_list(&f);
    g_test_message("%s", list);
    g_assert_null(strstr(list, "a1."));
    g_assert_null(strstr(list, "a2"));
    g_assert_nonnull(strstr(list, "a4.mp4"));
    g_assert_nonnull(strstr(list, "new.mp4"));
    unmount(&f);
}

static void test_free_space_that_is_never_there(void) {
    EvidenceFixture f;
    evidence_fixture_init(&f);
    if (!mount_small(&f, "size=4m"))
        return;
    f.params.free_bytes_min = 8192 * KB;
    evidence_fixture_start(&f);
    for (unsigned i = 0; sky_evidence_disk(f.evidence) == SKY_EVIDENCE_DISK_OK && i < 1000; i++)
        g_usleep(10000);
    g_assert_cmpint(sky_evidence_disk(f.evidence), ==, SKY_EVIDENCE_DISK_SCARCE);
    evidence_fixture_stop(&f);
    unmount(&f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/evidence-disk/full", test_full);
    g_test_add_func("/evidence-disk/read-only", test_read_only);
    g_test_add_func("/evidence-disk/cut-off-on-read-only", test_cut_off_on_read_only);
    g_test_add_func("/evidence-disk/frozen", test_frozen);
    g_test_add_func("/evidence-disk/frozen-at-the-start", test_frozen_at_the_start);
    g_test_add_data_func("/evidence-disk/frozen-stop/clip", NULL, test_frozen_stop);
    g_test_add_data_func("/evidence-disk/frozen-stop/picture", "", test_frozen_stop);
    for (gsize i = 0; i < G_N_ELEMENTS(retention_rows); i++) {
        g_autofree char *name = g_strconcat("/evidence-disk/retention/", retention_rows[i].name, NULL);
        g_test_add_data_func(name, &retention_rows[i], test_retention);
    }
    g_test_add_func("/evidence-disk/free-space", test_free_space);
    g_test_add_func("/evidence-disk/free-space-that-is-never-there", test_free_space_that_is_never_there);
    return g_test_run();
}
