/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "message/envelope.h"
#include "message/json_tree.h"
#include "message/json_writer.h"
#include "message/message.h"

/* The store's text of a whole alert: JSON too, but nobody's contract. Every member but the first few may be missing, so that an
 * older or newer daemon can read what another left behind. Nothing is cut: each text was bounded when it came in. */
#define UNCUT G_MAXSIZE
#define BODY_BYTES_MAX 16384
#define BODY_VERSION 1
#define DOUBLE_DIGITS 17
#define FLOAT_DIGITS 9

static void append_time(GString *json, const char *name, int64_t utc_ns) {
    if (utc_ns == SKY_TIME_NONE)
        sky_json_null(json, name);
    else
        sky_json_int(json, name, utc_ns); /* nanoseconds: a message's text has only milliseconds */
}

static void append_floats(GString *json, const char *name, const float *values, guint count) {
    sky_json_open(json, name, '[');
    for (guint i = 0; i < count; i++)
        sky_json_number(json, NULL, values[i], FLOAT_DIGITS);
    sky_json_close(json, ']');
}

static void append_evidence(GString *json, const SkyAlert *alert) {
    if (alert->image.bytes > 0) {
        sky_json_open(json, "image", '{');
        sky_json_text(json, "sha256", alert->image.sha256, UNCUT);
        sky_json_uint(json, "bytes", MIN(alert->image.bytes, (uint64_t)G_MAXINT64));
        sky_json_close(json, '}');
    }
    if (alert->clip.id[0]) {
        sky_json_open(json, "clip", '{');
        sky_json_text(json, "id", alert->clip.id, UNCUT);
        sky_json_text(json, "sha256", alert->clip.sha256, UNCUT);
        sky_json_number(json, "seconds", alert->clip.seconds, DOUBLE_DIGITS);
        sky_envelope_further(json, &alert->clip);
        sky_json_close(json, '}');
    }
    sky_json_bool(json, "evidence_missing", alert->evidence_missing);
}

char *sky_message_alert_body(const SkyAlert *alert) {
    GString *json = g_string_sized_new(1024);
    sky_json_open(json, NULL, '{');
    sky_json_int(json, "v", BODY_VERSION);
    sky_json_text(json, "id", alert->id, UNCUT);
    sky_json_uint(json, "rev", alert->rev);
    sky_json_text(json, "state", sky_alert_state_name(alert->state), UNCUT);
    sky_json_text(json, "kind", sky_event_kind_name(alert->kind), UNCUT);
    append_time(json, "raised", alert->raised_utc_ns);
    append_time(json, "updated", alert->updated_utc_ns);
    append_time(json, "begin", alert->begin_utc_ns);
    append_time(json, "end", alert->end_utc_ns);
    sky_json_bool(json, "clock_synced", alert->clock_synced);
    sky_json_uint(json, "severity", alert->severity);
    sky_json_uint(json, "count", alert->count);
    sky_json_bool(json, "test", alert->test);
    sky_json_bool(json, "interrupted", alert->interrupted);
    sky_json_text_or_null(json, "test_audience", alert->test_audience, UNCUT);
    sky_json_text_or_null(json, "event", alert->event_id, UNCUT);
    sky_json_text_or_null(json, "camera", alert->camera, UNCUT);
    sky_json_text_or_null(json, "zone", alert->zone, UNCUT);
    append_floats(json, "box", (const float[]){alert->box.x, alert->box.y, alert->box.w, alert->box.h}, 4);
    append_floats(json, "path", (const float[]){alert->from.x, alert->from.y, alert->to.x, alert->to.y}, 4);
    sky_json_number(json, "path_seconds", alert->path_seconds, DOUBLE_DIGITS);
    sky_json_number(json, "score", alert->score, DOUBLE_DIGITS);
    append_evidence(json, alert);
    sky_json_text_or_null(json, "actor", alert->actor, UNCUT);
    sky_json_text_or_null(json, "assignee", alert->assignee, UNCUT);
    sky_json_text_or_null(json, "note", alert->note, UNCUT);
    sky_json_text_or_null(json, "cause", alert->cause, UNCUT);
    sky_json_close(json, '}');
    return g_string_free(json, FALSE);
}

/* ---- and back ---- */

static gboolean take_uint(JsonObject *object, const char *name, int64_t least, uint32_t *ret_value) {
    int64_t value = 0;
    SkyField field = sky_json_take_int(object, name, least, G_MAXUINT32, &value);
    if (field == SKY_FIELD_TAKEN)
        *ret_value = (uint32_t)value;
    return field != SKY_FIELD_BAD;
}

static gboolean take_time(JsonObject *object, const char *name, int64_t *ret_utc_ns) {
    return sky_json_take_int(object, name, 0, G_MAXINT64, ret_utc_ns) != SKY_FIELD_BAD;
}

static gboolean take_floats(JsonObject *object, const char *name, float *ret_values, guint count) {
    JsonNode *node = json_object_get_member(object, name);
    if (!node || JSON_NODE_HOLDS_NULL(node))
        return TRUE;
    JsonArray *array = JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
    if (!array || json_array_get_length(array) != count)
        return FALSE;
    for (guint i = 0; i < count; i++) {
        if (!JSON_NODE_HOLDS_VALUE(json_array_get_element(array, i)))
            return FALSE;
        ret_values[i] = (float)json_array_get_double_element(array, i);
    }
    return TRUE;
}

static gboolean take_id(JsonObject *object, const char *name, char ret_id[SKY_ID_BYTES]) {
    SkyField field = sky_json_take_text(object, name, ret_id, SKY_ID_BYTES);
    return field == SKY_FIELD_ABSENT || (field == SKY_FIELD_TAKEN && sky_id_is_valid(ret_id));
}

