/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "message/command.h"

#define TOPIC "skynet/v1/s/cmd/duty/li/"
#define RID "\"request_id\":\"r-1\""

static SkyCommand parse(const char *topic, const void *payload, gsize bytes, gboolean retained) {
    SkyCommand command;
    memset(&command, 0xa5, sizeof command);
    g_assert_true(sky_command_parse("s", topic, payload, bytes, retained, &command));
    g_assert_cmpuint(strlen(command.refusal_text), <, sizeof command.refusal_text);
    if (command.refusal)
        g_assert_cmpuint(strlen(command.refusal_text), >, 10); /* words a person can act on */
    return command;
}

static SkyCommand say(const char *verb, const char *json) {
    g_autofree char *topic = g_strconcat(TOPIC, verb, NULL);
    return parse(topic, json, strlen(json), FALSE);
}

static void test_good(void) {
    SkyCommand c = say("acknowledge",
                       "{" RID ",\"alert\":\"01jd\",\"note\":\"看到了\",\"deadline\":\"2026-11-24T06:00:00Z\",\"extra\":[1]}");
    g_assert_cmpstr(c.refusal, ==, NULL);
    g_assert_cmpint(c.verb, ==, SKY_VERB_ACKNOWLEDGE);
    g_assert_cmpstr(c.audience, ==, "duty");
    g_assert_cmpstr(c.client, ==, "li");
    g_assert_cmpstr(c.request_id, ==, "r-1");
    g_assert_cmpstr(c.alert, ==, "01jd");
    g_assert_cmpstr(c.note, ==, "看到了");
    g_assert_cmpint(c.deadline_utc_ns, ==, INT64_C(1795500000) * SKY_NS_PER_S);
    c = say("assign", "{" RID ",\"alert\":\"01jd\",\"assignee\":\"wang\",\"deadline\":null}");
    g_assert_cmpstr(c.refusal, ==, NULL);
    g_assert_cmpstr(c.assignee, ==, "wang");
    g_assert_cmpint(c.deadline_utc_ns, ==, SKY_TIME_NONE);
    c = say("replay", "{" RID ",\"epoch\":\"01JDEPCH0000000000000000ZZ\",\"from_seq\":9007199254740993}");
    g_assert_cmpstr(c.refusal, ==, NULL);
    g_assert_cmpuint(c.from_seq, ==, G_GUINT64_CONSTANT(9007199254740993));
    g_assert_cmpstr(c.epoch, ==, "01JDEPCH0000000000000000ZZ");
    c = say("snapshot", "{" RID ",\"camera\":\"gate\"}");
    g_assert_cmpstr(c.refusal, ==, NULL);
    g_assert_cmpstr(c.camera, ==, "gate");
    static const char *const others[] = {"resolve", "dismiss", "image"};
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_cmpstr(say(others[i], "{" RID ",\"alert\":\"01jd\"}").refusal, ==, NULL);
    g_assert_cmpstr(say("comment", "{" RID ",\"alert\":\"01jd\",\"note\":\"x\"}").refusal, ==, NULL);
    g_assert_cmpstr(say("arm", "{" RID "}").refusal, ==, NULL);
    c = say("disarm", "{" RID ",\"camera\":\"gate\"}");
    g_assert_cmpstr(c.refusal, ==, NULL);
    g_assert_cmpint(c.until_utc_ns, ==, SKY_TIME_NONE);
    c = say("disarm", "{" RID ",\"until\":\"1970-01-01T00:00:07Z\"}");
    g_assert_cmpstr(c.refusal, ==, NULL);
    g_assert_cmpint(c.until_utc_ns, ==, 7 * SKY_NS_PER_S);
}

static void test_not_ours(void) {
    static const char *const topics[] = {
        "", "skynet/v1/s/cmd", "skynet/v1/s/cmd/duty/li", "skynet/v1/s/cmd/duty/li/acknowledge/x",
        "skynet/v1/other/cmd/duty/li/acknowledge",
        "skynet/v2/s/cmd/duty/li/acknowledge", "skynet/v1/s/cmd/duty//acknowledge", "skynet/v1/s/cmd//li/acknowledge",
        "skynet/v1/s/cmd/Duty/li/acknowledge", "skynet/v1/s/cmd/duty/李/acknowledge", "skynet/v1/s/cmd/duty/+/acknowledge",
        "skynet/v1/s/cmd/duty/a b/acknowledge", "skynet/v1/s/status",
        "skynet/v1/s/cmd/duty/0123456789012345678901234567890123456789012345678901234567890123/acknowledge",
    };
    for (guint i = 0; i < G_N_ELEMENTS(topics); i++) {
        SkyCommand command;
        if (sky_command_parse("s", topics[i], "{}", 2, FALSE, &command))
            g_error("taken: %s", topics[i]);
    }
}

