/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "daemon/app_internal.h"
#include "decode/decoder.h"
#include "evidence/retention.h"

#define ALERTS_MAX 50
#define LATE_NS (10 * SKY_NS_PER_S) /* an acknowledgement that takes longer is worth a word */

static int64_t seconds_since(int64_t then_ns, int64_t now_ns) {
    return (now_ns - then_ns) / SKY_NS_PER_S;
}

static const char *yes_no(gboolean value) {
    return value ? "yes" : "no";
}

static void report_broker(SkyApp *app, SkyTable *table, int64_t now_ns) {
    static const char *const states[] = {"connecting", "connected", "down", "refused"};
    SkyMqttNumbers mqtt = sky_mqtt_numbers(app->mqtt);
    sky_table_add(table, "broker.state", states[mqtt.state]);
    sky_table_add(table, "broker.why", mqtt.why);
    sky_table_add(table, "broker.mqtt", mqtt.state == SKY_BROKER_CONNECTED ? (mqtt.v5 ? "5" : "3.1.1") : "");
    sky_table_add_format(table, "broker.since_s", "%" G_GINT64_FORMAT,
                         mqtt.since_ns == SKY_TIME_NONE ? 0 : seconds_since(mqtt.since_ns, now_ns));
    if (mqtt.next_try_ns != SKY_TIME_NONE)
        sky_table_add_format(table, "broker.next_try_s", "%" G_GINT64_FORMAT, MAX(-seconds_since(mqtt.next_try_ns, now_ns), 0));
}

static void report_queue(SkyApp *app, SkyTable *table, int64_t now_ns) {
    SkyStoreNumbers store = sky_store_numbers(app->store);
    SkyOutboxNumbers outbox = sky_outbox_numbers(app->outbox);
    sky_table_add_format(table, "queue.undelivered", "%" G_GUINT64_FORMAT, store.undelivered + sky_desk_waiting(app->desk));
    sky_table_add_format(table, "queue.dead", "%" G_GUINT64_FORMAT, store.dead);
    sky_table_add_format(table, "queue.evicted", "%" G_GUINT64_FORMAT, store.evicted);
    sky_table_add_format(table, "queue.in_flight", "%u", outbox.in_flight);
    if (outbox.unacknowledged_ns != SKY_TIME_NONE && now_ns - outbox.unacknowledged_ns >= LATE_NS)
        sky_table_add_format(table, "queue.unacknowledged_s", "%" G_GINT64_FORMAT, seconds_since(outbox.unacknowledged_ns, now_ns));
    sky_table_add(table, "queue.refused_audiences", outbox.refused_audiences);
    sky_table_add(table, "queue.commands_refused", yes_no(outbox.commands_refused));
    sky_table_add(table, "disk.durable", yes_no(store.durable));
    sky_table_add(table, "disk.trouble", sky_app_disk_trouble(app, &store));
    sky_table_add_format(table, "disk.reserve_bytes", "%" G_GUINT64_FORMAT, store.ballast_bytes);
    sky_table_add_format(table, "disk.reserve_given_up", "%" G_GUINT64_FORMAT, store.ballast_given_up);
    sky_table_add_format(table, "disk.set_aside", "%" G_GUINT64_FORMAT, store.set_aside);
    sky_table_add_format(table, "disk.forgotten", "%" G_GUINT64_FORMAT, store.forgotten);
    sky_table_add_format(table, "disk.database_bytes", "%" G_GUINT64_FORMAT, store.bytes);
    uint64_t bytes = 0, free_bytes = 0;
    sky_evidence_usage(app->evidence, &bytes, &free_bytes);
    sky_table_add_format(table, "disk.evidence_bytes", "%" G_GUINT64_FORMAT, bytes);
    if (free_bytes != SKY_RETENTION_FREE_UNKNOWN)
        sky_table_add_format(table, "disk.free_bytes", "%" G_GUINT64_FORMAT, free_bytes);
}

/* ---- alerts, newest first ---- */

static void collect(const SkyAlert *alert, gpointer user) {
    g_ptr_array_insert(user, 0, (gpointer)alert); /* borrowed: the book does not change meanwhile */
}

static void report_alerts(SkyApp *app, SkyTable *table) {
    g_autoptr(GPtrArray) alerts = g_ptr_array_new();
    sky_desk_each_open(app->desk, collect, alerts);
    g_autoptr(GString) ids = g_string_new(NULL);
    for (guint i = 0; i < MIN(alerts->len, ALERTS_MAX); i++) {
        const SkyAlert *alert = alerts->pdata[i];
        char begin[SKY_UTC_TEXT_BYTES];
        sky_clock_utc_text(alert->begin_utc_ns, begin);
        g_string_append_printf(ids, "%s%s", i ? "," : "", alert->id);
        sky_table_add_of(table, "alert", alert->id, "kind", "%s", sky_event_kind_name(alert->kind));
        sky_table_add_of(table, "alert", alert->id, "state", "%s", sky_alert_state_name(alert->state));
        sky_table_add_of(table, "alert", alert->id, "camera", "%s", alert->camera);
        sky_table_add_of(table, "alert", alert->id, "begin", "%s", begin);
    }
    sky_table_add(table, "alerts", ids->str);
    sky_table_add_format(table, "alerts.open", "%u", alerts->len);
}

