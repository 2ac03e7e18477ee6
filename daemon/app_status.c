/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/app_internal.h"
#include "daemon/names.h"
#include "message/message.h"
#include "message/topic.h"

#define EVERY_NS (60 * SKY_NS_PER_S)
#define GRACE_NS (150 * SKY_NS_PER_S) /* next_by: two and a half turns */

/* Order in which a new connection says them. */
enum { RANK_STATUS, RANK_CAMERA, RANK_MOTION };

struct SkyStatusMemory {
    char *essence;          /* what a reader must hear of at once, as text; changes are said without waiting for the minute */
    int64_t said_ns;
    uint32_t cameras_ok;
    GHashTable *flooded;    /* ids of cameras that raise more than they may, a set */
    GHashTable *overloaded; /* and of those that the box is too slow for */
    char trouble[128];      /* of the disk, as last logged */
};

void sky_app_status_init(SkyApp *app) {
    app->memory = g_new0(struct SkyStatusMemory, 1);
    app->memory->essence = g_strdup("");
    app->memory->flooded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    app->memory->overloaded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void sky_app_status_clear(SkyApp *app) {
    if (!app->memory)
        return;
    g_free(app->memory->essence);
    g_hash_table_unref(app->memory->flooded);
    g_hash_table_unref(app->memory->overloaded);
    g_clear_pointer(&app->memory, g_free);
}

uint32_t sky_app_cameras_ok(const SkyApp *app) {
    return app->memory->cameras_ok;
}

static uint32_t count_ok(SkyApp *app) {
    uint32_t ok = 0;
    for (guint i = 0; i < app->cameras->len; i++) {
        g_auto(SkyCameraStatus) status;
        sky_camera_read(app->cameras->pdata[i], &status);
        ok += status.verdict.health == SKY_CAMERA_OK;
    }
    return ok;
}

static char *status_text(SkyApp *app, const char *state, int64_t next_by_utc_ns) {
    SkyStoreNumbers store = sky_store_numbers(app->store);
    SkyMqttNumbers mqtt = sky_mqtt_numbers(app->mqtt);
    SkyOutboxNumbers outbox = sky_outbox_numbers(app->outbox);
    SkyMessageContext names = sky_names_of(app->config, NULL, NULL);
    SkyStatusMessage status = {.state = state,
                               .boot_id = app->boot_id,
                               .version = SKY_VERSION,
                               .epoch = sky_desk_epoch(app->desk),
                               .clock_synced = sky_clock_is_synced(),
                               .durable = store.durable,
                               .undelivered = store.undelivered + sky_desk_waiting(app->desk),
                               .dead = store.dead,
                               .evicted = store.evicted,
                               .next_by_utc_ns = next_by_utc_ns,
                               .utc_ns = sky_clock_utc_ns(),
                               .mqtt = mqtt.v5 ? "5" : "3.1.1",
                               .refused_audiences = outbox.refused_audiences,
                               .commands_refused = outbox.commands_refused,
                               .trouble = sky_app_disk_trouble(app, &store),
                               .config_error = app->config_error,
                               .cameras = app->cameras->len,
                               .cameras_ok = app->memory->cameras_ok,
                               .cameras_flooded = g_hash_table_size(app->memory->flooded),
                               .cameras_overloaded = g_hash_table_size(app->memory->overloaded),
                               .cameras_disarmed = sky_arming_count(app->arming),
                               .open_alerts = sky_desk_open_count(app->desk)};
    return sky_message_status(&names, &status);
}

char *sky_app_last_will(SkyApp *app) {
    SkyMessageContext names = sky_names_of(app->config, NULL, NULL);
    SkyStatusMessage status = {.state = "offline",
                               .boot_id = app->boot_id,
                               .version = SKY_VERSION,
                               .epoch = sky_desk_epoch(app->desk),
                               .next_by_utc_ns = SKY_TIME_NONE,
                               .utc_ns = sky_clock_utc_ns(),
                               .mqtt = "",
                               .refused_audiences = "",
                               .trouble = "",
                               .config_error = ""};
    return sky_message_status(&names, &status);
}

void sky_app_say_status(SkyApp *app, const char *state) {
    SkyOutboxNumbers outbox = sky_outbox_numbers(app->outbox);
    if (!state)
        state = outbox.refused_audiences[0] || outbox.commands_refused ? "broker-refuses" : "online";
    g_autofree char *topic = sky_topic_status(sky_config_values(app->config)->site.id);
    g_autofree char *text = status_text(app, state, sky_clock_utc_ns() + GRACE_NS);
    sky_outbox_set_state(app->outbox, topic, text, RANK_STATUS);
    app->memory->said_ns = sky_clock_monotonic_ns();
}

static int64_t utc_or_none(int64_t monotonic_ns) {
    return monotonic_ns == SKY_TIME_NONE ? SKY_TIME_NONE : sky_clock_utc_of(monotonic_ns);
}

void sky_app_say_camera(SkyApp *app, SkyCamera *camera) {
    const SkyCameraConfig *values = sky_camera_config(camera);
    g_auto(SkyCameraStatus) status;
    sky_camera_read(camera, &status);
    SkyStreamInfo *info = status.stream.info;
    SkyMessageContext names = sky_names_of(app->config, values->id, NULL);
    SkyCameraStatusMessage message = {.camera = values->id,
                                      .state = sky_camera_health_name(status.verdict.health),
                                      .since_utc_ns = sky_clock_utc_of(status.since_ns),
                                      .utc_ns = sky_clock_utc_ns(),
                                      .last_packet_utc_ns = utc_or_none(status.stream.last_packet_ns),
                                      .next_try_utc_ns = utc_or_none(status.verdict.next_try_ns),
                                      .why = status.verdict.why,
                                      .frame_rate = status.stream.frame_rate,
                                      .analysis_rate = status.analysis_rate,
                                      .codec = info ? sky_codec_name(sky_stream_info_codec(info)) : "",
                                      .width_px = info ? sky_stream_info_width_px(info) : 0,
                                      .height_px = info ? sky_stream_info_height_px(info) : 0,
                                      .reconnects = status.reconnects,
                                      .dropped_packets = status.lane.queue.dropped_packets + status.lane.late_packets,
                                      .decode_errors = status.lane.analysis.decode_errors,
                                      .memory_bytes = status.memory_bytes,
                                      .flooded = g_hash_table_contains(app->memory->flooded, values->id),
                                      .overloaded = status.lane.overloaded,
                                      .armed_again_utc_ns = sky_arming_until(app->arming, values->id)};
    g_autofree char *topic = sky_topic_camera_status(names.site, values->id);
    g_autofree char *text = sky_message_camera_status(&names, &message);
    sky_outbox_set_state(app->outbox, topic, text, RANK_CAMERA);
}

void sky_app_say_motion(SkyApp *app, SkyCamera *camera) {
    const char *id = sky_camera_config(camera)->id;
    if (!sky_config_camera(app->config, id))
        return;
    g_autoptr(GPtrArray) zones = g_ptr_array_new();
    int64_t since_ns = SKY_TIME_NONE;
    gboolean active = sky_incidents_motion(app->incidents, id, &since_ns, zones);
    SkyMessageContext names = sky_names_of(app->config, id, NULL);
    g_autofree char *topic = sky_topic_camera_motion(names.site, id);
    g_autofree char *text = sky_message_camera_motion(&names, id, active, utc_or_none(since_ns), (const char *const *)zones->pdata,
                                                      zones->len, sky_clock_utc_ns());
    sky_outbox_set_state(app->outbox, topic, text, RANK_MOTION);
}

void sky_app_forget_camera(SkyApp *app, const char *id) {
    const char *site = sky_config_values(app->config)->site.id;
    g_hash_table_remove(app->memory->flooded, id);
    g_hash_table_remove(app->memory->overloaded, id);
    g_autofree char *status = sky_topic_camera_status(site, id);
    g_autofree char *motion = sky_topic_camera_motion(site, id);
    sky_outbox_set_state(app->outbox, status, NULL, RANK_CAMERA);
    sky_outbox_set_state(app->outbox, motion, NULL, RANK_MOTION);
}

static char *essence_of(SkyApp *app) {
    SkyStoreNumbers store = sky_store_numbers(app->store);
    SkyOutboxNumbers outbox = sky_outbox_numbers(app->outbox);
    return g_strdup_printf("%d %d %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %u %u %u %u %d %d %s|%s|%s", store.durable,
                           sky_clock_is_synced(), store.dead, store.evicted, app->memory->cameras_ok, app->cameras->len,
                           sky_arming_count(app->arming), g_hash_table_size(app->memory->flooded),
                           g_hash_table_size(app->memory->overloaded) > 0, outbox.commands_refused,
                           outbox.refused_audiences, sky_app_disk_trouble(app, &store), app->config_error);
}

static void log_trouble(SkyApp *app) {
    SkyStoreNumbers store = sky_store_numbers(app->store);
    const char *trouble = sky_app_disk_trouble(app, &store);
    if (strcmp(trouble, app->memory->trouble) == 0)
        return;
    g_strlcpy(app->memory->trouble, trouble, sizeof app->memory->trouble);
    if (trouble[0])
        sky_log(SKY_LOG_WARNING, "disk", NULL, "%s%s", trouble, store.durable ? "" : ", alerts go on");
    else
        sky_log(SKY_LOG_NOTICE, "disk", NULL, "it is well again");
}

/* TRUE: that is new. */
static gboolean note_member(GHashTable *set, const char *id, gboolean member) {
    return member ? g_hash_table_add(set, g_strdup(id)) : g_hash_table_remove(set, id);
}

/* A camera that begins or ceases to be overloaded is said at once. */
static void watch_overload(SkyApp *app) {
    for (guint i = 0; i < app->cameras->len; i++) {
        SkyCamera *camera = app->cameras->pdata[i];
        const char *id = sky_camera_config(camera)->id;
        gboolean overloaded = sky_camera_is_overloaded(camera);
        if (!note_member(app->memory->overloaded, id, overloaded))
            continue;
        if (!overloaded)
            sky_log(SKY_LOG_NOTICE, "analysis", id, "this box is fast enough again");
        sky_app_say_camera(app, camera);
    }
}

/* The same of being flooded. */
static void watch_floods(SkyApp *app) {
    for (guint i = 0; i < app->cameras->len; i++) {
        const char *id = sky_camera_config(app->cameras->pdata[i])->id;
        gboolean flooded = sky_desk_joins(app->desk, id, SKY_EVENT_MOTION);
        if (!note_member(app->memory->flooded, id, flooded))
            continue;
        sky_log(flooded ? SKY_LOG_WARNING : SKY_LOG_NOTICE, "event", id, "%s",
                flooded ? "too many events: further ones are counted in the newest alert" : "raises alerts of its own again");
        sky_app_say_camera(app, app->cameras->pdata[i]);
    }
}

void sky_app_status_turn(SkyApp *app, int64_t now_ns) {
    watch_floods(app);
    watch_overload(app);
    app->memory->cameras_ok = count_ok(app);
    log_trouble(app);
    g_autofree char *essence = essence_of(app);
    gboolean minute = now_ns - app->memory->said_ns >= EVERY_NS;
    if (!minute && strcmp(essence, app->memory->essence) == 0)
        return;
    g_free(app->memory->essence);
    app->memory->essence = g_steal_pointer(&essence);
    sky_app_say_status(app, NULL);
    if (!minute)
        return;
    for (guint i = 0; i < app->cameras->len; i++)
        sky_app_say_camera(app, app->cameras->pdata[i]);
    sky_app_say_metrics(app);
}
