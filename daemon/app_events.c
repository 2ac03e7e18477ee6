/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/app_internal.h"
#include "message/topic.h"

#define WANTED_MAX 64 /* pictures asked for and not yet read */

/* ---- events ---- */

static void take_picture(SkyApp *app, SkyCamera *camera, SkyIncident *incident) {
    int64_t oldest_ns = sky_preroll_numbers(sky_camera_preroll(camera)).oldest_ns;
    if (!sky_incident_wants_picture(incident, oldest_ns))
        return;
    const SkyCameraConfig *values = sky_camera_config(camera);
    SkySnapshotRequest request = {.camera = values->id,
                                  .alert = incident->alert_id,
                                  .preroll = sky_camera_preroll(camera),
                                  .at_ns = incident->event.best_ns,
                                  .privacy = values->privacy,
                                  .privacy_count = values->privacy_count};
    if (sky_evidence_snapshot(app->evidence, &request))
        sky_incident_took_picture(incident);
}

static void begin(SkyApp *app, SkyCamera *camera, const SkyEvent *event) {
    const SkyCameraConfig *values = sky_camera_config(camera);
    SkyIncident *incident = sky_incidents_open(app->incidents, values->id, event, sky_clock_utc_ns());
    if (event->kind != SKY_EVENT_OFFLINE)
        incident->clip = sky_evidence_clip_begin(app->evidence, &(SkyClipRequest){.camera = values->id,
                                                                                  .alert = incident->alert_id,
                                                                                  .preroll = sky_camera_preroll(camera),
                                                                                  .begin_ns = event->begin_ns});
    sky_log(SKY_LOG_NOTICE, "event", values->id, "%s%s%s begins, alert %s", sky_event_kind_name(event->kind),
            event->zone[0] ? " in " : "", event->zone, incident->alert_id);
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
    sky_log(SKY_LOG_NOTICE, "event", values->id, "%s ends after %.1f s%s, alert %s", sky_event_kind_name(event->kind),
            (double)(event->end_ns - event->begin_ns) / 1e9, event->interrupted ? ", interrupted" : "", incident->alert_id);
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

static void take_clip(SkyApp *app, const SkyEvidenceResult *result) {
    SkyAlertClip clip = {.seconds = result->seconds};
    g_strlcpy(clip.id, result->alert, sizeof clip.id);
    g_strlcpy(clip.sha256, result->sha256, sizeof clip.sha256);
    sky_desk_evidence(app->desk, result->alert, NULL, result->ok ? &clip : NULL, !result->ok, NULL);
}

static void take_snapshot(SkyApp *app, const SkyNotice *notice) {
    SkyAlertImage image = {.bytes = notice->result.bytes};
    g_strlcpy(image.sha256, notice->result.sha256, sizeof image.sha256);
    sky_desk_evidence(app->desk, notice->result.alert, &image, NULL, FALSE, notice->picture);
}

/* ---- pictures on request ---- */

gboolean sky_app_send_picture(const char *audience, const char *alert, gpointer user) {
    SkyApp *app = user;
    const SkyAlert *found = sky_desk_find(app->desk, alert);
    if (!found || found->image.bytes == 0 || g_hash_table_size(app->pictures_wanted) >= WANTED_MAX ||
        !sky_evidence_picture_recall(app->evidence, found->camera, alert))
        return FALSE;
    g_hash_table_add(app->pictures_wanted, sky_topic_image(app->site, audience, alert));
    return TRUE;
}

static void send_recalled(SkyApp *app, const SkyNotice *notice) {
    g_autofree char *ending = g_strconcat("/", notice->result.alert, NULL);
    GHashTableIter iter;
    gpointer topic;
    g_hash_table_iter_init(&iter, app->pictures_wanted);
    while (g_hash_table_iter_next(&iter, &topic, NULL)) {
        if (!g_str_has_suffix(topic, ending))
            continue;
        if (notice->picture)
            sky_outbox_send(app->outbox, topic, g_bytes_get_data(notice->picture, NULL), g_bytes_get_size(notice->picture), 1);
        g_hash_table_iter_remove(&iter);
    }
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
        if (result->repaired)
            send_recalled(app, notice);
        else if (result->ok)
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
