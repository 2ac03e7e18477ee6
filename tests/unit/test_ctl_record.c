/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/ctl/record.h"

#define E1 "01JDEPCH000000000000000001"
#define E2 "01JDEPCH000000000000000002"

typedef struct {
    char *directory, *path;
    SkyRecorder *recorder;
} Rig;

static void rig_open(Rig *rig) {
    g_autoptr(GError) error = NULL;
    rig->recorder = sky_recorder_open(rig->path, &error);
    g_assert_no_error(error);
}

static void set_up(Rig *rig, gconstpointer data) {
    rig->directory = g_dir_make_tmp("sky-record-XXXXXX", NULL);
    rig->path = g_build_filename(rig->directory, "log.jsonl", NULL);
    rig_open(rig);
}

static void tear_down(Rig *rig, gconstpointer data) {
    sky_recorder_free(rig->recorder);
    g_unlink(rig->path);
    g_rmdir(rig->directory);
    g_free(rig->path);
    g_free(rig->directory);
}

static gboolean take(Rig *rig, const char *audience, const char *epoch, unsigned seq) {
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdup_printf("{\"data\":{\"alert\":\"a\", \"rev\":%u,\"epoch\":\"%s\",\"seq\":%u}}", seq, epoch, seq);
    gboolean taken = sky_recorder_take(rig->recorder, audience, text, strlen(text), &error);
    g_assert_no_error(error);
    return taken;
}

static unsigned lines(Rig *rig) {
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(rig->path, &text, NULL, NULL));
    unsigned count = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        count++;
    return count;
}

static gboolean wants(Rig *rig, int64_t now_s, uint64_t from) {
    SkyRecorderWant want;
    if (!sky_recorder_wants(rig->recorder, now_s * SKY_NS_PER_S, &want))
        return FALSE;
    g_assert_cmpstr(want.audience, ==, "duty");
    g_assert_cmpuint(want.from_seq, ==, from);
    return TRUE;
}

static void test_once(Rig *rig, gconstpointer data) {
    g_assert_true(take(rig, "duty", E1, 1));
    g_assert_false(take(rig, "duty", E1, 1));
    g_assert_true(take(rig, "police", E1, 1)); /* each audience counts for itself */
    g_assert_true(take(rig, "duty", E1, 3));
    g_assert_false(take(rig, "duty", E1, 3));
    g_assert_cmpuint(sky_recorder_seq(rig->recorder, "duty", E1), ==, 1);
    g_assert_true(take(rig, "duty", E1, 2));
    g_assert_cmpuint(sky_recorder_seq(rig->recorder, "duty", E1), ==, 3);
    g_assert_cmpuint(lines(rig), ==, 4);
    static const char *const others[] = {"", "x", "{}", "{\"data\":{\"seq\":1}}", "{\"data\":{\"epoch\":\"" E1 "\",\"seq\":-1}}",
                                         "{\"data\":{\"epoch\":\"" E1 "\",\"seq\":0}}", "{\"data\":{\"epoch\":\"" E1 E2 "\",\"seq\":9}}"};
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(sky_recorder_take(rig->recorder, "duty", others[i], strlen(others[i]), NULL));
    g_assert_cmpuint(lines(rig), ==, 4);
}

static gboolean take_as(Rig *rig, unsigned seq, const char *second, const char *id) {
    g_autofree char *text = g_strdup_printf("{\"id\":\"%s\",\"time\":\"2026-11-27T07:00:%s.000Z\",\"data\":{\"epoch\":\"" E1 "\",\"seq\":%u}}",
                                            id, second, seq);
    return sky_recorder_take(rig->recorder, "duty", text, strlen(text), NULL);
}

static gboolean take_at(Rig *rig, unsigned seq, const char *second) {
    g_autofree char *id = g_strdup_printf("a%u-1", seq);
    return take_as(rig, seq, second, id);
}

