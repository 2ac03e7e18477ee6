/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "base/cleanup.h"
#include "base/log.h"

/* It is made again only where this many times its size is free: a disk that is filled to the brim again and again would otherwise
 * have it made and given up all day. */
#define ROOM_TIMES 4
#define RETRY_NS (10 * SKY_NS_PER_S)
#define FULL_BYTES (UINT64_C(1) << 20)

static char *path_of(const SkyStore *store) {
    return g_strconcat(store->path, ".ballast", NULL);
}

static gboolean read_free(const SkyStore *store, uint64_t *ret_bytes) {
    g_autofree char *directory = g_path_get_dirname(store->path);
    struct statvfs disk;
    if (statvfs(directory, &disk) != 0) return FALSE;
    *ret_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    return TRUE;
}

static gboolean has_room(const SkyStore *store) {
    uint64_t free_bytes = 0;
    return read_free(store, &free_bytes) && free_bytes >= ROOM_TIMES * store->ballast_bytes;
}

/* For where SQLite's word is not at hand. */
gboolean sky_store_is_full(const SkyStore *store) {
    uint64_t free_bytes = 0;
    return read_free(store, &free_bytes) && free_bytes < FULL_BYTES;
}

static gboolean allocate(const char *path, uint64_t bytes) {
    sky_autofd fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 && posix_fallocate(fd, 0, (off_t)bytes) == 0 && fsync(fd) == 0;
}

static gboolean is_allocated(const SkyStore *store, const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && (uint64_t)status.st_size == store->ballast_bytes &&
           (uint64_t)status.st_blocks * 512 >= store->ballast_bytes;
}

void sky_store_keep_ballast(SkyStore *store) {
    store->ballast_retry_ns = INT64_MAX;
    if (store->ballast_bytes == 0) return;
    store->ballast_retry_ns = sky_clock_monotonic_ns() + RETRY_NS;
    g_autofree char *path = path_of(store);
    store->ballast = is_allocated(store, path);
    if (store->ballast || !has_room(store)) return;
    store->ballast = allocate(path, store->ballast_bytes);
    if (!store->ballast) unlink(path); /* half a ballast helps nobody */
}

gboolean sky_store_give_up_ballast(SkyStore *store) {
    if (!store->ballast) return FALSE;
    g_autofree char *path = path_of(store);
    store->ballast = FALSE;
    if (unlink(path) != 0) return FALSE;
    store->ballast_given_up++;
    sky_log(SKY_LOG_DEBUG, "store", NULL, "the disk is full: the ballast of %" G_GUINT64_FORMAT " bytes is given up", store->ballast_bytes);
    return TRUE;
}
