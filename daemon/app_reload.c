/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/log.h"
#include "daemon/app_internal.h"
#include "message/message.h"
#include "message/topic.h"

/* ---- cameras ---- */

static void on_verdict(SkyCamera *camera, gpointer user) {
    sky_app_say_camera(user, camera);
}

static gboolean runs(GPtrArray *cameras, const char *id) {
    for (guint i = 0; i < cameras->len; i++)
        if (strcmp(sky_camera_config(cameras->pdata[i])->id, id) == 0)
            return TRUE;
    return FALSE;
}

static void start_camera(SkyApp *app, const SkyCameraConfig *values) {
    SkyBudget *budget = g_new0(SkyBudget, 1);
    sky_budget_init(budget, values->memory_bytes_max);
    g_ptr_array_add(app->budgets, budget);
    SkyCameraParams params = {.config = app->config,
                              .id = values->id,
                              .budget = budget,
                              .workers = app->workers,
                              .accounts = app->accounts,
                              .transports = app->transports,
                              .views = app->views,
                              .bell = &app->bell};
    SkyCameraSink sink = {.event = sky_app_on_event, .verdict = on_verdict, .user = app};
    SkyCamera *camera = sky_camera_new(&params, &sink);
    g_ptr_array_add(app->cameras, camera);
    sky_app_say_camera(app, camera);
    sky_app_say_motion(app, camera);
}

void sky_app_match_cameras(SkyApp *app) {
    const SkyConfigValues *values = sky_config_values(app->config);
    for (uint32_t i = 0; i < values->camera_count; i++) {
        const SkyCameraConfig *camera = &values->cameras[i];
        /* One that was changed begins when its former self has ended: its last events come first. */
        if (!runs(app->cameras, camera->id) && !runs(app->leaving, camera->id))
            start_camera(app, camera);
    }
}

static void dismiss(SkyApp *app, const char *id) {
    for (guint i = 0; i < app->cameras->len; i++) {
        SkyCamera *camera = app->cameras->pdata[i];
        if (strcmp(sky_camera_config(camera)->id, id) != 0)
            continue;
        g_ptr_array_add(app->leaving, g_ptr_array_steal_index(app->cameras, i));
        sky_camera_request_stop(camera);
        return;
    }
}

/* ---- audiences, broker ---- */

void sky_app_set_probes(SkyApp *app) {
    const SkyConfigValues *values = sky_config_values(app->config);
    g_autoptr(GPtrArray) audiences = g_ptr_array_new();
    g_autoptr(GPtrArray) topics = g_ptr_array_new_with_free_func(g_free);
    for (uint32_t i = 0; i < values->audience_count; i++) {
        g_ptr_array_add(audiences, values->audiences[i].id);
        g_ptr_array_add(topics, sky_topic_probe(values->site.id, values->audiences[i].id));
    }
    sky_outbox_set_probes(app->outbox, (const char *const *)audiences->pdata, (const char *const *)topics->pdata, audiences->len);
}

SkyMqttParams sky_app_mqtt_params(SkyApp *app, const char *will_topic, const char *will) {
    const SkyBrokerConfig *broker = &sky_config_values(app->config)->broker;
    return (SkyMqttParams){.client_id = broker->client_id,
                           .socket_path = broker->socket_path,
                           .host = broker->host,
                           .port = broker->port,
                           .tls = broker->tls,
                           .ca_file = broker->ca_file,
                           .certificate_file = broker->certificate_file,
                           .key_file = broker->key_file,
                           .verify = broker->verify,
                           .user = broker->user,
                           .password = broker->password,
                           .keep_alive_s = broker->keep_alive_s,
                           .will_topic = will_topic,
                           .will_payload = will};
}

static void reconnect(SkyApp *app) {
    g_autofree char *topic = sky_topic_status(sky_config_values(app->config)->site.id);
    g_autofree char *will = sky_app_last_will(app);
    SkyMqttParams params = sky_app_mqtt_params(app, topic, will);
    sky_mqtt_set_params(app->mqtt, &params);
}

