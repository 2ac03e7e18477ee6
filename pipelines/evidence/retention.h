/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/id.h"
#include "evidence/evidence_params.h"

/* Whose files have to go, and in which order: the oldest closed alerts first, open ones last. Decides only. */
typedef struct {
    char camera[SKY_ID_BYTES], alert[SKY_ID_BYTES];
    uint64_t bytes;      /* of all its files, as they lie on the disk */
    uint32_t files;
    int64_t changed_ns;  /* UTC, the newest of them */
    gboolean open;       /* the alert is */
    gboolean busy;       /* a clip of it is being written: never goes */
} SkyRetentionItem;

/* free_bytes where the file system does not say: nothing lacks, and what goes can be added. */
#define SKY_RETENTION_FREE_UNKNOWN (UINT64_MAX / 2)
typedef struct {
    uint64_t bytes, free_bytes; /* of all items; of the file system */
    int64_t now_utc_ns;
    gboolean age_counts;        /* FALSE: now_utc_ns may be anything (sky_clock_tells_age()), and nothing goes by age */
} SkyRetentionState;

/* items: SkyRetentionItem *, sorted here. Returns those to remove, in order, borrowed from items. Age takes closed alerts only.
 * Where another's files fill the disk, open alerts' files go only if that gives back what is missing. */
GPtrArray *sky_retention_plan(const SkyEvidenceParams *params, const SkyRetentionState *state, GPtrArray *items);
/* Pictures and clips yield before alerts do: where less than this is free, nothing new is written. Half of what retention keeps free,
 * so that it has made room before, and at most 16 MB: that is enough for the alerts. */
uint64_t sky_retention_keep_free(const SkyEvidenceParams *params);
