/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "message/message.h"
#include "message/public_text.h"
#include "message/reader.h"
#include "message/topic.h"

#define T0 (INT64_C(1795500000) * SKY_NS_PER_S + 678 * SKY_NS_PER_MS)
#define T0_TEXT "2026-11-24T06:00:00.678Z"
#define EPOCH "01JDEPCH0000000000000000ZZ"

static const SkyMessageContext context = {
    .site = "qiaotou", .site_name = "桥头村", .grid = "330102-07", .camera_name = "东门", .zone_name = "院子", .clock_synced = TRUE};
static const SkyMessageView all = {.pictures = TRUE, .path = TRUE, .notes = TRUE};

static SkyAlert full_alert(void) {
    SkyAlert alert = {
        .id = "01jdtest00000000000000000a", .event_id = "gate-7", .rev = 3, .state = SKY_ALERT_ACKNOWLEDGED,
        .kind = SKY_EVENT_INTRUSION,
        .severity = 2, .camera = "east-gate", .zone = "yard", .begin_utc_ns = T0 - SKY_NS_PER_S, .end_utc_ns = T0,
        .raised_utc_ns = T0, .updated_utc_ns = T0, .box = {0.1f, 0.2f, 0.3f, 0.4f}, .from = {0.1f, 0.9f}, .to = {0.6f, 0.5f},
        .path_seconds = 4.2, .score = 0.87, .count = 3, .actor = "li",
        .assignee = "wang", .note = "看到了 \"two\" men", .cause = "acknowledge"};
    memset(alert.image.sha256, 'a', 64);
    memset(alert.clip.sha256, 'b', 64);
    alert.image.bytes = 41233;
    g_strlcpy(alert.clip.id, alert.id, sizeof alert.clip.id);
    alert.clip.seconds = 12.4;
    return alert;
}

static char *finished(char *head) {
    g_autofree char *owned = head;
    return sky_message_finish(owned, strlen(owned), FALSE, 0);
}

static char *alert_text(const SkyMessageView *view, const SkyAlert *alert) {
    return finished(sky_message_alert(&context, view, alert, EPOCH, 1234, TRUE));
}

static void expect(const char *json, const char *path, const char *value) {
    g_autofree char *field = sky_reader_field(json, strlen(json), path);
    g_assert_cmpstr(field, ==, value);
}

