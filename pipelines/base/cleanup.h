/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* Cleanup at the end of a scope for what GLib has no g_autoptr for. errno is kept. */
static inline void sky_close_fd(int *fd) {
    if (*fd >= 0) {
        int kept = errno;
        close(*fd);
        errno = kept;
    }
    *fd = -1;
}
static inline int sky_steal_fd(int *fd) {
    int stolen = *fd;
    *fd = -1;
    return stolen;
}
#define sky_autofd __attribute__((cleanup(sky_close_fd))) int
