/* SPDX-License-Identifier: Apache-2.0 */
#include "base/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "base/cleanup.h"
#include "base/error.h"

/* 0, or errno. */
static int sync_names(const char *path) {
    sky_autofd fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? 0 : errno;
}

static int make(const char *path) {
    g_autofree char *above = g_path_get_dirname(path);
    int failed = mkdir(path, 0750) == 0 ? 0 : errno;
    if (failed == ENOENT && g_strcmp0(above, path) != 0) {
        failed = make(above);
        if (failed == 0) failed = mkdir(path, 0750) == 0 ? 0 : errno;
    }
    if (failed == 0) return sync_names(above);
    if (failed != EEXIST) return failed;
    if (!g_file_test(path, G_FILE_TEST_IS_DIR)) return ENOTDIR;
    sync_names(above); /* what holds it may not be ours to read, and then it is not ours that made it */
    return 0;
}

gboolean sky_directory_make(const char *path, const char *what, GError **error) {
    int failed = make(path);
    if (failed == 0) return TRUE;
    sky_error_set_errno(error, failed, what);
    return FALSE;
}

gboolean sky_directory_sync(const char *path, const char *what, GError **error) {
    int failed = sync_names(path);
    if (failed == 0) return TRUE;
    sky_error_set_errno(error, failed, what);
    return FALSE;
}
