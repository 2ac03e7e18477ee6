/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "evidence/archive.h"
#include "evidence/evidence_inbox.h"
#include "evidence/evidence_path.h"
#include "evidence/fragment.h"
#include "evidence/part_file.h"

/* ---- names ---- */

typedef struct {
    const char *name;
    const char *alert; /* NULL: not ours */
    SkyEvidenceFile file;
    unsigned part;
    gboolean partial;
} NameRow;

static const NameRow name_rows[] = {
    {"a1.mp4", "a1", SKY_EVIDENCE_FILE_CLIP, 1, FALSE},
    {"a1-2.mp4", "a1", SKY_EVIDENCE_FILE_CLIP, 2, FALSE},
    {"a1-8.mp4.part", "a1", SKY_EVIDENCE_FILE_CLIP, 8, TRUE},
    {"a1-9.mp4", "a1-9", SKY_EVIDENCE_FILE_CLIP, 1, FALSE},
    {"a1.jpg", "a1", SKY_EVIDENCE_FILE_PICTURE, 1, FALSE},
    {"a1-thumb.jpg.part", "a1", SKY_EVIDENCE_FILE_THUMBNAIL, 1, TRUE},
    {"01jd0000000000000000000000.mp4.part", "01jd0000000000000000000000", SKY_EVIDENCE_FILE_CLIP, 1, TRUE},
    {"a1.mp4.part.part", NULL, 0, 0, FALSE},
    {"A1.mp4", NULL, 0, 0, FALSE},
    {".mp4", NULL, 0, 0, FALSE},
    {"-2.mp4", NULL, 0, 0, FALSE},
    {"a1.mkv", NULL, 0, 0, FALSE},
    {"..", NULL, 0, 0, FALSE},
    {"", NULL, 0, 0, FALSE},
};

static void test_names(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(name_rows); i++) {
        const NameRow *row = &name_rows[i];
        SkyEvidenceName name;
        g_test_message("%s", row->name);
        g_assert_true(sky_evidence_name_parse(row->name, &name) == (row->alert != NULL));
        if (row->alert == NULL)
            continue;
        g_assert_cmpstr(name.alert, ==, row->alert);
        g_assert_true(name.file == row->file && name.part == row->part && name.partial == row->partial);
        g_autofree char *path = sky_evidence_path("/e", "c", name.alert, name.file, name.part);
        g_autofree char *expected = g_strconcat("/e/c/", row->name, NULL);
        if (name.partial)
            expected[strlen(expected) - strlen(SKY_PART_ENDING)] = '\0';
        g_assert_cmpstr(path, ==, expected);
    }
    static const char *const refused[] = {"", "A", "../x", "a/b", "a1-2", "a1-8", "a1-thumb"};
    for (gsize i = 0; i < G_N_ELEMENTS(refused); i++)
        g_assert_false(sky_evidence_alert_is_valid(refused[i]));
    g_assert_false(sky_evidence_alert_is_valid(NULL));
    g_assert_true(sky_evidence_alert_is_valid("a1-9"));
}

/* ---- files ---- */

