/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/event_line.h"

#include <string.h>

#include "message/json_writer.h"

#define CLIP_BYTES_MAX 1024

static double seconds_of(int64_t ns) {
    return (double)ns / 1e9;
}

/* Where its feet were, and when; from the event's first moment to its last. */
static void write_path(GString *line, const SkyPath *path) {
    sky_json_open(line, "path", '[');
    for (uint32_t i = 0; i < path->count; i++) {
        sky_json_open(line, NULL, '[');
        sky_json_number(line, NULL, seconds_of(path->steps[i].time_ns), 9);
        sky_json_number(line, NULL, path->steps[i].foot.x, 4);
        sky_json_number(line, NULL, path->steps[i].foot.y, 4);
        sky_json_close(line, ']');
    }
    sky_json_close(line, ']');
    sky_json_number(line, "speed", sky_path_speed(path), 4);
}

char *sky_ctl_event_line(const char *clip, const SkyEvent *event) {
    const SkyBox *box = event->best_box.w > 0 ? &event->best_box : &event->box;
    const double sides[] = {box->x, box->y, box->w, box->h};
    GString *line = g_string_new(NULL);
    sky_json_open(line, NULL, '{');
    sky_json_text(line, "clip", clip, CLIP_BYTES_MAX);
    sky_json_text(line, "kind", sky_event_kind_name(event->kind), SKY_ID_BYTES);
    sky_json_text_or_null(line, "zone", event->zone, SKY_ID_BYTES);
    sky_json_number(line, "start", seconds_of(event->begin_ns), 9);
    sky_json_number(line, "end", seconds_of(event->end_ns), 9);
    sky_json_number(line, "detected", seconds_of(event->detected_ns), 9);
    sky_json_open(line, "box", '[');
    for (guint i = 0; i < G_N_ELEMENTS(sides); i++)
        sky_json_number(line, NULL, sides[i], 4);
    sky_json_close(line, ']');
    sky_json_number(line, "score", event->score, 4);
    sky_json_uint(line, "objects", event->objects);
    sky_json_number(line, "inside", seconds_of(event->inside_ns), 4);
    write_path(line, &event->path);
    sky_json_close(line, '}');
    g_string_append_c(line, '\n');
    return g_string_free(line, FALSE);
}

char *sky_ctl_clip_name(const char *path) {
    char *name = g_path_get_basename(path);
    char *dot = strrchr(name, '.');
    if (dot && dot != name)
        *dot = '\0';
    return name;
}