/* ---- cameras ---- */

/* Nothing before the first packet: only then is a device tried. */
static void report_decoder(SkyTable *table, const SkyCameraConfig *camera, const SkyLaneNumbers *lane) {
    SkyDecoderKind used = lane->analysis.decoder;
    gboolean other = camera->decoder != SKY_DECODER_AUTO && camera->decoder != used;
    if (lane->frames.pictures > 0)
        sky_table_add_of(table, "camera", camera->id, "decoder", "%s", "pipeline");
    else if (lane->analysis.packets > 0)
        sky_table_add_of(table, "camera", camera->id, "decoder", "%s%s%s", sky_decoder_kind_name(used), other ? " in place of " : "",
                         other ? sky_decoder_kind_name(camera->decoder) : "");
}

static void report_onvif(SkyTable *table, const SkyCameraConfig *camera, const SkyOnvifCounts *counts) {
    if (camera->vendor != SKY_VENDOR_ONVIF)
        return;
    sky_table_add_of(table, "camera", camera->id, "onvif_refused", "%" G_GUINT64_FORMAT, counts->refused);
    sky_table_add_of(table, "camera", camera->id, "onvif_unanswered", "%" G_GUINT64_FORMAT, counts->unanswered);
    sky_table_add_of(table, "camera", camera->id, "onvif_unreadable", "%" G_GUINT64_FORMAT, counts->unreadable);
    sky_table_add_of(table, "camera", camera->id, "onvif_unusable", "%" G_GUINT64_FORMAT, counts->unusable);
}

/* Whoever sits between can be the camera then. */
static void report_trust(SkyTable *table, const SkyCameraConfig *camera) {
    gboolean shown = sky_camera_url_has_certificate(camera->main_url) ||
                     (camera->sub_url && sky_camera_url_has_certificate(camera->sub_url));
    if (shown)
        sky_table_add_of(table, "camera", camera->id, "certificate", "%s", camera->ca_file ? "checked by ca_file" : "not verified: no ca_file");
}

/* Causes that there were, each by its name, and where most of the most frequent one was. */
static void report_suppressed(SkyTable *table, const char *id, const SkySuppressed *suppressed) {
    uint64_t all = 0;
    for (unsigned i = 0; i < SKY_SUPPRESSED_CAUSES; i++) {
        uint64_t count = sky_suppressed_count(suppressed, (SkySuppression)i);
        g_autofree char *name = g_strconcat("suppressed.", sky_suppression_name((SkySuppression)i), NULL);
        all += count;
        if (count > 0)
            sky_table_add_of(table, "camera", id, name, "%" G_GUINT64_FORMAT, count);
    }
    char most[SKY_SUPPRESSED_MOST_BYTES];
    sky_suppressed_most(suppressed, most);
    sky_table_add_of(table, "camera", id, "suppressed", "%" G_GUINT64_FORMAT, all);
    sky_table_add_of(table, "camera", id, "suppressed_most", "%s", most);
}

