/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>

#include "base/lock.h"
#include "base/thread.h"
#include "evidence/evidence.h"
#include "evidence/evidence_inbox.h"
#include "evidence/snapshot.h"

struct SkyEvidence {
    SkyEvidenceParams params; /* the directory is our own copy */
    char *directory;
    SkyEvidenceSink sink;
    gpointer user;
    SkyEvidenceInbox *inbox;
    SkyEvidenceNumbers numbers;
    SkyThread *thread;
    _Atomic int64_t busy_since_ns; /* SKY_TIME_NONE: the worker waits for work */
    _Atomic uint64_t used_bytes, free_bytes;
    atomic_int disk; /* SkyEvidenceDisk */

    /* The end, where the worker may hang in a disk. */
    SkyLock lock;
    gboolean done;      /* the worker touches nothing any more */
    gboolean in_sink;   /* it is in the caller's code */
    gboolean abandoned; /* nobody waits for it any more: it must not call the sink */

    /* The worker's own. */
    GPtrArray *clips;      /* SkyClip * */
    GPtrArray *snapshots;  /* SkySnapshot *, the first one is under way */
    GPtrArray *leftovers;  /* SkyEvidenceLeftover *, still to be mended */
    int64_t repair_ns;     /* not tried before then */
    int64_t tidy_ns;       /* when retention is due */
};

void sky_evidence_run(gpointer user); /* the worker's thread */
/* Counts the result and hands it to the sink. */
void sky_evidence_tell(SkyEvidence *evidence, const SkyEvidenceResult *result);
/* Privacy, JPEGs, files. Fills all but kind, camera, alert. */
gboolean sky_evidence_save_picture(SkyEvidence *evidence, const SkySnapshot *snapshot, SkyEvidenceResult *result, GError **error);
/* Looks at the files; removes what has to go, where told to. */
void sky_evidence_tidy(SkyEvidence *evidence, gboolean remove);