/* verb, payload, and the one code that answers it */
static const struct {
    const char *verb, *json, *refusal;
} hostile[] = {
    {"acknowledge", "", "bad-json"},
    {"acknowledge", "x", "bad-json"},
    {"acknowledge", "null", "bad-json"},
    {"acknowledge", "[]", "bad-json"},
    {"acknowledge", "\"x\"", "bad-json"},
    {"acknowledge", "{", "bad-json"},
    {"acknowledge", "}", "bad-json"},
    {"acknowledge", "]{}", "bad-json"},
    {"acknowledge", "{]", "bad-json"},
    {"acknowledge", "{}}", "bad-json"},
    {"acknowledge", "{}{}", "bad-json"},
    {"acknowledge", "{" RID ",\"alert\":\"01jd\"} // x", "bad-json"},
    {"acknowledge", "{/*x*/" RID ",\"alert\":\"01jd\"}", "bad-json"},
    {"acknowledge", "{" RID " \"alert\":\"01jd\"}", "bad-json"},
    {"acknowledge", "{" RID ",\"alert\":\"01jd\",}", "bad-json"},
    {"acknowledge", "{" RID ",\"alert\":'01jd'}", "bad-json"},
    {"acknowledge", "{" RID ",\"note\":\"a\nb\"}", "bad-json"},
    {"acknowledge", "{" RID ",\"note\":\"a\xff\"}", "bad-json"},
    {"acknowledge", "{" RID ",\"a\":[[[[[[[[[[1]]]]]]]]]]}", "bad-json"},
    {"acknowledge", "{\"alert\":\"01jd\"}", "no-request-id"},
    {"acknowledge", "{\"request_id\":null,\"alert\":\"01jd\"}", "no-request-id"},
    {"acknowledge", "{\"request_id\":7,\"alert\":\"01jd\"}", "no-request-id"},
    {"acknowledge", "{\"request_id\":\"\",\"alert\":\"01jd\"}", "no-request-id"},
    {"acknowledge", "{\"request_id\":\"a b\",\"alert\":\"01jd\"}", "no-request-id"},
    {"acknowledge", "{\"request_id\":\"请\",\"alert\":\"01jd\"}", "no-request-id"},
    {"acknowledge", "{\"request_id\":{\"a\":1},\"alert\":\"01jd\"}", "no-request-id"},
    {"acknowledge",
     "{\"request_id\":\"0123456789012345678901234567890123456789012345678901234567890123\",\"alert\":\"01jd\"}",
     "no-request-id"},
    {"acknowledge", "{" RID "}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":null}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":7}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":true}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":[\"01jd\"]}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":\"\"}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":\"01JD\"}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":\"../../etc\"}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":\"#\"}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":\"01jd\",\"note\":7}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":\"01jd\",\"note\":\"\\udc00x\"}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":\"01jd\",\"deadline\":7}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":\"01jd\",\"deadline\":\"soon\"}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":\"01jd\",\"deadline\":\"2026-02-30T00:00:00Z\"}", "bad-value"},
    {"acknowledge", "{" RID ",\"alert\":\"01jd\",\"deadline\":\"2026-11-24T06:00:00+08:00\"}", "bad-value"},
    {"assign", "{" RID ",\"alert\":\"01jd\"}", "bad-value"},
    {"assign", "{" RID ",\"alert\":\"01jd\",\"assignee\":\"老王\"}", "bad-value"},
    {"comment", "{" RID ",\"alert\":\"01jd\"}", "bad-value"},
    {"comment", "{" RID ",\"alert\":\"01jd\",\"note\":\"\"}", "bad-value"},
    {"replay", "{" RID "}", "bad-value"},
    {"replay", "{" RID ",\"epoch\":\"01JDEPCH0000000000000000ZZ\"}", "bad-value"},
    {"replay", "{" RID ",\"epoch\":\"01JDEPCH0000000000000000ZZ\",\"from_seq\":0}", "bad-value"},
    {"replay", "{" RID ",\"epoch\":\"01JDEPCH0000000000000000ZZ\",\"from_seq\":-1}", "bad-value"},
    {"replay", "{" RID ",\"epoch\":\"01JDEPCH0000000000000000ZZ\",\"from_seq\":1.5}", "bad-value"},
    {"replay", "{" RID ",\"epoch\":\"01JDEPCH0000000000000000ZZ\",\"from_seq\":1e999}", "bad-value"},
    {"replay", "{" RID ",\"epoch\":\"01JDEPCH0000000000000000ZZ\",\"from_seq\":99999999999999999999999999}", "bad-value"},
    {"replay", "{" RID ",\"epoch\":\"01JDEPCH0000000000000000ZZ\",\"from_seq\":\"1\"}", "bad-value"},
    {"replay", "{" RID ",\"epoch\":\"short\",\"from_seq\":1}", "bad-value"},
    {"replay", "{" RID ",\"epoch\":\"01JDEPCH0000000000000000Z'\",\"from_seq\":1}", "bad-value"},
    {"snapshot", "{" RID "}", "bad-value"},
    {"arm", "{" RID ",\"camera\":\"a/b\"}", "bad-value"},
    {"disarm", "{" RID ",\"until\":\"tomorrow\"}", "bad-value"},
    {"disarm", "{" RID ",\"until\":8}", "bad-value"},
    {"reboot", "{" RID "}", "unknown-verb"},
    {"unknown", "{" RID "}", "unknown-verb"},
    {"Acknowledge", "{" RID ",\"alert\":\"01jd\"}", "unknown-verb"},
    {"", "{" RID "}", "unknown-verb"},
    {"\x1b[2J", "{" RID "}", "unknown-verb"},
};