static void test_alert_fields(void) {
    SkyAlert alert = full_alert();
    g_autofree char *json = alert_text(&all, &alert);
    static const char *const fields[][2] = {
        {"specversion", "1.0"}, {"id", "01jdtest00000000000000000a-3"}, {"source", "skynet/v1/qiaotou"},
        {"type", "skynet.alert.acknowledged"}, {"subject", "east-gate"}, {"time", T0_TEXT}, {"datacontenttype", "application/json"},
        {"dataschema", "urn:skynetd:schema/alert-1.json"}, {"data.alert", "01jdtest00000000000000000a"}, {"data.rev", "3"},
        {"data.state", "acknowledged"}, {"data.kind", "intrusion"}, {"data.alarm_type.method", "5"}, {"data.alarm_type.type", "6"},
        {"data.severity", "2"}, {"data.site.id", "qiaotou"}, {"data.site.name", "桥头村"}, {"data.cameras.0.id", "east-gate"},
        {"data.cameras.0.name", "东门"}, {"data.grid", "330102-07"}, {"data.zone.id", "yard"}, {"data.zone.name", "院子"},
        {"data.end", T0_TEXT}, {"data.clock.synced", "true"}, {"data.clock.camera_offset_ms", NULL}, {"data.durable", "true"},
        {"data.box.3", "0.40000000000000002"}, {"data.path.from.1", "0.90000000000000002"},
        {"data.path.seconds", "4.2000000000000002"},
        {"data.image.bytes", "41233"}, {"data.clip.id", "01jdtest00000000000000000a"}, {"data.clip.seconds", "12.4"},
        {"data.count", "3"}, {"data.deadline", NULL}, {"data.actor", "li"}, {"data.assignee", "wang"},
        {"data.note", "看到了 \"two\" men"}, {"data.epoch", EPOCH}, {"data.seq", "1234"}, {"data.replayed", "false"},
        {"data.queued_ms", "0"}, {"data.test", "false"}, {"data.interrupted", "false"}, {"data.evidence_missing", "false"},
        {"data.event", "gate-7"}, {"data.cause", "acknowledge"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        expect(json, fields[i][0], fields[i][1]);
    g_assert_nonnull(strstr(json, "\"box\":[0.1,0.2,0.3,0.4]")); /* as short as it can be said */
}

static void test_alert_views(void) {
    SkyAlert alert = full_alert();
    SkyMessageView blind = {0};
    g_autofree char *json = alert_text(&blind, &alert);
    static const char *const hidden[] = {"box", "image", "clip", "evidence_missing", "path", "note", "actor", "assignee"};
    for (guint i = 0; i < G_N_ELEMENTS(hidden); i++) {
        g_autofree char *member = g_strdup_printf("\"%s\":", hidden[i]);
        g_assert_null(strstr(json, member));
    }
    expect(json, "data.score", "0.87");
    /* not known: null, but there */
    SkyAlert bare = {.id = "a", .rev = 1, .kind = SKY_EVENT_RECOVERED, .end_utc_ns = SKY_TIME_NONE, .updated_utc_ns = T0,
                     .cause = "raised"};
    g_autofree char *plain = alert_text(&all, &bare);
    static const char *const unknown[] = {"end", "box", "image", "clip", "path", "note", "actor", "assignee",
                                          "zone", "alarm_type", "deadline"};
    for (guint i = 0; i < G_N_ELEMENTS(unknown); i++) {
        g_autofree char *member = g_strdup_printf("\"%s\":null", unknown[i]);
        g_assert_nonnull(strstr(plain, member));
    }
    g_assert_nonnull(strstr(plain, "\"cameras\":[]"));
    expect(plain, "subject", "qiaotou");
}

static void test_alert_types(void) {
    static const char *const rows[][2] = {
        {"raised", "skynet.alert.raised"},     {"ended", "skynet.alert.updated"},     {"evidence", "skynet.alert.updated"},
        {"joined", "skynet.alert.updated"},    {"comment", "skynet.alert.updated"},   {"interrupted", "skynet.alert.updated"},
        {"assign", "skynet.alert.assigned"},   {"resolve", "skynet.alert.resolved"},  {"dismiss", "skynet.alert.dismissed"},
        {"expired", "skynet.alert.expired"},   {"test", "skynet.alert.resolved"},     {"acknowledge", "skynet.alert.acknowledged"},
    };
    SkyAlert alert = full_alert();
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_strlcpy(alert.cause, rows[i][0], sizeof alert.cause);
        g_autofree char *json = alert_text(&all, &alert);
        expect(json, "type", rows[i][1]);
    }
}

static void test_alarm_types(void) {
    static const char *const rows[][2] = {[SKY_EVENT_MOTION] = {"5", "2"},     [SKY_EVENT_INTRUSION] = {"5", "6"},
                                          [SKY_EVENT_LINE_CROSS] = {"5", "5"}, [SKY_EVENT_DWELL] = {"5", "8"},
                                          [SKY_EVENT_TAMPER] = {"5", "11"},    [SKY_EVENT_OFFLINE] = {"2", "1"},
                                          [SKY_EVENT_RECOVERED] = {NULL, NULL}};
    SkyAlert alert = full_alert();
    for (guint kind = 0; kind < G_N_ELEMENTS(rows); kind++) {
        alert.kind = (SkyEventKind)kind;
        g_autofree char *json = alert_text(&all, &alert);
        expect(json, "data.alarm_type.method", rows[kind][0]);
        expect(json, "data.alarm_type.type", rows[kind][1]);
    }
}

/* The worst that fits into the types: texts that swell sixfold when escaped, the longest numbers. */
static void test_sizes(void) {
    char evil[4096];
    memset(evil, 0x01, sizeof evil - 1);
    evil[sizeof evil - 1] = 0;
    char id[SKY_ID_BYTES];
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = 0;
    SkyMessageContext big = {.site = id, .site_name = evil, .grid = evil, .camera_name = evil, .zone_name = evil};
    SkyAlert alert = full_alert();
    alert.rev = alert.count = G_MAXUINT32;
    alert.image.bytes = G_MAXUINT64;
    alert.clip.seconds = alert.path_seconds = 1.23456789e-300;
    memset(alert.note, 0x02, sizeof alert.note - 1);
    for (guint i = 0; i < SKY_CLIP_FURTHER_MAX; i++)
        memset(alert.clip.further[i], 'f', 64);
    char *const ids[] = {alert.id, alert.event_id, alert.camera, alert.zone, alert.actor, alert.assignee, alert.clip.id};
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
        g_strlcpy(ids[i], id, SKY_ID_BYTES);
    g_autofree char *head = sky_message_alert(&big, &all, &alert, EPOCH, G_MAXUINT64, TRUE);
    g_autofree char *json = sky_message_finish(head, strlen(head), TRUE, G_MAXINT64);
    g_assert_cmpuint(strlen(json), <=, SKY_MESSAGE_BYTES_MAX);
    expect(json, "data.replayed", "true");

    SkyStatusMessage status = {.state = "online", .boot_id = id, .version = evil, .epoch = EPOCH, .mqtt = "5", .trouble = evil,
                               .config_error = evil, .refused_audiences = evil, .next_by_utc_ns = SKY_TIME_NONE, .utc_ns = T0};
    g_autofree char *status_json = sky_message_status(&big, &status);
    g_assert_cmpuint(strlen(status_json), <=, SKY_MESSAGE_BYTES_MAX);

    const char *zones[200];
    for (guint i = 0; i < G_N_ELEMENTS(zones); i++)
        zones[i] = id;
    g_autofree char *motion = sky_message_camera_motion(&big, id, TRUE, T0, zones, G_N_ELEMENTS(zones), T0);
    g_assert_cmpuint(strlen(motion), <=, SKY_MESSAGE_BYTES_MAX);

    double values[200];
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        values[i] = -1.23456789012345678e-300;
    g_autofree char *metrics = sky_message_metrics(&big, zones, values, G_N_ELEMENTS(values), T0);
    g_assert_cmpuint(strlen(metrics), <=, SKY_MESSAGE_BYTES_MAX);
}

static void test_text(void) {
    SkyAlert alert = full_alert();
    /* cut between characters: 3 bytes each never leave one or two behind */
    GString *han = g_string_new(NULL);
    for (guint i = 0; i < 300; i++)
        g_string_append(han, "村");
    SkyMessageContext long_names = context;
    long_names.camera_name = han->str;
    g_autofree char *json = finished(sky_message_alert(&long_names, &all, &alert, EPOCH, 1, TRUE));
    g_assert_true(g_utf8_validate(json, -1, NULL));
    g_autofree char *name = sky_reader_field(json, strlen(json), "data.cameras.0.name");
    g_assert_cmpuint(strlen(name), ==, 85 * 3);
    g_string_free(han, TRUE);
    /* what is not UTF-8 is mended, what is not printable escaped */
    g_strlcpy(alert.note, "a\xff\xfe\x01\x1b[2J\"\\\n\t\x7f/b", sizeof alert.note);
    g_autofree char *mended = alert_text(&all, &alert);
    g_assert_true(g_utf8_validate(mended, -1, NULL));
    g_assert_nonnull(strstr(mended, "\"a\357\277\275\357\277\275\\u0001\\u001b[2J\\\"\\\\\\n\\t\\u007f/b\""));
    for (const char *c = mended; *c; c++)
        g_assert_cmpint((guchar)*c, >=, 0x20);
}

static void test_public_text(void) {
    static const char *const rows[][2] = {
        {"no answer from rtsp://admin:pa55@10.0.0.9:554/ch1 within 8 s", "no answer from (address) within 8 s"},
        {"rtsp://u:a b'c@h/x and more", "(address) and more"},
        {"('rtsp://h/x')", "('(address)"},
        {"/etc/skynetd/site.yaml:3:5: cameras.0.url: not a URL", "site.yaml:3:5: cameras.0.url: not a URL"},
        {"can not write key=/var/lib/skynetd/skynetd.db, retrying", "can not write key=skynetd.db, retrying"},
        {"RTSP/1.0 401 at 1/2 speed /", "RTSP/1.0 401 at 1/2 speed /"},
        {"东门 无应答", "东门 无应答"},
        {"", ""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = sky_public_text(rows[i][0]);
        g_assert_cmpstr(text, ==, rows[i][1]);
    }
    SkyCameraStatusMessage status = {.camera = "gate", .state = "offline", .why = "rtsp://admin:S3CRET@h/", .utc_ns = T0,
                                     .since_utc_ns = T0, .last_packet_utc_ns = SKY_TIME_NONE, .next_try_utc_ns = SKY_TIME_NONE};
    g_autofree char *json = sky_message_camera_status(&context, &status);
    g_assert_null(strstr(json, "S3CRET"));
    g_assert_null(strstr(json, "rtsp:"));
}

static void test_event(void) {
    SkyEvent event = {.kind = SKY_EVENT_OFFLINE, .phase = SKY_EVENT_BEGIN, .begin_ns = 5, .end_ns = SKY_TIME_NONE, .score = 1};
    g_autofree char *begin = finished(sky_message_event(&context, "gate", "gate-1", &event, T0, SKY_TIME_NONE));
    expect(begin, "id", "gate-1-begin");
    expect(begin, "type", "skynet.event.begin");
    expect(begin, "time", T0_TEXT);
    expect(begin, "data.end", NULL);
    event.phase = SKY_EVENT_END;
    event.end_ns = 5 + 3 * SKY_NS_PER_S;
    event.interrupted = TRUE;
    g_autofree char *end = finished(sky_message_event(&context, "gate", "gate-1", &event, T0 - SKY_NS_PER_S, T0));
    expect(end, "id", "gate-1-end");
    expect(end, "data.event", "gate-1");
    expect(end, "data.phase", "end");
    expect(end, "data.end", T0_TEXT);
    expect(end, "data.interrupted", "true");
    expect(end, "data.path.seconds", "3");
    expect(end, "data.queued_ms", "0");
}

static void test_small_messages(void) {
    g_autofree char *reply = sky_message_reply(&context, "r-1", "not-allowed", "it is closed already", "01jd", 4, T0);
    expect(reply, "data.request_id", "r-1");
    expect(reply, "data.ok", "false");
    expect(reply, "data.code", "not-allowed");
    expect(reply, "data.error", "it is closed already");
    expect(reply, "data.rev", "4");
    g_autofree char *done = sky_message_reply(&context, "r-2", "ok", NULL, "", 0, T0);
    expect(done, "data.ok", "true");
    g_assert_nonnull(strstr(done, "\"error\":null,\"alert\":null,\"rev\":null"));
    g_autofree char *gap = sky_message_gap(&context, "duty", EPOCH, 3, 9, T0);
    expect(gap, "data.from_seq", "3");
    expect(gap, "data.to_seq", "9");
    g_autofree char *probe = sky_message_probe(&context, "duty", T0);
    expect(probe, "data.probe", "true");
    g_autofree char *again = sky_message_probe(&context, "duty", T0);
    g_assert_cmpstr(probe, !=, again); /* each has an id of its own */
    const char *names[] = {"frames_total", "odd"};
    g_autofree char *metrics = sky_message_metrics(&context, names, (const double[]){1234567, 0.0 / 0.0}, 2, T0);
    g_assert_nonnull(strstr(metrics, "\"values\":{\"frames_total\":1234567}"));
}

static void test_topics(void) {
    g_autofree char *event = sky_topic_event("s", "gate", SKY_EVENT_LINE_CROSS);
    g_assert_cmpstr(event, ==, "skynet/v1/s/event/gate/line-cross");
    g_autofree char *probe = sky_topic_probe("s", "duty");
    g_assert_cmpstr(probe, ==, "skynet/v1/s/alert/duty/probe");
    g_autofree char *command_probe = sky_topic_command_probe("s");
    g_assert_cmpstr(command_probe, ==, "skynet/v1/s/cmd/probe/probe/probe");
    g_autofree char *filter = sky_topic_command_filter("s");
    g_assert_cmpstr(filter, ==, "skynet/v1/s/cmd/+/+/+");
}

static void test_retained_topics(void) {
    char audience[SKY_ID_BYTES], id[SKY_ID_BYTES];
    g_assert_true(sky_topic_retained_parse("s", "skynet/v1/s/camera/gate/status", audience, id));
    g_assert_cmpstr(audience, ==, "");
    g_assert_cmpstr(id, ==, "gate");
    g_assert_true(sky_topic_retained_parse("s", "skynet/v1/s/camera/gate/motion", audience, id));
    g_assert_true(sky_topic_retained_parse("s", "skynet/v1/s/alert/duty/01jd", audience, id));
    g_assert_cmpstr(audience, ==, "duty");
    g_assert_cmpstr(id, ==, "01jd");
    static const char *const others[] = {"skynet/v1/s/status", "skynet/v1/s/camera/gate/other", "skynet/v1/s/camera/gate", "",
                                         "skynet/v1/s/alert/duty/01jd/x", "skynet/v1/t/alert/duty/01jd", "skynet/v1/s/alert/Du/01jd",
                                         "skynet/v1/s/image/duty/01jd", "skynet/v1/s/alert/duty/"};
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) g_assert_false(sky_topic_retained_parse("s", others[i], audience, id));
    g_assert_cmpstr(id, ==, "01jd");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/message/alert-fields", test_alert_fields);
    g_test_add_func("/message/alert-views", test_alert_views);
    g_test_add_func("/message/alert-types", test_alert_types);
    g_test_add_func("/message/alarm-types", test_alarm_types);
    g_test_add_func("/message/sizes", test_sizes);
    g_test_add_func("/message/text", test_text);
    g_test_add_func("/message/public-text", test_public_text);
    g_test_add_func("/message/event", test_event);
    g_test_add_func("/message/small-messages", test_small_messages);
    g_test_add_func("/message/topics", test_topics);
    g_test_add_func("/message/retained-topics", test_retained_topics);
    return g_test_run();
}
