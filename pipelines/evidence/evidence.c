/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "evidence/clip.h"
#include "evidence/evidence_internal.h"
#include "evidence/evidence_path.h"

#define STOP_NS (3 * SKY_NS_PER_S)
#define DIRECTORY_BYTES_MAX 350u /* so that every path fits into a result */

SkyEvidence *sky_evidence_new(const SkyEvidenceParams *params, SkyEvidenceSink sink, gpointer user, GError **error) {
    g_assert(params->clip_max_ns > 0 && params->image_bytes_max > 0 && params->thumbnail_width_px > 0);
    if (strlen(params->directory) > DIRECTORY_BYTES_MAX) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "evidence directory: its path is longer than %u bytes", DIRECTORY_BYTES_MAX);
        return NULL;
    }
    SkyEvidence *evidence = g_new0(SkyEvidence, 1);
    evidence->params = *params;
    evidence->params.directory = evidence->directory = g_strdup(params->directory);
    evidence->sink = sink;
    evidence->user = user;
    evidence->inbox = sky_evidence_inbox_new();
    atomic_init(&evidence->busy_since_ns, sky_clock_monotonic_ns()); /* with a look at what is left from before */
    sky_lock_init(&evidence->lock);
    evidence->clips = g_ptr_array_new_with_free_func((GDestroyNotify)sky_clip_free);
    evidence->snapshots = g_ptr_array_new_with_free_func((GDestroyNotify)sky_snapshot_free);
    return evidence;
}

gboolean sky_evidence_start(SkyEvidence *evidence, GError **error) {
    g_assert(evidence->thread == NULL);
    evidence->thread = sky_thread_start("sky-evidence", sky_evidence_run, evidence, error);
    return evidence->thread != NULL;
}

/* FALSE: the worker hangs in the disk. From here on it does not call the sink, whatever the disk does. */
static gboolean await_end(SkyEvidence *evidence) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + STOP_NS;
    sky_lock_enter(&evidence->lock);
    while (!evidence->done && sky_lock_wait_until(&evidence->lock, deadline_ns))
        ;
    while (!evidence->done && evidence->in_sink)
        sky_lock_wait_until(&evidence->lock, INT64_MAX);
    evidence->abandoned = !evidence->done;
    gboolean done = evidence->done;
    sky_lock_leave(&evidence->lock);
    return done;
}

void sky_evidence_stop(SkyEvidence *evidence) {
    sky_evidence_inbox_close(evidence->inbox);
    if (evidence->thread != NULL && await_end(evidence))
        sky_thread_join(g_steal_pointer(&evidence->thread));
}

void sky_evidence_free(SkyEvidence *evidence) {
    if (evidence == NULL)
        return;
    if (!evidence->abandoned)
        sky_evidence_stop(evidence);
    /* A thread that hangs in the disk can be neither joined nor left without its memory: it goes with the process. */
    if (evidence->abandoned)
        return;
    g_ptr_array_unref(evidence->clips);
    g_ptr_array_unref(evidence->snapshots);
    g_clear_pointer(&evidence->leftovers, g_ptr_array_unref);
    sky_evidence_inbox_free(evidence->inbox);
    sky_lock_clear(&evidence->lock);
    g_free(evidence->directory);
    g_free(evidence);
}

static gboolean offer(SkyEvidence *evidence, SkyEvidenceRequest *request, const char *camera, const char *alert) {
    g_strlcpy(request->camera, camera, sizeof request->camera);
    g_strlcpy(request->alert, alert, sizeof request->alert);
    if (sky_evidence_inbox_offer(evidence->inbox, request))
        return TRUE;
    sky_counter_add(&evidence->numbers.refused, 1);
    return FALSE;
}

static gboolean names_are_valid(SkyEvidence *evidence, const char *camera, const char *alert) {
    if (camera != NULL && sky_id_is_valid(camera) && sky_evidence_alert_is_valid(alert))
        return TRUE;
    sky_counter_add(&evidence->numbers.refused, 1);
    return FALSE;
}

