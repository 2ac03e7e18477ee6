/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/repair.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "av/av_cleanup.h"
#include "av/av_library.h"
#include "base/cleanup.h"
#include "base/directory.h"
#include "base/error.h"
#include "evidence/clip_file.h"
#include "evidence/evidence_path.h"
#include "evidence/fragment.h"
#include "evidence/part_file.h"

static SkyEvidenceLeftover *leftover_of(GPtrArray *leftovers, const char *camera, const char *alert) {
    for (guint i = 0; i < leftovers->len; i++) {
        SkyEvidenceLeftover *leftover = leftovers->pdata[i];
        if (strcmp(leftover->alert, alert) == 0 && strcmp(leftover->camera, camera) == 0)
            return leftover;
    }
    SkyEvidenceLeftover *leftover = g_new0(SkyEvidenceLeftover, 1);
    g_strlcpy(leftover->camera, camera, sizeof leftover->camera);
    g_strlcpy(leftover->alert, alert, sizeof leftover->alert);
    g_ptr_array_add(leftovers, leftover);
    return leftover;
}

static void find_in_camera(const char *directory, const char *camera, GPtrArray *leftovers) {
    g_autofree char *path = g_build_filename(directory, camera, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        SkyEvidenceName parsed;
        if (!sky_evidence_name_parse(name, &parsed) || !parsed.partial)
            continue;
        if (parsed.file == SKY_EVIDENCE_FILE_CLIP) {
            leftover_of(leftovers, camera, parsed.alert)->parts |= 1u << parsed.part;
        } else {
            g_autofree char *file = g_build_filename(path, name, NULL);
            unlink(file);
        }
    }
}

GPtrArray *sky_repair_find(const char *directory) {
    GPtrArray *leftovers = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *camera;
    while (dir != NULL && (camera = g_dir_read_name(dir)) != NULL)
        if (sky_id_is_valid(camera))
            find_in_camera(directory, camera, leftovers);
    return leftovers;
}

/* Length by the last picture, as a player would find it. 0: it does not play. */
static double measure(const char *path, double *ret_event_offset_s) {
    sky_av_library_init();
    g_autofree char *url = g_strconcat("file:", path, NULL);
    g_autoptr(AVFormatContext) input = NULL;
    g_autoptr(AVPacket) packet = av_packet_alloc();
    if (packet == NULL || avformat_open_input(&input, url, av_find_input_format("mp4"), NULL) < 0 || input->nb_streams != 1)
        return 0;
    AVRational base = input->streams[0]->time_base;
    double seconds = 0;
    while (av_read_frame(input, packet) >= 0) {
        seconds = MAX(seconds, (double)(packet->pts + packet->duration) * av_q2d(base));
        av_packet_unref(packet);
    }
    const AVDictionaryEntry *comment = av_dict_get(input->metadata, "comment", NULL, 0);
    if (comment != NULL && g_str_has_prefix(comment->value, SKY_CLIP_COMMENT))
        *ret_event_offset_s = g_ascii_strtod(comment->value + strlen(SKY_CLIP_COMMENT), NULL);
    return seconds;
}

/* TRUE: the file is whole under its name. */
static gboolean mend(const char *path, GError **error) {
    g_autofree char *part_path = g_strconcat(path, SKY_PART_ENDING, NULL);
    sky_autofd fd = open(part_path, O_RDWR | O_CLOEXEC);
    SkyFragments fragments;
    if (fd < 0) {
        sky_error_set_errno(error, errno, "opening the file");
        return FALSE;
    }
    if (!sky_fragments_scan(fd, &fragments, error))
        return FALSE;
    if (fragments.fragments == 0) {
        unlink(part_path);
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_DATA, "too little of it was on the disk when it was cut off");
        return FALSE;
    }
    if (ftruncate(fd, (off_t)fragments.whole_bytes) != 0) {
        sky_error_set_errno(error, errno, "cutting the file");
        return FALSE;
    }
    return sky_part_file_publish(fd, part_path, path, error);
}

