/* SPDX-License-Identifier: Apache-2.0 */
#include "source/intake.h"

#include "base/clock.h"

void sky_intake_init(SkyIntake *intake, SkySource *source, const SkyIntakeStream *stream) {
    *intake = (SkyIntake){.source = source};
    intake->watch = sky_stream_watch_new(stream->codec, stream->frame_rate, stream->parameter_sets, stream->parameter_sets_bytes);
    double step_s = stream->frame_rate >= 1 && stream->frame_rate <= 240 ? 1 / stream->frame_rate : 0.04;
    sky_timeline_init(&intake->timeline, stream->live, (int64_t)(step_s * SKY_NS_PER_S), stream->depth);
}

void sky_intake_clear(SkyIntake *intake) {
    g_clear_pointer(&intake->watch, sky_stream_watch_free);
}

SkyIntakeStatus sky_intake_look_at(SkyIntake *intake, const SkyIntakeUnit *unit, int64_t arrival_ns, SkyPacketTimes *ret_times) {
    if (unit->bytes == 0 || unit->bytes > SKY_PACKET_BYTES_MAX) {
        sky_counter_add(&intake->source->numbers.bad_packets, 1);
        intake->gap |= unit->bytes > 0;
        return SKY_INTAKE_BAD;
    }
    SkyStreamLook look = sky_stream_watch_look(intake->watch, unit->data, unit->bytes, unit->claims_key);
    if (!look.valid) {
        sky_counter_add(&intake->source->numbers.bad_packets, 1);
        intake->gap = TRUE;
        return SKY_INTAKE_BAD;
    }
    if (!look.has_picture || look.info == NULL) /* the first key frame with parameter sets makes it */
        return SKY_INTAKE_HELD;
    if (look.plain)
        sky_counter_add(&intake->source->numbers.plain_keys, 1);
    SkyPacketTimes times = {.arrival_ns = arrival_ns, .key = look.key, .gap = intake->begun && intake->gap};
    if (sky_timeline_next(&intake->timeline, unit->pts_ns, unit->dts_ns, arrival_ns, &times.pts_ns, &times.dts_ns))
        sky_counter_add(&intake->source->numbers.mended_times, 1);
    intake->info = look.info;
    *ret_times = times;
    return SKY_INTAKE_GOOD;
}

SkyIntakeStatus sky_intake_look(SkyIntake *intake, const AVPacket *packet, AVRational time_base, int64_t arrival_ns,
                                SkyPacketTimes *ret_times) {
    SkyIntakeUnit unit = {.data = packet->data,
                          .bytes = (gsize)MAX(packet->size, 0),
                          .claims_key = packet->flags & AV_PKT_FLAG_KEY,
                          .pts_ns = sky_av_time_ns(packet->pts, time_base),
                          .dts_ns = sky_av_time_ns(packet->dts, time_base)};
    return sky_intake_look_at(intake, &unit, arrival_ns, ret_times);
}

void sky_intake_deliver_packet(SkyIntake *intake, SkyPacket *packet) {
    SkySource *source = intake->source;
    intake->begun = TRUE;
    intake->gap = FALSE;
    sky_counter_add(&source->numbers.packets, 1);
    sky_counter_add(&source->numbers.bytes, sky_packet_size_bytes(packet));
    source->sink.packet(packet, source->sink.user);
}

void sky_intake_deliver(SkyIntake *intake, const AVPacket *packet, const SkyPacketTimes *times) {
    sky_intake_deliver_packet(intake, sky_av_packet_wrap(packet, intake->info, times));
}
