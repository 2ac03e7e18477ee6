/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "message/message.h"
#include "message/reader.h"

#define T0 (INT64_C(1795500000) * SKY_NS_PER_S) /* 2026-11-24T06:00:00Z */
#define ROOT "skynet/v1/qiaotou/"

static const SkyMessageContext context = {
    .site = "qiaotou", .site_name = "桥头村", .camera_name = "东门", .zone_name = "院子", .clock_synced = TRUE};

static void expect(const char *topic, char *json, const char *line) {
    g_autofree char *owned = json;
    g_autofree char *read = sky_reader_line(topic, owned, strlen(owned));
    g_assert_cmpstr(read, ==, line);
}

static char *finished(char *head) {
    g_autofree char *owned = head;
    return sky_message_finish(owned, strlen(owned), FALSE, 0);
}

static void test_states(void) {
    SkyStatusMessage status = {.state = "online", .boot_id = "b", .version = "1", .epoch = "e", .clock_synced = TRUE,
                               .durable = TRUE, .next_by_utc_ns = T0, .utc_ns = T0, .mqtt = "5",
                               .cameras = 8, .cameras_ok = 7, .open_alerts = 2};
    expect(ROOT "status", sky_message_status(&context, &status), "06:00:00 STATUS  online: 7 of 8 cameras ok, 2 alerts open");
    status.undelivered = 3;
    status.clock_synced = status.durable = FALSE;
    status.trouble = "磁盘满";
    expect(ROOT "status", sky_message_status(&context, &status),
           "06:00:00 STATUS  online: 7 of 8 cameras ok, 2 alerts open, 3 undelivered, clock not synced, NOT DURABLE, trouble: 磁盘满");
    SkyCameraStatusMessage camera = {.camera = "east-gate", .state = "ok", .since_utc_ns = T0, .utc_ns = T0, .frame_rate = 25,
                                     .codec = "h264", .width_px = 1920, .height_px = 1080,
                                     .last_packet_utc_ns = T0, .next_try_utc_ns = SKY_TIME_NONE,
                                     .armed_again_utc_ns = SKY_TIME_NONE};
    expect(ROOT "camera/east-gate/status", sky_message_camera_status(&context, &camera),
           "06:00:00 CAMERA  东门 (east-gate) ok, h264 1920x1080 25.0 fps");
    camera.state = "offline";
    camera.why = "no answer";
    camera.reconnects = 4;
    expect(ROOT "camera/east-gate/status", sky_message_camera_status(&context, &camera),
           "06:00:00 CAMERA  东门 (east-gate) offline: no answer, 4 reconnects");
    camera.armed_again_utc_ns = T0;
    expect(ROOT "camera/east-gate/status", sky_message_camera_status(&context, &camera),
           "06:00:00 CAMERA  东门 (east-gate) offline: no answer, DISARMED until 2026-11-24T06:00:00.000Z, 4 reconnects");
    const char *zones[] = {"yard", "road"};
    expect(ROOT "camera/east-gate/motion", sky_message_camera_motion(&context, "east-gate", TRUE, T0, zones, 2, T0),
           "06:00:00 MOTION  东门 (east-gate) moving, zone yard road");
    expect(ROOT "camera/east-gate/motion", sky_message_camera_motion(&context, "east-gate", FALSE, T0, NULL, 0, T0),
           "06:00:00 MOTION  东门 (east-gate) still");
}

