/* SPDX-License-Identifier: Apache-2.0 */
/* The store on small disks of its own: what is given up when one is full, and a file system that turns read-only in the middle. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "support/store_fixture.h"

#define BALLAST_BYTES (1 << 20)

/* Takes all room but about `left` bytes, as somebody else would. */
static char *fill_disk(const StoreFixture *f, gsize left) {
    char *path = g_build_filename(f->directory, "of-somebody-else", NULL);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    static const char zeros[4096];
    while (write(fd, zeros, sizeof zeros) == (ssize_t)sizeof zeros) continue;
    struct stat status;
    g_assert_cmpint(fstat(fd, &status), ==, 0);
    g_assert_cmpint(ftruncate(fd, status.st_size - (off_t)left), ==, 0);
    close(fd);
    return path;
}

static gboolean await_ballast(StoreFixture *f, gboolean wanted, int limit_s) {
    for (int i = 0; i < limit_s * 20; i++) {
        if ((sky_store_numbers(f->store).ballast_bytes > 0) == wanted) return TRUE;
        g_usleep(50000);
    }
    return FALSE;
}

/* Full: the ballast goes, nothing else is noticed; full again: memory; room: back on the disk, and a ballast again. */
static void test_ballast(void) {
    StoreFixture f;
    store_fixture_init(&f);
    f.params.ballast_bytes = BALLAST_BYTES;
    if (!store_fixture_mount(&f, "size=8m")) {
        store_fixture_clear(&f);
        return;
    }
    store_fixture_open(&f);
    g_autofree char *ballast = g_strconcat(f.path, ".ballast", NULL);
    struct stat status;
    g_assert_cmpint(stat(ballast, &status), ==, 0);
    g_assert_cmpint(status.st_blocks * 512, >=, BALLAST_BYTES); /* not only a length */
    g_assert_cmpuint(sky_store_numbers(f.store).ballast_bytes, ==, BALLAST_BYTES);
    g_autofree char *other = fill_disk(&f, 0);
    gboolean durable = TRUE;
    guint64 seq = 1, given_up_at = 0;
    g_autofree char *large = g_strnfill(8000, 'x');
    for (; durable && seq < 2000; seq++) {
        g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", (guint)seq, TRUE, large, seq), &durable));
        SkyStoreNumbers numbers = sky_store_numbers(f.store);
        if (given_up_at == 0 && numbers.ballast_given_up > 0) {
            given_up_at = seq;
            g_test_message("revision %" G_GUINT64_FORMAT ": durable %d: %s", seq, durable, numbers.trouble);
            g_assert_true(durable); /* the very commit that found the disk full */
            g_assert_nonnull(strstr(numbers.trouble, "nearly full"));
            g_assert_cmpint(g_access(ballast, F_OK), !=, 0);
        }
    }
    SkyStoreNumbers numbers = sky_store_numbers(f.store);
    g_test_message("revision %" G_GUINT64_FORMAT ": durable %d: %s", seq - 1, durable, numbers.trouble);
    g_assert_cmpuint(given_up_at, >, 0);
    g_assert_cmpuint(seq - given_up_at, >, 8); /* what it was there for */
    g_assert_false(durable);
    g_assert_cmpuint(numbers.ballast_given_up, ==, 1);
    g_unlink(other);
    g_assert_true(store_fixture_await_durable(&f, TRUE, 90));
    g_assert_true(await_ballast(&f, TRUE, 90));
    g_assert_cmpstr(sky_store_numbers(f.store).trouble, ==, "");
    g_autoptr(GPtrArray) log = store_fixture_log(&f, 1, 4000);
    g_assert_cmpuint(log->len, ==, seq - 1);
    store_fixture_unmount(&f);
    store_fixture_clear(&f);
}

/* A little room, but less than four times the ballast: it is not made, so that it does not come and go all day. */
static void test_ballast_hysteresis(void) {
    StoreFixture f;
    store_fixture_init(&f);
    f.params.ballast_bytes = BALLAST_BYTES;
    if (store_fixture_mount(&f, "size=8m")) {
        g_autofree char *other = fill_disk(&f, 3 * BALLAST_BYTES);
        store_fixture_open(&f);
        SkyStoreNumbers numbers = sky_store_numbers(f.store);
        g_assert_cmpuint(numbers.ballast_bytes, ==, 0);
        g_assert_true(numbers.durable);
        g_assert_nonnull(strstr(numbers.trouble, "nearly full"));
        g_unlink(other);
        g_assert_true(await_ballast(&f, TRUE, 90));
        g_assert_cmpstr(sky_store_numbers(f.store).trouble, ==, "");
        store_fixture_unmount(&f);
    }
    store_fixture_clear(&f);
}

