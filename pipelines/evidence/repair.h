/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "evidence/evidence.h"

/* What a power cut left of a clip under way: cut to its last whole fragment, so that it plays, and given its name; or removed,
 * where there is too little. Blocks. Owner, thread: the evidence worker. */

/* What is left as .part below the directory: SkyEvidenceLeftover *, those of one alert as one. */
typedef struct {
    char camera[SKY_ID_BYTES], alert[SKY_ID_BYTES];
    uint32_t parts; /* a bit 1 << n for each <alert>-n.mp4.part, 1 << 1 for <alert>.mp4.part */
} SkyEvidenceLeftover;
/* Leftovers of pictures are removed at once: they are written in one go, there is nothing to save. */
GPtrArray *sky_repair_find(const char *directory);
gboolean sky_repair_has(const GPtrArray *leftovers, const char *alert);
/* Mends them all; the result is the alert's. FALSE: the disk takes nothing now (read-only, full), what is left stays for another try. */
gboolean sky_repair_run(const char *directory, SkyEvidenceLeftover *leftover, SkyEvidenceResult *ret_result);
/* The same result, of files that are whole already. */
void sky_repair_recall(const char *directory, const char *camera, const char *alert, SkyEvidenceResult *ret_result);
