/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* The boxes of a fragmented MP4 of ours: ftyp, moov, then moof + mdat for each fragment (ISO/IEC 14496-12). */
typedef struct {
    uint64_t whole_bytes; /* up to the end of the last fragment that is whole; 0: not even a moov, or no fragment */
    uint32_t fragments;
} SkyFragments;

/* A fragment is whole where all of its bytes are in the file and none of them is a hole, which is what file systems leave of a file
 * whose length outlived its data: zeros, by sectors or pages. H.264 and H.265 hold no run of zeros and are a chain of lengths, so the
 * smallest hole shows; of other codecs an empty page. Blocks; reads the whole file, a fragment at a time. */
gboolean sky_fragments_scan(int fd, SkyFragments *ret_fragments, GError **error);
