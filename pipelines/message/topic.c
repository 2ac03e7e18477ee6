/* SPDX-License-Identifier: Apache-2.0 */
#include "message/topic.h"

#include <string.h>

/* What is no id would open a level or a wildcard to whoever chose it: a bug of the caller. */
static const char *checked(const char *id) {
    g_assert(sky_id_is_valid(id));
    return id;
}

char *sky_topic_root(const char *site) {
    return g_strconcat("skynet/v1/", checked(site), NULL);
}

char *sky_topic_status(const char *site) {
    return g_strconcat("skynet/v1/", checked(site), "/status", NULL);
}

char *sky_topic_camera_status(const char *site, const char *camera) {
    return g_strconcat("skynet/v1/", checked(site), "/camera/", checked(camera), "/status", NULL);
}

char *sky_topic_camera_motion(const char *site, const char *camera) {
    return g_strconcat("skynet/v1/", checked(site), "/camera/", checked(camera), "/motion", NULL);
}

char *sky_topic_event(const char *site, const char *camera, SkyEventKind kind) {
    return g_strconcat("skynet/v1/", checked(site), "/event/", checked(camera), "/", sky_event_kind_name(kind), NULL);
}

char *sky_topic_alert(const char *site, const char *audience, const char *alert) {
    return g_strconcat("skynet/v1/", checked(site), "/alert/", checked(audience), "/", checked(alert), NULL);
}

char *sky_topic_alert_log(const char *site, const char *audience) {
    return g_strconcat("skynet/v1/", checked(site), "/alert-log/", checked(audience), NULL);
}

char *sky_topic_image(const char *site, const char *audience, const char *alert) {
    return g_strconcat("skynet/v1/", checked(site), "/image/", checked(audience), "/", checked(alert), NULL);
}

char *sky_topic_reply(const char *site, const char *audience, const char *client) {
    return g_strconcat("skynet/v1/", checked(site), "/reply/", checked(audience), "/", checked(client), NULL);
}

char *sky_topic_replay(const char *site, const char *audience, const char *client) {
    return g_strconcat("skynet/v1/", checked(site), "/replay/", checked(audience), "/", checked(client), NULL);
}

char *sky_topic_command_filter(const char *site) {
    return g_strconcat("skynet/v1/", checked(site), "/cmd/+/+/+", NULL);
}

char *sky_topic_metrics(const char *site) {
    return g_strconcat("skynet/v1/", checked(site), "/metrics", NULL);
}

char **sky_topic_retained_filters(const char *site) {
    static const char *const filters[] = {"/camera/+/status", "/camera/+/motion", "/alert/+/+"};
    char **full = g_new0(char *, G_N_ELEMENTS(filters) + 1);
    for (guint i = 0; i < G_N_ELEMENTS(filters); i++)
        full[i] = g_strconcat("skynet/v1/", checked(site), filters[i], NULL);
    return full;
}

gboolean sky_topic_retained_parse(const char *site, const char *topic, char ret_audience[SKY_ID_BYTES], char ret_id[SKY_ID_BYTES]) {
    g_autofree char *root = g_strconcat("skynet/v1/", checked(site), "/", NULL);
    g_auto(GStrv) levels = g_strsplit(g_str_has_prefix(topic, root) ? topic + strlen(root) : "", "/", 4);
    if (g_strv_length(levels) != 3 || !sky_id_is_valid(levels[1]) || !sky_id_is_valid(levels[2]))
        return FALSE;
    gboolean alert = strcmp(levels[0], "alert") == 0;
    if (!alert && (strcmp(levels[0], "camera") != 0 || (strcmp(levels[2], "status") != 0 && strcmp(levels[2], "motion") != 0)))
        return FALSE;
    g_strlcpy(ret_audience, alert ? levels[1] : "", SKY_ID_BYTES);
    g_strlcpy(ret_id, alert ? levels[2] : levels[1], SKY_ID_BYTES);
    return TRUE;
}

char *sky_topic_command_probe(const char *site) {
    return g_strconcat("skynet/v1/", checked(site), "/cmd/probe/probe/probe", NULL);
}

char *sky_topic_probe(const char *site, const char *audience) {
    return sky_topic_alert(site, audience, "probe");
}
