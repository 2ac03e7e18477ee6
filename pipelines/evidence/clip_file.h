/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "evidence/clip_clock.h"
#include "evidence/file_hash.h"
#include "media/packet.h"

/* One fragmented MP4 (ISO/IEC 14496-12, fragments of 1 to 2 s) of packets of one SkyStreamInfo, never transcoded: H.264 as avc1,
 * H.265 as hvc1, MJPEG as mp4v. What is in the file can be played up to its last whole fragment at any moment. The moov's comment
 * says where the event begins, for who repairs it. Every call blocks on the disk. Owner, thread: the evidence worker. */
typedef struct SkyClipFile SkyClipFile;

#define SKY_CLIP_COMMENT "event begins at "      /* and seconds, "%.3f s" */

/* keep_free_bytes: see part_file.h. first: the packet that will be written first. event_offset_s: of the event in this file, as far as known. */
SkyClipFile *sky_clip_file_new(const char *path, uint64_t keep_free_bytes, const SkyPacket *first, double event_offset_s,
                               GError **error);
void sky_clip_file_free(SkyClipFile *file); /* not committed: nothing is left of it */
/* The packet is borrowed for the call. After a failure, only free. */
gboolean sky_clip_file_write(SkyClipFile *file, const SkyPacket *packet, GError **error);
/* What is older than 5 s is put on the disk. */
gboolean sky_clip_file_keep_safe(SkyClipFile *file, int64_t now_ns, GError **error);
gboolean sky_clip_file_commit(SkyClipFile *file, char ret_sha256[SKY_SHA256_BYTES], uint64_t *ret_bytes, GError **error);
const SkyClipClock *sky_clip_file_clock(const SkyClipFile *file);
/* Of the packet that was written last. */
int64_t sky_clip_file_last_pts(const SkyClipFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyClipFile, sky_clip_file_free)
