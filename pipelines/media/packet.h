/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "media/stream_info.h"

/* One access unit in Annex B (or one JPEG), with SKY_PACKET_PADDING zero bytes behind it, which libavcodec wants.
 * Immutable but for `gap`, which only a packet queue sets, on a copy of the header. Reference-counted; may cross threads. */
#define SKY_PACKET_PADDING 64
#define SKY_PACKET_BYTES_MAX (16u << 20) /* one access unit; larger is bad data */

typedef struct SkyPacket SkyPacket;
typedef struct {
    int64_t pts_ns; /* media time, continuous: a source has already unwrapped and mended it (strictly growing dts) */
    int64_t dts_ns;
    int64_t arrival_ns; /* CLOCK_MONOTONIC at the gateway; media time for a file played flat out */
    gboolean key;       /* a decoder can start here */
    gboolean gap;       /* something before it is missing: decoders flush, clips note it */
} SkyPacketTimes;

/* Wraps data: size_bytes + SKY_PACKET_PADDING readable, freed by free_data(owner) with the last reference. Takes a reference on
 * info. */
SkyPacket *sky_packet_new_wrapped(SkyStreamInfo *info, const SkyPacketTimes *times, const uint8_t *data, gsize size_bytes,
                                  GDestroyNotify free_data, gpointer owner);
SkyPacket *sky_packet_new_copy(SkyStreamInfo *info, const SkyPacketTimes *times, const uint8_t *data, gsize size_bytes);
/* The same bytes with `gap` set; takes the reference to packet. */
SkyPacket *sky_packet_mark_gap(SkyPacket *packet);
SkyPacket *sky_packet_ref(SkyPacket *packet);
void sky_packet_unref(SkyPacket *packet);

const uint8_t *sky_packet_data(const SkyPacket *packet);
gsize sky_packet_size_bytes(const SkyPacket *packet);
const SkyPacketTimes *sky_packet_times(const SkyPacket *packet);
SkyStreamInfo *sky_packet_info(const SkyPacket *packet); /* borrowed, never NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyPacket, sky_packet_unref)
