/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "message/command.h"
#include "message/message.h"
#include "message/topic.h"

/* Every kind of message that the code can make, each member once with and once without a value, each word of each list: one
 * "topic<TAB>payload" a line. check_messages.py holds them against the schemas and the contract. */
#define SITE "qiaotou"
#define CAMERA "east-gate"
#define ALERT "01jdexample00000000000000a"
#define EPOCH "01JDEPCH0000000000000000ZZ"
#define T0 (INT64_C(1795500000) * SKY_NS_PER_S)

static const SkyMessageContext context = {
    .site = SITE, .site_name = "桥头村", .grid = "330102-07", .camera_name = "东门", .zone_name = "院子", .clock_synced = TRUE};
static const SkyMessageContext bare = {.site = SITE};

static void show(char *topic, char *payload) {
    printf("%s\t%s\n", topic, payload);
    g_free(topic);
    g_free(payload);
}

static char *finished(char *head, gboolean replayed) {
    char *whole = sky_message_finish(head, strlen(head), replayed, replayed ? 4200 : 0);
    g_free(head);
    return whole;
}

static SkyAlert full_alert(void) {
    SkyAlert alert = {.id = ALERT,
                      .event_id = CAMERA "-7",
                      .rev = 2,
                      .severity = 1,
                      .camera = CAMERA,
                      .zone = "yard",
                      .begin_utc_ns = T0,
                      .end_utc_ns = T0 + 1,
                      .raised_utc_ns = T0,
                      .updated_utc_ns = T0,
                      .box = {0.1f, 0.2f, 0.3f, 0.4f},
                      .from = {0, 1},
                      .to = {1, 0},
                      .path_seconds = 4.2,
                      .score = 0.87,
                      .count = 3,
                      .actor = "li",
                      .assignee = "wang",
                      .note = "看到了",
                      .cause = "raised",
                      .image = {.bytes = 41233},
                      .clip = {.id = ALERT, .seconds = 12.4}};
    memset(alert.image.sha256, 'a', 64);
    memset(alert.clip.sha256, 'b', 64);
    for (guint i = 0; i < SKY_CLIP_FURTHER_MAX; i++)
        memset(alert.clip.further[i], 'c', 64);
    return alert;
}

static void show_alerts(void) {
    static const char *const causes[] = {"raised", "joined",  "ended",   "interrupted", "evidence", "acknowledge",
                                         "assign", "resolve", "dismiss", "comment",     "expired",  "test"};
    SkyMessageView all = {.pictures = TRUE, .path = TRUE, .notes = TRUE}, little = {0};
    SkyAlert alert = full_alert();
    for (guint i = 0; i < G_N_ELEMENTS(causes); i++) {
        alert.state = (SkyAlertState)(i % (SKY_ALERT_EXPIRED + 1));
        alert.kind = (SkyEventKind)(i % (SKY_EVENT_RECOVERED + 1));
        alert.interrupted = alert.test = alert.evidence_missing = i % 2;
        g_strlcpy(alert.cause, causes[i], sizeof alert.cause);
        show(sky_topic_alert_log(SITE, "duty"), finished(sky_message_alert(&context, &all, &alert, EPOCH, i + 1, TRUE), FALSE));
    }
    show(sky_topic_alert(SITE, "duty", ALERT), finished(sky_message_alert(&context, &all, &alert, EPOCH, 13, TRUE), FALSE));
    show(sky_topic_alert(SITE, "resident-12", ALERT),
         finished(sky_message_alert(&context, &little, &alert, EPOCH, 1, FALSE), FALSE));
    show(sky_topic_replay(SITE, "duty", "li"), finished(sky_message_alert(&context, &all, &alert, EPOCH, 13, TRUE), TRUE));
    SkyAlert empty = {.id = ALERT,
                      .rev = 1,
                      .kind = SKY_EVENT_RECOVERED,
                      .begin_utc_ns = T0,
                      .end_utc_ns = SKY_TIME_NONE,
                      .updated_utc_ns = T0,
                      .cause = "raised"};
    show(sky_topic_alert(SITE, "duty", ALERT), finished(sky_message_alert(&bare, &all, &empty, EPOCH, 14, FALSE), FALSE));
    show(sky_topic_alert_log(SITE, "duty"), sky_message_gap(&context, "duty", EPOCH, 3, 9, T0));
    show(sky_topic_probe(SITE, "duty"), sky_message_probe(&context, "duty", T0));
    show(sky_topic_command_probe(SITE), sky_message_probe(&context, "probe", T0));
    show(sky_topic_image(SITE, "duty", ALERT), g_strdup(""));
}

static void show_events(void) {
    for (SkyEventKind kind = SKY_EVENT_MOTION; kind <= SKY_EVENT_RECOVERED; kind++) {
        SkyEvent event = {.kind = kind, .phase = SKY_EVENT_BEGIN, .score = 0.5f, .objects = 2};
        show(sky_topic_event(SITE, CAMERA, kind),
             finished(sky_message_event(&bare, CAMERA, CAMERA "-7", &event, T0, SKY_TIME_NONE), FALSE));
        event = (SkyEvent){.kind = kind,
                           .phase = SKY_EVENT_END,
                           .zone = "yard",
                           .box = {0.1f, 0.1f, 0.1f, 0.1f},
                           .end_ns = 3,
                           .from = {0.5f, 0.5f},
                           .to = {2.0f, -1.0f},
                           .interrupted = TRUE};
        show(sky_topic_event(SITE, CAMERA, kind),
             finished(sky_message_event(&context, CAMERA, CAMERA "-7", &event, T0, T0 + 3), TRUE));
    }
}

