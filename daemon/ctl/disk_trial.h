/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* A small file written and synced in a folder, of which nothing can stay behind: it has no name. */
typedef struct {
    gboolean tried;  /* FALSE: it is not this account's to write there, or the file system does not know such files */
    gboolean stuck;  /* it had not come back at the limit */
    int failed;      /* an errno; 0 where it was written */
    int64_t took_ns;
} SkyDiskTrial;

/* By a process of its own: what waits in a disk that stands still can be neither broken off nor joined. Blocks for limit_ns at most. */
SkyDiskTrial sky_disk_trial(const char *directory, int64_t limit_ns);