/* The gateway's store was restored from an older copy, and counts from there: what it tells is new, and is no hole. */
static void test_restored(Rig *rig, gconstpointer data) {
    static const char *const seconds[] = {"01", "02", "03", "04"};
    for (unsigned i = 0; i < G_N_ELEMENTS(seconds); i++)
        g_assert_true(take_at(rig, i + 1, seconds[i]));
    sky_recorder_free(rig->recorder);
    rig_open(rig);
    g_assert_false(take_at(rig, 3, "03")); /* once more */
    g_assert_false(take_at(rig, 4, "04"));
    g_assert_true(take_at(rig, 3, "31"));
    g_assert_false(take_at(rig, 3, "31"));
    g_assert_true(take_at(rig, 4, "32"));
    g_assert_true(take_at(rig, 5, "33"));
    g_assert_cmpuint(sky_recorder_seq(rig->recorder, "duty", E1), ==, 5);
    g_assert_cmpuint(lines(rig), ==, 7);
}

/* All that was open then is told as interrupted in one moment, the first of the restored store. */
static void test_restored_at_once(Rig *rig, gconstpointer data) {
    for (unsigned i = 1; i <= 3; i++)
        g_assert_true(take_at(rig, i, "01"));
    g_assert_true(take_as(rig, 2, "31", "a1-2"));
    g_assert_true(take_as(rig, 3, "31", "a2-2"));
    sky_recorder_free(rig->recorder);
    rig_open(rig);
    g_assert_false(take_as(rig, 2, "31", "a1-2")); /* once more */
    g_assert_false(take_as(rig, 3, "31", "a2-2"));
    g_assert_cmpuint(lines(rig), ==, 5);
}

static void test_asks(Rig *rig, gconstpointer data) {
    g_assert_false(wants(rig, 0, 0));
    sky_recorder_begin(rig->recorder, "duty", E1);
    g_assert_true(wants(rig, 100, 1)); /* all that there is */
    g_assert_false(wants(rig, 100, 0));
    g_assert_true(wants(rig, 110, 1)); /* the gateway was away */
    sky_recorder_answered(rig->recorder, "police", TRUE);
    g_assert_false(wants(rig, 120, 0)); /* less and less often */
    g_assert_true(wants(rig, 130, 1));
    sky_recorder_answered(rig->recorder, "duty", TRUE);
    g_assert_false(wants(rig, 190, 0));
    g_assert_true(take(rig, "duty", E1, 1));
    g_assert_false(wants(rig, 200, 0));
    g_assert_true(take(rig, "duty", E1, 4)); /* a hole */
    g_assert_true(wants(rig, 201, 2));
    g_assert_false(wants(rig, 210, 0)); /* not so soon */
    g_assert_true(take(rig, "duty", E1, 2));
    g_assert_true(wants(rig, 211, 3)); /* a step forward, a hole still */
    g_assert_true(take(rig, "duty", E1, 3));
    g_assert_false(wants(rig, 300, 0));
    sky_recorder_begin(rig->recorder, "duty", E1); /* connected again: something may have been missed */
    g_assert_true(wants(rig, 301, 5));
}

static void test_gives_up(Rig *rig, gconstpointer data) {
    sky_recorder_begin(rig->recorder, "duty", E1);
    g_assert_true(wants(rig, 0, 1));
    sky_recorder_answered(rig->recorder, "duty", TRUE);
    g_assert_true(take(rig, "duty", E1, 5));
    g_assert_true(take(rig, "duty", E1, 6));
    SkyRecorderWant want = {0};
    int64_t now_s = 10;
    for (; now_s < 200 && want.lost_from == 0; now_s += 10) {
        g_assert_true(sky_recorder_wants(rig->recorder, now_s * SKY_NS_PER_S, &want));
        g_assert_cmpuint(want.unanswered, ==, 0);
        sky_recorder_answered(rig->recorder, "duty", TRUE);
    }
    g_assert_cmpint(now_s, >=, 40);
    g_assert_cmpuint(want.lost_from, ==, 1);
    g_assert_cmpuint(want.lost_to, ==, 4);
    g_assert_cmpuint(want.from_seq, ==, 7);
    g_assert_false(wants(rig, now_s + 100, 0));
    g_assert_cmpuint(sky_recorder_seq(rig->recorder, "duty", E1), ==, 6);
}

