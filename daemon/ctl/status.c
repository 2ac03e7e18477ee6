/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/columns.h"
#include "daemon/ctl/queue_view.h"
#include "daemon/ctl/status.h"
#include "message/reader_text.h"

#define ANSWER_NS (10 * SKY_NS_PER_S)

static const char *text_of(GHashTable *answer, const char *kind, const char *id, const char *name) {
    g_autofree char *key = g_strjoin(".", kind, id, name, NULL);
    return sky_ctl_text(answer, key);
}

/* As the site's clocks on the wall show it; in UTC where this box does not know the zone. */
static char *on_the_wall(GHashTable *answer, const char *utc) {
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(sky_ctl_text(answer, "time_zone"));
    g_autoptr(GDateTime) then = g_date_time_new_from_iso8601(utc, NULL);
    if (!zone || !then)
        return g_strdup(utc);
    g_autoptr(GDateTime) there = g_date_time_to_timezone(then, zone);
    return g_date_time_format(there, "%Y-%m-%d %H:%M:%S");
}

static char *span(const char *seconds_text) {
    return sky_queue_span(g_ascii_strtoll(seconds_text, NULL, 10));
}

static char *size(const char *bytes_text) {
    return g_format_size((guint64)g_ascii_strtoull(bytes_text, NULL, 10));
}

static void print_site(GHashTable *answer) {
    g_autofree char *up = span(sky_ctl_text(answer, "uptime_s"));
    printf("site     %s (%s), skynetd %s, up %s, clock %s\n", sky_ctl_text(answer, "site_name"), sky_ctl_text(answer, "site"),
           sky_ctl_text(answer, "version"), up, strcmp(sky_ctl_text(answer, "clock_synced"), "yes") == 0 ? "synced" : "NOT synced");
    if (strcmp(sky_ctl_text(answer, "clock_held"), "yes") == 0)
        printf("clock    the system clock is before the last known time: going on from that until it is set\n");
    if (sky_ctl_text(answer, "config_error")[0])
        printf("config   the last reload was refused: %s\n", sky_ctl_text(answer, "config_error"));
}

static gboolean hears_no_commands(GHashTable *answer) {
    return strcmp(sky_ctl_text(answer, "queue.commands_refused"), "yes") == 0;
}

static void print_broker(GHashTable *answer) {
    const char *why = sky_ctl_text(answer, "broker.why"), *mqtt = sky_ctl_text(answer, "broker.mqtt");
    g_autofree char *since = span(sky_ctl_text(answer, "broker.since_s"));
    printf("broker   %s for %s%s%s%s%s", sky_ctl_text(answer, "broker.state"), since, mqtt[0] ? ", MQTT " : "", mqtt,
           why[0] ? ": " : "", why);
    if (sky_ctl_text(answer, "broker.next_try_s")[0])
        printf(", next try in %s s", sky_ctl_text(answer, "broker.next_try_s"));
    printf("\nqueue    %s undelivered, %s in flight, %s refused for good, %s lost to bounds\n",
           sky_ctl_text(answer, "queue.undelivered"), sky_ctl_text(answer, "queue.in_flight"), sky_ctl_text(answer, "queue.dead"),
           sky_ctl_text(answer, "queue.evicted"));
    if (sky_ctl_text(answer, "queue.unacknowledged_s")[0])
        printf("         THE BROKER HAS ACKNOWLEDGED NOTHING for %s s (look at its log)\n", sky_ctl_text(answer, "queue.unacknowledged_s"));
    if (sky_ctl_text(answer, "queue.refused_audiences")[0])
        printf("         THE BROKER LETS NOTHING THROUGH TO: %s (look at its access list)\n",
               sky_ctl_text(answer, "queue.refused_audiences"));
    if (hears_no_commands(answer))
        printf("         THE BROKER GIVES US NO COMMANDS: nobody can acknowledge over it (look at its access list)\n");
    g_autofree char *database = size(sky_ctl_text(answer, "disk.database_bytes"));
    g_autofree char *evidence = size(sky_ctl_text(answer, "disk.evidence_bytes"));
    g_autofree char *left = size(sky_ctl_text(answer, "disk.free_bytes"));
    printf("disk     %s, database %s, evidence %s, %s free\n",
           strcmp(sky_ctl_text(answer, "disk.durable"), "yes") == 0 ? "durable" : "NOT DURABLE, kept in memory", database, evidence,
           sky_ctl_text(answer, "disk.free_bytes")[0] ? left : "nobody knows how much");
    if (sky_ctl_text(answer, "disk.trouble")[0])
        printf("         %s\n", sky_ctl_text(answer, "disk.trouble"));
}

