/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <libavutil/frame.h>
#include "evidence/evidence.h"

/* One picture under way: waits until the stream has reached the moment, decodes its GOP up to there in slices, so that no clip
 * waits for it, and keeps the picture that is nearest. Owner, thread: the evidence worker. */
typedef struct SkySnapshot SkySnapshot;

/* hold: taken, on the moment's GOP; may be NULL. */
SkySnapshot *sky_snapshot_new(const SkySnapshotRequest *request, SkyPrerollHold *hold, int64_t now_ns);
void sky_snapshot_free(SkySnapshot *snapshot);

typedef enum {
    SKY_SNAPSHOT_WAIT,   /* the moment has not come yet */
    SKY_SNAPSHOT_MORE,   /* not done in this slice */
    SKY_SNAPSHOT_DONE,
    SKY_SNAPSHOT_FAILED, /* the error says why */
} SkySnapshotStatus;

/* Works until the clock reads until_ns, at least one packet. */
SkySnapshotStatus sky_snapshot_turn(SkySnapshot *snapshot, int64_t now_ns, int64_t until_ns, GError **error);
/* After DONE. As the camera sent it: nothing is masked yet. */
const AVFrame *sky_snapshot_frame(const SkySnapshot *snapshot);
int64_t sky_snapshot_at_ns(const SkySnapshot *snapshot); /* its arrival */
const char *sky_snapshot_camera(const SkySnapshot *snapshot);
const char *sky_snapshot_alert(const SkySnapshot *snapshot);
const SkyPolygon *sky_snapshot_privacy(const SkySnapshot *snapshot, uint32_t *ret_count);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkySnapshot, sky_snapshot_free)