static void test_facts(void) {
    SkyEvent event = {.kind = SKY_EVENT_INTRUSION, .phase = SKY_EVENT_END, .zone = "yard", .score = 0.75f, .interrupted = TRUE};
    expect(ROOT "event/east-gate/intrusion", finished(sky_message_event(&context, "east-gate", "gate-7", &event, T0, T0)),
           "06:00:00 EVENT   intrusion 东门 (east-gate) end, zone 院子 (yard), interrupted, score 0.75, id gate-7");
    SkyAlert alert = {.id = "01jd", .rev = 1, .kind = SKY_EVENT_INTRUSION, .severity = 2, .camera = "east-gate", .zone = "yard",
                      .begin_utc_ns = T0, .end_utc_ns = SKY_TIME_NONE, .updated_utc_ns = T0, .count = 1, .cause = "raised",
                      .image = {.sha256 = "aa", .bytes = 9}};
    SkyMessageView all = {.pictures = TRUE, .path = TRUE, .notes = TRUE};
    expect(ROOT "alert/duty/01jd", finished(sky_message_alert(&context, &all, &alert, "e", 7, TRUE)),
           "06:00:00 ALERT   duty  intrusion 东门 (east-gate) raised, zone 院子 (yard), picture, seq 7, id 01jd-1");
    alert.rev = 4;
    alert.state = SKY_ALERT_ASSIGNED;
    alert.count = 2;
    alert.test = TRUE;
    g_strlcpy(alert.cause, "evidence", sizeof alert.cause);
    g_strlcpy(alert.actor, "li", sizeof alert.actor);
    g_strlcpy(alert.assignee, "wang", sizeof alert.assignee);
    g_strlcpy(alert.note, "去看看\n\x1b[31m", sizeof alert.note);
    g_strlcpy(alert.clip.id, "01jd", sizeof alert.clip.id);
    alert.clip.seconds = 12.44;
    expect(ROOT "alert-log/duty", finished(sky_message_alert(&context, &all, &alert, "e", 9, FALSE)),
           "06:00:00 LOG     duty  intrusion 东门 (east-gate) assigned (evidence), TEST, zone 院子 (yard), 2 events, picture, "
           "clip 12.4 s, by li, for wang, \"去看看??[31m\", NOT DURABLE, seq 9, id 01jd-4");
    g_autofree char *head = sky_message_alert(&context, &(SkyMessageView){0}, &alert, "e", 9, TRUE);
    expect(ROOT "replay/duty/li", sky_message_finish(head, strlen(head), TRUE, 5),
           "06:00:00 REPLAY  duty  intrusion 东门 (east-gate) assigned (evidence), TEST, zone 院子 (yard), 2 events, again, seq 9, "
           "id 01jd-4");
    expect(ROOT "alert-log/duty", sky_message_gap(&context, "duty", "e", 3, 9, T0),
           "06:00:00 GAP     duty  seq 3 to 9 were not kept");
    expect(ROOT "reply/duty/li", sky_message_reply(&context, "r-1", "late", "the deadline has passed", "01jd", 0, T0),
           "06:00:00 REPLY   duty/li request r-1 refused, late: the deadline has passed, alert 01jd");
    expect(ROOT "reply/duty/li", sky_message_reply(&context, "r-1", "ok", NULL, "01jd", 2, T0),
           "06:00:00 REPLY   duty/li request r-1 ok, alert 01jd");
    expect(ROOT "image/duty/01jd", g_strdup("\xff\xd8\xff"), "         IMAGE   duty  alert 01jd, 3 bytes");
}

static void test_silent(void) {
    g_assert_null(sky_reader_line(ROOT "alert/duty/01jd", "", 0));
    g_assert_null(sky_reader_line(ROOT "camera/x/status", NULL, 0));
    expect(ROOT "alert/duty/probe", sky_message_probe(&context, "duty", T0), NULL);
    expect(ROOT "metrics", sky_message_metrics(&context, NULL, NULL, 0, T0), NULL);
}

