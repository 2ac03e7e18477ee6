/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "message/envelope.h"
#include "message/json_writer.h"

#define ZONES_MAX 64

char *sky_message_camera_status(const SkyMessageContext *context, const SkyCameraStatusMessage *status) {
    SkyEnvelope envelope = {
        .type = "camera.status", .schema = "camera-status", .subject = status->camera, .utc_ns = status->utc_ns};
    GString *json = sky_envelope_begin(context, &envelope);
    sky_envelope_site(json, context);
    sky_envelope_named(json, "camera", status->camera, context->camera_name);
    sky_json_text(json, "state", status->state, SKY_TEXT_ID_BYTES);
    sky_json_time(json, "since", status->since_utc_ns);
    sky_envelope_words(json, "why", status->why);
    sky_json_number(json, "frame_rate", MAX(status->frame_rate, 0), 4);
    sky_json_number(json, "analysis_rate", MAX(status->analysis_rate, 0), 4);
    sky_json_text_or_null(json, "codec", status->codec, SKY_TEXT_ID_BYTES);
    sky_json_uint(json, "width", status->width_px);
    sky_json_uint(json, "height", status->height_px);
    sky_json_time(json, "last_packet", status->last_packet_utc_ns);
    sky_json_time(json, "next_try", status->next_try_utc_ns);
    sky_json_uint(json, "reconnects", status->reconnects);
    sky_json_uint(json, "dropped_packets", status->dropped_packets);
    sky_json_uint(json, "decode_errors", status->decode_errors);
    sky_json_uint(json, "memory_bytes", status->memory_bytes);
    sky_json_bool(json, "flooded", status->flooded);
    sky_json_bool(json, "overloaded", status->overloaded);
    sky_json_bool(json, "armed", status->armed_again_utc_ns == SKY_TIME_NONE);
    sky_json_time(json, "armed_again", status->armed_again_utc_ns);
    return sky_envelope_end(json);
}

char *sky_message_camera_motion(const SkyMessageContext *context, const char *camera, gboolean active, int64_t since_utc_ns,
                                const char *const *zones, uint32_t zone_count, int64_t utc_ns) {
    SkyEnvelope envelope = {.type = "camera.motion", .schema = "camera-motion", .subject = camera, .utc_ns = utc_ns};
    GString *json = sky_envelope_begin(context, &envelope);
    sky_envelope_site(json, context);
    sky_envelope_named(json, "camera", camera, context->camera_name);
    sky_json_bool(json, "active", active);
    sky_json_time(json, "since", since_utc_ns);
    sky_json_open(json, "zones", '[');
    for (uint32_t i = 0; i < MIN(zone_count, ZONES_MAX); i++)
        sky_json_text(json, NULL, zones[i], SKY_TEXT_ID_BYTES);
    sky_json_close(json, ']');
    return sky_envelope_end(json);
}
