/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "event/track.h"

/* Which of the things that are followed a blob is: by where each should be now. Whose speed is not known yet is where it was, and
 * what runs or rides is further from there than it is wide: it is looked for once more, among what nobody is. Decides only.
 * Owner: the tracker. */

/* Where the track should be now, with room for error: half its size, at least 2 % of the picture. */
SkyBox sky_match_expected(const SkyTrack *track, int64_t now_ns);
/* For each blob of the picture the track that it is, NULL: none. A blob is of one track, a track may be of many blobs. */
void sky_match_blobs(SkyTracker *tracker, const SkyMotionResult *result, SkyTrack *ret_owner[SKY_BLOBS_MAX]);
/* TRUE: of what hardly stands out, this is the track. */
gboolean sky_match_dim(const SkyTrack *track, const SkyMotionResult *result, SkyBlob *ret_blob);
