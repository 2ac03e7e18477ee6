/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "message/message.h"
#include "message/public_text.h"
#include "message/reader.h"
#include "fuzz.h"

/* Any bytes as names and words: one JSON object comes out, small enough, UTF-8, without a raw control character. */
static void check(const char *json) {
    gsize length = strlen(json);
    g_assert(length <= SKY_MESSAGE_BYTES_MAX && g_utf8_validate(json, -1, NULL));
    for (gsize i = 0; i < length; i++)
        g_assert((guchar)json[i] >= 0x20);
    g_autofree char *version = sky_reader_field(json, length, "specversion");
    g_assert(g_strcmp0(version, "1.0") == 0);
}

static void check_alert(const SkyMessageContext *context, const char *text, const uint8_t *data, size_t bytes) {
    SkyAlert alert = {.id = "a", .rev = 1, .cause = "raised", .camera = "c", .begin_utc_ns = 1,
                      .raised_utc_ns = 1, .updated_utc_ns = 1};
    memcpy(&alert.box, data, MIN(bytes, sizeof alert.box)); /* any float, not a number among them */
    memcpy(&alert.score, data, MIN(bytes, sizeof alert.score));
    memcpy(&alert.path_seconds, data, MIN(bytes, sizeof alert.path_seconds));
    g_autofree char *mended = g_utf8_make_valid(text, -1);
    g_strlcpy(alert.note, mended, sizeof alert.note);
    SkyMessageView all = {.pictures = TRUE, .path = TRUE, .notes = TRUE};
    g_autofree char *head = sky_message_alert(context, &all, &alert, "e", 1, TRUE);
    g_autofree char *json = sky_message_finish(head, strlen(head), TRUE, 7);
    check(json);
    /* what the store keeps comes back, as far as it is text */
    alert.note[strlen(alert.note) - (g_utf8_validate(alert.note, -1, NULL) ? 0 : 1)] = 0;
    if (!g_utf8_validate(alert.note, -1, NULL))
        return;
    SkyAlert again;
    g_autofree char *body = sky_message_alert_body(&alert);
    g_assert(sky_message_alert_body_parse(body, &again, NULL));
    g_assert(strcmp(again.note, alert.note) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    g_autofree char *text = g_strndup((const char *)data, bytes);
    SkyMessageContext context = {.site = "s", .site_name = text, .grid = text, .camera_name = text, .zone_name = text};
    check_alert(&context, text, data, bytes);
    SkyStatusMessage status = {.state = "online", .boot_id = text, .version = text, .epoch = text, .mqtt = "5", .trouble = text,
                               .config_error = text, .refused_audiences = text, .next_by_utc_ns = SKY_TIME_NONE};
    g_autofree char *status_json = sky_message_status(&context, &status);
    check(status_json);
    SkyCameraStatusMessage camera = {.camera = "c", .state = "offline", .why = text, .codec = text};
    g_autofree char *camera_json = sky_message_camera_status(&context, &camera);
    check(camera_json);
    g_autofree char *shown = sky_public_text(text);
    g_assert(!strstr(shown, "://"));
    return 0;
}