/* A damaged database on a full disk: alerts are known from memory; with room, all of it is on the disk. */
static void test_damaged_and_full(void) {
    StoreFixture f;
    store_fixture_init(&f);
    if (store_fixture_mount(&f, "size=8m")) {
        store_fixture_open(&f);
        g_autofree char *text = g_strnfill(3000, 's');
        for (guint i = 1; i <= 60; i++) {
            g_autofree char *alert = g_strdup_printf("a%u", i);
            g_assert_true(store_fixture_commit(&f, store_fixture_revision(alert, 1, TRUE, text, i), NULL));
        }
        store_fixture_close(&f);
        g_autofree char *image = NULL;
        gsize bytes = 0;
        g_assert_true(g_file_get_contents(f.path, &image, &bytes, NULL));
        memset(image, 'Z', 4096);
        g_assert_true(g_file_set_contents(f.path, image, (gssize)bytes, NULL));
        g_autofree char *other = fill_disk(&f, 0);
        store_fixture_open(&f);
        SkyStoreNumbers numbers = sky_store_numbers(f.store);
        g_test_message("durable %d, %u alerts: %s", numbers.durable, f.start.alerts->len, numbers.trouble);
        g_assert_false(numbers.durable);
        g_assert_cmpuint(f.start.alerts->len, ==, 60);
        g_assert_cmpuint(numbers.undelivered, ==, 120);
        g_assert_true(store_fixture_commit(&f, store_fixture_revision("new", 1, TRUE, "x", 1), NULL));
        g_unlink(other);
        g_assert_true(store_fixture_await_durable(&f, TRUE, 90));
        store_fixture_close(&f);
        store_fixture_open(&f);
        g_assert_cmpuint(f.start.alerts->len, ==, 61);
        g_assert_cmpuint(sky_store_numbers(f.store).undelivered, ==, 122);
        store_fixture_unmount(&f);
    }
    store_fixture_clear(&f);
}

/* One letter of an open alert is another, and nothing can be written: the start gives the others. */
static void test_damaged_and_read_only(void) {
    StoreFixture f;
    store_fixture_init(&f);
    if (store_fixture_mount(&f, "size=8m")) {
        store_fixture_open(&f);
        char epoch[SKY_ULID_BYTES];
        g_strlcpy(epoch, f.start.epoch, sizeof epoch);
        for (guint i = 1; i <= 20; i++) {
            g_autofree char *alert = g_strdup_printf("a%u", i);
            g_assert_true(store_fixture_commit(&f, store_fixture_revision(alert, i, TRUE, "x", i), NULL));
        }
        store_fixture_close(&f);
        g_autofree char *image = NULL;
        gsize bytes = 0;
        g_assert_true(g_file_get_contents(f.path, &image, &bytes, NULL));
        for (gsize at = 0; at + 10 < bytes; at++) {
            if (!memcmp(image + at, "{\"rev\":13}", 10)) image[at + 2] = 'R';
        }
        g_assert_true(g_file_set_contents(f.path, image, (gssize)bytes, NULL));
        g_assert_cmpint(mount("none", f.directory, NULL, MS_REMOUNT | MS_RDONLY, "size=8m"), ==, 0);
        store_fixture_open(&f);
        g_assert_false(sky_store_numbers(f.store).durable);
        g_assert_cmpuint(f.start.alerts->len, ==, 19);
        g_assert_cmpstr(f.start.epoch, !=, epoch);
        g_assert_cmpint(mount("none", f.directory, NULL, MS_REMOUNT, "size=8m"), ==, 0);
        g_assert_true(store_fixture_await_durable(&f, TRUE, 90));
        g_assert_cmpuint(sky_store_numbers(f.store).undelivered, ==, 40); /* the messages of all twenty were true */
        store_fixture_unmount(&f);
    }
    store_fixture_clear(&f);
}

/* ---- an ext4 of its own, in a file ---- */

static gboolean run(const char *const *words) {
    int status = 1;
    return g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                        NULL, NULL, &status, NULL) && status == 0;
}

static gboolean mount_image(const char *image, const char *directory) {
    return run((const char *const[]){"mount", "-o", "loop,errors=remount-ro", image, directory, NULL});
}

/* What the kernel does after an error on the disk: read-only at once, whoever has files open for writing. */
static gboolean break_disk(const char *directory) {
    struct stat status;
    g_assert_cmpint(stat(directory, &status), ==, 0);
    g_autofree char *link = g_strdup_printf("/sys/dev/block/%u:%u", (guint)(status.st_dev >> 8 & 0xfff), (guint)(status.st_dev & 0xff));
    g_autofree char *device = g_file_read_link(link, NULL);
    g_autofree char *name = device ? g_path_get_basename(device) : g_strdup("none");
    g_autofree char *trigger = g_strdup_printf("/sys/fs/ext4/%s/trigger_fs_error", name);
    int fd = open(trigger, O_WRONLY | O_CLOEXEC);
    gboolean ok = fd >= 0 && write(fd, "tested", 6) == 6;
    if (fd >= 0) close(fd);
    return ok;
}

