/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_path.h"

#include <string.h>

#include "evidence/part_file.h"

#define PICTURE_ENDING ".jpg"
#define THUMBNAIL_ENDING "-thumb.jpg"
#define CLIP_ENDING ".mp4"

char *sky_evidence_path(const char *directory, const char *camera, const char *alert, SkyEvidenceFile file, uint32_t part) {
    switch (file) {
    case SKY_EVIDENCE_FILE_PICTURE:
        return g_strconcat(directory, "/", camera, "/", alert, PICTURE_ENDING, NULL);
    case SKY_EVIDENCE_FILE_THUMBNAIL:
        return g_strconcat(directory, "/", camera, "/", alert, THUMBNAIL_ENDING, NULL);
    case SKY_EVIDENCE_FILE_CLIP:
        if (part > 1)
            return g_strdup_printf("%s/%s/%s-%u" CLIP_ENDING, directory, camera, alert, part);
        return g_strconcat(directory, "/", camera, "/", alert, CLIP_ENDING, NULL);
    }
    g_assert_not_reached();
}

static gboolean cut_ending(char *text, const char *ending) {
    if (!g_str_has_suffix(text, ending))
        return FALSE;
    text[strlen(text) - strlen(ending)] = '\0';
    return TRUE;
}

static gboolean is_later_part(const char *text, gsize length) {
    return length > 2 && text[length - 2] == '-' && text[length - 1] >= '2' &&
           text[length - 1] <= '0' + (int)SKY_EVIDENCE_PARTS_MAX;
}

gboolean sky_evidence_alert_is_valid(const char *alert) {
    return alert != NULL && sky_id_is_valid(alert) && !is_later_part(alert, strlen(alert)) && !g_str_has_suffix(alert, "-thumb");
}

gboolean sky_evidence_name_parse(const char *name, SkyEvidenceName *ret_name) {
    SkyEvidenceName parsed = {.file = SKY_EVIDENCE_FILE_CLIP, .part = 1};
    g_autofree char *rest = g_strdup(name);
    parsed.partial = cut_ending(rest, SKY_PART_ENDING);
    if (cut_ending(rest, THUMBNAIL_ENDING)) {
        parsed.file = SKY_EVIDENCE_FILE_THUMBNAIL;
    } else if (cut_ending(rest, PICTURE_ENDING)) {
        parsed.file = SKY_EVIDENCE_FILE_PICTURE;
    } else if (!cut_ending(rest, CLIP_ENDING)) {
        return FALSE;
    }
    gsize length = strlen(rest);
    if (parsed.file == SKY_EVIDENCE_FILE_CLIP && is_later_part(rest, length)) {
        parsed.part = (uint32_t)(rest[length - 1] - '0');
        rest[length - 2] = '\0';
    }
    if (!sky_id_is_valid(rest))
        return FALSE;
    g_strlcpy(parsed.alert, rest, sizeof parsed.alert);
    *ret_name = parsed;
    return TRUE;
}
