/* SPDX-License-Identifier: Apache-2.0 */
/* The store against kill -9, damage and a disk that refuses. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "support/store_fixture.h"

typedef struct {
    int pipe_fd;
    guint64 seq;
} Report;

static void report(const GError *error, gboolean durable, gpointer user) {
    g_autofree Report *done = user;
    if (!error && durable && write(done->pipe_fd, &done->seq, sizeof done->seq) != sizeof done->seq) _exit(3);
}

/* The child: commits without end, many under way, and reports each only when the store says that it is safe. */
G_GNUC_NORETURN static void storm(StoreFixture *f, int pipe_fd) {
    store_fixture_open(f);
    guint64 *known = g_hash_table_lookup(f->start.next_seq, "duty");
    for (guint64 seq = known ? *known : 1;;) {
        g_autofree char *alert = g_strdup_printf("a%u", (guint)(seq % 7));
        SkyStoreCommit *commit = store_fixture_revision(alert, (guint)seq, TRUE, "state", seq);
        Report *done = g_new0(Report, 1);
        *done = (Report){.pipe_fd = pipe_fd, .seq = seq};
        if (sky_store_commit(f->store, commit, report, done)) {
            seq++;
        } else {
            sky_store_commit_free(commit);
            g_free(done);
            g_usleep(500);
        }
    }
}

static guint64 kill_in_the_middle(StoreFixture *f, guint64 reports) {
    int fds[2];
    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        close(fds[0]);
        alarm(60);
        storm(f, fds[1]);
    }
    close(fds[1]);
    guint64 seq = 0, last = 0;
    for (guint64 i = 0; i < reports; i++) {
        g_assert_cmpint(read(fds[0], &seq, sizeof seq), ==, sizeof seq);
        last = seq;
    }
    kill(child, SIGKILL);
    int status = 0;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (read(fds[0], &seq, sizeof seq) == sizeof seq) last = seq; /* what it still managed to say */
    close(fds[0]);
    return last;
}

static void test_kill(void) {
    StoreFixture f;
    store_fixture_init(&f);
    static const guint64 after[] = {1, 37, 150, 3, 411};
    for (guint i = 0; i < G_N_ELEMENTS(after); i++) {
        guint64 last = kill_in_the_middle(&f, after[i]);
        store_fixture_open(&f);
        g_autoptr(GPtrArray) log = store_fixture_log(&f, 1, G_MAXUINT32);
        g_test_message("reported up to %" G_GUINT64_FORMAT ", stored %u", last, log->len);
        g_assert_cmpuint(log->len, >=, last);
        for (guint k = 0; k < log->len; k++) g_assert_cmpuint(((SkyMessageRecord *)log->pdata[k])->seq, ==, k + 1);
        g_assert_cmpuint(*(uint64_t *)g_hash_table_lookup(f.start.next_seq, "duty"), ==, log->len + 1);
        /* Alert and messages are of one transaction: the newest revision of an alert is the one of its newest log row. */
        for (guint k = 0; k < f.start.alerts->len; k++) {
            const SkyAlertRecord *alert = f.start.alerts->pdata[k];
            guint newest = 0;
            for (guint n = 0; n < log->len; n++) {
                const SkyMessageRecord *row = log->pdata[n];
                if (!strcmp(row->alert, alert->alert)) newest = (guint)row->seq;
            }
            g_assert_cmpuint(alert->rev, ==, newest);
        }
        store_fixture_close(&f);
    }
    store_fixture_clear(&f);
}

static gboolean has_set_aside(const StoreFixture *f) {
    g_autoptr(GDir) directory = g_dir_open(f->directory, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(directory))) {
        if (strstr(name, ".corrupt-")) return TRUE;
    }
    return FALSE;
}

static void test_corrupt_header(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    char epoch[SKY_ULID_BYTES];
    g_strlcpy(epoch, f.start.epoch, sizeof epoch);
    store_fixture_close(&f);
    g_autofree char *garbage = g_strnfill(20000, 'Z');
    g_assert_true(g_file_set_contents(f.path, garbage, -1, NULL));
    store_fixture_open(&f);
    g_assert_true(has_set_aside(&f));
    g_assert_cmpstr(f.start.epoch, !=, epoch);
    SkyStoreNumbers numbers = sky_store_numbers(f.store);
    g_assert_true(numbers.durable);
    g_assert_nonnull(strstr(numbers.trouble, "damaged"));
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "x", 1));
    store_fixture_clear(&f);
}

/* Of a part of the file the pages with what a row has no room for: they begin with the number of the next one, where others have
 * their kind. */
static void spoil_overflow(const char *path) {
    int fd = open(path, O_RDWR | O_CLOEXEC);
    off_t bytes = lseek(fd, 0, SEEK_END);
    for (off_t at = bytes / 3 & ~4095; at < bytes / 2; at += 4096) {
        char kind;
        g_assert_cmpint(pread(fd, &kind, 1, at), ==, 1);
        if (kind == 0) g_assert_cmpint(pwrite(fd, "garbage!garbage!garbage!garbage!", 32, at), ==, 32);
    }
    close(fd);
}

