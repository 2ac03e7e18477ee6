/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/watch_view.h"

#include <string.h>

#include "base/id.h"
#include "daemon/ctl/json_line.h"
#include "message/json_writer.h"
#include "message/reader.h"

#define TOPIC_BYTES_MAX 1024

struct SkyWatchView {
    gboolean json;
    char *evidence;
    GHashTable *motion; /* topic -> "true" or "false" */
};

SkyWatchView *sky_watch_view_new(gboolean json, const char *evidence) {
    SkyWatchView *view = g_new0(SkyWatchView, 1);
    view->json = json;
    view->evidence = g_strdup(evidence);
    view->motion = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return view;
}

void sky_watch_view_free(SkyWatchView *view) {
    if (!view)
        return;
    g_hash_table_unref(view->motion);
    g_free(view->evidence);
    g_free(view);
}

/* Every minute and after each reconnect all states are said again; of motion only a change is news. */
static gboolean is_old_motion(SkyWatchView *view, const SkyTransportIncoming *message) {
    if (!g_str_has_suffix(message->topic, "/motion") || !strstr(message->topic, "/camera/"))
        return FALSE;
    g_autofree char *active = sky_reader_field(message->payload, message->payload_bytes, "data.active");
    const char *before = g_hash_table_lookup(view->motion, message->topic);
    gboolean old = g_strcmp0(before ? before : "false", active) == 0;
    g_hash_table_insert(view->motion, g_strdup(message->topic), g_strdup(active ? active : ""));
    return old;
}

static char *json_line(const SkyTransportIncoming *message) {
    GString *line = g_string_new(NULL);
    sky_json_open(line, NULL, '{');
    sky_json_text(line, "topic", message->topic, TOPIC_BYTES_MAX);
    sky_json_bool(line, "retained", message->retained);
    g_string_append(line, ",\"payload\":");
    sky_ctl_json_payload(line, message->payload, message->payload_bytes);
    g_string_append(line, "}\n");
    return g_string_free(line, FALSE);
}

static void add_file(GString *lines, const char *what, const char *evidence, const char *camera, const char *alert,
                     const char *ending) {
    g_autofree char *name = g_strconcat(alert, ending, NULL);
    g_autofree char *path = g_build_filename(evidence, camera, name, NULL);
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        g_string_append_printf(lines, "         %-7s %s\n", what, path);
}

/* On the box itself a person can open the files: say where they are. */
static void add_files(SkyWatchView *view, const SkyTransportIncoming *message, GString *lines) {
    g_autofree char *cause = sky_reader_field(message->payload, message->payload_bytes, "data.cause");
    g_autofree char *alert = sky_reader_field(message->payload, message->payload_bytes, "data.alert");
    g_autofree char *camera = sky_reader_field(message->payload, message->payload_bytes, "subject");
    if (!view->evidence || g_strcmp0(cause, "evidence") != 0)
        return;
    if (!alert || !sky_id_is_valid(alert) || !camera || !sky_id_is_valid(camera))
        return;
    add_file(lines, "picture", view->evidence, camera, alert, ".jpg");
    add_file(lines, "clip", view->evidence, camera, alert, ".mp4");
}

char *sky_watch_view_lines(SkyWatchView *view, const SkyTransportIncoming *message) {
    if (is_old_motion(view, message))
        return NULL;
    if (view->json)
        return json_line(message);
    g_autofree char *line = sky_reader_line(message->topic, message->payload, message->payload_bytes);
    if (!line)
        return NULL;
    GString *lines = g_string_new(line);
    g_string_append_c(lines, '\n');
    if (strstr(message->topic, "/alert-log/"))
        add_files(view, message, lines);
    return g_string_free(lines, FALSE);
}