/* A gateway that is off for an hour has lost nothing. */
static void test_nobody_answers(Rig *rig, gconstpointer data) {
    sky_recorder_begin(rig->recorder, "duty", E1);
    g_assert_true(wants(rig, 0, 1));
    sky_recorder_answered(rig->recorder, "duty", TRUE);
    g_assert_true(take(rig, "duty", E1, 5));
    SkyRecorderWant want = {0};
    unsigned asked = 0;
    for (int64_t now_s = 10; now_s < 7200; now_s += 10) {
        if (!sky_recorder_wants(rig->recorder, now_s * SKY_NS_PER_S, &want))
            continue;
        asked++;
        g_assert_cmpuint(want.from_seq, ==, 1);
        g_assert_cmpuint(want.lost_from, ==, 0);
    }
    g_assert_cmpuint(asked, ==, 17); /* after 10 s, 10, 20, 40 and so on to 640, and then each 640 */
    g_assert_cmpuint(want.unanswered, ==, 16);
    sky_recorder_answered(rig->recorder, "duty", TRUE);
    for (unsigned seq = 1; seq <= 4; seq++)
        g_assert_true(take(rig, "duty", E1, seq));
    g_assert_false(wants(rig, 8000, 0));
    g_assert_cmpuint(sky_recorder_seq(rig->recorder, "duty", E1), ==, 5);
}

/* Nor has one that says no: it is there. */
static void test_refuses(Rig *rig, gconstpointer data) {
    sky_recorder_begin(rig->recorder, "duty", E1);
    SkyRecorderWant want;
    for (int64_t now_s = 0; now_s < 600; now_s += 10) {
        g_assert_true(sky_recorder_wants(rig->recorder, now_s * SKY_NS_PER_S, &want));
        g_assert_cmpuint(want.unanswered, ==, 0);
        g_assert_cmpuint(want.lost_from, ==, 0);
        sky_recorder_answered(rig->recorder, "duty", FALSE);
    }
    g_assert_true(wants(rig, 600, 1));
    sky_recorder_answered(rig->recorder, "duty", TRUE);
    g_assert_false(wants(rig, 700, 0));
}

/* Nor may one that must not ask fall silent: once there is no room behind the hole, what comes is more than what is missing. */
static void test_no_room_behind_a_hole(Rig *rig, gconstpointer data) {
    sky_recorder_begin(rig->recorder, "duty", E1);
    g_assert_true(wants(rig, 0, 1));
    unsigned seq = 2;
    while (take(rig, "duty", E1, seq))
        seq++;
    SkyRecorderWant want = {0};
    for (int64_t now_s = 10; now_s <= 80 && want.lost_from == 0; now_s += 10)
        sky_recorder_wants(rig->recorder, now_s * SKY_NS_PER_S, &want);
    g_assert_cmpuint(want.lost_from, ==, 1);
    g_assert_cmpuint(want.lost_to, ==, 1);
    g_assert_true(take(rig, "duty", E1, seq));
}

static void test_gap_note(Rig *rig, gconstpointer data) {
    static const char note[] = "{\"data\":{\"audience\":\"duty\",\"epoch\":\"" E1 "\",\"from_seq\":2,\"to_seq\":9}}";
    sky_recorder_begin(rig->recorder, "duty", E1);
    g_assert_true(wants(rig, 0, 1));
    sky_recorder_answered(rig->recorder, "duty", TRUE);
    g_assert_true(take(rig, "duty", E1, 1));
    g_assert_true(take(rig, "duty", E1, 5));
    g_assert_true(sky_recorder_take(rig->recorder, "duty", note, strlen(note), NULL));
    g_assert_false(sky_recorder_take(rig->recorder, "duty", note, strlen(note), NULL));
    g_assert_cmpuint(sky_recorder_seq(rig->recorder, "duty", E1), ==, 9);
    g_assert_true(take(rig, "duty", E1, 10));
    g_assert_false(wants(rig, 100, 0));
    g_clear_pointer(&rig->recorder, sky_recorder_free);
    rig_open(rig);
    g_assert_cmpuint(sky_recorder_seq(rig->recorder, "duty", E1), ==, 10);
}

