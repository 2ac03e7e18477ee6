/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/app_internal.h"

/* What moves at a disarmed camera stays a fact. What goes on when it is armed again raises its alert then. */
static void raise_again(SkyApp *app, const char *id) {
    SkyCamera *camera = sky_app_camera(app, id);
    for (guint i = 0; camera && i < sky_incidents_count(app->incidents); i++) {
        SkyIncident *incident = sky_incidents_at(app->incidents, i);
        if (incident->disarmed && strcmp(incident->camera, id) == 0)
            sky_app_raise(app, camera, incident);
    }
}

static void say(SkyApp *app, const char *id) {
    SkyCamera *camera = sky_app_camera(app, id);
    if (camera)
        sky_app_say_camera(app, camera);
}

static void disarm(SkyApp *app, const char *id, int64_t until_utc_ns) {
    g_autofree char *body = sky_arming_body(until_utc_ns);
    sky_arming_disarm(app->arming, id, until_utc_ns);
    sky_desk_stand(app->desk, SKY_STANDING_DISARMED, id, body);
}

void sky_app_arming_forget(SkyApp *app, const char *id) {
    sky_arming_arm(app->arming, id);
    sky_desk_stand(app->desk, SKY_STANDING_DISARMED, id, NULL);
    sky_desk_settle(app->desk, NULL, NULL, NULL);
}

static void arm(SkyApp *app, const char *id) {
    if (sky_arming_arm(app->arming, id))
        sky_desk_stand(app->desk, SKY_STANDING_DISARMED, id, NULL);
}

SkyOutcome sky_app_arm(const SkyCommand *command, gpointer user) {
    SkyApp *app = user;
    int64_t until_utc_ns = SKY_TIME_NONE;
    gboolean all = !command->camera[0], disarms = command->verb == SKY_VERB_DISARM;
    if (!all && !sky_config_camera(app->config, command->camera))
        return (SkyOutcome){.code = "bad-value", .error = "there is no such camera"};
    if (disarms && !sky_arming_limit(command->until_utc_ns, sky_clock_utc_ns(), &until_utc_ns))
        return (SkyOutcome){.code = "bad-value", .error = "until has to lie ahead, by at most 7 days"};
    const SkyConfigValues *values = sky_config_values(app->config);
    for (uint32_t i = 0; i < values->camera_count; i++) {
        const char *id = values->cameras[i].id;
        if (!all && strcmp(id, command->camera) != 0)
            continue;
        if (disarms)
            disarm(app, id, until_utc_ns);
        else
            arm(app, id);
        say(app, id);
        sky_log(SKY_LOG_NOTICE, "command", id, "%s by %s", disarms ? "disarmed" : "armed", command->client);
    }
    return (SkyOutcome){.code = "ok"};
}

void sky_app_arming_restore(SkyApp *app, const SkyStoreStart *start) {
    for (guint i = 0; i < start->standing->len; i++) {
        const SkyStandingRecord *record = start->standing->pdata[i];
        int64_t until_utc_ns;
        if (record->kind != SKY_STANDING_DISARMED)
            continue;
        if (!sky_config_camera(app->config, record->id))
            sky_app_arming_forget(app, record->id);
        else if (sky_arming_body_parse(record->body, &until_utc_ns))
            sky_arming_disarm(app->arming, record->id, until_utc_ns);
    }
}

void sky_app_arming_turn(SkyApp *app) {
    g_autoptr(GPtrArray) armed = g_ptr_array_new_with_free_func(g_free);
    sky_arming_turn(app->arming, sky_clock_utc_ns(), armed);
    for (guint i = 0; i < armed->len; i++) {
        sky_log(SKY_LOG_NOTICE, "daemon", armed->pdata[i], "armed again, the time is up");
        sky_desk_stand(app->desk, SKY_STANDING_DISARMED, armed->pdata[i], NULL);
        say(app, armed->pdata[i]);
    }
    if (armed->len > 0)
        sky_desk_settle(app->desk, NULL, NULL, NULL);
    for (guint i = 0; i < app->cameras->len; i++) {
        const char *id = sky_camera_config(app->cameras->pdata[i])->id;
        if (sky_arming_until(app->arming, id) == SKY_TIME_NONE)
            raise_again(app, id);
    }
}
