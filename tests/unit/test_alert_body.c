/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "message/message.h"

static void random_id(char *ret_id, gboolean may_be_empty) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    guint length = (guint)g_test_rand_int_range(may_be_empty ? 0 : 1, SKY_ID_BYTES);
    for (guint i = 0; i < length; i++)
        ret_id[i] = letters[g_test_rand_int_range(0, i == 0 ? 36 : 37)];
    ret_id[length] = 0;
}

static void random_words(char *ret_text, gsize capacity) {
    static const char *const characters[] = {"a", "\"", "\\", "\n", "\x01", "\x7f", "/", "é", "村", "😀", "{", "}", "[", ",", ":"};
    GString *text = g_string_new(NULL);
    for (gint32 left = g_test_rand_int_range(0, 600); left > 0; left--) {
        const char *c = characters[g_test_rand_int_range(0, G_N_ELEMENTS(characters))];
        if (text->len + strlen(c) < capacity)
            g_string_append(text, c);
    }
    g_strlcpy(ret_text, text->str, capacity);
    g_string_free(text, TRUE);
}

static int64_t random_time(void) {
    return ((int64_t)g_test_rand_int_range(0, G_MAXINT32) << 32) | (uint32_t)g_test_rand_int();
}

static void random_hash(char ret_hash[65]) {
    for (int i = 0; i < 64; i++)
        ret_hash[i] = "0123456789abcdef"[g_test_rand_int_range(0, 16)];
    ret_hash[64] = 0;
}

static float random_float(void) {
    return (float)g_test_rand_double_range(-1e6, 1e6);
}

static SkyAlert random_alert(void) {
    SkyAlert alert = {
        .rev = (uint32_t)g_test_rand_int_range(1, G_MAXINT32),
        .state = (SkyAlertState)g_test_rand_int_range(0, SKY_ALERT_EXPIRED + 1),
        .kind = (SkyEventKind)g_test_rand_int_range(0, SKY_EVENT_RECOVERED + 1),
        .severity = (uint32_t)g_test_rand_int_range(1, 5),
        .test = g_test_rand_bit(),
        .begin_utc_ns = random_time(),
        .end_utc_ns = g_test_rand_bit() ? random_time() : SKY_TIME_NONE,
        .clock_synced = g_test_rand_bit(),
        .interrupted = g_test_rand_bit(),
        .raised_utc_ns = random_time(),
        .updated_utc_ns = random_time(),
        .box = {random_float(), random_float(), random_float(), random_float()},
        .from = {random_float(), random_float()},
        .to = {random_float(), random_float()},
        .path_seconds = g_test_rand_double_range(0, 1e9),
        .score = g_test_rand_double(),
        .count = (uint32_t)g_test_rand_int(),
        .evidence_missing = g_test_rand_bit(),
    };
    random_id(alert.id, FALSE);
    random_id(alert.event_id, TRUE);
    random_id(alert.camera, TRUE);
    random_id(alert.zone, TRUE);
    random_id(alert.test_audience, TRUE);
    random_id(alert.actor, TRUE);
    random_id(alert.assignee, TRUE);
    random_words(alert.note, sizeof alert.note);
    random_words(alert.cause, sizeof alert.cause);
    if (g_test_rand_bit()) {
        alert.image.bytes = (uint64_t)random_time() + 1;
        random_hash(alert.image.sha256);
    }
    if (g_test_rand_bit()) {
        random_id(alert.clip.id, FALSE);
        random_hash(alert.clip.sha256);
        for (gint i = g_test_rand_int_range(0, SKY_CLIP_FURTHER_MAX + 1); i-- > 0;)
            random_hash(alert.clip.further[i]);
        alert.clip.seconds = g_test_rand_double_range(0, 1e4);
    }
    return alert;
}

