/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/app_internal.h"

/* ---- events ---- */

static void take_picture(SkyApp *app, SkyCamera *camera, SkyIncident *incident) {
    SkyPreroll *preroll = sky_camera_preroll(camera, incident->event.best_ns);
    int64_t oldest_ns = sky_preroll_numbers(preroll).oldest_ns;
    if (incident->disarmed || incident->joined || !sky_incident_wants_picture(incident, oldest_ns, sky_clock_monotonic_ns()))
        return;
    const SkyCameraConfig *values = sky_camera_config(camera);
    SkySnapshotRequest request = {.camera = values->id,
                                  .alert = incident->alert_id,
                                  .preroll = preroll,
                                  .at_ns = incident->event.best_ns,
                                  .privacy = values->privacy,
                                  .privacy_count = values->privacy_count};
    if (sky_evidence_snapshot(app->evidence, &request))
        sky_incident_took_picture(incident);
}

void sky_app_first_pictures_turn(SkyApp *app) {
    for (guint i = 0; i < sky_incidents_count(app->incidents); i++) {
        SkyIncident *incident = sky_incidents_at(app->incidents, i);
        SkyCamera *camera = sky_app_camera(app, incident->camera);
        if (camera && incident->picture_value <= 0)
            take_picture(app, camera, incident);
    }
}

/* An outage is never what somebody meant to silence. */
static gboolean is_disarmed(const SkyApp *app, const char *camera, const SkyEvent *event) {
    return event->kind != SKY_EVENT_OFFLINE && event->kind != SKY_EVENT_TAMPER &&
           sky_arming_until(app->arming, camera) != SKY_TIME_NONE;
}

static void begin_clip(SkyApp *app, SkyCamera *camera, SkyIncident *incident, int64_t begin_ns) {
    if (incident->event.kind == SKY_EVENT_OFFLINE)
        return;
    SkyPreroll *preroll = sky_camera_preroll(camera, begin_ns);
    SkyPreroll *spare = sky_camera_spare_preroll(camera, preroll);
    if (sky_camera_is_of_sub(camera, preroll))
        sky_log(SKY_LOG_NOTICE, "evidence", incident->camera, "alert %s: the main stream shows nothing of it: its clip is of the sub stream",
                incident->alert_id);
    incident->clip = sky_evidence_clip_begin(app->evidence, &(SkyClipRequest){.camera = incident->camera,
                                                                              .alert = incident->alert_id,
                                                                              .preroll = preroll,
                                                                              .spare = spare,
                                                                              .begin_ns = begin_ns});
}

void sky_app_raise(SkyApp *app, SkyCamera *camera, SkyIncident *incident) {
    incident->disarmed = FALSE;
    incident->joined = sky_desk_joins(app->desk, incident->camera, incident->event.kind);
    app->events_joined += incident->joined;
    if (!incident->joined)
        begin_clip(app, camera, incident, incident->event.time_ns);
    sky_desk_raise(app->desk, sky_camera_config(camera), incident, !incident->clip);
    take_picture(app, camera, incident);
}

SkyCamera *sky_app_camera(SkyApp *app, const char *id) {
    for (guint i = 0; i < app->cameras->len; i++)
        if (strcmp(sky_camera_config(app->cameras->pdata[i])->id, id) == 0)
            return app->cameras->pdata[i];
    return NULL;
}

static void begin(SkyApp *app, SkyCamera *camera, const SkyEvent *event) {
    const SkyCameraConfig *values = sky_camera_config(camera);
    SkyIncident *incident = sky_incidents_open(app->incidents, values->id, event, sky_clock_utc_of(event->begin_ns),
                                               sky_clock_is_synced());
    incident->disarmed = is_disarmed(app, values->id, event);
    incident->joined = !incident->disarmed && sky_desk_joins(app->desk, values->id, event->kind);
    app->events_joined += incident->joined;
    if (!incident->disarmed && !incident->joined)
        begin_clip(app, camera, incident, event->begin_ns);
    sky_log(SKY_LOG_NOTICE, "event", values->id, "%s%s%s begins, %s%s", sky_event_kind_name(event->kind),
            event->zone[0] ? " in " : "", event->zone, incident->disarmed ? "disarmed" : incident->joined ? "one of many" : "alert ",
            incident->disarmed || incident->joined ? "" : incident->alert_id);
    sky_desk_begin(app->desk, values, incident, !incident->clip);
    take_picture(app, camera, incident);
}

static void recovered(SkyApp *app, const SkyCameraConfig *values, const SkyEvent *event) {
    SkyEvent fact = {.kind = SKY_EVENT_RECOVERED,
                     .begin_ns = event->time_ns,
                     .detected_ns = event->time_ns,
                     .time_ns = event->time_ns,
                     .score = 1};
    sky_desk_fact(app->desk, values, &fact);
}

static void end(SkyApp *app, SkyCamera *camera, SkyIncident *incident) {
    const SkyCameraConfig *values = sky_camera_config(camera);
    const SkyEvent *event = &incident->event;
    take_picture(app, camera, incident);
    gboolean raised = !incident->disarmed && !incident->joined;
    sky_log(SKY_LOG_NOTICE, "event", values->id, "%s ends after %.1f s%s%s%s", sky_event_kind_name(event->kind),
            (double)(event->end_ns - event->begin_ns) / 1e9, event->interrupted ? ", interrupted" : "", raised ? ", alert " : "",
            raised ? incident->alert_id : "");
    sky_desk_end(app->desk, values, incident);
    if (incident->clip)
        sky_evidence_clip_end(app->evidence, incident->alert_id, event->end_ns);
    if (event->kind == SKY_EVENT_OFFLINE && !event->interrupted)
        recovered(app, values, event);
    sky_incidents_close(app->incidents, incident);
}

