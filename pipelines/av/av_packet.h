/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavcodec/packet.h>
#include "media/packet.h"

/* The packet's bytes as a SkyPacket: its buffer is shared, not copied, where the zero bytes that must stand behind the
 * data do. 1..SKY_PACKET_BYTES_MAX bytes. The AVPacket stays the caller's. */
SkyPacket *sky_av_packet_wrap(const AVPacket *packet, SkyStreamInfo *info, const SkyPacketTimes *times);
