/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "av/av_packet.h"
#include "av/stream_watch.h"
#include "source/source_engine.h"
#include "source/timeline.h"

/* From libav's packet to the sink, the same for every engine that has libav: what is no access unit is dropped and counted,
 * nothing is delivered before a key frame whose parameter sets are known, times are mended. Thread: the source's. */
typedef struct {
    SkySource *source;
    SkyStreamWatch *watch;
    SkyStreamInfo *info; /* borrowed from the watch: of the packet that was looked at */
    SkyTimeline timeline;
    gboolean begun; /* the first key frame has been delivered */
    gboolean gap;   /* something was dropped since the last delivery */
} SkyIntake;

typedef enum {
    SKY_INTAKE_GOOD, /* deliver it */
    SKY_INTAKE_HELD, /* nothing wrong with it, but it has no picture, or no decoder could begin with it */
    SKY_INTAKE_BAD,  /* empty, too large, not an access unit: counted */
} SkyIntakeStatus;

/* What is known of the stream before its first packet. */
typedef struct {
    SkyCodec codec;
    gboolean live;
    double frame_rate;             /* 0 where not known */
    uint32_t depth;                /* of reordering, 0 where not known */
    const uint8_t *parameter_sets; /* Annex B; copied; may be NULL */
    gsize parameter_sets_bytes;
} SkyIntakeStream;

void sky_intake_init(SkyIntake *intake, SkySource *source, const SkyIntakeStream *stream);
void sky_intake_clear(SkyIntake *intake);
/* The same for an engine without libav: data is borrowed, SKY_PACKET_PADDING zero bytes behind it; stamps SKY_TIME_NONE where
 * missing. */
typedef struct {
    const uint8_t *data;
    gsize bytes;
    gboolean claims_key; /* somebody says that a decoder can start here */
    int64_t pts_ns, dts_ns;
} SkyIntakeUnit;
SkyIntakeStatus sky_intake_look_at(SkyIntake *intake, const SkyIntakeUnit *unit, int64_t arrival_ns, SkyPacketTimes *ret_times);
/* Takes; of the unit that was looked at last and found good. */
void sky_intake_deliver_packet(SkyIntake *intake, SkyPacket *packet);
/* packet: borrowed, its time stamps in time_base. GOOD fills ret_times; its arrival_ns may still be changed. */
SkyIntakeStatus sky_intake_look(SkyIntake *intake, const AVPacket *packet, AVRational time_base, int64_t arrival_ns,
                                SkyPacketTimes *ret_times);
/* The packet that was looked at last and found good. */
void sky_intake_deliver(SkyIntake *intake, const AVPacket *packet, const SkyPacketTimes *times);
