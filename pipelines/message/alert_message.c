/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "message/envelope.h"
#include "message/json_writer.h"

/* A note is at most 511 bytes; escaping may swell it, but hardly more than twice in what people write. */
#define NOTE_BYTES 1200

static const char *type_of(const SkyAlert *alert) {
    static const struct {
        const char *cause, *type;
    } types[] = {
        {"raised", "alert.raised"},     {"acknowledge", "alert.acknowledged"}, {"assign", "alert.assigned"},
        {"resolve", "alert.resolved"},  {"dismiss", "alert.dismissed"},        {"expired", "alert.expired"},
        {"test", "alert.resolved"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        if (strcmp(alert->cause, types[i].cause) == 0)
            return types[i].type;
    return "alert.updated"; /* ended, evidence, joined, comment, interrupted: the state is what it was */
}

static void append_place(GString *json, const SkyMessageContext *context, const SkyAlert *alert) {
    sky_envelope_site(json, context);
    sky_json_open(json, "cameras", '[');
    if (alert->camera[0])
        sky_envelope_named(json, NULL, alert->camera, context->camera_name);
    sky_json_close(json, ']');
    sky_json_text_or_null(json, "grid", context->grid, SKY_TEXT_NAME_BYTES);
    sky_envelope_named(json, "zone", alert->zone, context->zone_name);
}

static void append_pictures(GString *json, const SkyAlert *alert) {
    sky_envelope_box(json, &alert->box);
    if (alert->image.bytes > 0) {
        sky_json_open(json, "image", '{');
        sky_json_text(json, "sha256", alert->image.sha256, SKY_TEXT_ID_BYTES);
        sky_json_uint(json, "bytes", alert->image.bytes);
        sky_json_close(json, '}');
    } else {
        sky_json_null(json, "image");
    }
    if (alert->clip.id[0]) {
        sky_json_open(json, "clip", '{');
        sky_json_text(json, "id", alert->clip.id, SKY_TEXT_ID_BYTES);
        sky_json_text(json, "sha256", alert->clip.sha256, SKY_TEXT_ID_BYTES);
        sky_json_number(json, "seconds", MAX(alert->clip.seconds, 0), 6);
        sky_envelope_further(json, &alert->clip);
        sky_json_close(json, '}');
    } else {
        sky_json_null(json, "clip");
    }
    sky_json_bool(json, "evidence_missing", alert->evidence_missing);
}

static void append_people(GString *json, const SkyAlert *alert) {
    sky_json_text_or_null(json, "actor", alert->actor, SKY_TEXT_ID_BYTES);
    sky_json_text_or_null(json, "assignee", alert->assignee, SKY_TEXT_ID_BYTES);
    sky_json_text_or_null(json, "note", alert->note, NOTE_BYTES);
}

char *sky_message_alert(const SkyMessageContext *context, const SkyMessageView *view, const SkyAlert *alert,
                        const char *epoch, uint64_t seq, gboolean durable) {
    g_autofree char *id = g_strdup_printf("%s-%u", alert->id, alert->rev);
    SkyEnvelope envelope = {
        .id = id, .type = type_of(alert), .schema = "alert", .subject = alert->camera, .utc_ns = alert->updated_utc_ns};
    GString *json = sky_envelope_begin(context, &envelope);
    sky_json_text(json, "alert", alert->id, SKY_TEXT_ID_BYTES);
    sky_json_uint(json, "rev", alert->rev);
    sky_json_text(json, "state", sky_alert_state_name(alert->state), SKY_TEXT_ID_BYTES);
    sky_json_text(json, "cause", alert->cause, SKY_TEXT_ID_BYTES);
    sky_json_text(json, "kind", sky_event_kind_name(alert->kind), SKY_TEXT_ID_BYTES);
    sky_envelope_alarm_type(json, alert->kind);
    sky_json_uint(json, "severity", CLAMP(alert->severity, 1, 4));
    sky_json_bool(json, "test", alert->test);
    append_place(json, context, alert);
    sky_json_text_or_null(json, "event", alert->event_id, SKY_TEXT_ID_BYTES);
    sky_json_time(json, "begin", alert->begin_utc_ns);
    sky_json_time(json, "end", alert->end_utc_ns);
    sky_json_bool(json, "interrupted", alert->interrupted);
    sky_envelope_clock(json, context);
    sky_json_bool(json, "durable", durable);
    if (view->pictures)
        append_pictures(json, alert);
    if (view->path)
        sky_envelope_path(json, alert->from, alert->to, alert->path_seconds);
    sky_json_number(json, "score", CLAMP(alert->score, 0.0, 1.0), 4);
    sky_json_uint(json, "count", MAX(alert->count, 1));
    sky_json_null(json, "deadline"); /* escalation is not there yet */
    if (view->notes)
        append_people(json, alert);
    sky_json_text(json, "epoch", epoch, SKY_TEXT_ID_BYTES);
    sky_json_uint(json, "seq", seq);
    return sky_envelope_end_head(json);
}