static void read_only_in_the_middle(StoreFixture *f, const char *image) {
    store_fixture_open(f);
    gboolean durable = FALSE;
    guint64 seq = 1;
    for (; seq <= 20; seq++) g_assert_true(store_fixture_commit(f, store_fixture_revision("a1", (guint)seq, TRUE, "x", seq), &durable));
    g_assert_true(durable);
    if (!break_disk(f->directory)) {
        g_test_skip("this kernel lets nobody break an ext4 on purpose");
        return;
    }
    for (; seq <= 40; seq++) g_assert_true(store_fixture_commit(f, store_fixture_revision("a1", (guint)seq, TRUE, "x", seq), &durable));
    SkyStoreNumbers numbers = sky_store_numbers(f->store);
    g_test_message("read-only: %s", numbers.trouble);
    g_assert_false(durable);
    g_assert_false(numbers.durable);
    g_autoptr(GPtrArray) before = store_fixture_waiting(f, 0, 100, NULL);
    g_assert_cmpuint(before->len, >=, 20); /* what memory has; what it could read of the disk as well */
    g_assert_cmpint(umount2(f->directory, MNT_DETACH), ==, 0);
    run((const char *const[]){"e2fsck", "-y", "-f", image, NULL}); /* what it answers says only whether it had to mend */
    g_assert_true(mount_image(image, f->directory));
    g_assert_true(store_fixture_await_durable(f, TRUE, 90));
    g_assert_cmpstr(sky_store_numbers(f->store).trouble, ==, "");
    store_fixture_close(f);
    store_fixture_open(f);
    g_autoptr(GPtrArray) log = store_fixture_log(f, 1, 100);
    g_assert_cmpuint(log->len, ==, 40);
    for (guint i = 0; i < log->len; i++) g_assert_cmpuint(((SkyMessageRecord *)log->pdata[i])->seq, ==, i + 1);
}

static void test_read_only_in_the_middle(void) {
    StoreFixture f;
    store_fixture_init(&f);
    g_autofree char *image = g_strconcat(f.directory, ".ext4", NULL);
    int fd = open(image, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    g_assert_cmpint(ftruncate(fd, 32 << 20), ==, 0);
    close(fd);
    if (run((const char *const[]){"mkfs.ext4", "-q", image, NULL}) && mount_image(image, f.directory)) {
        read_only_in_the_middle(&f, image);
        store_fixture_unmount(&f);
    } else {
        g_test_skip("no file system in a file can be mounted here (needs root and a loop device)");
    }
    g_unlink(image);
    store_fixture_clear(&f);
}

/* What was given in memory is known to nobody when the next start finds the disk still full: not then, and not when it has room again. */
static void test_full_at_the_next_start(void) {
    StoreFixture f;
    store_fixture_init(&f);
    if (!store_fixture_mount(&f, "size=8m")) {
        store_fixture_clear(&f);
        return;
    }
    store_fixture_open(&f);
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", 1, TRUE, "x", 1), NULL));
    g_autofree char *first = g_strdup(f.start.epoch), *other = fill_disk(&f, 0), *large = g_strnfill(8000, 'x');
    gboolean durable = TRUE;
    guint64 seq = 2;
    for (; durable && seq < 2000; seq++)
        g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", (guint)seq, TRUE, large, seq), &durable));
    g_assert_false(durable);
    store_fixture_close(&f);
    store_fixture_open(&f);
    g_assert_true(f.start.copy);
    g_assert_cmpstr(f.start.epoch, !=, first);
    g_assert_cmpuint(g_hash_table_size(f.start.next_seq), ==, 0);
    store_fixture_close(&f);
    g_unlink(other);
    store_fixture_open(&f);
    g_assert_cmpstr(f.start.epoch, !=, first);
    store_fixture_unmount(&f);
    store_fixture_clear(&f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-room/ballast", test_ballast);
    g_test_add_func("/store-room/full-at-the-next-start", test_full_at_the_next_start);
    g_test_add_func("/store-room/ballast-hysteresis", test_ballast_hysteresis);
    g_test_add_func("/store-room/damaged-and-full", test_damaged_and_full);
    g_test_add_func("/store-room/damaged-and-read-only", test_damaged_and_read_only);
    g_test_add_func("/store-room/read-only-in-the-middle", test_read_only_in_the_middle);
    return g_test_run();
}
