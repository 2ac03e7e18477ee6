/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>
#include "base/cleanup.h"
#include "base/directory.h"

/* A high-water mark beside the database: of which epoch it is, and how many LOG numbers were given, on the disk or while that refused. An
 * older database that is put back, or was killed while kept in memory, knows fewer. It is synced when it is made, before any number is
 * given, and in memory: what a power cut leaves of what is written after each commit on the disk is behind the database, and that is well.
 * A disk that turns read-only while running takes neither number nor mark: nothing tells the next start. */
#define MARK_FORMAT "%26s %020" PRIu64 "\n" /* always as long, so that it is overwritten in place */
#define MARK_BYTES (26 + 1 + 20 + 1)
G_STATIC_ASSERT(SKY_ULID_BYTES == 26 + 1);

static char *path_of(const SkyStore *store) {
    return g_strconcat(store->path, ".highwater", NULL);
}

static uint64_t given(const SkyStore *store) {
    uint64_t numbers = 0;
    GHashTableIter iter;
    gpointer next;
    g_hash_table_iter_init(&iter, store->next_seq);
    while (g_hash_table_iter_next(&iter, NULL, &next)) numbers += *(uint64_t *)next - 1;
    return numbers;
}

static gboolean is_vouched_for(const SkyStore *store) {
    g_autofree char *path = path_of(store);
    sky_autofd fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[MARK_BYTES + 1] = "", epoch[SKY_ULID_BYTES];
    uint64_t numbers;
    return fd >= 0 && read(fd, text, MARK_BYTES) == MARK_BYTES && sscanf(text, "%26s %" SCNu64, epoch, &numbers) == 2 &&
           g_str_equal(epoch, store->epoch) && numbers <= given(store);
}

gboolean sky_store_is_copy(const SkyStore *store) {
    return given(store) > 0 && !is_vouched_for(store);
}

static gboolean write_mark(const SkyStore *store, int fd) {
    char text[MARK_BYTES + 1];
    g_snprintf(text, sizeof text, MARK_FORMAT, store->epoch, given(store));
    return fd >= 0 && pwrite(fd, text, MARK_BYTES, 0) == MARK_BYTES;
}

void sky_store_make_mark(const SkyStore *store) {
    g_autofree char *path = path_of(store), *directory = g_path_get_dirname(path);
    sky_autofd fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (!write_mark(store, fd) || fsync(fd) != 0 || !sky_directory_sync(directory, "store", NULL)) unlink(path);
}

/* Not kept open: the disk may have to go. One that can not be written would vouch for too little. */
void sky_store_raise_mark(const SkyStore *store) {
    g_autofree char *path = path_of(store);
    sky_autofd fd = open(path, O_WRONLY | O_CLOEXEC);
    if (!write_mark(store, fd) || (!store->database->file && fdatasync(fd) != 0)) unlink(path);
}
