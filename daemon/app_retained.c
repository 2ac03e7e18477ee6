/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "daemon/app_internal.h"
#include "daemon/letter.h"
#include "message/topic.h"

#define WAITING_MAX 1024 /* half of the notices that find room */

/* What the broker holds of us is not always what we told it last: a power cut takes what it has not saved yet, and an alert that was
 * closed in that minute is open again; a camera may have left the configuration while we did not run; a new store does not know what the
 * old one had told. Whoever connects later would see that for ever. So the broker is asked at each connect, and what is not true is
 * cleared. */

gboolean sky_app_on_retained(SkyApp *app, const SkyTransportIncoming *message) {
    char audience[SKY_ID_BYTES], id[SKY_ID_BYTES];
    if (!sky_topic_retained_parse(app->site, message->topic, audience, id))
        return FALSE;
    if (!message->retained || message->payload_bytes == 0)
        return TRUE; /* our own, as it passes */
    if (sky_mailbox_length(app->notices) >= WAITING_MAX) { /* what is heard once must find room: the next connect has these again */
        atomic_fetch_add(&app->notices_lost, 1);
        return TRUE;
    }
    SkyNotice *notice = g_new0(SkyNotice, 1);
    notice->kind = SKY_NOTICE_RETAINED;
    g_strlcpy(notice->audience, audience, sizeof notice->audience);
    g_strlcpy(audience[0] ? notice->alert : notice->camera, id, SKY_ID_BYTES);
    sky_app_notify(app, notice);
    return TRUE;
}

static gboolean is_true(SkyApp *app, const SkyNotice *notice) {
    if (notice->camera[0])
        return sky_config_camera(app->config, notice->camera) != NULL;
    if (!sky_desk_knows_all(app->desk))
        return TRUE; /* the disk may */
    const SkyAlert *alert = sky_desk_find(app->desk, notice->alert);
    return alert && sky_alert_is_open(alert) && sky_letter_hears(app->config, notice->audience, alert);
}

void sky_app_take_retained(SkyApp *app, const SkyNotice *notice) {
    if (is_true(app, notice))
        return;
    /* Said: it may also be another gateway's, which bears our site's name by mistake. */
    gboolean camera = notice->camera[0] != '\0';
    sky_log_limited(&app->retained_log, SKY_LOG_NOTICE, "broker", NULL, "it holds %s %s, which is not ours or not open any more: cleared",
                    camera ? "camera" : "alert", camera ? notice->camera : notice->alert);
    if (camera) {
        sky_app_forget_camera(app, notice->camera);
        return;
    }
    g_autofree char *topic = sky_topic_alert(app->site, notice->audience, notice->alert);
    sky_outbox_set_state(app->outbox, topic, NULL, G_MAXINT); /* whatever is true goes first */
}