static void report_camera(SkyApp *app, SkyTable *table, SkyCamera *camera, int64_t now_ns) {
    const SkyCameraConfig *values = sky_camera_config(camera);
    const char *id = values->id;
    g_auto(SkyCameraStatus) status;
    sky_camera_read(camera, &status);
    SkyStreamInfo *info = status.stream.info;
    sky_table_add_of(table, "camera", id, "name", "%s", values->name);
    sky_table_add_of(table, "camera", id, "state", "%s", sky_camera_health_name(status.verdict.health));
    sky_table_add_of(table, "camera", id, "why", "%s", status.verdict.why);
    sky_table_add_of(table, "camera", id, "since_s", "%" G_GINT64_FORMAT, seconds_since(status.since_ns, now_ns));
    sky_table_add_of(table, "camera", id, "fps", "%.1f", status.stream.frame_rate);
    sky_table_add_of(table, "camera", id, "analysis_fps", "%.1f", status.analysis_rate);
    if (info) {
        sky_table_add_of(table, "camera", id, "codec", "%s", sky_codec_name(sky_stream_info_codec(info)));
        sky_table_add_of(table, "camera", id, "size", "%ux%u", sky_stream_info_width_px(info), sky_stream_info_height_px(info));
    }
    if (status.stream.transport)
        sky_table_add_of(table, "camera", id, "transport", "%s", status.stream.transport);
    sky_table_add_of(table, "camera", id, "plain_keys", "%s", yes_no(status.plain_keys));
    if (status.stream.last_packet_ns != SKY_TIME_NONE)
        sky_table_add_of(table, "camera", id, "last_packet_s", "%" G_GINT64_FORMAT,
                         seconds_since(status.stream.last_packet_ns, now_ns));
    if (status.verdict.next_try_ns != SKY_TIME_NONE)
        sky_table_add_of(table, "camera", id, "next_try_s", "%" G_GINT64_FORMAT,
                         MAX(-seconds_since(status.verdict.next_try_ns, now_ns), 0));
    if (sky_desk_joins(app->desk, id, SKY_EVENT_MOTION))
        sky_table_add_of(table, "camera", id, "flooded", "%s", "too many events: further ones are counted in its newest alert");
    if (status.lane.overloaded)
        sky_table_add_of(table, "camera", id, "overloaded", "%s", "this box is too slow: fewer pictures are looked at");
    int64_t until_utc_ns = sky_arming_until(app->arming, id);
    if (until_utc_ns != SKY_TIME_NONE) {
        char until[SKY_UTC_TEXT_BYTES];
        sky_clock_utc_text(until_utc_ns, until);
        sky_table_add_of(table, "camera", id, "disarmed_until", "%s", until);
    }
    report_trust(table, values);
    report_decoder(table, values, &status.lane);
    sky_table_add_of(table, "camera", id, "reconnects", "%" G_GUINT64_FORMAT, status.reconnects);
    report_onvif(table, values, &status.onvif);
    sky_table_add_of(table, "camera", id, "dropped_packets", "%" G_GUINT64_FORMAT, status.lane.queue.dropped_packets);
    sky_table_add_of(table, "camera", id, "preroll_dropped_packets", "%" G_GUINT64_FORMAT, status.preroll.dropped_packets);
    sky_table_add_of(table, "camera", id, "analysed_pictures", "%" G_GUINT64_FORMAT, status.lane.analysis.frames);
    sky_table_add_of(table, "camera", id, "late_packets", "%" G_GUINT64_FORMAT, status.lane.late_packets);
    sky_table_add_of(table, "camera", id, "dropped_pictures", "%" G_GUINT64_FORMAT, status.lane.frames.dropped);
    sky_table_add_of(table, "camera", id, "shaken_pictures", "%" G_GUINT64_FORMAT, status.lane.analysis.shaken);
    sky_table_add_of(table, "camera", id, "rested_packets", "%" G_GUINT64_FORMAT, status.lane.analysis.rested);
    sky_table_add_of(table, "camera", id, "decode_errors", "%" G_GUINT64_FORMAT, status.lane.analysis.decode_errors);
    sky_table_add_of(table, "camera", id, "memory_bytes", "%" G_GUINT64_FORMAT, status.memory_bytes);
    sky_table_add_of(table, "camera", id, "events", "%" G_GUINT64_FORMAT, status.lane.analysis.events);
    report_suppressed(table, id, status.lane.analysis.suppressed);
    sky_table_add_of(table, "camera", id, "left_out", "%" G_GUINT64_FORMAT, status.lane.analysis.left_out);
}

void sky_app_report(SkyApp *app, SkyTable *table) {
    const SkyConfigValues *values = sky_config_values(app->config);
    int64_t now_ns = sky_clock_monotonic_ns();
    sky_table_add(table, "site", values->site.id);
    sky_table_add(table, "site_name", values->site.name);
    sky_table_add(table, "time_zone", values->site.time_zone);
    sky_table_add(table, "version", SKY_VERSION);
    sky_table_add(table, "boot_id", app->boot_id);
    sky_table_add(table, "epoch", sky_desk_epoch(app->desk));
    sky_table_add_format(table, "uptime_s", "%" G_GINT64_FORMAT, seconds_since(app->started_ns, now_ns));
    sky_table_add(table, "state", app->stopping ? "stopping" : "online");
    sky_table_add(table, "clock_synced", yes_no(sky_clock_is_synced()));
    sky_table_add(table, "clock_held", yes_no(sky_clock_is_held()));
    sky_table_add(table, "config_error", app->config_error);
    sky_table_add_format(table, "workers", "%u", sky_workers_count(app->workers));
    SkyControlNumbers control = sky_control_numbers(app->control);
    sky_table_add_format(table, "control.turned_away", "%" G_GUINT64_FORMAT, control.turned_away);
    sky_table_add_format(table, "control.no_descriptor", "%" G_GUINT64_FORMAT, control.no_descriptor);
    report_broker(app, table, now_ns);
    report_queue(app, table, now_ns);
    report_alerts(app, table);
    g_autoptr(GString) ids = g_string_new(NULL);
    for (guint i = 0; i < app->cameras->len; i++) {
        report_camera(app, table, app->cameras->pdata[i], now_ns);
        g_string_append_printf(ids, "%s%s", i ? "," : "", sky_camera_config(app->cameras->pdata[i])->id);
    }
    sky_table_add(table, "cameras", ids->str);
    sky_app_accounts_report(app, table, now_ns);
}