static char *stream_of(GHashTable *answer, const char *id) {
    if (!text_of(answer, "camera", id, "codec")[0])
        return g_strdup("-");
    const char *rate = text_of(answer, "camera", id, "fps");
    gboolean counted = strcmp(rate, "0.0") != 0; /* not in its first seconds */
    return g_strdup_printf("%s %s%s%s%s", text_of(answer, "camera", id, "codec"), text_of(answer, "camera", id, "size"),
                           counted ? " " : "", counted ? rate : "", counted ? " fps" : "");
}

static void add_row(SkyColumns *table, const char *const *cells) {
    for (guint i = 0; i < table->columns; i++)
        sky_columns_add(table, cells[i]);
}

static void add_words(GString *note, const char *front, const char *words, const char *back) {
    if (words[0])
        g_string_append_printf(note, "%s%s%s%s", note->len > 0 ? ", " : "", front, words, back);
}

char *sky_status_camera_note(GHashTable *answer, const char *id) {
    GString *note = g_string_new(NULL);
    g_autofree char *until = on_the_wall(answer, text_of(answer, "camera", id, "disarmed_until"));
    add_words(note, "", text_of(answer, "camera", id, "why"), "");
    add_words(note, "next try in ", text_of(answer, "camera", id, "next_try_s"), " s");
    add_words(note, "DISARMED until ", until, "");
    add_words(note, "", text_of(answer, "camera", id, "flooded"), "");
    add_words(note, "", text_of(answer, "camera", id, "overloaded"), "");
    if (strcmp(text_of(answer, "camera", id, "plain_keys"), "yes") == 0)
        add_words(note, "", "it says of no picture that decoding can begin there: set its I-frame interval, and its intra refresh off", "");
    return g_string_free(note, FALSE);
}

/* How much, and of that the most. */
static char *suppressed_of(GHashTable *answer, const char *id) {
    const char *most = text_of(answer, "camera", id, "suppressed_most");
    return g_strconcat(text_of(answer, "camera", id, "suppressed"), most[0] ? ", most: " : "", most, NULL);
}

static void print_cameras(GHashTable *answer) {
    g_auto(GStrv) ids = g_strsplit(sky_ctl_text(answer, "cameras"), ",", -1);
    g_auto(SkyColumns) table;
    sky_columns_init(&table, 8);
    add_row(&table, (const char *const[]){"CAMERA", "NAME", "STATE", "SINCE", "STREAM", "EVENTS", "SUPPRESSED", ""});
    for (char **id = ids; *id && **id; id++) {
        g_autofree char *since = span(text_of(answer, "camera", *id, "since_s"));
        g_autofree char *stream = stream_of(answer, *id);
        g_autofree char *note = sky_status_camera_note(answer, *id);
        g_autofree char *suppressed = suppressed_of(answer, *id);
        add_row(&table, (const char *const[]){*id, text_of(answer, "camera", *id, "name"), text_of(answer, "camera", *id, "state"),
                                              since, stream, text_of(answer, "camera", *id, "events"), suppressed, note});
    }
    g_autofree char *text = sky_columns_text(&table, "  ");
    fputs(ids[0] && *ids[0] ? text : "  no cameras\n", stdout);
}

