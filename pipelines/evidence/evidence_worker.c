/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_internal.h"

#include "base/clock.h"
#include "base/directory.h"
#include "evidence/clip.h"
#include "evidence/evidence_path.h"
#include "evidence/file_hash.h"
#include "evidence/repair.h"

#define CLIPS_MAX 64u
#define SNAPSHOTS_MAX 32u
#define POLL_NS (250 * SKY_NS_PER_MS)        /* how far a clip lags behind its pre-roll */
#define SNAPSHOT_POLL_NS (50 * SKY_NS_PER_MS)
#define SLICE_NS (150 * SKY_NS_PER_MS)       /* of decoding, between two looks at the clips */
#define REPAIR_AGAIN_NS (5 * SKY_NS_PER_S)   /* where the disk takes nothing */
#define TIDY_NS (60 * SKY_NS_PER_S)
#define TIDY_FIRST_NS (5 * SKY_NS_PER_S)     /* by then it is known which alerts are open */
#define STOP_SNAPSHOTS_NS (3 * SKY_NS_PER_S / 2)

/* ---- results ---- */

static gboolean is_abandoned(SkyEvidence *evidence) {
    sky_lock_enter(&evidence->lock);
    gboolean abandoned = evidence->abandoned;
    sky_lock_leave(&evidence->lock);
    return abandoned;
}

static void count(SkyEvidence *evidence, const SkyEvidenceResult *result) {
    SkyEvidenceNumbers *numbers = &evidence->numbers;
    if (!result->ok)
        sky_counter_add(&numbers->failures, 1);
    else if (result->kind == SKY_EVIDENCE_CLIP)
        sky_counter_add(&numbers->clips, 1);
    else if (result->kind == SKY_EVIDENCE_SNAPSHOT)
        sky_counter_add(&numbers->snapshots, 1);
}

void sky_evidence_tell(SkyEvidence *evidence, const SkyEvidenceResult *result) {
    count(evidence, result);
    sky_lock_enter(&evidence->lock);
    gboolean may_call = !evidence->abandoned;
    evidence->in_sink = may_call;
    sky_lock_leave(&evidence->lock);
    if (!may_call)
        return;
    evidence->sink(result, evidence->user);
    sky_lock_enter(&evidence->lock);
    evidence->in_sink = FALSE;
    sky_lock_wake(&evidence->lock);
    sky_lock_leave(&evidence->lock);
}

static void tell_failure(SkyEvidence *evidence, SkyEvidenceKind kind, const char *camera, const char *alert, const char *why) {
    SkyEvidenceResult result = {.kind = kind};
    g_strlcpy(result.camera, camera, sizeof result.camera);
    g_strlcpy(result.alert, alert, sizeof result.alert);
    g_strlcpy(result.error, why, sizeof result.error);
    if (kind == SKY_EVIDENCE_CLIP)
        sky_evidence_inbox_clip_done(evidence->inbox, alert);
    sky_evidence_tell(evidence, &result);
}

/* ---- jobs ---- */

static void recall_picture(SkyEvidence *evidence, const SkyEvidenceRequest *request) {
    SkyEvidenceResult result = {.kind = SKY_EVIDENCE_SNAPSHOT, .repaired = TRUE};
    g_autoptr(GError) error = NULL;
    g_autofree char *path = sky_evidence_path(evidence->directory, request->camera, request->alert, SKY_EVIDENCE_FILE_PICTURE, 1);
    g_strlcpy(result.camera, request->camera, sizeof result.camera);
    g_strlcpy(result.alert, request->alert, sizeof result.alert);
    g_strlcpy(result.path, path, sizeof result.path);
    g_autofree char *camera = g_path_get_dirname(path);
    result.ok = sky_file_hash_read(path, result.sha256, &result.bytes, &error) &&
                sky_directory_sync(camera, "writing the directory", &error); /* a name that a killed process may not have synced */
    if (!result.ok)
        g_strlcpy(result.error, error->message, sizeof result.error);
    sky_evidence_tell(evidence, &result);
}

static void recall_clip(SkyEvidence *evidence, const SkyEvidenceRequest *request) {
    SkyEvidenceResult result;
    sky_evidence_inbox_clip_done(evidence->inbox, request->alert);
    if (sky_repair_has(evidence->leftovers, request->alert))
        return; /* mending it will tell */
    sky_repair_recall(evidence->directory, request->camera, request->alert, &result);
    sky_evidence_tell(evidence, &result);
}

