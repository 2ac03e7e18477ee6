/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "daemon/app_internal.h"
#include "daemon/names.h"
#include "message/message.h"
#include "message/topic.h"

#define METRICS_MAX 48

typedef struct {
    uint32_t count;
    const char *names[METRICS_MAX];
    double values[METRICS_MAX];
} Metrics;

static void add(Metrics *metrics, const char *name, double value) {
    g_assert(metrics->count < METRICS_MAX);
    metrics->names[metrics->count] = name;
    metrics->values[metrics->count++] = value;
}

static double suppressed_by(const SkyCameraStatus *status) {
    uint64_t all = 0;
    for (unsigned i = 0; i < SKY_SUPPRESSED_CAUSES; i++)
        all += sky_suppressed_count(status->lane.analysis.suppressed, (SkySuppression)i);
    return (double)all;
}

/* Each one's own are in its status; here is what all of them do together, which fits into a message however many they are. */
static void add_cameras(SkyApp *app, Metrics *metrics) {
    double packets = 0, dropped = 0, preroll_dropped = 0, errors = 0, events = 0, memory = 0, refused = 0, suppressed = 0, left_out = 0;
    SkyOnvifCounts onvif = {0};
    for (guint i = 0; i < app->cameras->len; i++) {
        g_auto(SkyCameraStatus) status;
        sky_camera_read(app->cameras->pdata[i], &status);
        packets += (double)status.stream.packets;
        dropped += (double)(status.lane.queue.dropped_packets + status.lane.late_packets);
        preroll_dropped += (double)status.preroll.dropped_packets;
        errors += (double)status.lane.analysis.decode_errors;
        events += (double)status.lane.analysis.events;
        refused += (double)status.lane.refused_events;
        suppressed += suppressed_by(&status);
        left_out += (double)status.lane.analysis.left_out;
        memory += (double)status.memory_bytes;
        sky_onvif_counts_add(&onvif, &status.onvif);
    }
    add(metrics, "cameras", app->cameras->len);
    add(metrics, "cameras_ok", sky_app_cameras_ok(app));
    add(metrics, "packets", packets);
    add(metrics, "dropped_packets", dropped);
    add(metrics, "preroll_dropped_packets", preroll_dropped);
    add(metrics, "decode_errors", errors);
    add(metrics, "events", events);
    add(metrics, "events_refused", refused);
    add(metrics, "suppressed", suppressed);
    add(metrics, "left_out", left_out);
    add(metrics, "camera_memory_bytes", memory);
    add(metrics, "onvif_refused", (double)onvif.refused);
    add(metrics, "onvif_unanswered", (double)onvif.unanswered);
    add(metrics, "onvif_unreadable", (double)onvif.unreadable);
    add(metrics, "onvif_unusable", (double)onvif.unusable);
}

static void add_messages(SkyApp *app, Metrics *metrics) {
    SkyStoreNumbers store = sky_store_numbers(app->store);
    SkyOutboxNumbers outbox = sky_outbox_numbers(app->outbox);
    SkyMqttNumbers mqtt = sky_mqtt_numbers(app->mqtt);
    add(metrics, "broker_connects", (double)mqtt.connects);
    add(metrics, "broker_failures", (double)mqtt.failures);
    add(metrics, "open_alerts", sky_desk_open_count(app->desk));
    add(metrics, "events_joined", (double)app->events_joined);
    add(metrics, "events_dropped", (double)sky_desk_facts_dropped(app->desk));
    add(metrics, "undelivered", (double)store.undelivered);
    add(metrics, "dead", (double)store.dead);
    add(metrics, "evicted", (double)store.evicted);
    add(metrics, "published", (double)outbox.published);
    add(metrics, "acknowledged", (double)outbox.acknowledged);
    add(metrics, "refused", (double)outbox.refused);
    add(metrics, "notes_dropped", (double)outbox.notes_dropped);
    add(metrics, "notices_lost", (double)atomic_load(&app->notices_lost));
    add(metrics, "store_commits", (double)store.commits);
    add(metrics, "store_failures", (double)store.failures);
    add(metrics, "store_forgotten", (double)store.forgotten);
}

static void add_evidence(SkyApp *app, Metrics *metrics) {
    const SkyEvidenceNumbers *evidence = sky_evidence_numbers(app->evidence);
    add(metrics, "clips", (double)sky_counter_get(&evidence->clips));
    add(metrics, "snapshots", (double)sky_counter_get(&evidence->snapshots));
    add(metrics, "evidence_failures", (double)sky_counter_get(&evidence->failures));
    add(metrics, "evidence_refused", (double)sky_counter_get(&evidence->refused));
}

static void add_requests(SkyApp *app, Metrics *metrics) {
    SkyCommandsNumbers commands = sky_commands_numbers(app->commands);
    SkyControlNumbers control = sky_control_numbers(app->control);
    add(metrics, "commands_done", (double)commands.done);
    add(metrics, "commands_refused", (double)commands.refused);
    add(metrics, "commands_busy", (double)commands.busy);
    add(metrics, "commands_unanswered", (double)commands.unanswered);
    add(metrics, "callers_turned_away", (double)control.turned_away);
    add(metrics, "callers_without_descriptor", (double)control.no_descriptor);
}

void sky_app_say_metrics(SkyApp *app) {
    Metrics metrics = {.count = 0};
    add(&metrics, "uptime_s", (double)(sky_clock_monotonic_ns() - app->started_ns) / 1e9);
    add_cameras(app, &metrics);
    add_messages(app, &metrics);
    add_evidence(app, &metrics);
    add_requests(app, &metrics);
    SkyMessageContext context = sky_names_of(app->config, NULL, NULL);
    g_autofree char *topic = sky_topic_metrics(context.site);
    g_autofree char *text = sky_message_metrics(&context, metrics.names, metrics.values, metrics.count, sky_clock_utc_ns());
    sky_outbox_send(app->outbox, topic, text, strlen(text), 0);
}
