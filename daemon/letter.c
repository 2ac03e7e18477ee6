/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/letter.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/names.h"
#include "message/message.h"
#include "message/topic.h"

SkyAlert sky_letter_alert(const SkyCameraConfig *camera, const SkyIncident *incident) {
    const SkyEvent *event = &incident->event;
    SkyAlert alert = {.kind = event->kind,
                      .severity = camera->severity,
                      .begin_utc_ns = incident->begin_utc_ns,
                      .end_utc_ns = sky_incident_end_utc_ns(incident),
                      .clock_synced = incident->clock_synced,
                      .interrupted = event->interrupted,
                      .box = event->best_box.w > 0 ? event->best_box : event->box,
                      .from = event->from,
                      .to = event->to,
                      .path_seconds = (double)(event->time_ns - event->begin_ns) / 1e9,
                      .score = event->score};
    if (event->end_ns != SKY_TIME_NONE)
        alert.path_seconds = (double)(event->end_ns - event->begin_ns) / 1e9;
    if (event->kind == SKY_EVENT_OFFLINE || event->kind == SKY_EVENT_TAMPER) /* nobody walked anywhere */
        alert.path_seconds = 0;
    g_strlcpy(alert.event_id, incident->event_id, sizeof alert.event_id);
    g_strlcpy(alert.camera, camera->id, sizeof alert.camera);
    g_strlcpy(alert.zone, event->zone, sizeof alert.zone);
    return alert;
}

static gboolean hears(const SkyAudienceConfig *audience, const SkyAlert *alert) {
    if (alert->test)
        return strcmp(alert->test_audience, audience->id) == 0;
    return (audience->kinds >> alert->kind) & 1;
}

static SkyMessageRecord *record_of(SkyMessageClass message_class, const char *audience, const char *alert, char *topic,
                                   const void *payload, gsize bytes) {
    SkyMessageRecord *record = sky_message_record_new(message_class, audience, topic, payload, bytes);
    g_strlcpy(record->alert, alert, sizeof record->alert);
    record->created_utc_ns = sky_clock_utc_ns();
    g_free(topic);
    return record;
}

static uint64_t take_seq(SkyLetterHead *head, const char *audience) {
    uint64_t *next = g_hash_table_lookup(head->next_seq, audience);
    if (!next) {
        next = g_new(uint64_t, 1);
        *next = 1;
        g_hash_table_insert(head->next_seq, g_strdup(audience), next);
    }
    return (*next)++;
}

static void revision_for(const SkyConfig *config, const SkyAudienceConfig *audience, const SkyAlert *alert, SkyLetterHead *head,
                         GPtrArray *messages) {
    SkyMessageContext names = sky_names_of(config, alert->camera, alert->zone);
    names.clock_synced = alert->clock_synced;
    SkyMessageView view = {.pictures = audience->pictures, .path = audience->path, .notes = audience->notes};
    uint64_t seq = take_seq(head, audience->id);
    g_autofree char *text = sky_message_alert(&names, &view, alert, head->epoch, seq, head->durable);
    gboolean open = sky_alert_is_open(alert);
    SkyMessageRecord *state =
        record_of(SKY_MESSAGE_STATE, audience->id, alert->id, sky_topic_alert(names.site, audience->id, alert->id),
                  open ? text : "", open ? strlen(text) : 0);
    state->json = open;
    SkyMessageRecord *log = record_of(SKY_MESSAGE_LOG, audience->id, alert->id, sky_topic_alert_log(names.site, audience->id), text,
                                      strlen(text));
    log->json = TRUE;
    log->seq = seq;
    g_ptr_array_add(messages, state);
    g_ptr_array_add(messages, log);
}

void sky_letter_revision(const SkyConfig *config, const SkyAlert *alert, SkyLetterHead *head, GPtrArray *messages) {
    const SkyConfigValues *values = sky_config_values(config);
    for (uint32_t i = 0; i < values->audience_count; i++)
        if (hears(&values->audiences[i], alert))
            revision_for(config, &values->audiences[i], alert, head, messages);
}

gboolean sky_letter_hears(const SkyConfig *config, const char *audience, const SkyAlert *alert) {
    const SkyAudienceConfig *known = sky_config_audience(config, audience);
    return known && hears(known, alert);
}

void sky_letter_again(const SkyConfig *config, const char *audience, const SkyAlert *alert, SkyLetterHead *head, GPtrArray *messages) {
    if (sky_letter_hears(config, audience, alert))
        revision_for(config, sky_config_audience(config, audience), alert, head, messages);
}

SkyMessageRecord *sky_letter_cleared(const char *topic, const char *audience, const char *alert) {
    return record_of(SKY_MESSAGE_STATE, audience, alert, g_strdup(topic), "", 0);
}

void sky_letter_picture(const SkyConfig *config, const SkyAlert *alert, GBytes *picture, GPtrArray *messages) {
    const SkyConfigValues *values = sky_config_values(config);
    gsize bytes;
    const void *data = g_bytes_get_data(picture, &bytes);
    for (uint32_t i = 0; i < values->audience_count; i++) {
        const SkyAudienceConfig *audience = &values->audiences[i];
        if (audience->pictures && hears(audience, alert))
            g_ptr_array_add(messages, record_of(SKY_MESSAGE_IMAGE, audience->id, alert->id,
                                                sky_topic_image(values->site.id, audience->id, alert->id), data, bytes));
    }
}

SkyAlertRecord *sky_letter_record(const SkyAlert *alert) {
    SkyAlertRecord *record = g_new0(SkyAlertRecord, 1);
    g_strlcpy(record->alert, alert->id, sizeof record->alert);
    record->rev = alert->rev;
    record->open = sky_alert_is_open(alert);
    record->updated_utc_ns = alert->updated_utc_ns;
    record->body = sky_message_alert_body(alert);
    return record;
}

/* alert: of what the event is to those who hear of alerts, its times among it. */
static SkyMessageRecord *event_record(const SkyConfig *config, const SkyAlert *alert, const SkyEvent *event) {
    SkyMessageContext names = sky_names_of(config, alert->camera, event->zone);
    names.clock_synced = alert->clock_synced;
    g_autofree char *text = sky_message_event(&names, alert->camera, alert->event_id, event, alert->begin_utc_ns, alert->end_utc_ns);
    SkyMessageRecord *record =
        record_of(SKY_MESSAGE_EVENT, "", "", sky_topic_event(names.site, alert->camera, event->kind), text, strlen(text));
    record->json = TRUE;
    return record;
}

SkyMessageRecord *sky_letter_event(const SkyConfig *config, const SkyCameraConfig *camera, const SkyIncident *incident,
                                   SkyEventPhase phase) {
    SkyAlert alert = sky_letter_alert(camera, incident);
    SkyEvent event = incident->event;
    event.phase = phase;
    return event_record(config, &alert, &event);
}

SkyMessageRecord *sky_letter_interrupted(const SkyConfig *config, const SkyAlert *alert, int64_t end_utc_ns) {
    SkyAlert ended = *alert;
    ended.end_utc_ns = end_utc_ns;
    SkyEvent event = {.kind = alert->kind,
                      .phase = SKY_EVENT_END,
                      .box = alert->box,
                      .from = alert->from,
                      .to = alert->to,
                      .score = (float)alert->score,
                      .interrupted = TRUE};
    g_strlcpy(event.zone, alert->zone, sizeof event.zone);
    return event_record(config, &ended, &event);
}