static void begin(SkyEvidence *evidence, SkyEvidenceRequest *request, int64_t now_ns) {
    gboolean is_clip = request->kind == SKY_EVIDENCE_CLIP;
    if (request->preroll == NULL) {
        if (is_clip)
            recall_clip(evidence, request);
        else
            recall_picture(evidence, request);
        return;
    }
    if (is_clip ? evidence->clips->len == CLIPS_MAX : evidence->snapshots->len == SNAPSHOTS_MAX) {
        tell_failure(evidence, request->kind, request->camera, request->alert, "too many are under way at once");
        return;
    }
    if (is_clip) {
        g_ptr_array_add(evidence->clips, sky_clip_new(&evidence->params, request, now_ns));
        return;
    }
    SkySnapshotRequest snapshot = {.camera = request->camera, .alert = request->alert, .preroll = request->preroll,
                                   .at_ns = request->at_ns, .privacy = request->privacy, .privacy_count = request->privacy_count};
    g_ptr_array_add(evidence->snapshots, sky_snapshot_new(&snapshot, g_steal_pointer(&request->hold), now_ns));
}

static void close_clip(SkyEvidence *evidence, guint index) {
    SkyClip *clip = evidence->clips->pdata[index];
    SkyEvidenceResult result = *sky_clip_result(clip);
    sky_evidence_inbox_clip_done(evidence->inbox, result.alert);
    g_ptr_array_remove_index(evidence->clips, index);
    evidence->tidy_ns = 0; /* it took room, or there is none */
    sky_evidence_tell(evidence, &result);
}

/* Returns when to come back. */
static int64_t turn_clips(SkyEvidence *evidence, int64_t now_ns) {
    int64_t due_ns = INT64_MAX;
    for (guint i = 0; i < evidence->clips->len && !is_abandoned(evidence);) {
        SkyClip *clip = evidence->clips->pdata[i];
        int64_t end_ns = sky_evidence_inbox_end_of(evidence->inbox, sky_clip_alert(clip));
        switch (sky_clip_turn(clip, end_ns, now_ns)) {
        case SKY_CLIP_MORE:
            due_ns = 0;
            i++;
            break;
        case SKY_CLIP_IDLE:
            due_ns = MIN(due_ns, now_ns + POLL_NS);
            i++;
            break;
        case SKY_CLIP_CLOSED:
            if (!is_abandoned(evidence))
                close_clip(evidence, i);
            break;
        }
    }
    return due_ns;
}

static void tell_snapshot(SkyEvidence *evidence, const SkySnapshot *snapshot) {
    g_autoptr(GError) error = NULL;
    SkyEvidenceResult result = {.kind = SKY_EVIDENCE_SNAPSHOT};
    g_strlcpy(result.camera, sky_snapshot_camera(snapshot), sizeof result.camera);
    g_strlcpy(result.alert, sky_snapshot_alert(snapshot), sizeof result.alert);
    result.ok = sky_evidence_save_picture(evidence, snapshot, &result, &error);
    if (!result.ok)
        g_strlcpy(result.error, error->message, sizeof result.error);
    sky_evidence_tell(evidence, &result);
}

/* The first one that does not wait for its moment, for a slice. Returns when to come back. */
static int64_t turn_snapshots(SkyEvidence *evidence, int64_t now_ns) {
    for (guint i = 0; i < evidence->snapshots->len; i++) {
        SkySnapshot *snapshot = evidence->snapshots->pdata[i];
        g_autoptr(GError) error = NULL;
        switch (sky_snapshot_turn(snapshot, now_ns, now_ns + SLICE_NS, &error)) {
        case SKY_SNAPSHOT_WAIT:
            continue;
        case SKY_SNAPSHOT_MORE:
            return 0;
        case SKY_SNAPSHOT_DONE:
            tell_snapshot(evidence, snapshot);
            break;
        case SKY_SNAPSHOT_FAILED:
            tell_failure(evidence, SKY_EVIDENCE_SNAPSHOT, sky_snapshot_camera(snapshot), sky_snapshot_alert(snapshot),
                         error->message);
            break;
        }
        if (!is_abandoned(evidence))
            g_ptr_array_remove_index(evidence->snapshots, i);
        return 0;
    }
    return evidence->snapshots->len > 0 ? now_ns + SNAPSHOT_POLL_NS : INT64_MAX;
}