static void show_states(void) {
    static const char *const states[] = {"online", "stopping", "offline", "broker-refuses"};
    for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
        SkyStatusMessage status = {
            .state = states[i], .boot_id = "b-1", .version = SKY_VERSION, .utc_ns = T0, .next_by_utc_ns = SKY_TIME_NONE};
        if (i % 2 == 0) {
            status.epoch = EPOCH;
            status.next_by_utc_ns = T0 + 1;
            status.mqtt = i == 0 ? "5" : "3.1.1";
            status.commands_refused = TRUE;
            status.refused_audiences = "resident-12, police";
            status.trouble = "the disk is full";
            status.config_error = "site.yaml:3:5: cameras: no such key";
            status.clock_synced = status.durable = TRUE;
        }
        show(sky_topic_status(SITE), sky_message_status(&context, &status));
    }
    static const char *const verdicts[] = {"ok", "connecting", "offline", "stalled", "blind", "misconfigured", "disabled"};
    for (guint i = 0; i < G_N_ELEMENTS(verdicts); i++) {
        SkyCameraStatusMessage status = {.camera = CAMERA,
                                         .state = verdicts[i],
                                         .since_utc_ns = T0,
                                         .utc_ns = T0,
                                         .last_packet_utc_ns = i % 2 ? T0 : SKY_TIME_NONE,
                                         .next_try_utc_ns = i % 2 ? T0 : SKY_TIME_NONE,
                                         .why = i % 2 ? "no answer" : NULL,
                                         .codec = i % 2 ? "h264" : NULL,
                                         .frame_rate = 24.97,
                                         .flooded = i % 2,
                                         .overloaded = i % 2,
                                         .armed_again_utc_ns = i % 2 ? T0 : SKY_TIME_NONE};
        show(sky_topic_camera_status(SITE, CAMERA), sky_message_camera_status(&context, &status));
    }
    const char *zones[] = {"yard"};
    show(sky_topic_camera_motion(SITE, CAMERA), sky_message_camera_motion(&context, CAMERA, TRUE, T0, zones, 1, T0));
    show(sky_topic_camera_motion(SITE, CAMERA), sky_message_camera_motion(&context, CAMERA, FALSE, SKY_TIME_NONE, NULL, 0, T0));
    const char *names[] = {"frames_total"};
    show(sky_topic_metrics(SITE), sky_message_metrics(&context, names, (const double[]){7}, 1, T0));
}

static void show_replies(void) {
    static const char *const codes[] = {"ok",          "busy",      "no-request-id", "retained",     "late",      "unknown-alert",
                                        "not-allowed", "bad-value", "bad-json",      "unknown-verb", "too-large", "not-permitted",
                                        "no-image", "not-stored"};
    for (guint i = 0; i < G_N_ELEMENTS(codes); i++)
        show(sky_topic_reply(SITE, "duty", "li"),
             sky_message_reply(&context, i % 2 ? "r-1" : "", codes[i], i > 0 ? "say it again" : NULL, i % 2 ? ALERT : NULL, i % 2,
                               T0));
}

/* Commands are read, not made: an example counts only if the parser takes it. */
static void show_commands(void) {
    static const char *const commands[][2] = {
        {"acknowledge", "\"alert\":\"" ALERT "\",\"deadline\":\"2026-11-24T06:00:00Z\""},
        {"assign", "\"alert\":\"" ALERT "\",\"assignee\":\"wang\",\"note\":\"请看\",\"deadline\":null"},
        {"resolve", "\"alert\":\"" ALERT "\""},
        {"dismiss", "\"alert\":\"" ALERT "\""},
        {"comment", "\"alert\":\"" ALERT "\",\"note\":\"猫\""},
        {"image", "\"alert\":\"" ALERT "\""},
        {"replay", "\"epoch\":\"" EPOCH "\",\"from_seq\":3"},
        {"arm", "\"camera\":\"" CAMERA "\""},
        {"disarm", "\"camera\":\"" CAMERA "\",\"until\":\"2026-11-24T06:00:00Z\""},
        {"snapshot", "\"camera\":\"" CAMERA "\""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        char *topic = g_strconcat("skynet/v1/" SITE "/cmd/duty/li/", commands[i][0], NULL);
        char *payload = g_strconcat("{\"request_id\":\"r-1\",", commands[i][1], "}", NULL);
        SkyCommand command;
        g_assert_true(sky_command_parse(SITE, topic, payload, strlen(payload), FALSE, &command));
        g_assert_cmpstr(command.refusal, ==, NULL);
        show(topic, payload);
    }
}

int main(void) {
    show_alerts();
    show_events();
    show_states();
    show_replies();
    show_commands();
    return 0;
}