/* Damage that shows only when the page is read: on the spot a new file, in the same epoch, without a seq twice, and the gap is told. */
static void test_corrupt_later(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    g_autofree char *text = g_strnfill(6000, 'x'); /* most of it lies on pages of its own, which a start has no need to read */
    for (guint i = 1; i <= 100; i++) g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log/duty", text, i));
    char epoch[SKY_ULID_BYTES];
    g_strlcpy(epoch, f.start.epoch, sizeof epoch);
    store_fixture_close(&f);
    spoil_overflow(f.path);
    store_fixture_open(&f);
    g_assert_cmpstr(f.start.epoch, ==, epoch);
    g_autoptr(GPtrArray) waiting = store_fixture_waiting(&f, 0, 1000, NULL);
    g_assert_true(has_set_aside(&f));
    g_assert_cmpuint(waiting->len, >, 60);
    g_assert_cmpuint(waiting->len, <, 100);
    SkyMessageRecord *gap = waiting->pdata[waiting->len - 1];
    guint64 from_seq = 0, to_seq = 0;
    g_assert_true(sky_message_record_is_gap(gap, &from_seq, &to_seq));
    g_test_message("%u of 100 rows are saved, %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " told as a gap: %s", waiting->len - 1, from_seq,
                   to_seq, sky_store_numbers(f.store).trouble);
    for (guint i = 0; i + 1 < waiting->len; i++) {
        const SkyMessageRecord *row = waiting->pdata[i];
        g_assert_cmpint(memcmp(row->payload, text, 6000), ==, 0);
        if (row->seq < from_seq) g_assert_cmpuint(row->seq, ==, i + 1);
    }
    gboolean durable = FALSE;
    SkyStoreCommit *next = store_fixture_revision("a1", 1, TRUE, "later", 101);
    g_assert_true(store_fixture_commit(&f, next, &durable));
    g_assert_true(durable);
    g_assert_cmpuint(sky_store_numbers(f.store).set_aside, ==, 1);
    store_fixture_close(&f);
    store_fixture_open(&f);
    g_assert_cmpstr(f.start.epoch, ==, epoch);
    g_assert_cmpuint(*(uint64_t *)g_hash_table_lookup(f.start.next_seq, "duty"), ==, 102);
    store_fixture_clear(&f);
}

static void stand(StoreFixture *f, const char *event, const char *body) {
    SkyStoreCommit *commit = sky_store_commit_new();
    g_ptr_array_add(commit->standing, sky_standing_record_new(SKY_STANDING_EVENT, event, body));
    g_assert_true(store_fixture_commit(f, commit, NULL));
}

/* Goes on in memory; what was on the disk is still offered, what comes is kept, and all of it is back on the disk afterwards. */
static void refuse_and_return(StoreFixture *f, void (*refuse)(gpointer), void (*relent)(gpointer), gpointer user) {
    store_fixture_open(f);
    g_assert_true(store_fixture_commit(f, store_fixture_revision("a1", 1, TRUE, "one", 1), NULL));
    g_assert_true(store_fixture_commit(f, store_fixture_revision("a2", 1, TRUE, "gone", 2), NULL));
    stand(f, "ends-in-memory", "x");
    stand(f, "goes-on", "x");
    refuse(user);
    gboolean durable = TRUE;
    g_autofree char *large = g_strnfill(8000, 'x');
    guint64 seq = 3;
    for (; durable && seq < 2000; seq++) {
        g_assert_true(store_fixture_commit(f, store_fixture_revision("a1", (guint)seq, TRUE, large, seq), &durable));
    }
    g_assert_false(durable);
    g_test_message("in memory: %s", sky_store_numbers(f->store).trouble);
    g_assert_true(store_fixture_commit(f, store_fixture_revision("a2", 2, FALSE, "", seq), &durable));
    g_autoptr(GPtrArray) rows = store_fixture_waiting(f, 0, 10000, NULL);
    g_assert_cmpuint(rows->len, ==, seq + 2);
    /* The clear of a2 is delivered while in memory: the file still holds its old state and must not bring it back. */
    const SkyMessageRecord *first = rows->pdata[0];
    g_assert_cmpuint(first->seq, ==, 1);
    const SkyMessageRecord *clear = rows->pdata[rows->len - 2];
    g_assert_cmpuint(clear->payload_bytes, ==, 0);
    int64_t numbers[2] = {first->row, clear->row};
    sky_store_delivered(f->store, numbers, 2);
    stand(f, "ends-in-memory", NULL);
    stand(f, "begins-in-memory", "x");
    relent(user);
    g_assert_true(store_fixture_await_durable(f, TRUE, 90));
    g_assert_cmpstr(sky_store_numbers(f->store).trouble, ==, "");
    store_fixture_close(f);
    store_fixture_open(f);
    g_autoptr(GPtrArray) log = store_fixture_log(f, 1, 10000);
    g_assert_cmpuint(log->len, ==, seq);
    for (guint i = 0; i < log->len; i++) g_assert_cmpuint(((SkyMessageRecord *)log->pdata[i])->seq, ==, i + 1);
    g_autoptr(GPtrArray) left = store_fixture_waiting(f, 0, 10000, NULL);
    g_assert_cmpuint(left->len, ==, seq); /* the log without seq 1, and the state of a1 */
    for (guint i = 0; i < left->len; i++) {
        const SkyMessageRecord *row = left->pdata[i];
        g_assert_false(row->message_class == SKY_MESSAGE_STATE && !strcmp(row->alert, "a2"));
    }
    g_assert_cmpuint(f->start.alerts->len, ==, 1);
    g_assert_cmpuint(f->start.standing->len, ==, 2);
    g_assert_cmpstr(((SkyStandingRecord *)f->start.standing->pdata[0])->id, ==, "begins-in-memory");
    g_assert_cmpstr(((SkyStandingRecord *)f->start.standing->pdata[1])->id, ==, "goes-on");
}