static char *read_all(const char *path) {
    char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static void test_part_file(void) {
    g_autofree char *directory = g_dir_make_tmp("sky-part-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "cam1", "a1.jpg", NULL);
    g_autofree char *part_path = g_strconcat(path, ".part", NULL);
    g_autoptr(GError) error = NULL;
    SkyPartFile *file = sky_part_file_new(path, &error);
    g_assert_no_error(error);
    g_assert_true(sky_part_file_write(file, "ab", 2, &error) && sky_part_file_write(file, "c", 1, &error) &&
                  sky_part_file_sync(file, &error));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    char sha256[SKY_SHA256_BYTES], again[SKY_SHA256_BYTES];
    g_assert_true(sky_part_file_commit(file, sha256, &error));
    g_assert_cmpstr(sha256, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); /* FIPS 180-4, "abc" */
    g_assert_cmpuint(sky_part_file_bytes(file), ==, 3);
    sky_part_file_free(file);
    uint64_t bytes = 0;
    g_assert_true(sky_file_hash_read(path, again, &bytes, &error));
    g_assert_cmpstr(again, ==, sha256);
    g_assert_cmpuint(bytes, ==, 3);
    g_assert_false(g_file_test(part_path, G_FILE_TEST_EXISTS));

    file = sky_part_file_new(path, &error); /* given up: the one before stays */
    g_assert_true(sky_part_file_write(file, "xyz", 3, &error));
    sky_part_file_free(file);
    g_autofree char *text = read_all(path);
    g_assert_cmpstr(text, ==, "abc");
    g_assert_false(g_file_test(part_path, G_FILE_TEST_EXISTS));

    g_assert_false(sky_file_hash_read(part_path, again, &bytes, &error));
    g_assert_null(strstr(error->message, directory));
    SkyRetentionState state;
    g_autoptr(GPtrArray) items = sky_archive_look(directory, &state);
    g_assert_cmpuint(items->len, ==, 1);
    g_assert_cmpuint(sky_archive_remove(directory, items->pdata[0]), ==, 1); /* and the camera's directory */
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

static void write_file(const char *directory, const char *camera, const char *name, gsize bytes) {
    g_autofree char *path = g_build_filename(directory, camera, NULL);
    g_autofree char *file = g_build_filename(path, name, NULL);
    g_autofree char *text = g_strnfill(bytes, 'x');
    g_mkdir(path, 0700);
    g_assert_true(g_file_set_contents(file, text, (gssize)bytes, NULL));
}

static void test_archive(void) {
    g_autofree char *directory = g_dir_make_tmp("sky-archive-XXXXXX", NULL);
    write_file(directory, "cam1", "a1.mp4", 8192);
    write_file(directory, "cam1", "a1-2.mp4", 4096);
    write_file(directory, "cam1", "a1.jpg", 4096);
    write_file(directory, "cam1", "a1-thumb.jpg", 4096);
    write_file(directory, "cam1", "a2.mp4.part", 4096);
    write_file(directory, "cam1", "notes.txt", 4096); /* somebody else's */
    write_file(directory, "cam2", "a1.mp4", 4096);
    write_file(directory, "lost+found", "a1.mp4", 4096);
    SkyRetentionState state;
    g_autoptr(GPtrArray) items = sky_archive_look(directory, &state);
    g_assert_cmpuint(items->len, ==, 3);
    uint64_t bytes = 0;
    for (guint i = 0; i < items->len; i++) {
        const SkyRetentionItem *item = items->pdata[i];
        bytes += item->bytes;
        gboolean first = strcmp(item->camera, "cam1") == 0 && strcmp(item->alert, "a1") == 0;
        g_assert_cmpuint(item->files, ==, first ? 4 : 1);
        g_assert_cmpint(ABS(item->changed_ns - sky_clock_utc_ns()), <, 60 * SKY_NS_PER_S);
        g_assert_cmpuint(sky_archive_remove(directory, item), ==, item->files);
    }
    g_assert_cmpuint(bytes, ==, state.bytes);
    g_assert_cmpuint(bytes, >=, 28672);
    g_assert_cmpuint(state.free_bytes, >, 0);
    g_autofree char *kept = g_build_filename(directory, "cam1", "notes.txt", NULL);
    g_autofree char *gone = g_build_filename(directory, "cam2", NULL);
    g_assert_cmpint(g_remove(kept), ==, 0);
    g_assert_false(g_file_test(gone, G_FILE_TEST_EXISTS));
    g_autofree char *other = g_build_filename(directory, "lost+found", "a1.mp4", NULL);
    g_assert_cmpint(g_remove(other), ==, 0);
    static const char *const left[] = {"cam1", "lost+found", "."};
    for (gsize i = 0; i < G_N_ELEMENTS(left); i++) {
        g_autofree char *path = i < 2 ? g_build_filename(directory, left[i], NULL) : g_strdup(directory);
        g_assert_cmpint(g_rmdir(path), ==, 0);
    }
}

/* ---- fragments ---- */

static void add_box(GByteArray *file, const char *type, guint32 bytes, guint8 fill) {
    guint32 size = GUINT32_TO_BE(bytes);
    g_byte_array_append(file, (const guint8 *)&size, 4);
    g_byte_array_append(file, (const guint8 *)type, 4);
    for (guint32 i = 8; i < bytes; i++)
        g_byte_array_append(file, &fill, 1);
}

static SkyFragments scan(const guint8 *data, gsize bytes) {
    char path[] = "/tmp/sky-fragment-XXXXXX";
    sky_autofd fd = g_mkstemp(path);
    g_assert_cmpint(fd, >=, 0);
    g_unlink(path);
    g_assert_cmpint(write(fd, data, bytes), ==, (gssize)bytes);
    SkyFragments fragments;
    g_assert_true(sky_fragments_scan(fd, &fragments, NULL));
    return fragments;
}

/* Cut at every single byte: never more than what is whole, never less. */
static void test_every_cut(void) {
    g_autoptr(GByteArray) file = g_byte_array_new();
    add_box(file, "ftyp", 28, 1);
    add_box(file, "moov", 300, 1);
    guint edges[4] = {0};
    for (int i = 1; i <= 3; i++) {
        add_box(file, "moof", 100, 1);
        add_box(file, "mdat", 200 + 50 * (guint)i, 1);
        edges[i] = file->len;
    }
    add_box(file, "mfra", 60, 1);
    for (guint cut = 0; cut <= file->len; cut++) {
        unsigned whole = (cut >= edges[1]) + (cut >= edges[2]) + (cut >= edges[3]);
        SkyFragments fragments = scan(file->data, cut);
        g_assert_cmpuint(fragments.fragments, ==, whole);
        g_assert_cmpuint(fragments.whole_bytes, ==, edges[whole]);
    }
}

/* The length reached the disk, the data did not. */
static void test_zeros(void) {
    g_autoptr(GByteArray) file = g_byte_array_new();
    add_box(file, "ftyp", 28, 1);
    add_box(file, "moov", 300, 1);
    add_box(file, "moof", 100, 1);
    add_box(file, "mdat", 20000, 1);
    guint first = file->len;
    add_box(file, "moof", 100, 1);
    add_box(file, "mdat", 20000, 1);
    guint second = file->len;
    g_assert_cmpuint(scan(file->data, file->len).whole_bytes, ==, second);
    memset(file->data + 28672, 0, 4096); /* one block of the second one */
    g_assert_cmpuint(scan(file->data, file->len).whole_bytes, ==, first);
    memset(file->data + 24576, 0, second - 24576);
    g_assert_cmpuint(scan(file->data, file->len).whole_bytes, ==, first);
    memset(file->data + 4096, 0, second - 4096);
    g_assert_cmpuint(scan(file->data, file->len).fragments, ==, 0);
}

/* H.264: the smallest hole shows, an encoder's padding is none. */
static void test_holes(void) {
    g_autoptr(GByteArray) file = g_byte_array_new();
    add_box(file, "ftyp", 28, 1);
    add_box(file, "moov", 300, 1);
    memcpy(file->data + 100, "avcC", 4);
    add_box(file, "moof", 100, 1);
    add_box(file, "mdat", 8 + 4 + 3000 + 4 + 1500, 1);
    guint8 *first = file->data + 28 + 300 + 100 + 8, *second = first + 4 + 3000;
    memcpy(first, "\0\0\x0b\xb8", 4);
    memcpy(second, "\0\0\x05\xdc", 4);
    g_assert_cmpuint(scan(file->data, file->len).fragments, ==, 1);
    memset(first + 2000, 0, 2);
    memset(second - 16, 0, 16);
    g_assert_cmpuint(scan(file->data, file->len).fragments, ==, 1);
    memset(first + 2000, 0, 4);
    g_assert_cmpuint(scan(file->data, file->len).fragments, ==, 0);
    memset(first + 2000, 1, 4);
    gsize sector = (gsize)(second - file->data) / 512 * 512;
    g_assert_cmpuint(second - file->data - sector, >, 64);
    memset(file->data + sector, 0, (gsize)(second - file->data) - sector); /* longer than any padding */
    g_assert_cmpuint(scan(file->data, file->len).fragments, ==, 0);
    memset(file->data + sector, 1, (gsize)(second - file->data) - sector);
    gsize last = file->len / 512 * 512;
    g_assert_cmpuint(file->len - last, >, 8);
    g_byte_array_set_size(file, (guint)last + 8); /* eight zeros, but from the edge of a sector on */
    guint32 box = GUINT32_TO_BE((guint32)(last + 8 - 428)), length = GUINT32_TO_BE((guint32)(last + 8 - (28 + 300 + 100 + 8 + 3004 + 4)));
    memcpy(file->data + 428, &box, 4);
    memcpy(file->data + 28 + 300 + 100 + 8 + 3004, &length, 4);
    g_assert_cmpuint(scan(file->data, file->len).fragments, ==, 1);
    memset(file->data + last, 0, 8);
    g_assert_cmpuint(scan(file->data, file->len).fragments, ==, 0);
    memset(file->data + last, 1, 8);
    memset(first, 0, 4); /* the chain is broken */
    g_assert_cmpuint(scan(file->data, file->len).fragments, ==, 0);
}

static void test_nonsense(void) {
    for (int i = 0; i < 300; i++) {
        guint8 data[512];
        for (gsize k = 0; k < sizeof data; k++)
            data[k] = (guint8)g_test_rand_int_range(0, 256);
        memcpy(data + 4, "moov", 4);
        memset(data, 0, 3);
        data[3] = (guint8)g_test_rand_int_range(0, 40);
        g_assert_cmpuint(scan(data, sizeof data).fragments, ==, 0);
    }
    guint8 huge[64] = {0, 0, 0, 1, 'm', 'o', 'o', 'v', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    g_assert_cmpuint(scan(huge, sizeof huge).fragments, ==, 0);
}

/* ---- the inbox ---- */

static SkyEvidenceRequest *request_new(SkyPreroll *preroll, const char *alert) {
    SkyEvidenceRequest *request = g_new0(SkyEvidenceRequest, 1);
    request->kind = SKY_EVIDENCE_CLIP;
    request->preroll = sky_preroll_ref(preroll);
    g_strlcpy(request->alert, alert, sizeof request->alert);
    return request;
}

static void test_inbox(void) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(1000, SKY_NS_PER_S, NULL);
    g_autoptr(SkyEvidenceInbox) inbox = sky_evidence_inbox_new();
    g_assert_null(sky_evidence_inbox_take(inbox, 0));
    g_assert_cmpint(sky_evidence_inbox_oldest_ns(inbox), ==, SKY_TIME_NONE);
    sky_evidence_inbox_set_end(inbox, "a0", 5); /* nobody's */
    g_assert_cmpint(sky_evidence_inbox_end_of(inbox, "a0"), ==, SKY_TIME_NONE);
    for (unsigned i = 0; i < SKY_EVIDENCE_REQUESTS_MAX; i++) {
        g_autofree char *alert = g_strdup_printf("a%u", i);
        g_assert_true(sky_evidence_inbox_offer(inbox, request_new(preroll, alert)));
    }
    g_assert_false(sky_evidence_inbox_offer(inbox, request_new(preroll, "one-more")));
    g_assert_cmpint(sky_evidence_inbox_oldest_ns(inbox), !=, SKY_TIME_NONE);
    sky_evidence_inbox_set_end(inbox, "a0", 7);
    SkyEvidenceRequest *first = sky_evidence_inbox_take(inbox, 0);
    g_assert_cmpstr(first->alert, ==, "a0");
    sky_evidence_request_free(first);
    g_assert_cmpint(sky_evidence_inbox_end_of(inbox, "a0"), ==, 7);
    g_assert_false(sky_evidence_inbox_offer(inbox, request_new(preroll, "a0"))); /* under way */
    sky_evidence_inbox_clip_done(inbox, "a0");
    g_assert_true(sky_evidence_inbox_offer(inbox, request_new(preroll, "a0")));
    sky_evidence_inbox_set_open(inbox, "a3", TRUE);
    sky_evidence_inbox_set_open(inbox, "a3", TRUE);
    g_assert_true(sky_evidence_inbox_is_open(inbox, "a3"));
    sky_evidence_inbox_set_open(inbox, "a3", FALSE);
    g_assert_false(sky_evidence_inbox_is_open(inbox, "a3"));
    sky_evidence_inbox_close(inbox);
    for (unsigned i = 0; i < SKY_EVIDENCE_REQUESTS_MAX; i++) { /* what is inside can still be taken */
        g_autoptr(SkyEvidenceRequest) request = sky_evidence_inbox_take(inbox, INT64_MAX);
        g_assert_nonnull(request);
    }
    g_assert_null(sky_evidence_inbox_take(inbox, INT64_MAX));
    g_assert_true(sky_evidence_inbox_is_closed(inbox));
    g_assert_false(sky_evidence_inbox_offer(inbox, request_new(preroll, "late")));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/evidence/files/names", test_names);
    g_test_add_func("/evidence/files/part-file", test_part_file);
    g_test_add_func("/evidence/files/archive", test_archive);
    g_test_add_func("/evidence/files/every-cut", test_every_cut);
    g_test_add_func("/evidence/files/zeros", test_zeros);
    g_test_add_func("/evidence/files/holes", test_holes);
    g_test_add_func("/evidence/files/nonsense", test_nonsense);
    g_test_add_func("/evidence/files/inbox", test_inbox);
    return g_test_run();
}
