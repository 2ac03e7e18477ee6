/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/id.h"

/* <directory>/<camera>/<alert>.mp4, <alert>-2.mp4, <alert>.jpg, <alert>-thumb.jpg, each with .part behind it while it is being
 * written. */
#define SKY_EVIDENCE_PARTS_MAX 8u
typedef enum {
    SKY_EVIDENCE_FILE_CLIP,
    SKY_EVIDENCE_FILE_PICTURE,
    SKY_EVIDENCE_FILE_THUMBNAIL,
} SkyEvidenceFile;

typedef struct {
    char alert[SKY_ID_BYTES];
    SkyEvidenceFile file;
    uint32_t part;   /* of a clip, from 1 */
    gboolean partial; /* .part */
} SkyEvidenceName;

/* part: of a clip, from 1. */
char *sky_evidence_path(const char *directory, const char *camera, const char *alert, SkyEvidenceFile file, uint32_t part);
/* FALSE: the name of a file of this alert could be that of another one's ("x" with "x-2" or "x-thumb"), or it is no id. */
gboolean sky_evidence_alert_is_valid(const char *alert);
/* FALSE: not a name of ours; leave it alone. */
gboolean sky_evidence_name_parse(const char *name, SkyEvidenceName *ret_name);
