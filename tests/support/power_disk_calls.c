/* SPDX-License-Identifier: Apache-2.0 */
/* The C library's calls as they stand: with large files they have names of their own, and both are asked for. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#define _LARGEFILE64_SOURCE
#include "support/power_disk_trace.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FDS_MAX 4096
#define SHOWN __attribute__((visibility("default")))
/* The C library's own. */
#define REAL(call) ((__typeof__(&call))real(#call))

typedef struct {
    guint file;         /* 0: not ours */
    gboolean directory;
    char name[256];
} Open;

static char watched[512];
static _Atomic(PowerTrace *) current;
static Open opened[FDS_MAX];

static void *real(const char *name) {
    void *call = dlsym(RTLD_NEXT, name);
    g_assert(call);
    return call;
}

PowerTrace *power_disk_record(const char *directory) {
    PowerTrace *trace = power_trace_new();
    g_strlcpy(watched, directory, sizeof watched);
    atomic_store(&current, trace);
    return trace;
}

PowerTrace *power_disk_resume(PowerTrace *trace, guint n, const char *directory) {
    PowerTrace *resumed = power_trace_copy(trace, n);
    PowerCut *cut = power_cut_new(resumed);
    power_cut_advance(cut, n);
    power_cut_lay_out(cut, POWER_KEEP, 0, directory);
    power_cut_free(cut);
    g_strlcpy(watched, directory, sizeof watched);
    atomic_store(&current, resumed);
    return resumed;
}

void power_disk_stop(void) {
    atomic_store(&current, NULL);
    memset(opened, 0, sizeof opened);
}

/* ---- which file is meant ---- */

/* The name below the watched folder, NULL where it is not. */
static char *name_of(const char *path) {
    gsize length = strlen(watched);
    if (strncmp(path, watched, length) != 0) return NULL;
    if (path[length] == '\0') return g_strdup("");
    if (path[length] != '/') return NULL;
    while (path[length] == '/') length++;
    char *name = g_strdup(path + length);
    if (g_str_has_suffix(name, "/")) name[strlen(name) - 1] = '\0';
    return name;
}

static char *name_at(int directory, const char *path) {
    char link[64], holder[512];
    if (path[0] == '/' || directory == AT_FDCWD) return name_of(path);
    g_snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    ssize_t bytes = readlink(link, holder, sizeof holder - 1);
    if (bytes < 0) return NULL;
    holder[bytes] = '\0';
    g_autofree char *whole = g_build_filename(holder, path, NULL);
    return name_of(whole);
}

static Open *open_of(int fd) {
    return atomic_load(&current) && fd >= 0 && fd < FDS_MAX && opened[fd].name[0] ? &opened[fd] : NULL;
}

static void note_open(PowerTrace *trace, int fd, const char *name, int flags, gboolean existed) {
    int before = errno;
    struct stat status;
    g_assert_cmpint(fd, <, FDS_MAX);
    opened[fd] = (Open){.directory = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)};
    if (!opened[fd].directory) opened[fd].file = power_trace_open(trace, name, !existed, existed && (flags & O_TRUNC));
    g_snprintf(opened[fd].name, sizeof opened[fd].name, "/%s", name); /* never empty */
    errno = before;
}

/* What has no name is on no disk afterwards. */
static gboolean is_nameless(int flags) {
    return (flags & O_TMPFILE) == O_TMPFILE;
}

static int open_any(int directory, const char *path, int flags, mode_t mode) {
    PowerTrace *trace = atomic_load(&current);
    g_autofree char *name = trace && !is_nameless(flags) ? name_at(directory, path) : NULL;
    gboolean existed = name && faccessat(directory, path, F_OK, 0) == 0;
    int fd = REAL(openat)(directory, path, flags | O_LARGEFILE, mode);
    if (fd >= 0 && name) note_open(trace, fd, name, flags, existed);
    return fd;
}

static mode_t mode_of(int flags, va_list *rest) {
    return flags & O_CREAT || is_nameless(flags) ? va_arg(*rest, mode_t) : 0;
}

SHOWN int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, &rest);
    va_end(rest);
    return open_any(AT_FDCWD, path, flags, mode);
}