/* A new database counts anew; what is missing of the old one nobody can send. */
static void test_new_epoch(Rig *rig, gconstpointer data) {
    sky_recorder_begin(rig->recorder, "duty", E1);
    g_assert_true(wants(rig, 0, 1));
    g_assert_true(take(rig, "duty", E1, 7));
    sky_recorder_begin(rig->recorder, "duty", E2);
    SkyRecorderWant want;
    g_assert_true(sky_recorder_wants(rig->recorder, 100 * SKY_NS_PER_S, &want));
    g_assert_cmpstr(want.epoch, ==, E2);
    g_assert_cmpuint(want.from_seq, ==, 1);
    g_assert_false(sky_recorder_wants(rig->recorder, 100 * SKY_NS_PER_S, &want));
    g_assert_true(take(rig, "duty", E2, 1));
    g_assert_true(take(rig, "duty", E1, 6)); /* late: still worth having */
}

static void test_goes_on(Rig *rig, gconstpointer data) {
    for (unsigned seq = 1; seq <= 50; seq++)
        if (seq != 20)
            g_assert_true(take(rig, "duty", E1, seq));
    g_clear_pointer(&rig->recorder, sky_recorder_free);
    /* a power cut in the middle of a line */
    FILE *file = g_fopen(rig->path, "a");
    fputs("{\"audience\":\"duty\",\"epoch\":\"" E1 "\",\"seq\":51,\"pay", file);
    fclose(file);
    rig_open(rig);
    g_assert_cmpuint(lines(rig), ==, 49);
    g_assert_cmpuint(sky_recorder_seq(rig->recorder, "duty", E1), ==, 19);
    g_assert_false(take(rig, "duty", E1, 50));
    g_assert_true(take(rig, "duty", E1, 51));
    sky_recorder_begin(rig->recorder, "duty", E1);
    g_assert_true(wants(rig, 0, 20));
    g_assert_true(take(rig, "duty", E1, 20));
    g_assert_cmpuint(sky_recorder_seq(rig->recorder, "duty", E1), ==, 51);
    g_assert_cmpuint(lines(rig), ==, 51);
}

static void test_refused(Rig *rig, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    g_autofree char *inside = g_build_filename(rig->path, "x", NULL);
    g_assert_null(sky_recorder_open(inside, &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    /* something else's file is not cut to pieces */
    g_autofree char *other = g_strnfill(200000, 'x');
    g_assert_true(g_file_set_contents(rig->path, other, -1, NULL));
    g_assert_null(sky_recorder_open(rig->path, &error));
    g_assert_nonnull(strstr(error->message, "not a recorder's file"));
    g_autofree char *after = NULL;
    gsize bytes = 0;
    g_assert_true(g_file_get_contents(rig->path, &after, &bytes, NULL));
    g_assert_cmpuint(bytes, ==, 200000);
    g_clear_error(&error);
    static const char *const foreign[] = {"notes", "{\"x\":1}\n", "{\"audience\":\"duty\"}\n"};
    for (guint i = 0; i < G_N_ELEMENTS(foreign); i++) {
        g_assert_true(g_file_set_contents(rig->path, foreign[i], -1, NULL));
        g_assert_null(sky_recorder_open(rig->path, &error));
        g_clear_error(&error);
    }
}

#define ADD(name, function) g_test_add("/ctl-record/" name, Rig, NULL, set_up, function, tear_down)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    ADD("once", test_once);
    ADD("restored", test_restored);
    ADD("restored-at-once", test_restored_at_once);
    ADD("asks", test_asks);
    ADD("gives-up", test_gives_up);
    ADD("nobody-answers", test_nobody_answers);
    ADD("refuses", test_refuses);
    ADD("no-room-behind-a-hole", test_no_room_behind_a_hole);
    ADD("gap-note", test_gap_note);
    ADD("new-epoch", test_new_epoch);
    ADD("goes-on", test_goes_on);
    ADD("refused", test_refused);
    return g_test_run();
}
