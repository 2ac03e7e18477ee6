/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "evidence/file_hash.h"

/* A file that appears under its name only when it is whole and on the disk: written as NAME.part, fsync, rename, fsync of the
 * directory. Appended only, hashed as it grows. Every call blocks on the disk. Errors bear no path. Owner, thread: the evidence
 * worker. */
#define SKY_PART_ENDING ".part"
typedef struct SkyPartFile SkyPartFile;

/* Makes the file's directory where it is missing. */
SkyPartFile *sky_part_file_new(const char *path, GError **error);
/* No write leaves less than this free on the disk: the last room is kept for alerts. RESOURCE. */
void sky_part_file_keep_free(SkyPartFile *file, uint64_t bytes);
void sky_part_file_free(SkyPartFile *file); /* not committed: nothing is left of it */
/* After a failure, only free. */
gboolean sky_part_file_write(SkyPartFile *file, const void *data, gsize bytes, GError **error);
gboolean sky_part_file_sync(SkyPartFile *file, GError **error); /* what was written so far outlives a power cut */
gboolean sky_part_file_commit(SkyPartFile *file, char ret_sha256[SKY_SHA256_BYTES], GError **error);
uint64_t sky_part_file_bytes(const SkyPartFile *file);
/* fsync, rename to the name without the ending, fsync of the directory. */
gboolean sky_part_file_publish(int fd, const char *part_path, const char *path, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyPartFile, sky_part_file_free)