gboolean sky_evidence_clip_begin(SkyEvidence *evidence, const SkyClipRequest *request) {
    if (!names_are_valid(evidence, request->camera, request->alert))
        return FALSE;
    SkyEvidenceRequest *copy = g_new0(SkyEvidenceRequest, 1);
    copy->kind = SKY_EVIDENCE_CLIP;
    copy->preroll = sky_preroll_ref(request->preroll);
    copy->at_ns = request->begin_ns;
    copy->hold = sky_preroll_hold_new(request->preroll, request->begin_ns - evidence->params.pre_roll_ns);
    if (request->spare != NULL) {
        copy->spare = sky_preroll_ref(request->spare);
        copy->spare_hold = sky_preroll_hold_new(request->spare, request->begin_ns - evidence->params.pre_roll_ns);
    }
    return offer(evidence, copy, request->camera, request->alert);
}

gboolean sky_evidence_clip_recall(SkyEvidence *evidence, const char *camera, const char *alert) {
    if (!names_are_valid(evidence, camera, alert))
        return FALSE;
    SkyEvidenceRequest *request = g_new0(SkyEvidenceRequest, 1);
    request->kind = SKY_EVIDENCE_CLIP;
    return offer(evidence, request, camera, alert);
}

gboolean sky_evidence_picture_recall(SkyEvidence *evidence, const char *camera, const char *alert) {
    if (!names_are_valid(evidence, camera, alert))
        return FALSE;
    SkyEvidenceRequest *request = g_new0(SkyEvidenceRequest, 1);
    request->kind = SKY_EVIDENCE_SNAPSHOT;
    return offer(evidence, request, camera, alert);
}

void sky_evidence_clip_end(SkyEvidence *evidence, const char *alert, int64_t end_ns) {
    sky_evidence_inbox_set_end(evidence->inbox, alert, end_ns);
}

gboolean sky_evidence_snapshot(SkyEvidence *evidence, const SkySnapshotRequest *request) {
    if (!names_are_valid(evidence, request->camera, request->alert))
        return FALSE;
    SkyEvidenceRequest *copy = g_new0(SkyEvidenceRequest, 1);
    copy->kind = SKY_EVIDENCE_SNAPSHOT;
    copy->preroll = sky_preroll_ref(request->preroll);
    copy->at_ns = request->at_ns;
    copy->hold = sky_preroll_hold_new(request->preroll, request->at_ns);
    copy->privacy = g_memdup2(request->privacy, request->privacy_count * sizeof *request->privacy);
    copy->privacy_count = request->privacy_count;
    return offer(evidence, copy, request->camera, request->alert);
}

void sky_evidence_set_open(SkyEvidence *evidence, const char *alert, gboolean open) {
    sky_evidence_inbox_set_open(evidence->inbox, alert, open);
}

const SkyEvidenceNumbers *sky_evidence_numbers(const SkyEvidence *evidence) {
    return &evidence->numbers;
}

void sky_evidence_usage(const SkyEvidence *evidence, uint64_t *ret_bytes, uint64_t *ret_free_bytes) {
    *ret_bytes = atomic_load(&((SkyEvidence *)evidence)->used_bytes);
    *ret_free_bytes = atomic_load(&((SkyEvidence *)evidence)->free_bytes);
}

SkyEvidenceDisk sky_evidence_disk(const SkyEvidence *evidence) {
    return (SkyEvidenceDisk)atomic_load(&((SkyEvidence *)evidence)->disk);
}

int64_t sky_evidence_oldest_job_ns(SkyEvidence *evidence) {
    int64_t waiting_ns = sky_evidence_inbox_oldest_ns(evidence->inbox);
    int64_t busy_ns = atomic_load(&evidence->busy_since_ns);
    return busy_ns == SKY_TIME_NONE ? waiting_ns : waiting_ns == SKY_TIME_NONE ? busy_ns : MIN(busy_ns, waiting_ns);
}