static gboolean take_head(JsonObject *root, SkyAlert *alert) {
    char state[24], kind[24];
    int64_t version;
    return sky_json_take_int(root, "v", BODY_VERSION, BODY_VERSION, &version) == SKY_FIELD_TAKEN &&
           take_id(root, "id", alert->id) && alert->id[0] && take_uint(root, "rev", 1, &alert->rev) && alert->rev > 0 &&
           sky_json_take_text(root, "state", state, sizeof state) == SKY_FIELD_TAKEN &&
           sky_alert_state_parse(state, &alert->state) &&
           sky_json_take_text(root, "kind", kind, sizeof kind) == SKY_FIELD_TAKEN && sky_event_kind_parse(kind, &alert->kind) &&
           sky_json_take_int(root, "raised", 0, G_MAXINT64, &alert->raised_utc_ns) == SKY_FIELD_TAKEN &&
           sky_json_take_int(root, "updated", 0, G_MAXINT64, &alert->updated_utc_ns) == SKY_FIELD_TAKEN &&
           take_time(root, "begin", &alert->begin_utc_ns) && take_time(root, "end", &alert->end_utc_ns) &&
           sky_json_take_bool(root, "clock_synced", &alert->clock_synced) != SKY_FIELD_BAD;
}

static gboolean take_event(JsonObject *root, SkyAlert *alert) {
    float box[4] = {0}, path[4] = {0};
    gboolean good = take_uint(root, "severity", 0, &alert->severity) && take_uint(root, "count", 0, &alert->count) &&
                    sky_json_take_bool(root, "test", &alert->test) != SKY_FIELD_BAD &&
                    sky_json_take_bool(root, "interrupted", &alert->interrupted) != SKY_FIELD_BAD &&
                    take_id(root, "test_audience", alert->test_audience) && take_id(root, "event", alert->event_id) &&
                    take_id(root, "camera", alert->camera) && take_id(root, "zone", alert->zone) &&
                    take_floats(root, "box", box, 4) && take_floats(root, "path", path, 4) &&
                    sky_json_take_number(root, "path_seconds", &alert->path_seconds) != SKY_FIELD_BAD &&
                    sky_json_take_number(root, "score", &alert->score) != SKY_FIELD_BAD;
    alert->box = (SkyBox){box[0], box[1], box[2], box[3]};
    alert->from = (SkyPoint){path[0], path[1]};
    alert->to = (SkyPoint){path[2], path[3]};
    return good;
}

/* What an older daemon left has none. */
static gboolean take_further(JsonObject *clip, SkyAlertClip *ret_clip) {
    JsonNode *node = clip ? json_object_get_member(clip, "further") : NULL;
    if (!node || !JSON_NODE_HOLDS_ARRAY(node))
        return node == NULL;
    JsonArray *array = json_node_get_array(node);
    for (guint i = 0; i < MIN(json_array_get_length(array), SKY_CLIP_FURTHER_MAX); i++) {
        JsonNode *element = json_array_get_element(array, i);
        const char *text = JSON_NODE_HOLDS_VALUE(element) ? json_node_get_string(element) : NULL;
        if (!text || !g_utf8_validate(text, -1, NULL) || g_strlcpy(ret_clip->further[i], text, sizeof ret_clip->further[i]) >= sizeof ret_clip->further[i])
            return FALSE;
    }
    return TRUE;
}

static gboolean take_evidence(JsonObject *root, SkyAlert *alert) {
    JsonObject *image = sky_json_object(root, "image"), *clip = sky_json_object(root, "clip");
    int64_t bytes = 0;
    gboolean good = sky_json_take_text(image, "sha256", alert->image.sha256, sizeof alert->image.sha256) != SKY_FIELD_BAD &&
                    sky_json_take_int(image, "bytes", 0, G_MAXINT64, &bytes) != SKY_FIELD_BAD &&
                    take_id(clip, "id", alert->clip.id) &&
                    sky_json_take_text(clip, "sha256", alert->clip.sha256, sizeof alert->clip.sha256) != SKY_FIELD_BAD &&
                    sky_json_take_number(clip, "seconds", &alert->clip.seconds) != SKY_FIELD_BAD && take_further(clip, &alert->clip) &&
                    sky_json_take_bool(root, "evidence_missing", &alert->evidence_missing) != SKY_FIELD_BAD;
    alert->image.bytes = (uint64_t)bytes;
    return good;
}

static gboolean take_words(JsonObject *root, SkyAlert *alert) {
    return take_id(root, "actor", alert->actor) && take_id(root, "assignee", alert->assignee) &&
           sky_json_take_text(root, "note", alert->note, sizeof alert->note) != SKY_FIELD_BAD &&
           sky_json_take_text(root, "cause", alert->cause, sizeof alert->cause) != SKY_FIELD_BAD;
}

gboolean sky_message_alert_body_parse(const char *body, SkyAlert *ret_alert, GError **error) {
    g_autoptr(JsonNode) node = sky_json_parse(body, strlen(body), BODY_BYTES_MAX, error);
    if (!node) {
        g_prefix_error(error, "alert body: ");
        return FALSE;
    }
    JsonObject *root = json_node_get_object(node);
    SkyAlert alert = {.severity = 4, .count = 1, .end_utc_ns = SKY_TIME_NONE};
    if (!take_head(root, &alert) || !take_event(root, &alert) || !take_evidence(root, &alert) || !take_words(root, &alert)) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_DATA, "alert body: a member is missing, of a wrong type or out of range");
        return FALSE;
    }
    *ret_alert = alert;
    return TRUE;
}