void sky_app_on_event(SkyCamera *camera, const SkyEvent *event, gpointer user) {
    SkyApp *app = user;
    if (event->phase == SKY_EVENT_BEGIN) {
        begin(app, camera, event);
        sky_app_say_motion(app, camera);
        return;
    }
    SkyIncident *incident = sky_incidents_find(app->incidents, sky_camera_config(camera)->id, event->number);
    if (!incident)
        return;
    incident->event = *event;
    if (event->phase == SKY_EVENT_UPDATE) {
        take_picture(app, camera, incident);
        return;
    }
    end(app, camera, incident);
    sky_app_say_motion(app, camera);
}

/* ---- what the evidence worker says ---- */

void sky_app_on_evidence(const SkyEvidenceResult *result, gpointer user) {
    SkyNotice *notice = g_new0(SkyNotice, 1);
    notice->kind = SKY_NOTICE_EVIDENCE;
    notice->result = *result;
    char *bytes = NULL;
    gsize size = 0;
    /* Here, on the worker: the main thread never waits for a disk. */
    if (result->kind == SKY_EVIDENCE_SNAPSHOT && result->ok && g_file_get_contents(result->path, &bytes, &size, NULL))
        notice->picture = g_bytes_new_take(bytes, size);
    sky_app_notify(user, notice);
}

static void log_clip(const SkyEvidenceResult *result) {
    if (!result->ok)
        return;
    const char *stream = !result->spared ? "" : result->parts > 1 ? "; the main stream fell silent, the rest is of the sub stream"
                                                                  : "; the main stream fell silent, it is of the sub stream";
    gboolean plain = !result->truncated && !result->spared && result->gaps == 0;
    sky_log(plain ? SKY_LOG_INFO : SKY_LOG_NOTICE, "evidence", result->camera, "alert %s: clip of %.1f s in %u files, %u gaps%s%s", result->alert,
            result->seconds, result->parts, result->gaps, result->truncated ? ", cut short" : "", stream);
}

static void take_clip(SkyApp *app, const SkyEvidenceResult *result) {
    log_clip(result);
    SkyAlertClip clip = {.seconds = result->seconds};
    g_strlcpy(clip.id, result->alert, sizeof clip.id);
    g_strlcpy(clip.sha256, result->sha256, sizeof clip.sha256);
    for (guint i = 0; i < SKY_CLIP_FURTHER_MAX; i++)
        g_strlcpy(clip.further[i], result->further_sha256[i], sizeof clip.further[i]);
    sky_desk_evidence(app->desk, result->alert, NULL, result->ok ? &clip : NULL, !result->ok, NULL);
}

static void take_snapshot(SkyApp *app, const SkyNotice *notice) {
    SkyAlertImage image = {.bytes = notice->result.bytes};
    g_strlcpy(image.sha256, notice->result.sha256, sizeof image.sha256);
    sky_desk_evidence(app->desk, notice->result.alert, &image, NULL, FALSE, notice->picture);
}

/* ---- evidence ---- */

void sky_app_take_evidence(SkyApp *app, const SkyNotice *notice) {
    const SkyEvidenceResult *result = &notice->result;
    if (!result->ok)
        sky_log(SKY_LOG_WARNING, "evidence", result->camera, "alert %s: no %s: %s", result->alert,
                result->kind == SKY_EVIDENCE_SNAPSHOT ? "picture" : "clip", result->error);
    switch (result->kind) {
    case SKY_EVIDENCE_CLIP:
        take_clip(app, result);
        return;
    case SKY_EVIDENCE_SNAPSHOT:
        if (!sky_app_deliver_picture(app, notice) && result->ok && !result->repaired)
            take_snapshot(app, notice);
        return;
    case SKY_EVIDENCE_REMOVED:
        sky_log(SKY_LOG_WARNING, "evidence", result->camera, "the clip of the open alert %s had to go: no room", result->alert);
        sky_desk_evidence(app->desk, result->alert, NULL, NULL, TRUE, NULL);
        return;
    }
}

/* An alert that the last run's end left without a clip: is there one on the disk? */
static void want_clip(const SkyAlert *alert, gpointer user) {
    if (!alert->clip.id[0] && !alert->evidence_missing && alert->camera[0])
        g_ptr_array_add(user, g_memdup2(alert, sizeof *alert));
}

void sky_app_recall_clips(SkyApp *app) {
    sky_desk_each_open(app->desk, want_clip, app->clips_wanted);
}

/* As many at a time as the evidence worker takes. */
void sky_app_recall_turn(SkyApp *app) {
    while (app->clips_wanted->len > 0) {
        const SkyAlert *alert = app->clips_wanted->pdata[0];
        if (!sky_evidence_clip_recall(app->evidence, alert->camera, alert->id))
            return;
        g_ptr_array_remove_index(app->clips_wanted, 0);
    }
}