SHOWN int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, &rest);
    va_end(rest);
    return open_any(AT_FDCWD, path, flags, mode);
}

SHOWN int openat(int directory, const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, &rest);
    va_end(rest);
    return open_any(directory, path, flags, mode);
}

SHOWN int openat64(int directory, const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, &rest);
    va_end(rest);
    return open_any(directory, path, flags, mode);
}

SHOWN int close(int fd) {
    if (fd >= 0 && fd < FDS_MAX && opened[fd].name[0]) memset(&opened[fd], 0, sizeof opened[fd]);
    return REAL(close)(fd);
}

/* ---- bytes ---- */

static void note_write(int fd, off64_t at, const void *data, ssize_t bytes) {
    Open *file = open_of(fd);
    int before = errno;
    if (file && bytes > 0) power_trace_write(atomic_load(&current), file->file, file->name + 1, (uint64_t)at, data, (gsize)bytes);
    errno = before;
}

SHOWN ssize_t write(int fd, const void *data, size_t bytes) {
    off64_t at = open_of(fd) ? lseek64(fd, 0, SEEK_CUR) : 0;
    ssize_t put = REAL(write)(fd, data, bytes);
    note_write(fd, at, data, put);
    return put;
}

SHOWN ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at) {
    ssize_t put = REAL(pwrite)(fd, data, bytes, at);
    note_write(fd, at, data, put);
    return put;
}

SHOWN ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t at) {
    ssize_t put = REAL(pwrite64)(fd, data, bytes, at);
    note_write(fd, at, data, put);
    return put;
}

static int truncate_any(int fd, off64_t bytes) {
    int failed = REAL(ftruncate64)(fd, bytes);
    Open *file = failed ? NULL : open_of(fd);
    if (file) power_trace_truncate(atomic_load(&current), file->file, file->name + 1, (uint64_t)bytes);
    return failed;
}

SHOWN int ftruncate(int fd, off_t bytes) {
    return truncate_any(fd, bytes);
}

SHOWN int ftruncate64(int fd, off64_t bytes) {
    return truncate_any(fd, bytes);
}

static int note_sync(int fd) {
    Open *file = open_of(fd);
    if (file) power_trace_sync(atomic_load(&current), file->file, file->name + 1, file->directory);
    return 0;
}

SHOWN int fsync(int fd) {
    return note_sync(fd);
}

SHOWN int fdatasync(int fd) {
    return note_sync(fd);
}

/* ---- names ---- */

SHOWN int mkdir(const char *path, mode_t mode) {
    int failed = REAL(mkdir)(path, mode), before = errno;
    PowerTrace *trace = failed ? NULL : atomic_load(&current);
    g_autofree char *name = trace ? name_of(path) : NULL;
    if (name) power_trace_mkdir(trace, name);
    errno = before;
    return failed;
}

SHOWN int rename(const char *from, const char *to) {
    int failed = REAL(rename)(from, to), before = errno;
    PowerTrace *trace = failed ? NULL : atomic_load(&current);
    g_autofree char *name = trace ? name_of(from) : NULL;
    g_autofree char *new_name = trace ? name_of(to) : NULL;
    if (name && new_name) power_trace_rename(trace, name, new_name);
    errno = before;
    return failed;
}

static void note_removed(int directory, const char *path, int failed) {
    int before = errno;
    PowerTrace *trace = failed ? NULL : atomic_load(&current);
    g_autofree char *name = trace ? name_at(directory, path) : NULL;
    if (name) power_trace_remove(trace, name);
    errno = before;
}

SHOWN int unlink(const char *path) {
    int failed = REAL(unlink)(path);
    note_removed(AT_FDCWD, path, failed);
    return failed;
}

SHOWN int unlinkat(int directory, const char *path, int flags) {
    int failed = REAL(unlinkat)(directory, path, flags);
    note_removed(directory, path, failed);
    return failed;
}

SHOWN int rmdir(const char *path) {
    int failed = REAL(rmdir)(path);
    note_removed(AT_FDCWD, path, failed);
    return failed;
}