static void test_hostile(void) {
    static const char *const topics[] = {ROOT "status", ROOT "camera/c/status", ROOT "camera/c/motion", ROOT "event/c/motion",
                                         ROOT "alert/duty/a", ROOT "alert-log/duty", ROOT "replay/duty/li", ROOT "reply/duty/li",
                                         ROOT "x/\x1b]0;t\x07", "\x1b[2J", "skynet/v1/", "skynet/v1/s", "",
                                         "skynet/v1/s/alert", "////////"};
    static const char *const payloads[] = {
        "x", "{}", "{\"data\":7}", "{\"data\":{}}", "[[[[[[[[[[[[[[[[", "\x1b[2J\x9b", "{\"time\":\"\\u001b[2J\",\"data\":{}}",
        "{\"data\":{\"state\":\"\\u001b[2J\\u0007\\u009b31m\\u202eabc\\u2028\",\"why\":\"\\r\\n\","
        "\"camera\":{\"id\":\"\\u001b\",\"name\":7},"
        "\"cameras\":[7],\"zone\":{\"id\":\"\\u0001\"},\"zones\":[7,{},\"\\u001b\"],\"kind\":[],"
        "\"note\":\"\\u001b\\udc00x\",\"score\":1e999,"
        "\"seq\":99999999999999999999,\"from_seq\":\"\\u001b\",\"request_id\":\"\\u001b\",\"alert\":{},"
        "\"clip\":{\"seconds\":\"\\u001b\"}}}",
        "{\"data\":{\"cameras\":[],\"zones\":null}}",
    };
    g_autofree char *state = sky_reader_field(payloads[7], strlen(payloads[7]), "data.state"); /* that one IS understood */
    g_assert_cmpstr(state, ==, "?[2J??31m?abc?");
    for (guint t = 0; t < G_N_ELEMENTS(topics); t++) {
        for (guint p = 0; p < G_N_ELEMENTS(payloads); p++) {
            g_autofree char *line = sky_reader_line(topics[t], payloads[p], strlen(payloads[p]));
            g_assert_nonnull(line);
            g_assert_true(g_utf8_validate(line, -1, NULL));
            g_assert_null(strstr(line, "\342\200\256")); /* U+202E */
            for (const char *c = line; *c; c = g_utf8_next_char(c))
                g_assert_false(g_unichar_iscntrl(g_utf8_get_char(c)));
        }
    }
    g_autofree char *huge = g_strnfill(100000, 'x');
    g_autofree char *line = sky_reader_line(huge, huge, 100000);
    g_assert_cmpuint(strlen(line), <, 1000);
}

static void test_field(void) {
    static const char json[] = "{\"a\":{\"b\":[{\"c\":\"x\\u001by\"},true,1.5,-7,null]},\"d.e\":1}";
    static const char *const rows[][2] = {{"a.b.0.c", "x?y"}, {"a.b.1", "true"}, {"a.b.2", "1.5"}, {"a.b.3", "-7"}, {"a.b.4", NULL},
                                          {"a.b.5", NULL}, {"a.b.-1", NULL}, {"a.b", NULL}, {"a", NULL}, {"", NULL}, {"d.e", NULL},
                                          {"a.b.0.c.d", NULL}, {"a..b", NULL}, {".", NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *value = sky_reader_field(json, sizeof json - 1, rows[i][0]);
        g_assert_cmpstr(value, ==, rows[i][1]);
    }
    g_assert_null(sky_reader_field("{", 1, "a"));
}

static void test_pack(void) {
    const char *names[] = {"camera.0.name", "odd \"name\"", "empty", "none"};
    const char *values[] = {"东门\nline two\t\x01", "\\", "", NULL};
    g_autofree char *line = sky_reader_pack(names, values, G_N_ELEMENTS(names));
    g_assert_null(strchr(line, '\n'));
    g_autoptr(GHashTable) table = sky_reader_unpack(line, strlen(line));
    g_assert_nonnull(table);
    g_assert_cmpuint(g_hash_table_size(table), ==, 4);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_cmpstr(g_hash_table_lookup(table, names[i]), ==, values[i] ? values[i] : "");
    g_autofree char *none = sky_reader_pack(NULL, NULL, 0);
    g_assert_cmpstr(none, ==, "{}");
    static const char *const bad[] = {"", "x", "[]", "{\"a\":1}", "{\"a\":null}", "{\"a\":{}}", "{\"a\":\"b\"",
                                      "{\"a\":\"\\udc00x\"}"};
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_null(sky_reader_unpack(bad[i], strlen(bad[i])));
}

int main(int argc, char **argv) {
    g_setenv("TZ", "UTC", TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reader/states", test_states);
    g_test_add_func("/reader/facts", test_facts);
    g_test_add_func("/reader/silent", test_silent);
    g_test_add_func("/reader/hostile", test_hostile);
    g_test_add_func("/reader/field", test_field);
    g_test_add_func("/reader/pack", test_pack);
    return g_test_run();
}
