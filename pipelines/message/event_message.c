/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "message/envelope.h"
#include "message/json_writer.h"

char *sky_message_event(const SkyMessageContext *context, const char *camera, const char *event_id, const SkyEvent *event,
                        int64_t begin_utc_ns, int64_t end_utc_ns) {
    g_assert(event->phase != SKY_EVENT_UPDATE); /* updates never leave the box */
    gboolean ends = event->phase == SKY_EVENT_END;
    const char *phase = sky_event_phase_name(event->phase);
    g_autofree char *id = g_strconcat(event_id, "-", phase, NULL);
    g_autofree char *type = g_strconcat("event.", phase, NULL);
    int64_t utc_ns = ends && end_utc_ns != SKY_TIME_NONE ? end_utc_ns : begin_utc_ns;
    SkyEnvelope envelope = {.id = id, .type = type, .schema = "event", .subject = camera, .utc_ns = utc_ns};
    GString *json = sky_envelope_begin(context, &envelope);
    sky_json_text(json, "event", event_id, SKY_TEXT_ID_BYTES);
    sky_json_text(json, "phase", phase, SKY_TEXT_ID_BYTES);
    sky_json_text(json, "kind", sky_event_kind_name(event->kind), SKY_TEXT_ID_BYTES);
    sky_envelope_alarm_type(json, event->kind);
    sky_envelope_site(json, context);
    sky_envelope_named(json, "camera", camera, context->camera_name);
    sky_json_text_or_null(json, "grid", context->grid, SKY_TEXT_NAME_BYTES);
    sky_envelope_named(json, "zone", event->zone, context->zone_name);
    sky_json_time(json, "begin", begin_utc_ns);
    sky_json_time(json, "end", ends ? end_utc_ns : SKY_TIME_NONE);
    sky_json_bool(json, "interrupted", event->interrupted);
    sky_envelope_clock(json, context);
    sky_envelope_box(json, ends && event->best_box.w > 0 ? &event->best_box : &event->box);
    double seconds = ends && event->end_ns > event->begin_ns ? (double)(event->end_ns - event->begin_ns) / SKY_NS_PER_S : 0;
    sky_envelope_path(json, event->from, event->to, seconds);
    sky_json_number(json, "score", CLAMP(event->score, 0.0f, 1.0f), 4);
    sky_json_uint(json, "objects", event->objects);
    return sky_envelope_end_head(json);
}