static int64_t repair_one(SkyEvidence *evidence, int64_t now_ns) {
    if (evidence->leftovers->len == 0)
        return INT64_MAX;
    if (now_ns < evidence->repair_ns)
        return evidence->repair_ns;
    SkyEvidenceResult result;
    if (!sky_repair_run(evidence->directory, evidence->leftovers->pdata[0], &result))
        return evidence->repair_ns = now_ns + REPAIR_AGAIN_NS;
    g_ptr_array_remove_index(evidence->leftovers, 0);
    sky_evidence_tell(evidence, &result);
    return 0;
}

static int64_t tidy(SkyEvidence *evidence, int64_t now_ns) {
    if (now_ns >= evidence->tidy_ns) {
        sky_evidence_tidy(evidence, TRUE);
        evidence->tidy_ns = now_ns + TIDY_NS;
    }
    return evidence->tidy_ns;
}

/* ---- the thread ---- */

/* All that wait: while the disk is slow, the places are for those who come. */
static void take_requests(SkyEvidence *evidence, int64_t due_ns) {
    SkyEvidenceRequest *request = sky_evidence_inbox_take(evidence->inbox, due_ns);
    atomic_store(&evidence->busy_since_ns, sky_clock_monotonic_ns());
    for (; request != NULL; request = sky_evidence_inbox_take(evidence->inbox, 0)) {
        begin(evidence, request, sky_clock_monotonic_ns());
        sky_evidence_request_free(request);
    }
}

static int64_t turn(SkyEvidence *evidence, int64_t now_ns) {
    int64_t clips_ns = turn_clips(evidence, now_ns);
    int64_t snapshots_ns = turn_snapshots(evidence, now_ns);
    int64_t repair_ns = repair_one(evidence, now_ns);
    int64_t tidy_ns = tidy(evidence, now_ns);
    return MIN(MIN(clips_ns, snapshots_ns), MIN(repair_ns, tidy_ns));
}

static void finish_snapshots(SkyEvidence *evidence, int64_t until_ns) {
    while (evidence->snapshots->len > 0 && sky_clock_monotonic_ns() < until_ns && !is_abandoned(evidence))
        if (turn_snapshots(evidence, sky_clock_monotonic_ns()) == INT64_MAX)
            return;
    for (guint i = 0; i < evidence->snapshots->len && !is_abandoned(evidence); i++) {
        const SkySnapshot *snapshot = evidence->snapshots->pdata[i];
        tell_failure(evidence, SKY_EVIDENCE_SNAPSHOT, sky_snapshot_camera(snapshot), sky_snapshot_alert(snapshot),
                     "stopped before it was taken");
    }
}

/* Everything that was asked for gets its answer: clips first, they are whole once closed. */
static void finish(SkyEvidence *evidence) {
    int64_t now_ns = sky_clock_monotonic_ns();
    while (evidence->clips->len > 0 && !is_abandoned(evidence)) {
        sky_clip_finish(evidence->clips->pdata[0], now_ns);
        if (!is_abandoned(evidence))
            close_clip(evidence, 0);
    }
    finish_snapshots(evidence, now_ns + STOP_SNAPSHOTS_NS);
}

static void end(SkyEvidence *evidence) {
    sky_lock_enter(&evidence->lock);
    evidence->done = !evidence->abandoned;
    sky_lock_wake(&evidence->lock);
    sky_lock_leave(&evidence->lock);
}

void sky_evidence_run(gpointer user) {
    SkyEvidence *evidence = user;
    evidence->leftovers = sky_repair_find(evidence->directory);
    sky_evidence_tidy(evidence, FALSE);
    evidence->tidy_ns = sky_clock_monotonic_ns() + TIDY_FIRST_NS;
    int64_t due_ns = 0;
    while (!is_abandoned(evidence)) {
        take_requests(evidence, due_ns);
        if (sky_evidence_inbox_is_closed(evidence->inbox))
            break;
        due_ns = turn(evidence, sky_clock_monotonic_ns());
        atomic_store(&evidence->busy_since_ns, SKY_TIME_NONE);
    }
    if (is_abandoned(evidence))
        return; /* and leave everything as it is: budgets that pre-rolls give back to may be gone */
    take_requests(evidence, 0);
    finish(evidence);
    atomic_store(&evidence->busy_since_ns, SKY_TIME_NONE);
    end(evidence);
}
