/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "message/json_tree.h"
#include "message/reader.h"
#include "message/reader_text.h"

#define PAYLOAD_BYTES_MAX (64 * 1024)
#define LINE_CHARACTERS_MAX 600
#define TOPIC_LEVELS_MAX 7 /* skynet / v1 / site / and at most four more */

/* What one line is made of. The line is cleaned as a whole at the end, so that no field can be forgotten. */
typedef struct {
    char *const *levels; /* of the topic behind the site, NULL-terminated */
    JsonObject *data;
    GString *line;
} Reading;

static const char *text(const Reading *reading, const char *name) {
    return sky_json_text_of(reading->data, name);
}

static int64_t whole(const Reading *reading, const char *name) {
    int64_t value = 0;
    sky_json_take_int(reading->data, name, G_MININT64, G_MAXINT64, &value);
    return value;
}

static double number(JsonObject *object, const char *name) {
    double value = 0;
    sky_json_take_number(object, name, &value);
    return value;
}

static gboolean yes(const Reading *reading, const char *name, gboolean missing) {
    gboolean value = missing;
    sky_json_take_bool(reading->data, name, &value);
    return value;
}

static void say(const Reading *reading, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void say(const Reading *reading, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_string_append_vprintf(reading->line, format, arguments);
    va_end(arguments);
}

static void say_if(const Reading *reading, const char *before, const char *value, const char *after) {
    if (value[0])
        say(reading, "%s%s%s", before, value, after);
}

/* "东门 (east-gate)" */
static void say_named(const Reading *reading, JsonObject *named, const char *otherwise) {
    const char *id = sky_json_text_of(named, "id"), *name = sky_json_text_of(named, "name");
    if (!id[0])
        say(reading, "%s", otherwise);
    else if (!name[0] || strcmp(id, name) == 0)
        say(reading, "%s", id);
    else
        say(reading, "%s (%s)", name, id);
}

static JsonObject *first_camera(const Reading *reading) {
    JsonNode *node = json_object_get_member(reading->data, "cameras");
    JsonArray *cameras = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
    if (!cameras || json_array_get_length(cameras) == 0)
        return NULL;
    JsonNode *camera = json_array_get_element(cameras, 0);
    return JSON_NODE_HOLDS_OBJECT(camera) ? json_node_get_object(camera) : NULL;
}

static void say_zone(const Reading *reading) {
    JsonObject *zone = sky_json_object(reading->data, "zone");
    if (zone) {
        say(reading, ", zone ");
        say_named(reading, zone, "?");
    }
}

static void read_status(const Reading *reading) {
    say(reading, "STATUS  %s: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " cameras ok, %" G_GINT64_FORMAT " alerts open",
        text(reading, "state"), whole(reading, "cameras_ok"), whole(reading, "cameras"), whole(reading, "open_alerts"));
    if (whole(reading, "cameras_disarmed") > 0)
        say(reading, ", %" G_GINT64_FORMAT " disarmed", whole(reading, "cameras_disarmed"));
    if (whole(reading, "cameras_flooded") > 0)
        say(reading, ", %" G_GINT64_FORMAT " flooded", whole(reading, "cameras_flooded"));
    if (whole(reading, "cameras_overloaded") > 0)
        say(reading, ", OVERLOADED: fewer pictures of %" G_GINT64_FORMAT " are looked at", whole(reading, "cameras_overloaded"));
    if (whole(reading, "undelivered") > 0)
        say(reading, ", %" G_GINT64_FORMAT " undelivered", whole(reading, "undelivered"));
    if (!yes(reading, "clock_synced", TRUE))
        say(reading, ", clock not synced");
    if (!yes(reading, "durable", TRUE))
        say(reading, ", NOT DURABLE");
    say_if(reading, ", trouble: ", text(reading, "trouble"), "");
    say_if(reading, ", config: ", text(reading, "config_error"), "");
}

static void read_camera_status(const Reading *reading) {
    say(reading, "CAMERA  ");
    say_named(reading, sky_json_object(reading->data, "camera"), reading->levels[1]);
    say(reading, " %s", text(reading, "state"));
    say_if(reading, ": ", text(reading, "why"), "");
    if (strcmp(text(reading, "state"), "ok") == 0) {
        say_if(reading, ", ", text(reading, "codec"), "");
        say(reading, " %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT " %.1f fps", whole(reading, "width"), whole(reading, "height"),
            number(reading->data, "frame_rate"));
    }
    if (yes(reading, "flooded", FALSE))
        say(reading, ", FLOODED: events are only counted");
    if (yes(reading, "overloaded", FALSE))
        say(reading, ", OVERLOADED: fewer pictures are looked at");
    if (!yes(reading, "armed", TRUE))
        say(reading, ", DISARMED until %s", text(reading, "armed_again"));
    if (whole(reading, "reconnects") > 0)
        say(reading, ", %" G_GINT64_FORMAT " reconnects", whole(reading, "reconnects"));
    if (whole(reading, "dropped_packets") > 0)
        say(reading, ", %" G_GINT64_FORMAT " packets dropped", whole(reading, "dropped_packets"));
}

static void read_motion(const Reading *reading) {
    say(reading, "MOTION  ");
    say_named(reading, sky_json_object(reading->data, "camera"), reading->levels[1]);
    say(reading, "%s", yes(reading, "active", FALSE) ? " moving" : " still");
    JsonNode *node = json_object_get_member(reading->data, "zones");
    JsonArray *zones = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
    for (guint i = 0; zones && i < MIN(json_array_get_length(zones), 16); i++) {
        JsonNode *zone = json_array_get_element(zones, i);
        const char *id = JSON_NODE_HOLDS_VALUE(zone) ? json_node_get_string(zone) : NULL;
        say(reading, "%s%s", i == 0 ? ", zone " : " ", id ? id : "?");
    }
}

static void read_event(const Reading *reading) {
    say(reading, "EVENT   %s ", text(reading, "kind"));
    say_named(reading, sky_json_object(reading->data, "camera"), reading->levels[1]);
    say(reading, " %s", text(reading, "phase"));
    say_zone(reading);
    if (yes(reading, "interrupted", FALSE))
        say(reading, ", interrupted");
    say(reading, ", score %.2f, id %s", number(reading->data, "score"), text(reading, "event"));
}

static void say_evidence(const Reading *reading) {
    JsonObject *clip = sky_json_object(reading->data, "clip");
    if (sky_json_object(reading->data, "image"))
        say(reading, ", picture");
    if (clip)
        say(reading, ", clip %.1f s", number(clip, "seconds"));
    else if (yes(reading, "evidence_missing", FALSE))
        say(reading, ", no clip");
}

static void say_alert(const Reading *reading, const char *label) {
    const char *cause = text(reading, "cause"), *state = text(reading, "state");
    say(reading, "%s %s  %s ", label, reading->levels[1], text(reading, "kind"));
    say_named(reading, first_camera(reading), "no camera");
    say(reading, " %s", state);
    if (strcmp(cause, "ended") == 0 || strcmp(cause, "evidence") == 0 || strcmp(cause, "comment") == 0)
        say(reading, " (%s)", cause);
    if (yes(reading, "test", FALSE))
        say(reading, ", TEST");
    say_zone(reading);
    if (whole(reading, "count") > 1)
        say(reading, ", %" G_GINT64_FORMAT " events", whole(reading, "count"));
    if (yes(reading, "interrupted", FALSE))
        say(reading, ", interrupted");
    say_evidence(reading);
    say_if(reading, ", by ", text(reading, "actor"), "");
    say_if(reading, ", for ", text(reading, "assignee"), "");
    say_if(reading, ", \"", text(reading, "note"), "\"");
    if (!yes(reading, "durable", TRUE))
        say(reading, ", NOT DURABLE");
    if (yes(reading, "replayed", FALSE))
        say(reading, ", again");
    say(reading, ", seq %" G_GINT64_FORMAT ", id %s-%" G_GINT64_FORMAT, whole(reading, "seq"), text(reading, "alert"),
        whole(reading, "rev"));
}

static void read_alert(const Reading *reading) {
    say_alert(reading, "ALERT  ");
}

static void read_log(const Reading *reading) {
    if (!json_object_has_member(reading->data, "from_seq")) {
        say_alert(reading, reading->levels[2] ? "REPLAY " : "LOG    ");
        return;
    }
    say(reading, "GAP     %s  seq %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " were not kept", reading->levels[1],
        whole(reading, "from_seq"), whole(reading, "to_seq"));
}

static void read_reply(const Reading *reading) {
    say(reading, "REPLY   %s/%s request %s ", reading->levels[1], reading->levels[2], text(reading, "request_id"));
    if (yes(reading, "ok", FALSE))
        say(reading, "ok");
    else
        say(reading, "refused, %s: %s", text(reading, "code"), text(reading, "error"));
    say_if(reading, ", alert ", text(reading, "alert"), "");
}

typedef struct {
    const char *kind, *last; /* the topic's first level behind the site, and its last where that decides */
    guint levels;
    void (*read)(const Reading *reading);
} Reader;

static const Reader readers[] = {
    {"status", NULL, 1, read_status},   {"camera", "status", 3, read_camera_status}, {"camera", "motion", 3, read_motion},
    {"event", NULL, 3, read_event},     {"alert", NULL, 3, read_alert},              {"alert-log", NULL, 2, read_log},
    {"replay", NULL, 3, read_log},      {"reply", NULL, 3, read_reply},
};

static const Reader *reader_of(char *const *levels) {
    guint count = g_strv_length((char **)levels);
    for (guint i = 0; i < G_N_ELEMENTS(readers); i++) {
        const Reader *reader = &readers[i];
        if (count == reader->levels && strcmp(levels[0], reader->kind) == 0 &&
            (!reader->last || strcmp(levels[count - 1], reader->last) == 0))
            return reader;
    }
    return NULL;
}

/* "09:12:03 " by the message's own time in the process's zone; blanks where it has none. */
static void append_clock(GString *line, JsonObject *root) {
    int64_t utc_ns;
    g_autoptr(GDateTime) time = NULL;
    if (sky_clock_utc_parse(sky_json_text_of(root, "time"), &utc_ns))
        time = g_date_time_new_from_unix_local(utc_ns / SKY_NS_PER_S);
    g_autofree char *clock = time ? g_date_time_format(time, "%H:%M:%S ") : NULL;
    g_string_append(line, clock ? clock : "         ");
}

static char *clean(GString *line) {
    char *cleaned = sky_reader_text(line->str, LINE_CHARACTERS_MAX);
    g_string_free(line, TRUE);
    return cleaned;
}

char *sky_reader_line(const char *topic, const void *payload, gsize payload_bytes) {
    g_auto(GStrv) all = g_strsplit(topic, "/", TOPIC_LEVELS_MAX + 1);
    guint count = g_strv_length(all);
    gboolean ours = count > 3 && count <= TOPIC_LEVELS_MAX && strcmp(all[0], "skynet") == 0 && strcmp(all[1], "v1") == 0;
    char *const *levels = ours ? all + 3 : NULL;
    gboolean probe = ours && strcmp(levels[0], "alert") == 0 && count == 6 && strcmp(levels[2], "probe") == 0;
    if (payload_bytes == 0 || probe || (ours && strcmp(levels[0], "metrics") == 0))
        return NULL;
    GString *line = g_string_new(NULL);
    if (ours && count == 6 && strcmp(levels[0], "image") == 0) {
        g_string_append_printf(line, "         IMAGE   %s  alert %s, %" G_GSIZE_FORMAT " bytes", levels[1], levels[2],
                               payload_bytes);
        return clean(line);
    }
    const Reader *reader = ours ? reader_of(levels) : NULL;
    g_autoptr(JsonNode) root = reader ? sky_json_parse(payload, payload_bytes, PAYLOAD_BYTES_MAX, NULL) : NULL;
    JsonObject *data = root ? sky_json_object(json_node_get_object(root), "data") : NULL;
    if (!data) {
        g_string_append_printf(line, "         ?       %s: not understood, %" G_GSIZE_FORMAT " bytes", topic, payload_bytes);
        return clean(line);
    }
    append_clock(line, json_node_get_object(root));
    Reading reading = {.levels = levels, .data = data, .line = line};
    reader->read(&reading);
    return clean(line);
}