static void limit_file_size(gpointer user) {
    struct rlimit limit = {.rlim_cur = 256 * 1024, .rlim_max = RLIM_INFINITY};
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

static void lift_limit(gpointer user) {
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

static void test_write_errors(void) {
    StoreFixture f;
    store_fixture_init(&f);
    signal(SIGXFSZ, SIG_IGN);
    refuse_and_return(&f, limit_file_size, lift_limit, NULL);
    store_fixture_clear(&f);
}

static void keep_as_is(gpointer user) {
}

static void grow_disk(gpointer user) {
    g_assert_cmpint(mount("none", user, NULL, MS_REMOUNT, "size=16m"), ==, 0);
}

static void test_full(void) {
    StoreFixture f;
    store_fixture_init(&f);
    if (store_fixture_mount(&f, "size=512k")) {
        refuse_and_return(&f, keep_as_is, grow_disk, f.directory);
        store_fixture_unmount(&f);
    }
    store_fixture_clear(&f);
}

/* As a file system comes up after errors: the store starts in memory with what it can read, and returns. */
static void test_read_only(void) {
    StoreFixture f;
    store_fixture_init(&f);
    if (store_fixture_mount(&f, "size=16m")) {
        store_fixture_open(&f);
        char epoch[SKY_ULID_BYTES];
        g_strlcpy(epoch, f.start.epoch, sizeof epoch);
        g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", 1, TRUE, "one", 1), NULL));
        store_fixture_close(&f);
        g_assert_cmpint(mount("none", f.directory, NULL, MS_REMOUNT | MS_RDONLY, "size=16m"), ==, 0);
        store_fixture_open(&f);
        g_assert_false(sky_store_numbers(f.store).durable);
        g_assert_cmpstr(f.start.epoch, ==, epoch);
        g_assert_cmpuint(f.start.alerts->len, ==, 1);
        g_assert_cmpuint(*(uint64_t *)g_hash_table_lookup(f.start.next_seq, "duty"), ==, 2);
        g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", 2, TRUE, "two", 2), NULL));
        grow_disk(f.directory);
        g_assert_true(store_fixture_await_durable(&f, TRUE, 90));
        g_autoptr(GPtrArray) rows = store_fixture_waiting(&f, 0, 10, NULL);
        g_assert_cmpuint(rows->len, ==, 3);
        store_fixture_unmount(&f);
    }
    store_fixture_clear(&f);
}

/* The directory comes later (a data partition that is mounted late): a start without any disk. */
static void test_no_disk_at_start(void) {
    StoreFixture f;
    store_fixture_init(&f);
    g_rmdir(f.directory);
    store_fixture_open(&f);
    char epoch[SKY_ULID_BYTES];
    g_strlcpy(epoch, f.start.epoch, sizeof epoch);
    gboolean durable = TRUE;
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", 1, TRUE, "one", 1), &durable));
    g_assert_false(durable);
    g_assert_cmpint(g_mkdir(f.directory, 0700), ==, 0);
    g_assert_true(store_fixture_await_durable(&f, TRUE, 90));
    store_fixture_close(&f);
    store_fixture_open(&f);
    g_assert_cmpstr(f.start.epoch, ==, epoch);
    g_assert_cmpuint(f.start.alerts->len, ==, 1);
    g_assert_cmpuint(*(uint64_t *)g_hash_table_lookup(f.start.next_seq, "duty"), ==, 2);
    store_fixture_clear(&f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-disk/kill", test_kill);
    g_test_add_func("/store-disk/corrupt-header", test_corrupt_header);
    g_test_add_func("/store-disk/corrupt-later", test_corrupt_later);
    g_test_add_func("/store-disk/write-errors", test_write_errors);
    g_test_add_func("/store-disk/full", test_full);
    g_test_add_func("/store-disk/read-only", test_read_only);
    g_test_add_func("/store-disk/no-disk-at-start", test_no_disk_at_start);
    return g_test_run();
}
