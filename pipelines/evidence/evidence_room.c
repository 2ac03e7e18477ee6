/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/directory.h"
#include "evidence/archive.h"
#include "evidence/clip.h"
#include "evidence/repair.h"

static gboolean is_busy(const SkyEvidence *evidence, const char *alert) {
    for (guint i = 0; i < evidence->clips->len; i++)
        if (strcmp(sky_clip_alert(evidence->clips->pdata[i]), alert) == 0)
            return TRUE;
    return sky_repair_has(evidence->leftovers, alert);
}

static void remove_item(SkyEvidence *evidence, const SkyRetentionItem *item) {
    uint32_t removed = sky_archive_remove(evidence->directory, item);
    if (removed == 0)
        return;
    sky_counter_add(&evidence->numbers.removed_files, removed);
    sky_counter_add(&evidence->numbers.removed_bytes, item->bytes);
    if (!item->open)
        return;
    SkyEvidenceResult result = {.kind = SKY_EVIDENCE_REMOVED, .ok = TRUE, .bytes = item->bytes};
    g_strlcpy(result.camera, item->camera, sizeof result.camera);
    g_strlcpy(result.alert, item->alert, sizeof result.alert);
    sky_evidence_tell(evidence, &result);
}

static gboolean is_ours(const char *directory) {
    return access(directory, R_OK | W_OK | X_OK) == 0;
}

/* A disk that was mounted there, a backup brought back, a start by hand as root: the folder is somebody else's then. */
static gboolean can_write(const char *directory) {
    if (!is_ours(directory) && !(sky_directory_make(directory, "evidence", NULL) && is_ours(directory)))
        return FALSE;
    g_autoptr(GDir) listing = g_dir_open(directory, 0, NULL);
    const char *name;
    while (listing && (name = g_dir_read_name(listing)) != NULL) {
        g_autofree char *camera = g_build_filename(directory, name, NULL);
        if (sky_id_is_valid(name) && !is_ours(camera))
            return FALSE;
    }
    return TRUE;
}

/* What statvfs() tells is not all: inodes or a quota may be used up. Where files without a name are not known, nobody knows. */
static gboolean has_room(const char *directory) {
    static const char page[4096];
    sky_autofd fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    gboolean refused = fd < 0 || write(fd, page, sizeof page) < 0;
    return !refused || (errno != ENOSPC && errno != EDQUOT);
}

static SkyEvidenceDisk look_at_disk(const SkyEvidence *evidence, const SkyRetentionState *state) {
    if (!can_write(evidence->directory))
        return SKY_EVIDENCE_DISK_REFUSED;
    if (state->free_bytes < sky_retention_keep_free(&evidence->params) || !has_room(evidence->directory))
        return SKY_EVIDENCE_DISK_FULL;
    gboolean scarce = state->free_bytes + state->bytes < evidence->params.free_bytes_min;
    return scarce ? SKY_EVIDENCE_DISK_SCARCE : SKY_EVIDENCE_DISK_OK;
}

void sky_evidence_tidy(SkyEvidence *evidence, gboolean remove) {
    SkyRetentionState state = {0};
    g_autoptr(GPtrArray) items = sky_archive_look(evidence->directory, &state);
    state.now_utc_ns = sky_clock_utc_ns();
    state.age_counts = sky_clock_tells_age();
    for (guint i = 0; remove && i < items->len; i++) {
        SkyRetentionItem *item = items->pdata[i];
        item->open = sky_evidence_inbox_is_open(evidence->inbox, item->alert);
        item->busy = is_busy(evidence, item->alert);
    }
    if (remove) {
        g_autoptr(GPtrArray) plan = sky_retention_plan(&evidence->params, &state, items);
        for (guint i = 0; i < plan->len; i++) {
            const SkyRetentionItem *item = plan->pdata[i];
            remove_item(evidence, item);
            state.bytes -= item->bytes;
            state.free_bytes += item->bytes;
        }
    }
    atomic_store(&evidence->disk, look_at_disk(evidence, &state));
    atomic_store(&evidence->used_bytes, state.bytes);
    atomic_store(&evidence->free_bytes, state.free_bytes);
}