static void assert_same(const SkyAlert *a, const SkyAlert *b) {
    g_assert_cmpstr(a->id, ==, b->id);
    g_assert_cmpstr(a->event_id, ==, b->event_id);
    g_assert_cmpuint(a->rev, ==, b->rev);
    g_assert_cmpint(a->state, ==, b->state);
    g_assert_cmpint(a->kind, ==, b->kind);
    g_assert_cmpuint(a->severity, ==, b->severity);
    g_assert_cmpint(a->test, ==, b->test);
    g_assert_cmpstr(a->test_audience, ==, b->test_audience);
    g_assert_cmpstr(a->camera, ==, b->camera);
    g_assert_cmpstr(a->zone, ==, b->zone);
    g_assert_cmpint(a->begin_utc_ns, ==, b->begin_utc_ns);
    g_assert_cmpint(a->end_utc_ns, ==, b->end_utc_ns);
    g_assert_cmpint(a->clock_synced, ==, b->clock_synced);
    g_assert_cmpint(a->interrupted, ==, b->interrupted);
    g_assert_cmpint(a->raised_utc_ns, ==, b->raised_utc_ns);
    g_assert_cmpint(a->updated_utc_ns, ==, b->updated_utc_ns);
    g_assert_cmpmem(&a->box, sizeof a->box, &b->box, sizeof b->box);
    g_assert_cmpmem(&a->from, sizeof a->from, &b->from, sizeof b->from);
    g_assert_cmpmem(&a->to, sizeof a->to, &b->to, sizeof b->to);
    g_assert_cmpfloat(a->path_seconds, ==, b->path_seconds);
    g_assert_cmpfloat(a->score, ==, b->score);
    g_assert_cmpuint(a->count, ==, b->count);
    g_assert_cmpuint(a->image.bytes, ==, b->image.bytes);
    g_assert_cmpstr(a->image.sha256, ==, b->image.sha256);
    g_assert_cmpstr(a->clip.id, ==, b->clip.id);
    g_assert_cmpstr(a->clip.sha256, ==, b->clip.sha256);
    for (guint i = 0; i < SKY_CLIP_FURTHER_MAX; i++)
        g_assert_cmpstr(a->clip.further[i], ==, b->clip.further[i]);
    g_assert_cmpfloat(a->clip.seconds, ==, b->clip.seconds);
    g_assert_cmpint(a->evidence_missing, ==, b->evidence_missing);
    g_assert_cmpstr(a->actor, ==, b->actor);
    g_assert_cmpstr(a->assignee, ==, b->assignee);
    g_assert_cmpstr(a->note, ==, b->note);
    g_assert_cmpstr(a->cause, ==, b->cause);
}

static void test_round_trip(void) {
    for (guint i = 0; i < 500; i++) {
        SkyAlert before = random_alert(), after;
        g_autofree char *body = sky_message_alert_body(&before);
        g_autoptr(GError) error = NULL;
        gboolean parsed = sky_message_alert_body_parse(body, &after, &error);
        g_assert_no_error(error);
        g_assert_true(parsed);
        assert_same(&before, &after);
    }
}

#define HEAD "\"v\":1,\"id\":\"a\",\"rev\":1,\"state\":\"raised\",\"kind\":\"motion\",\"raised\":5,\"updated\":6"

static void test_short(void) {
    SkyAlert alert;
    g_assert_true(sky_message_alert_body_parse("{" HEAD ",\"later\":{\"x\":1}}", &alert, NULL));
    g_assert_cmpint(alert.end_utc_ns, ==, SKY_TIME_NONE);
    g_assert_cmpuint(alert.count, ==, 1);
    g_assert_cmpstr(alert.note, ==, "");
}

static void test_damaged(void) {
    static const char *const bodies[] = {
        "", "null", "[]", "{}", "{" HEAD, "{" HEAD ",\"note\":7}", "{" HEAD ",\"box\":[1,2,3]}", "{" HEAD ",\"box\":\"x\"}",
        "{" HEAD ",\"box\":[1,2,3,[]]}", "{" HEAD ",\"camera\":\"../x\"}", "{" HEAD ",\"end\":\"x\"}", "{" HEAD ",\"count\":-1}",
        "{" HEAD ",\"count\":99999999999}", "{" HEAD ",\"score\":1e999}", "{" HEAD ",\"test\":1}", "{" HEAD ",\"rev\":0}",
        "{" HEAD ",\"state\":\"open\"}", "{" HEAD ",\"kind\":null}", "{" HEAD ",\"v\":2}", "{" HEAD ",\"id\":\"\"}",
        "{" HEAD ",\"image\":{\"bytes\":-5}}", "{" HEAD ",\"updated\":-1}",
    };
    for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
        SkyAlert alert = {.rev = 99};
        g_autoptr(GError) error = NULL;
        if (sky_message_alert_body_parse(bodies[i], &alert, &error))
            g_error("taken: %s", bodies[i]);
        g_assert_error(error, SKY_ERROR, SKY_ERR_DATA);
        g_assert_true(g_str_has_prefix(error->message, "alert body: "));
        g_assert_cmpuint(alert.rev, ==, 99);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/alert-body/round-trip", test_round_trip);
    g_test_add_func("/alert-body/short", test_short);
    g_test_add_func("/alert-body/damaged", test_damaged);
    return g_test_run();
}
