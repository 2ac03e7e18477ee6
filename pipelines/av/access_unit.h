/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "media/stream_info.h"

/* What stands in front of an access unit's first slice (ITU-T H.264 and H.265, annex B and clause 7.4). Parameter sets come before
 * the picture that uses them, so only the head is read. A JPEG has no such head: its size is in its frame header. */
typedef struct {
    gboolean valid;         /* begins with a start code (or as a JPEG), no NAL unit in the head is malformed */
    gboolean has_picture;   /* a slice; else only parameter sets, SEI or delimiters */
    gboolean random_access; /* IDR; H.264 recovery point; H.265 BLA and CRA; each JPEG */
    gboolean has_sps;
} SkyAccessUnit;

/* set: one parameter set without its start code, borrowed for the call. type: as in its header. */
typedef void (*SkyParameterSetSink)(uint8_t type, const uint8_t *set, gsize bytes, gpointer user);

/* data: SKY_PACKET_PADDING bytes behind it are readable. sink may be NULL. */
SkyAccessUnit sky_access_unit_scan(SkyCodec codec, const uint8_t *data, gsize bytes, SkyParameterSetSink sink, gpointer user);
/* H.264: all its slices are I or SI, though nothing says that a decoder can start there. The whole of it is looked through. */
gboolean sky_access_unit_is_intra(const uint8_t *data, gsize bytes);
/* FALSE: no frame header. */
gboolean sky_jpeg_size(const uint8_t *data, gsize bytes, uint32_t *ret_width_px, uint32_t *ret_height_px);
