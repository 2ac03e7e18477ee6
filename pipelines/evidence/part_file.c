/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/part_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/directory.h"
#include "base/error.h"

/* Which sync is needed where, the sweep of tests/integration/test_evidence_cut.c found: without that of the bytes a name stands over
 * a file without them; without that of the folder after the rename a clip that was told of is back under its .part name, or gone;
 * without that of the folder while it grows (POSIX promises no name with a file's own fsync) all of it is lost with its name; and
 * without that of what holds a new camera's folder the folder is lost with everything in it. fdatasync does for bytes and length. */
struct SkyPartFile {
    char *path, *part_path;
    gboolean named; /* the name of the part file outlasts a power cut */
    int fd;
    uint64_t bytes, keep_free_bytes;
    SkyFileHash *hash;
    gboolean committed;
};

SkyPartFile *sky_part_file_new(const char *path, GError **error) {
    g_autofree char *directory = g_path_get_dirname(path);
    if (!sky_directory_make(directory, "making the camera's directory", error))
        return NULL;
    g_autofree char *part_path = g_strconcat(path, SKY_PART_ENDING, NULL);
    int fd = open(part_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0) {
        sky_error_set_errno(error, errno, "opening the file");
        return NULL;
    }
    SkyPartFile *file = g_new0(SkyPartFile, 1);
    file->path = g_strdup(path);
    file->part_path = g_steal_pointer(&part_path);
    file->fd = fd;
    file->hash = sky_file_hash_new();
    return file;
}

void sky_part_file_free(SkyPartFile *file) {
    if (file == NULL)
        return;
    if (!file->committed)
        unlink(file->part_path);
    sky_close_fd(&file->fd);
    sky_file_hash_free(file->hash);
    g_free(file->path);
    g_free(file->part_path);
    g_free(file);
}

void sky_part_file_keep_free(SkyPartFile *file, uint64_t bytes) {
    file->keep_free_bytes = bytes;
}

static gboolean has_room(const SkyPartFile *file, gsize bytes, GError **error) {
    struct statvfs disk;
    if (file->keep_free_bytes == 0 || fstatvfs(file->fd, &disk) != 0 ||
        (uint64_t)disk.f_bavail * disk.f_frsize >= file->keep_free_bytes + bytes)
        return TRUE;
    g_set_error(error, SKY_ERROR, SKY_ERR_RESOURCE, "the disk is nearly full: the last %" G_GUINT64_FORMAT " MB are kept for alerts",
                file->keep_free_bytes >> 20);
    return FALSE;
}

gboolean sky_part_file_write(SkyPartFile *file, const void *data, gsize bytes, GError **error) {
    if (!has_room(file, bytes, error))
        return FALSE;
    const uint8_t *at = data;
    for (gsize left = bytes; left > 0;) {
        ssize_t put = write(file->fd, at, left);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            sky_error_set_errno(error, put == 0 ? ENOSPC : errno, "writing the file");
            return FALSE;
        }
        at += put;
        left -= (gsize)put;
    }
    sky_file_hash_add(file->hash, data, bytes);
    file->bytes += bytes;
    return TRUE;
}

gboolean sky_part_file_sync(SkyPartFile *file, GError **error) {
    if (fdatasync(file->fd) != 0) {
        sky_error_set_errno(error, errno, "writing the file");
        return FALSE;
    }
    if (!file->named) {
        g_autofree char *directory = g_path_get_dirname(file->path);
        file->named = sky_directory_sync(directory, "writing the directory", error);
    }
    return file->named;
}

/* Retention goes by this time: it has to be of the same clock, also where the system's stands in 1970. */
static void set_time(int fd) {
    int64_t now_ns = sky_clock_utc_ns();
    struct timespec now = {.tv_sec = (time_t)(now_ns / SKY_NS_PER_S), .tv_nsec = (long)(now_ns % SKY_NS_PER_S)};
    futimens(fd, (struct timespec[]){now, now});
}

gboolean sky_part_file_publish(int fd, const char *part_path, const char *path, GError **error) {
    set_time(fd);
    if (fsync(fd) != 0) {
        sky_error_set_errno(error, errno, "writing the file");
        return FALSE;
    }
    if (rename(part_path, path) != 0) {
        sky_error_set_errno(error, errno, "naming the file");
        return FALSE;
    }
    g_autofree char *directory = g_path_get_dirname(path);
    if (!sky_directory_sync(directory, "writing the directory", error)) {
        unlink(path); /* no file that nobody was told of */
        return FALSE;
    }
    return TRUE;
}

gboolean sky_part_file_commit(SkyPartFile *file, char ret_sha256[SKY_SHA256_BYTES], GError **error) {
    if (!sky_part_file_publish(file->fd, file->part_path, file->path, error))
        return FALSE;
    file->committed = TRUE;
    sky_file_hash_finish(file->hash, ret_sha256);
    return TRUE;
}

uint64_t sky_part_file_bytes(const SkyPartFile *file) {
    return file->bytes;
}