static void test_hostile(void) {
    for (guint i = 0; i < G_N_ELEMENTS(hostile); i++) {
        SkyCommand command = say(hostile[i].verb, hostile[i].json);
        if (g_strcmp0(command.refusal, hostile[i].refusal) != 0)
            g_error("%s: %s, not %s", hostile[i].json, command.refusal, hostile[i].refusal);
        if (strcmp(command.refusal, "bad-json") != 0 && strcmp(command.refusal, "no-request-id") != 0)
            g_assert_cmpstr(command.request_id, ==, "r-1"); /* the reply can name the request */
        for (const char *c = command.verb_text; *c; c++)
            g_assert_true(g_ascii_islower(*c) || *c == '-');
    }
}

static void test_bytes(void) {
    SkyCommand command = parse(TOPIC "acknowledge", NULL, 0, FALSE);
    g_assert_cmpstr(command.refusal, ==, "bad-json");
    static const char nul[] = "{" RID ",\0\"alert\":\"01jd\"}";
    command = parse(TOPIC "acknowledge", nul, sizeof nul - 1, FALSE);
    g_assert_cmpstr(command.refusal, ==, "bad-json");
    /* not NUL-terminated: exactly the bytes given are read */
    g_autofree char *exact = g_memdup2("{" RID ",\"alert\":\"01jd\"}", strlen("{" RID ",\"alert\":\"01jd\"}"));
    command = parse(TOPIC "acknowledge", exact, strlen("{" RID ",\"alert\":\"01jd\"}"), FALSE);
    g_assert_cmpstr(command.refusal, ==, NULL);
    static const char escaped_nul[] = "{" RID ",\"alert\":\"01jd\",\"note\":\"a\\u0000b\"}";
    command = parse(TOPIC "acknowledge", escaped_nul, sizeof escaped_nul - 1, FALSE);
    g_assert_cmpstr(command.refusal, ==, "bad-json");
    gsize large = 1024 * 1024;
    g_autofree char *zeros = g_malloc0(large);
    command = parse(TOPIC "acknowledge", zeros, large, FALSE);
    g_assert_cmpstr(command.refusal, ==, "too-large");
    g_autofree char *deep = g_malloc(8192);
    memset(deep, '[', 8192);
    memcpy(deep, "{\"a\":", 5);
    command = parse(TOPIC "acknowledge", deep, 8192, FALSE);
    g_assert_cmpstr(command.refusal, ==, "bad-json");
    command = parse(TOPIC "acknowledge", deep, 8193, FALSE);
    g_assert_cmpstr(command.refusal, ==, "too-large");
}

static void test_retained(void) {
    static const char json[] = "{" RID ",\"alert\":\"01jd\"}";
    SkyCommand command = parse(TOPIC "acknowledge", json, sizeof json - 1, TRUE);
    g_assert_cmpstr(command.refusal, ==, "retained");
    g_assert_cmpstr(command.request_id, ==, "r-1");
    command = parse(TOPIC "reboot", "x", 1, TRUE);
    g_assert_cmpstr(command.refusal, ==, "retained");
}

static void test_note_edge(void) {
    for (gsize length = 511; length <= 512; length++) {
        g_autofree char *note = g_strnfill(length, 'n');
        g_autofree char *json = g_strdup_printf("{" RID ",\"alert\":\"01jd\",\"note\":\"%s\"}", note);
        g_assert_cmpstr(say("comment", json).refusal, ==, length == 511 ? NULL : "bad-value");
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/command/good", test_good);
    g_test_add_func("/command/not-ours", test_not_ours);
    g_test_add_func("/command/hostile", test_hostile);
    g_test_add_func("/command/bytes", test_bytes);
    g_test_add_func("/command/retained", test_retained);
    g_test_add_func("/command/note-edge", test_note_edge);
    return g_test_run();
}
