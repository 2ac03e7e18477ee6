/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/part_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"

struct SkyPartFile {
    char *path, *part_path;
    int fd;
    uint64_t bytes;
    SkyFileHash *hash;
    gboolean committed;
};

static gboolean sync_directory(const char *directory, GError **error) {
    sky_autofd fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && fsync(fd) == 0)
        return TRUE;
    sky_error_set_errno(error, errno, "writing the directory");
    return FALSE;
}

static gboolean make_directory(const char *directory, GError **error) {
    if (mkdir(directory, 0750) == 0) {
        g_autofree char *above = g_path_get_dirname(directory);
        return sync_directory(above, error);
    }
    if (errno == EEXIST)
        return TRUE;
    sky_error_set_errno(error, errno, "making the camera's directory");
    return FALSE;
}

SkyPartFile *sky_part_file_new(const char *path, GError **error) {
    g_autofree char *directory = g_path_get_dirname(path);
    if (!make_directory(directory, error))
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

gboolean sky_part_file_write(SkyPartFile *file, const void *data, gsize bytes, GError **error) {
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
    if (fdatasync(file->fd) == 0)
        return TRUE;
    sky_error_set_errno(error, errno, "writing the file");
    return FALSE;
}

gboolean sky_part_file_publish(int fd, const char *part_path, const char *path, GError **error) {
    if (fsync(fd) != 0) {
        sky_error_set_errno(error, errno, "writing the file");
        return FALSE;
    }
    if (rename(part_path, path) != 0) {
        sky_error_set_errno(error, errno, "naming the file");
        return FALSE;
    }
    g_autofree char *directory = g_path_get_dirname(path);
    if (!sync_directory(directory, error)) {
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
