/* SPDX-License-Identifier: Apache-2.0 */
#include "message/envelope.h"

#include "message/alarm_type.h"
#include "message/json_writer.h"
#include "message/public_text.h"

/* ,"replayed":false,"queued_ms":-9223372036854775808}} */
#define TAIL_BYTES_MAX 64

GString *sky_envelope_begin(const SkyMessageContext *context, const SkyEnvelope *envelope) {
    char ulid[SKY_ULID_BYTES];
    sky_ulid_make(envelope->utc_ns, ulid);
    g_autofree char *source = g_strconcat("skynet/v1/", context->site, NULL);
    g_autofree char *type = g_strconcat("skynet.", envelope->type, NULL);
    g_autofree char *schema = g_strconcat("urn:skynetd:schema/", envelope->schema, "-" SKY_MESSAGE_VERSION ".json", NULL);
    const char *subject = envelope->subject && envelope->subject[0] ? envelope->subject : context->site;
    GString *json = g_string_sized_new(1024);
    sky_json_open(json, NULL, '{');
    sky_json_text(json, "specversion", "1.0", 8);
    sky_json_text(json, "id", envelope->id ? envelope->id : ulid, 2 * SKY_TEXT_ID_BYTES);
    sky_json_text(json, "source", source, 2 * SKY_TEXT_ID_BYTES);
    sky_json_text(json, "type", type, SKY_TEXT_ID_BYTES);
    sky_json_text(json, "subject", subject, SKY_TEXT_ID_BYTES);
    sky_json_time(json, "time", envelope->utc_ns);
    sky_json_text(json, "datacontenttype", "application/json", SKY_TEXT_ID_BYTES);
    sky_json_text(json, "dataschema", schema, SKY_TEXT_ID_BYTES);
    sky_json_open(json, "data", '{');
    return json;
}

char *sky_envelope_end(GString *json) {
    g_string_append(json, "}}");
    g_assert(json->len <= SKY_MESSAGE_BYTES_MAX);
    return g_string_free(json, FALSE);
}

char *sky_envelope_end_head(GString *json) {
    g_assert(json->len + TAIL_BYTES_MAX <= SKY_MESSAGE_BYTES_MAX);
    return g_string_free(json, FALSE);
}

char *sky_message_finish(const char *head, gsize head_bytes, gboolean replayed, int64_t queued_ms) {
    return g_strdup_printf("%.*s,\"replayed\":%s,\"queued_ms\":%" G_GINT64_FORMAT "}}", (int)head_bytes, head,
                           replayed ? "true" : "false", MAX(queued_ms, 0));
}

void sky_envelope_named(GString *json, const char *name, const char *id, const char *display_name) {
    if (!id || !id[0]) {
        sky_json_null(json, name);
        return;
    }
    sky_json_open(json, name, '{');
    sky_json_text(json, "id", id, SKY_TEXT_ID_BYTES);
    sky_json_text(json, "name", display_name && display_name[0] ? display_name : id, SKY_TEXT_NAME_BYTES);
    sky_json_close(json, '}');
}

void sky_envelope_site(GString *json, const SkyMessageContext *context) {
    sky_envelope_named(json, "site", context->site, context->site_name);
}

void sky_envelope_clock(GString *json, const SkyMessageContext *context) {
    sky_json_open(json, "clock", '{');
    sky_json_bool(json, "synced", context->clock_synced);
    sky_json_null(json, "camera_offset_ms"); /* no source measures it yet */
    sky_json_close(json, '}');
}

void sky_envelope_alarm_type(GString *json, SkyEventKind kind) {
    int method, type;
    if (!sky_alarm_type_of(kind, &method, &type)) {
        sky_json_null(json, "alarm_type");
        return;
    }
    sky_json_open(json, "alarm_type", '{');
    sky_json_int(json, "method", method);
    sky_json_int(json, "type", type);
    sky_json_close(json, '}');
}

static void ratio(GString *json, float value) {
    sky_json_number(json, NULL, value > 0 ? MIN(value, 1.0f) : 0.0, 4);
}

static void point(GString *json, const char *name, SkyPoint at) {
    sky_json_open(json, name, '[');
    ratio(json, at.x);
    ratio(json, at.y);
    sky_json_close(json, ']');
}

void sky_envelope_box(GString *json, const SkyBox *box) {
    if (!(box->w > 0 && box->h > 0)) {
        sky_json_null(json, "box");
        return;
    }
    sky_json_open(json, "box", '[');
    ratio(json, box->x);
    ratio(json, box->y);
    ratio(json, box->w);
    ratio(json, box->h);
    sky_json_close(json, ']');
}

void sky_envelope_path(GString *json, SkyPoint from, SkyPoint to, double seconds) {
    if (!(seconds > 0)) {
        sky_json_null(json, "path");
        return;
    }
    sky_json_open(json, "path", '{');
    point(json, "from", from);
    point(json, "to", to);
    sky_json_number(json, "seconds", seconds, 6);
    sky_json_close(json, '}');
}

void sky_envelope_further(GString *json, const SkyAlertClip *clip) {
    sky_json_open(json, "further", '[');
    for (guint i = 0; i < SKY_CLIP_FURTHER_MAX && clip->further[i][0]; i++)
        sky_json_text(json, NULL, clip->further[i], SKY_TEXT_ID_BYTES);
    sky_json_close(json, ']');
}

void sky_envelope_words(GString *json, const char *name, const char *text) {
    g_autofree char *fit = sky_public_text(text);
    sky_json_text_or_null(json, name, fit, SKY_TEXT_WORDS_BYTES);
}