static void print_alerts(GHashTable *answer) {
    g_auto(GStrv) ids = g_strsplit(sky_ctl_text(answer, "alerts"), ",", -1);
    g_auto(SkyColumns) table;
    sky_columns_init(&table, 5);
    add_row(&table, (const char *const[]){"ALERT", "KIND", "CAMERA", "STATE", "BEGIN"});
    for (char **id = ids; *id && **id; id++) {
        g_autofree char *begin = on_the_wall(answer, text_of(answer, "alert", *id, "begin"));
        add_row(&table, (const char *const[]){*id, text_of(answer, "alert", *id, "kind"), text_of(answer, "alert", *id, "camera"),
                                              text_of(answer, "alert", *id, "state"), begin});
    }
    guint shown = g_strv_length(ids);
    g_autofree char *text = sky_columns_text(&table, "  ");
    printf("alerts   %s open%s\n%s", sky_ctl_text(answer, "alerts.open"),
           g_ascii_strtoull(sky_ctl_text(answer, "alerts.open"), NULL, 10) > shown ? ", the newest of them:" : "",
           shown > 0 ? text : "");
}

/* What cameras and brokers said stands in it: nothing may move the cursor. */
static GHashTable *for_terminal(GHashTable *answer) {
    GHashTable *clean = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, answer);
    while (g_hash_table_iter_next(&iter, &name, &value))
        g_hash_table_insert(clean, g_strdup(name), sky_reader_text(value, 4096));
    return clean;
}

static void print_human(GHashTable *answer) {
    g_autoptr(GHashTable) clean = for_terminal(answer);
    print_site(clean);
    print_broker(clean);
    print_cameras(clean);
    print_alerts(clean);
}

/* Something that a person should see to. */
static gboolean is_troubled(GHashTable *answer) {
    g_auto(GStrv) ids = g_strsplit(sky_ctl_text(answer, "cameras"), ",", -1);
    for (char **id = ids; *id && **id; id++) {
        const char *state = text_of(answer, "camera", *id, "state");
        if (strcmp(state, "ok") != 0 && strcmp(state, "disabled") != 0)
            return TRUE;
    }
    return strcmp(sky_ctl_text(answer, "broker.state"), "connected") != 0 || sky_ctl_text(answer, "broker.why")[0] ||
           strcmp(sky_ctl_text(answer, "disk.durable"), "yes") != 0 || sky_ctl_text(answer, "disk.trouble")[0] ||
           sky_ctl_text(answer, "queue.unacknowledged_s")[0] || sky_ctl_text(answer, "queue.refused_audiences")[0] ||
           hears_no_commands(answer) || sky_ctl_text(answer, "config_error")[0];
}

int sky_ctl_status(SkyCtl *ctl, int argc, char **argv) {
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"json", 'j', 0, G_OPTION_ARG_NONE, &json, "one line: a JSON object of texts", NULL},
        G_OPTION_ENTRY_NULL,
    };
    if (!sky_ctl_options(
            ctl, &argc, &argv, entries, "",
            "Asks the daemon over its local socket; works with the broker down. EVENTS are those begun, SUPPRESSED is what moved and\n"
            "became none, with the most frequent cause and the part of the picture (in 4 x 4, from the top left) where most of that\n"
            "was; --json has each cause (camera.ID.suppressed.CAUSE) and left_out, what was too much at once to be followed. All count\n"
            "from the start of the daemon, or of the camera where a reload changed it. Times are by site.time_zone, in --json UTC.\n"
            "Exit codes: 0 all is well, 1 something wants attention (a camera, the broker, the disk), 2 wrong usage, 3 the daemon\n"
            "can not be reached.",
            0, 0))
        return SKY_CTL_USAGE;
    g_autoptr(GHashTable) answer = sky_ctl_ask(ctl, ANSWER_NS, "verb", "status", NULL);
    if (!answer)
        return SKY_CTL_UNREACHABLE;
    if (sky_ctl_refused(answer))
        return SKY_CTL_NO;
    g_autofree char *line = json ? sky_ctl_json(answer) : NULL;
    if (json)
        fputs(line, stdout);
    else
        print_human(answer);
    return is_troubled(answer) ? SKY_CTL_NO : SKY_CTL_OK;
}
