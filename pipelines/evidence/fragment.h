/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* The boxes of a fragmented MP4 of ours: ftyp, moov, then moof + mdat for each fragment (ISO/IEC 14496-12). */
typedef struct {
    uint64_t whole_bytes; /* up to the end of the last fragment that is whole; 0: not even a moov, or no fragment */
    uint32_t fragments;
} SkyFragments;

/* A fragment is whole where all of its bytes are in the file and no block of its data is all zeros, which is what some file systems
 * leave of a file whose length outlived its data: an encoder's output never holds 4096 zeros. Blocks; reads the whole file. */
gboolean sky_fragments_scan(int fd, SkyFragments *ret_fragments, GError **error);
