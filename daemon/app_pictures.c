/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/app_internal.h"
#include "message/topic.h"

/* Pictures that people ask for: an alert's once more, or what a camera shows now. The reply goes out with the picture, so that "ok"
 * is never followed by nothing. */

#define ORDERS_MAX 64
#define ORDER_NS (20 * SKY_NS_PER_S)

typedef struct {
    SkyCommand command;
    char id[SKY_ID_BYTES]; /* the alert, or the name of the new picture */
    int64_t by_ns;
} Order;

static SkyOutcome refusal(const char *code, const char *error) {
    return (SkyOutcome){.code = code, .error = error};
}

static gboolean same_request(const SkyCommand *a, const SkyCommand *b) {
    return strcmp(a->request_id, b->request_id) == 0 && strcmp(a->client, b->client) == 0 && strcmp(a->audience, b->audience) == 0;
}

static gboolean is_ordered(const SkyApp *app, const SkyCommand *command) {
    for (guint i = 0; i < app->picture_orders->len; i++)
        if (same_request(&((const Order *)app->picture_orders->pdata[i])->command, command))
            return TRUE;
    return FALSE;
}

/* An alert's picture from the disk. */
static gboolean recall(SkyApp *app, Order *order) {
    const SkyAlert *alert = sky_desk_find(app->desk, order->command.alert);
    g_strlcpy(order->id, order->command.alert, sizeof order->id);
    return alert && alert->image.bytes > 0 && sky_evidence_picture_recall(app->evidence, alert->camera, alert->id);
}

/* The camera's newest picture. */
static gboolean take(SkyApp *app, Order *order) {
    SkyCamera *camera = sky_app_camera(app, order->command.camera);
    int64_t now_ns = sky_clock_monotonic_ns();
    SkyPreroll *preroll = camera ? sky_camera_preroll(camera, now_ns) : NULL;
    if (!preroll || sky_preroll_numbers(preroll).oldest_ns == SKY_TIME_NONE)
        return FALSE;
    const SkyCameraConfig *values = sky_camera_config(camera);
    sky_ulid_make_lower(sky_clock_utc_ns(), order->id);
    return sky_evidence_snapshot(app->evidence, &(SkySnapshotRequest){.camera = values->id,
                                                                      .alert = order->id,
                                                                      .preroll = preroll,
                                                                      .at_ns = now_ns,
                                                                      .privacy = values->privacy,
                                                                      .privacy_count = values->privacy_count});
}

gboolean sky_app_order_picture(const SkyCommand *command, SkyOutcome *ret_outcome, gpointer user) {
    SkyApp *app = user;
    if (is_ordered(app, command))
        return TRUE;
    if (app->picture_orders->len >= ORDERS_MAX) {
        *ret_outcome = refusal("busy", "too many pictures are being fetched: ask again in a few seconds");
        return FALSE;
    }
    g_autofree Order *order = g_new0(Order, 1);
    order->command = *command;
    order->by_ns = sky_clock_monotonic_ns() + ORDER_NS;
    if (command->verb == SKY_VERB_IMAGE ? recall(app, order) : take(app, order)) {
        g_ptr_array_add(app->picture_orders, g_steal_pointer(&order));
        return TRUE;
    }
    *ret_outcome = command->verb == SKY_VERB_IMAGE ? refusal("no-image", "there is no picture of this alert")
                                                   : refusal("no-image", "there is no such camera, or it shows nothing at the moment");
    return FALSE;
}

static void finish(SkyApp *app, const Order *order, GBytes *picture, gboolean is_genuine) {
    SkyOutcome outcome = {.code = "ok", .alert = order->id};
    if (picture && !is_genuine) {
        sky_log(SKY_LOG_WARNING, "evidence", NULL, "alert %s: its picture on the disk is not the one that it tells of, it is not sent: somebody "
                "changed it, or the power went before a better one was told of", order->id);
        outcome = refusal("no-image", "the picture on the gateway's disk has another SHA-256 than the alert tells: somebody changed it, or the "
                          "power went before a better one was told of");
    } else if (picture) {
        g_autofree char *topic = sky_topic_image(app->site, order->command.audience, order->id);
        sky_outbox_send(app->outbox, topic, g_bytes_get_data(picture, NULL), g_bytes_get_size(picture), 1);
    } else {
        outcome = refusal("no-image", "the picture could not be read or made: look at the gateway's log");
    }
    sky_commands_finish(app->commands, &order->command, &outcome);
}

/* While an alert's picture is fetched from the disk a better one of the same alert may be taken: that one is the alert's. */
static gboolean is_answer(const Order *order, const SkyEvidenceResult *result) {
    return strcmp(order->id, result->alert) == 0 && (order->command.verb == SKY_VERB_IMAGE) == result->repaired;
}

/* What comes from the disk has to be what the alert tells of. A better picture lies there for a moment before it is told of: whoever is
 * killed just then leaves one that nobody has changed. */
static gboolean is_what_was_told(const SkyApp *app, const SkyEvidenceResult *result) {
    const SkyAlert *alert = result->repaired ? sky_desk_find(app->desk, result->alert) : NULL;
    return !alert || strcmp(alert->image.sha256, result->sha256) == 0;
}

gboolean sky_app_deliver_picture(SkyApp *app, const SkyNotice *notice) {
    gboolean found = FALSE;
    for (guint i = app->picture_orders->len; i-- > 0;) {
        const Order *order = app->picture_orders->pdata[i];
        if (!is_answer(order, &notice->result))
            continue;
        finish(app, order, notice->picture, is_what_was_told(app, &notice->result));
        g_ptr_array_remove_index(app->picture_orders, i);
        found = TRUE;
    }
    return found;
}

void sky_app_pictures_turn(SkyApp *app, int64_t now_ns) {
    for (guint i = app->picture_orders->len; i-- > 0;) {
        const Order *order = app->picture_orders->pdata[i];
        if (now_ns < order->by_ns)
            continue;
        finish(app, order, NULL, FALSE);
        g_ptr_array_remove_index(app->picture_orders, i);
    }
}
