/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavcodec/packet.h>
#include "media/packet.h"

/* The packet's bytes as a SkyPacket: its buffer is shared, not copied, where the zero bytes that must stand behind the
 * data do. 1..SKY_PACKET_BYTES_MAX bytes. The AVPacket stays the caller's. */
SkyPacket *sky_av_packet_wrap(const AVPacket *packet, SkyStreamInfo *info, const SkyPacketTimes *times);
/* A time stamp in nanoseconds; SKY_TIME_NONE where there is none, or none that fits. */
int64_t sky_av_time_ns(int64_t stamp, AVRational time_base);