/* ---- the reload ---- */

static void refuse(SkyApp *app, GPtrArray *errors) {
    for (guint i = 0; i < errors->len; i++) {
        const char *text = errors->pdata[i];
        sky_log(SKY_LOG_ERROR, "config", NULL, "%.*s", (int)strcspn(text, "\n"), text); /* without the source line */
    }
    sky_log(SKY_LOG_ERROR, "config", NULL, "the new configuration is wrong: the old one stays");
    g_free(app->config_error);
    app->config_error = g_strdup(errors->pdata[0]);
    char *end = strchr(app->config_error, '\n'); /* without the source line */
    if (end)
        *end = '\0';
}

/* Half a configuration would be one that nobody wrote. */
static void refuse_restart(SkyApp *app, GPtrArray *needs_restart) {
    g_autoptr(GString) keys = g_string_new(NULL);
    for (guint i = 0; i < needs_restart->len; i++)
        g_string_append_printf(keys, "%s%s", i ? ", " : "", (const char *)needs_restart->pdata[i]);
    g_free(app->config_error);
    app->config_error = g_strdup_printf("nothing was taken over: %s can change only at a restart", keys->str);
    sky_log(SKY_LOG_ERROR, "config", NULL, "%s", app->config_error);
}

static void adopt(SkyApp *app, SkyConfig *config) {
    sky_config_unref(app->config);
    app->config = sky_config_ref(config);
    sky_lock_enter(&app->name_lock);
    g_free(app->site_name);
    app->site_name = g_strdup(sky_config_values(config)->site.name);
    sky_lock_leave(&app->name_lock);
    sky_desk_set_config(app->desk, config);
    sky_commands_set_config(app->commands, config);
}

/* What the broker keeps bears the site's name. */
static void say_name(SkyApp *app) {
    sky_app_say_status(app, NULL);
    for (guint i = 0; i < app->cameras->len; i++) {
        sky_app_say_camera(app, app->cameras->pdata[i]);
        sky_app_say_motion(app, app->cameras->pdata[i]);
    }
}

void sky_app_reload(SkyApp *app) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(SkyConfig) config = sky_config_load(app->config_path, errors);
    if (!config) {
        refuse(app, errors);
        return;
    }
    g_autoptr(SkyConfigDiff) diff = sky_config_diff(app->config, config);
    if (diff->needs_restart->len > 0) {
        refuse_restart(app, diff->needs_restart);
        return;
    }
    g_free(app->config_error);
    app->config_error = g_strdup("");
    for (guint i = 0; i < diff->cameras_removed->len; i++) {
        dismiss(app, diff->cameras_removed->pdata[i]);
        sky_app_forget_camera(app, diff->cameras_removed->pdata[i]);
        sky_app_arming_forget(app, diff->cameras_removed->pdata[i]);
        sky_app_memory_forget(app, diff->cameras_removed->pdata[i]);
    }
    for (guint i = 0; i < diff->cameras_changed->len; i++)
        dismiss(app, diff->cameras_changed->pdata[i]);
    adopt(app, config);
    sky_accounts_retry(app->accounts);
    for (guint i = 0; i < app->cameras->len; i++)
        sky_camera_retry(app->cameras->pdata[i], NULL);
    sky_app_match_cameras(app);
    if (diff->audiences_changed)
        sky_app_set_probes(app);
    if (diff->site_renamed)
        say_name(app);
    if (diff->broker_changed || diff->site_renamed)
        reconnect(app); /* the last will bears the name too */
    sky_log(SKY_LOG_NOTICE, "config", NULL, "reloaded: %u cameras added, %u removed, %u changed%s%s%s", diff->cameras_added->len,
            diff->cameras_removed->len, diff->cameras_changed->len, diff->audiences_changed ? ", audiences" : "",
            diff->broker_changed ? ", broker" : "", diff->site_renamed ? ", name" : "");
}
