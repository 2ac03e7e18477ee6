/* SPDX-License-Identifier: Apache-2.0 */
#include "message/envelope.h"
#include "message/json_writer.h"

/* "resident,police" -> ["resident","police"] */
static void append_list(GString *json, const char *name, const char *comma_separated) {
    g_auto(GStrv) items = g_strsplit(comma_separated ? comma_separated : "", ",", 64);
    sky_json_open(json, name, '[');
    for (char **item = items; *item; item++) {
        g_strstrip(*item);
        if (sky_id_is_valid(*item))
            sky_json_text(json, NULL, *item, SKY_TEXT_ID_BYTES);
    }
    sky_json_close(json, ']');
}

char *sky_message_status(const SkyMessageContext *context, const SkyStatusMessage *status) {
    SkyEnvelope envelope = {.type = "status", .schema = "status", .utc_ns = status->utc_ns};
    GString *json = sky_envelope_begin(context, &envelope);
    sky_json_text(json, "state", status->state, SKY_TEXT_ID_BYTES);
    sky_envelope_site(json, context);
    sky_json_text(json, "boot_id", status->boot_id, SKY_TEXT_ID_BYTES);
    sky_json_text(json, "version", status->version, SKY_TEXT_ID_BYTES);
    sky_json_text(json, "schema", SKY_MESSAGE_VERSION, SKY_TEXT_ID_BYTES);
    sky_json_text_or_null(json, "epoch", status->epoch, SKY_TEXT_ID_BYTES);
    sky_json_bool(json, "clock_synced", status->clock_synced);
    sky_json_bool(json, "durable", status->durable);
    sky_json_uint(json, "undelivered", status->undelivered);
    sky_json_uint(json, "dead", status->dead);
    sky_json_uint(json, "evicted", status->evicted);
    sky_json_time(json, "next_by", status->next_by_utc_ns);
    sky_json_text_or_null(json, "mqtt", status->mqtt, SKY_TEXT_ID_BYTES);
    append_list(json, "refused_audiences", status->refused_audiences);
    sky_json_bool(json, "commands_refused", status->commands_refused);
    sky_envelope_words(json, "trouble", status->trouble);
    sky_envelope_words(json, "config_error", status->config_error);
    sky_json_uint(json, "cameras", status->cameras);
    sky_json_uint(json, "cameras_ok", status->cameras_ok);
    sky_json_uint(json, "cameras_disarmed", status->cameras_disarmed);
    sky_json_uint(json, "cameras_flooded", status->cameras_flooded);
    sky_json_uint(json, "cameras_overloaded", status->cameras_overloaded);
    sky_json_uint(json, "open_alerts", status->open_alerts);
    return sky_envelope_end(json);
}