/* The process that named it may have been killed before it synced the name: who is told of the file may look for it after a power
 * cut. */
static void describe(const char *directory, SkyEvidenceResult *result) {
    g_autofree char *path = sky_evidence_path(directory, result->camera, result->alert, SKY_EVIDENCE_FILE_CLIP, 1);
    g_autoptr(GError) error = NULL;
    g_autofree char *camera = g_path_get_dirname(path);
    result->seconds = measure(path, &result->event_offset_s);
    result->ok = result->seconds > 0 && sky_directory_sync(camera, "writing the directory", &error) &&
                 sky_file_hash_read(path, result->sha256, &result->bytes, &error);
    if (result->ok)
        g_strlcpy(result->path, path, sizeof result->path);
    else
        g_strlcpy(result->error, error != NULL ? error->message : "what is left of it does not play", sizeof result->error);
}

/* As far as they follow one another. */
static void describe_further(const char *directory, SkyEvidenceResult *result) {
    for (uint32_t part = 2; part <= SKY_EVIDENCE_PARTS_MAX; part++) {
        g_autofree char *path = sky_evidence_path(directory, result->camera, result->alert, SKY_EVIDENCE_FILE_CLIP, part);
        uint64_t bytes;
        if (!sky_file_hash_read(path, result->further_sha256[part - 2], &bytes, NULL))
            return;
    }
}

static uint32_t count_parts(const char *directory, const SkyEvidenceResult *result) {
    uint32_t parts = 0;
    for (uint32_t part = 1; part <= SKY_EVIDENCE_PARTS_MAX; part++) {
        g_autofree char *path = sky_evidence_path(directory, result->camera, result->alert, SKY_EVIDENCE_FILE_CLIP, part);
        parts += access(path, F_OK) == 0;
    }
    return parts;
}

gboolean sky_repair_has(const GPtrArray *leftovers, const char *alert) {
    for (guint i = 0; i < leftovers->len; i++)
        if (strcmp(((const SkyEvidenceLeftover *)leftovers->pdata[i])->alert, alert) == 0)
            return TRUE;
    return FALSE;
}

void sky_repair_recall(const char *directory, const char *camera, const char *alert, SkyEvidenceResult *ret_result) {
    *ret_result = (SkyEvidenceResult){.kind = SKY_EVIDENCE_CLIP, .repaired = TRUE};
    g_strlcpy(ret_result->camera, camera, sizeof ret_result->camera);
    g_strlcpy(ret_result->alert, alert, sizeof ret_result->alert);
    ret_result->parts = count_parts(directory, ret_result);
    ret_result->truncated = ret_result->parts > 1;
    if (ret_result->parts > 0) {
        describe(directory, ret_result);
        describe_further(directory, ret_result);
    } else {
        g_strlcpy(ret_result->error, "there is no clip of it", sizeof ret_result->error);
    }
}

gboolean sky_repair_run(const char *directory, SkyEvidenceLeftover *leftover, SkyEvidenceResult *ret_result) {
    g_autoptr(GError) error = NULL;
    for (uint32_t part = 1; part <= SKY_EVIDENCE_PARTS_MAX; part++) {
        if (!(leftover->parts >> part & 1))
            continue;
        g_autofree char *path = sky_evidence_path(directory, leftover->camera, leftover->alert, SKY_EVIDENCE_FILE_CLIP, part);
        g_clear_error(&error);
        if (!mend(path, &error) && g_error_matches(error, SKY_ERROR, SKY_ERR_RESOURCE))
            return FALSE;
        leftover->parts &= ~(1u << part);
    }
    sky_repair_recall(directory, leftover->camera, leftover->alert, ret_result);
    ret_result->truncated = TRUE;
    if (ret_result->parts == 0 && error != NULL)
        g_strlcpy(ret_result->error, error->message, sizeof ret_result->error);
    return TRUE;
}
