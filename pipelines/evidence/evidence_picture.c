/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_internal.h"

#include <unistd.h>

#include "av/av_cleanup.h"
#include "evidence/evidence_path.h"
#include "evidence/part_file.h"
#include "evidence/picture.h"
#include "evidence/privacy.h"
#include "evidence/retention.h"

static gboolean save(const char *path, uint64_t keep_free_bytes, GBytes *bytes, char ret_sha256[SKY_SHA256_BYTES], GError **error) {
    g_autoptr(SkyPartFile) file = sky_part_file_new(path, error);
    if (file == NULL)
        return FALSE;
    sky_part_file_keep_free(file, keep_free_bytes);
    return sky_part_file_write(file, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error) &&
           sky_part_file_commit(file, ret_sha256, error);
}

static gboolean save_both(uint64_t keep_free_bytes, GBytes *picture, GBytes *thumbnail, SkyEvidenceResult *result, GError **error) {
    if (!save(result->path, keep_free_bytes, picture, result->sha256, error))
        return FALSE;
    if (!save(result->thumbnail_path, keep_free_bytes, thumbnail, result->thumbnail_sha256, error)) {
        unlink(result->path); /* both or nothing */
        return FALSE;
    }
    result->bytes = g_bytes_get_size(picture);
    return TRUE;
}

gboolean sky_evidence_save_picture(SkyEvidence *evidence, const SkySnapshot *snapshot, SkyEvidenceResult *result, GError **error) {
    const SkyEvidenceParams *params = &evidence->params;
    uint32_t privacy_count = 0;
    const SkyPolygon *privacy = sky_snapshot_privacy(snapshot, &privacy_count);
    g_autoptr(AVFrame) full = sky_picture_convert(sky_snapshot_frame(snapshot), 0, error);
    if (full == NULL)
        return FALSE;
    sky_privacy_burn(full, privacy, privacy_count); /* everything below is made of the masked picture */
    g_autoptr(AVFrame) small = sky_picture_convert(full, (int)params->thumbnail_width_px, error);
    g_autoptr(GBytes) picture = small != NULL ? sky_picture_encode(full, params->image_bytes_max, error) : NULL;
    g_autoptr(GBytes) thumbnail = picture != NULL ? sky_picture_encode(small, params->image_bytes_max, error) : NULL;
    if (thumbnail == NULL)
        return FALSE;
    g_autofree char *path = sky_evidence_path(params->directory, result->camera, result->alert, SKY_EVIDENCE_FILE_PICTURE, 1);
    g_autofree char *thumbnail_path = sky_evidence_path(params->directory, result->camera, result->alert,
                                                        SKY_EVIDENCE_FILE_THUMBNAIL, 1);
    g_strlcpy(result->path, path, sizeof result->path);
    g_strlcpy(result->thumbnail_path, thumbnail_path, sizeof result->thumbnail_path);
    result->at_ns = sky_snapshot_at_ns(snapshot);
    return save_both(sky_retention_keep_free(params), picture, thumbnail, result, error);
}
