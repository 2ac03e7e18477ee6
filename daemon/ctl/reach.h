/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Can somebody be reached at all? */
typedef struct {
    char *unresolved;  /* why the name has no address; NULL: it has */
    int failed;        /* errno of the connection, 0: it stands */
    int fd;            /* connected, not blocking; -1 */
    char *address;     /* that answered, or the last that did not; NULL */
} SkyReach;

/* All addresses of host, one after the other; blocks at most limit_ns for the name and as long for the connection. */
void sky_reach_host(const char *host, int port, int64_t limit_ns, SkyReach *ret_reach);
void sky_reach_socket(const char *path, SkyReach *ret_reach);
void sky_reach_clear(SkyReach *reach);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkyReach, sky_reach_clear)
