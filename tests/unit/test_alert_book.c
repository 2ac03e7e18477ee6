/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "alert/alert_book.h"
#include "base/clock.h"

#define HOUR_NS (3600 * SKY_NS_PER_S)
#define T0 (INT64_C(1795500000) * SKY_NS_PER_S)

typedef struct {
    SkyAlertBook *book;
    GArray *revisions; /* SkyAlert */
} Fixture;

static void collect(const SkyAlert *revision, gpointer user) {
    g_array_append_val((GArray *)user, *revision);
}

static void fixture_open(Fixture *fixture, uint32_t open_max) {
    fixture->revisions = g_array_new(FALSE, TRUE, sizeof(SkyAlert));
    SkyAlertBookParams params = {.expire_ns = 24 * HOUR_NS, .open_max = open_max};
    fixture->book = sky_alert_book_new(&params, collect, fixture->revisions);
}

static void set_up(Fixture *fixture, gconstpointer data) {
    fixture_open(fixture, 512);
}

static void tear_down(Fixture *fixture, gconstpointer data) {
    sky_alert_book_free(fixture->book);
    g_array_unref(fixture->revisions);
}

static SkyAlert event_of(const char *camera, const char *event_id) {
    SkyAlert event = {
        .kind = SKY_EVENT_INTRUSION, .severity = 2, .begin_utc_ns = T0 - SKY_NS_PER_S, .end_utc_ns = SKY_TIME_NONE, .score = 0.5};
    g_strlcpy(event.camera, camera, sizeof event.camera);
    g_strlcpy(event.event_id, event_id, sizeof event.event_id);
    return event;
}

static void raise_alert(Fixture *fixture, const char *id, const char *camera, const char *event_id, int64_t now_ns) {
    SkyAlert event = event_of(camera, event_id);
    sky_alert_book_raise(fixture->book, id, &event, now_ns);
}

static const SkyAlert *last(Fixture *fixture) {
    g_assert_cmpuint(fixture->revisions->len, >, 0);
    return &g_array_index(fixture->revisions, SkyAlert, fixture->revisions->len - 1);
}

static void expect(Fixture *fixture, guint revisions, uint32_t rev, SkyAlertState state, const char *cause) {
    g_assert_cmpuint(fixture->revisions->len, ==, revisions);
    g_assert_cmpuint(last(fixture)->rev, ==, rev);
    g_assert_cmpint(last(fixture)->state, ==, state);
    g_assert_cmpstr(last(fixture)->cause, ==, cause);
}

static SkyAlertAnswer say(Fixture *fixture, SkyAlertVerb verb, const char *id, const char *value, int64_t now_ns) {
    SkyAlertCommand command = {.verb = verb, .alert = id, .actor = "li"};
    if (verb == SKY_COMMAND_ASSIGN)
        command.assignee = value;
    else
        command.note = value;
    return sky_alert_book_command(fixture->book, &command, now_ns);
}

static void test_raise_and_end(Fixture *fixture, gconstpointer data) {
    raise_alert(fixture, "a1", "gate", "e1", T0);
    expect(fixture, 1, 1, SKY_ALERT_RAISED, "raised");
    g_assert_cmpint(last(fixture)->raised_utc_ns, ==, T0);
    g_assert_cmpuint(last(fixture)->count, ==, 1);
    raise_alert(fixture, "a2", "gate", "e1", T0); /* the same begin again */
    g_assert_cmpuint(fixture->revisions->len, ==, 1);

    SkyAlert end = event_of("gate", "e1");
    end.end_utc_ns = T0 + 5 * SKY_NS_PER_S;
    end.score = 0.25;
    end.path_seconds = 4.5;
    end.from.x = 0.75f;
    g_assert_true(sky_alert_book_event_end(fixture->book, &end, T0 + 6 * SKY_NS_PER_S));
    expect(fixture, 2, 2, SKY_ALERT_RAISED, "ended");
    g_assert_cmpint(last(fixture)->end_utc_ns, ==, T0 + 5 * SKY_NS_PER_S);
    g_assert_cmpfloat(last(fixture)->score, ==, 0.25);
    g_assert_cmpfloat(last(fixture)->path_seconds, ==, 4.5);
    g_assert_false(sky_alert_book_event_end(fixture->book, &end, T0)); /* it has ended */
    end.event_id[0] = 0;
    g_assert_false(sky_alert_book_event_end(fixture->book, &end, T0));
    g_assert_cmpuint(fixture->revisions->len, ==, 2);
}

static void test_transitions(Fixture *fixture, gconstpointer data) {
    static const struct {
        SkyAlertVerb before[2];
        guint before_count;
        SkyAlertAnswer answers[5]; /* acknowledge, assign, resolve, dismiss, comment */
    } rows[] = {
        {{0}, 0, {SKY_ALERT_DONE, SKY_ALERT_DONE, SKY_ALERT_NOT_ALLOWED, SKY_ALERT_DONE, SKY_ALERT_DONE}},
        {{SKY_COMMAND_ACKNOWLEDGE}, 1, {SKY_ALERT_NOT_ALLOWED, SKY_ALERT_DONE, SKY_ALERT_DONE, SKY_ALERT_DONE, SKY_ALERT_DONE}},
        {{SKY_COMMAND_ASSIGN}, 1, {SKY_ALERT_NOT_ALLOWED, SKY_ALERT_DONE, SKY_ALERT_DONE, SKY_ALERT_DONE, SKY_ALERT_DONE}},
        {{SKY_COMMAND_DISMISS}, 1,
         {SKY_ALERT_NOT_ALLOWED, SKY_ALERT_NOT_ALLOWED, SKY_ALERT_NOT_ALLOWED, SKY_ALERT_NOT_ALLOWED, SKY_ALERT_NOT_ALLOWED}},
        {{SKY_COMMAND_ACKNOWLEDGE, SKY_COMMAND_RESOLVE}, 2,
         {SKY_ALERT_NOT_ALLOWED, SKY_ALERT_NOT_ALLOWED, SKY_ALERT_NOT_ALLOWED, SKY_ALERT_NOT_ALLOWED, SKY_ALERT_NOT_ALLOWED}},
    };
    static const SkyAlertState becomes[] = {SKY_ALERT_ACKNOWLEDGED, SKY_ALERT_ASSIGNED, SKY_ALERT_RESOLVED, SKY_ALERT_DISMISSED};
    for (guint row = 0; row < G_N_ELEMENTS(rows); row++) {
        for (guint verb = 0; verb < 5; verb++) {
            g_autofree char *id = g_strdup_printf("a-%u-%u", row, verb), *event = g_strdup_printf("e-%u-%u", row, verb);
            raise_alert(fixture, id, "gate", event, T0);
            for (guint i = 0; i < rows[row].before_count; i++)
                g_assert_cmpint(say(fixture, rows[row].before[i], id, "wang", T0 + 1), ==, SKY_ALERT_DONE);
            SkyAlert before = *sky_alert_book_find(fixture->book, id);
            guint revisions = fixture->revisions->len;
            g_assert_cmpint(say(fixture, verb, id, "wang", T0 + 2), ==, rows[row].answers[verb]);
            const SkyAlert *after = sky_alert_book_find(fixture->book, id);
            if (rows[row].answers[verb] != SKY_ALERT_DONE) {
                g_assert_cmpuint(fixture->revisions->len, ==, revisions);
                g_assert_cmpmem(&before, sizeof before, after, sizeof *after);
                continue;
            }
            g_assert_cmpuint(fixture->revisions->len, ==, revisions + 1);
            g_assert_cmpmem(last(fixture), sizeof(SkyAlert), after, sizeof *after);
            g_assert_cmpint(after->state, ==, verb == SKY_COMMAND_COMMENT ? before.state : becomes[verb]);
            g_assert_cmpuint(after->rev, ==, before.rev + 1);
            g_assert_cmpstr(after->actor, ==, "li");
            g_assert_cmpstr(verb == SKY_COMMAND_ASSIGN ? after->assignee : after->note, ==, "wang");
        }
    }
}

static void test_bad_values(Fixture *fixture, gconstpointer data) {
    raise_alert(fixture, "a1", "gate", "e1", T0);
    char note[SKY_NOTE_BYTES + 1];
    memset(note, 'x', SKY_NOTE_BYTES);
    note[SKY_NOTE_BYTES] = 0;
    g_assert_cmpint(say(fixture, SKY_COMMAND_ACKNOWLEDGE, "a2", NULL, T0), ==, SKY_ALERT_UNKNOWN);
    g_assert_cmpint(say(fixture, SKY_COMMAND_ACKNOWLEDGE, NULL, NULL, T0), ==, SKY_ALERT_UNKNOWN);
    g_assert_cmpint(say(fixture, SKY_COMMAND_ASSIGN, "a1", NULL, T0), ==, SKY_ALERT_BAD_VALUE);
    g_assert_cmpint(say(fixture, SKY_COMMAND_ASSIGN, "a1", "", T0), ==, SKY_ALERT_BAD_VALUE);
    g_assert_cmpint(say(fixture, SKY_COMMAND_ASSIGN, "a1", "Old Wang", T0), ==, SKY_ALERT_BAD_VALUE);
    g_assert_cmpint(say(fixture, SKY_COMMAND_COMMENT, "a1", NULL, T0), ==, SKY_ALERT_BAD_VALUE);
    g_assert_cmpint(say(fixture, SKY_COMMAND_COMMENT, "a1", "", T0), ==, SKY_ALERT_BAD_VALUE);
    g_assert_cmpint(say(fixture, SKY_COMMAND_COMMENT, "a1", "\xff", T0), ==, SKY_ALERT_BAD_VALUE);
    g_assert_cmpint(say(fixture, SKY_COMMAND_COMMENT, "a1", note, T0), ==, SKY_ALERT_BAD_VALUE);
    g_assert_cmpuint(fixture->revisions->len, ==, 1);
    note[SKY_NOTE_BYTES - 1] = 0;
    g_assert_cmpint(say(fixture, SKY_COMMAND_COMMENT, "a1", note, T0), ==, SKY_ALERT_DONE);
    g_assert_cmpstr(last(fixture)->note, ==, note);
    /* words stay until others replace them; the actor is that of the revision */
    g_assert_cmpint(say(fixture, SKY_COMMAND_ACKNOWLEDGE, "a1", NULL, T0), ==, SKY_ALERT_DONE);
    g_assert_cmpstr(last(fixture)->note, ==, note);
    g_assert_cmpstr(last(fixture)->actor, ==, "li");
    SkyAlertImage image = {.sha256 = "00", .bytes = 3};
    g_assert_true(sky_alert_book_evidence(fixture->book, "a1", &image, NULL, FALSE, T0));
    g_assert_cmpstr(last(fixture)->actor, ==, "");
}

static void test_further_files(Fixture *fixture, gconstpointer data) {
    SkyAlertClip clip = {.id = "a1", .sha256 = "bb", .seconds = 12.5, .further = {"cc"}};
    raise_alert(fixture, "a1", "gate", "e1", T0);
    g_assert_true(sky_alert_book_evidence(fixture->book, "a1", NULL, &clip, FALSE, T0));
    g_assert_false(sky_alert_book_evidence(fixture->book, "a1", NULL, &clip, FALSE, T0));
    g_strlcpy(clip.further[1], "dd", sizeof clip.further[1]);
    g_assert_true(sky_alert_book_evidence(fixture->book, "a1", NULL, &clip, FALSE, T0));
    g_assert_cmpstr(last(fixture)->clip.further[1], ==, "dd");
}

static void test_evidence(Fixture *fixture, gconstpointer data) {
    SkyAlertImage image = {.sha256 = "aa", .bytes = 41233};
    SkyAlertClip clip = {.id = "a1", .sha256 = "bb", .seconds = 12.5};
    g_assert_false(sky_alert_book_evidence(fixture->book, "a1", &image, NULL, FALSE, T0));
    raise_alert(fixture, "a1", "gate", "e1", T0);
    g_assert_false(sky_alert_book_evidence(fixture->book, "a1", NULL, NULL, FALSE, T0));
    g_assert_true(sky_alert_book_evidence(fixture->book, "a1", &image, NULL, FALSE, T0));
    expect(fixture, 2, 2, SKY_ALERT_RAISED, "evidence");
    g_assert_false(sky_alert_book_evidence(fixture->book, "a1", &image, NULL, FALSE, T0));
    g_assert_true(sky_alert_book_evidence(fixture->book, "a1", NULL, NULL, TRUE, T0));
    g_assert_true(last(fixture)->evidence_missing);
    g_assert_false(sky_alert_book_evidence(fixture->book, "a1", NULL, NULL, TRUE, T0));

    g_assert_cmpint(say(fixture, SKY_COMMAND_DISMISS, "a1", NULL, T0), ==, SKY_ALERT_DONE);
    g_assert_cmpuint(sky_alert_book_open_count(fixture->book), ==, 0);
    sky_alert_book_tick(fixture->book, T0 + 600 * SKY_NS_PER_S - 1);
    g_assert_true(sky_alert_book_evidence(fixture->book, "a1", NULL, &clip, FALSE, T0 + 9));
    expect(fixture, 5, 5, SKY_ALERT_DISMISSED, "evidence");
    g_assert_false(last(fixture)->evidence_missing);
    g_assert_cmpstr(last(fixture)->clip.sha256, ==, "bb");
    g_assert_cmpint(say(fixture, SKY_COMMAND_COMMENT, "a1", "late", T0), ==, SKY_ALERT_NOT_ALLOWED);

    /* its event outlasts it: the end finds it at any time, once */
    sky_alert_book_tick(fixture->book, T0 + 7200 * SKY_NS_PER_S);
    SkyAlert end = event_of("gate", "e1");
    end.end_utc_ns = T0 + 7100 * SKY_NS_PER_S;
    g_assert_true(sky_alert_book_event_end(fixture->book, &end, T0 + 7200 * SKY_NS_PER_S));
    expect(fixture, 6, 6, SKY_ALERT_DISMISSED, "ended");
    g_assert_cmpint(last(fixture)->end_utc_ns, ==, end.end_utc_ns);
    g_assert_false(sky_alert_book_event_end(fixture->book, &end, T0 + 7200 * SKY_NS_PER_S));

    sky_alert_book_tick(fixture->book, T0 + 7201 * SKY_NS_PER_S);
    g_assert_null(sky_alert_book_find(fixture->book, "a1"));
    g_assert_false(sky_alert_book_evidence(fixture->book, "a1", &image, NULL, FALSE, T0));
    g_assert_cmpint(say(fixture, SKY_COMMAND_COMMENT, "a1", "late", T0), ==, SKY_ALERT_UNKNOWN);
}

static void test_expiry(Fixture *fixture, gconstpointer data) {
    raise_alert(fixture, "a1", "gate", "e1", T0);
    raise_alert(fixture, "a2", "gate", "e2", T0 + 1);
    g_assert_cmpint(say(fixture, SKY_COMMAND_ACKNOWLEDGE, "a1", NULL, T0 + HOUR_NS), ==, SKY_ALERT_DONE);
    sky_alert_book_tick(fixture->book, T0 + 24 * HOUR_NS - 1);
    g_assert_cmpuint(fixture->revisions->len, ==, 3);
    sky_alert_book_tick(fixture->book, T0 + 24 * HOUR_NS);
    expect(fixture, 4, 3, SKY_ALERT_EXPIRED, "expired");
    g_assert_cmpstr(last(fixture)->id, ==, "a1");
    g_assert_cmpstr(last(fixture)->actor, ==, "");
    g_assert_cmpuint(sky_alert_book_open_count(fixture->book), ==, 1);
    sky_alert_book_tick(fixture->book, T0 + 24 * HOUR_NS + 1);
    g_assert_cmpuint(sky_alert_book_open_count(fixture->book), ==, 0);
    SkyAlert end = event_of("gate", "e1");
    g_assert_true(sky_alert_book_event_end(fixture->book, &end, T0 + 24 * HOUR_NS + 1));
    expect(fixture, 6, 4, SKY_ALERT_EXPIRED, "ended");
}

static void test_clock_is_set(Fixture *fixture, gconstpointer data) {
    sky_alert_book_tick(fixture->book, T0);
    raise_alert(fixture, "a1", "gate", "e1", T0);
    raise_alert(fixture, "a2", "gate", "e2", T0);
    g_assert_cmpint(say(fixture, SKY_COMMAND_DISMISS, "a2", NULL, T0), ==, SKY_ALERT_DONE);
    SkyAlert end = event_of("gate", "e2");
    g_assert_true(sky_alert_book_event_end(fixture->book, &end, T0));
    int64_t then = T0 + 72 * HOUR_NS; /* the network is back */
    sky_alert_book_tick(fixture->book, then);
    g_assert_cmpuint(sky_alert_book_open_count(fixture->book), ==, 1);
    g_assert_nonnull(sky_alert_book_find(fixture->book, "a2"));
    for (int64_t passed = 0; passed < 24 * HOUR_NS; passed += 60 * SKY_NS_PER_S)
        sky_alert_book_tick(fixture->book, then + passed);
    g_assert_cmpuint(sky_alert_book_open_count(fixture->book), ==, 1);
    g_assert_null(sky_alert_book_find(fixture->book, "a2"));
    sky_alert_book_tick(fixture->book, then + 24 * HOUR_NS);
    expect(fixture, 5, 2, SKY_ALERT_EXPIRED, "expired");
}

static void test_test_alert(Fixture *fixture, gconstpointer data) {
    SkyAlert event = {.kind = SKY_EVENT_MOTION, .severity = 9, .test = TRUE, .begin_utc_ns = T0, .end_utc_ns = SKY_TIME_NONE};
    g_strlcpy(event.test_audience, "duty", sizeof event.test_audience);
    sky_alert_book_raise(fixture->book, "t1", &event, T0);
    expect(fixture, 2, 2, SKY_ALERT_RESOLVED, "test");
    g_assert_cmpint(g_array_index(fixture->revisions, SkyAlert, 0).state, ==, SKY_ALERT_RAISED);
    g_assert_cmpuint(last(fixture)->severity, ==, 4);
    g_assert_cmpstr(last(fixture)->note, ==, "test alert");
    g_assert_cmpint(last(fixture)->end_utc_ns, ==, T0);
    g_assert_cmpuint(sky_alert_book_open_count(fixture->book), ==, 0);
}

static void end_event(Fixture *fixture, const char *camera, const char *event_id, int64_t now_ns) {
    SkyAlert end = event_of(camera, event_id);
    end.end_utc_ns = now_ns;
    g_assert_true(sky_alert_book_event_end(fixture->book, &end, now_ns));
}

/* Rain: a camera raises its fill, then counts; the others, and an outage of its own, are heard as ever. */
static void test_burst(Fixture *fixture, gconstpointer data) {
    tear_down(fixture, NULL);
    fixture->revisions = g_array_new(FALSE, TRUE, sizeof(SkyAlert));
    SkyAlertBookParams params = {.expire_ns = 24 * HOUR_NS, .open_max = 512, .burst_max = 3, .burst_ns = 600 * SKY_NS_PER_S};
    fixture->book = sky_alert_book_new(&params, collect, fixture->revisions);
    static const char *const ids[] = {"a1", "a2", "a3"};
    for (unsigned i = 0; i < 3; i++) {
        g_assert_false(sky_alert_book_joins(fixture->book, "gate", SKY_EVENT_MOTION, T0 + i));
        g_autofree char *event = g_strdup_printf("e%u", i);
        raise_alert(fixture, ids[i], "gate", event, T0 + i);
        end_event(fixture, "gate", event, T0 + i);
    }
    g_assert_cmpuint(fixture->revisions->len, ==, 6);
    g_assert_true(sky_alert_book_joins(fixture->book, "gate", SKY_EVENT_MOTION, T0 + 3));
    g_assert_false(sky_alert_book_joins(fixture->book, "gate", SKY_EVENT_OFFLINE, T0 + 3));
    g_assert_false(sky_alert_book_joins(fixture->book, "yard", SKY_EVENT_MOTION, T0 + 3));
    for (unsigned i = 0; i < 100; i++) { /* an event every half second, for 50 s */
        int64_t now_ns = T0 + SKY_NS_PER_S + i * SKY_NS_PER_S / 2;
        g_autofree char *event = g_strdup_printf("f%u", i);
        raise_alert(fixture, "unused", "gate", event, now_ns);
        end_event(fixture, "gate", event, now_ns + 1);
        sky_alert_book_tick(fixture->book, now_ns + 2);
    }
    sky_alert_book_flush(fixture->book, T0 + 60 * SKY_NS_PER_S);
    g_assert_cmpuint(fixture->revisions->len, >=, 6 + 5);
    g_assert_cmpuint(fixture->revisions->len, <=, 6 + 7);
    g_assert_cmpstr(last(fixture)->id, ==, "a3");
    g_assert_cmpstr(last(fixture)->cause, ==, "ended");
    g_assert_cmpuint(last(fixture)->count, ==, 101);
    g_assert_cmpint(last(fixture)->end_utc_ns, ==, T0 + SKY_NS_PER_S + 99 * SKY_NS_PER_S / 2 + 1);
    guint told = fixture->revisions->len;
    sky_alert_book_flush(fixture->book, T0 + 61 * SKY_NS_PER_S);
    g_assert_cmpuint(fixture->revisions->len, ==, told);
    /* once somebody has closed one, or the window has passed, there is room again */
    g_assert_cmpint(say(fixture, SKY_COMMAND_DISMISS, "a1", NULL, T0 + 61 * SKY_NS_PER_S), ==, SKY_ALERT_DONE);
    g_assert_false(sky_alert_book_joins(fixture->book, "gate", SKY_EVENT_MOTION, T0 + 61 * SKY_NS_PER_S));
    raise_alert(fixture, "a4", "gate", "g1", T0 + 61 * SKY_NS_PER_S);
    g_assert_true(sky_alert_book_joins(fixture->book, "gate", SKY_EVENT_MOTION, T0 + 599 * SKY_NS_PER_S));
    g_assert_false(sky_alert_book_joins(fixture->book, "gate", SKY_EVENT_MOTION, T0 + 600 * SKY_NS_PER_S + 2));
    /* a clock that was set back does not silence a camera */
    g_assert_false(sky_alert_book_joins(fixture->book, "gate", SKY_EVENT_MOTION, T0 - 1));
}

/* Raises event after event of a camera, until one joins: how many alerts it got. */
static unsigned fill(Fixture *fixture, const char *camera) {
    unsigned raised = 0;
    for (unsigned i = 0; i < 100; i++) {
        if (sky_alert_book_joins(fixture->book, camera, SKY_EVENT_MOTION, T0))
            break;
        g_autofree char *id = g_strdup_printf("%s%u", camera, i), *event = g_strdup_printf("e-%s", id);
        raise_alert(fixture, id, camera, event, T0);
        g_assert_cmpstr(last(fixture)->cause, ==, "raised");
        raised++;
    }
    return raised;
}

/* However many cameras flood the book, there is room for one more. */
static void test_shares(Fixture *fixture, gconstpointer data) {
    tear_down(fixture, NULL);
    fixture_open(fixture, 12);
    g_assert_cmpuint(fill(fixture, "gate"), ==, 6);
    g_assert_false(sky_alert_book_joins(fixture->book, "gate", SKY_EVENT_OFFLINE, T0));
    g_assert_cmpuint(fill(fixture, "yard"), ==, 3);
    g_assert_cmpuint(fill(fixture, "road"), ==, 2);
    g_assert_cmpuint(fill(fixture, "path"), ==, 1);
    g_assert_cmpuint(sky_alert_book_open_count(fixture->book), ==, 12);
    g_assert_true(sky_alert_book_joins(fixture->book, "gate", SKY_EVENT_OFFLINE, T0));
    /* what one gives back is there for all */
    for (unsigned i = 0; i < 4; i++) {
        g_autofree char *id = g_strdup_printf("gate%u", i);
        g_assert_cmpint(say(fixture, SKY_COMMAND_DISMISS, id, NULL, T0), ==, SKY_ALERT_DONE);
    }
    g_assert_false(sky_alert_book_joins(fixture->book, "gate", SKY_EVENT_MOTION, T0));
    g_assert_false(sky_alert_book_joins(fixture->book, "yard", SKY_EVENT_MOTION, T0));
}

/* Two events in one alert, and the wall clock set back by an hour between them: it does not end before it began. */
static void test_set_back(Fixture *fixture, gconstpointer data) {
    tear_down(fixture, NULL);
    fixture_open(fixture, 1);
    raise_alert(fixture, "a1", "gate", "e1", T0);
    raise_alert(fixture, "a2", "gate", "e2", T0 - HOUR_NS);
    end_event(fixture, "gate", "e1", T0 + 1);
    end_event(fixture, "gate", "e2", T0 - HOUR_NS + 1);
    const SkyAlert *alert = sky_alert_book_find(fixture->book, "a1");
    g_assert_cmpuint(alert->count, ==, 2);
    g_assert_cmpint(alert->end_utc_ns, ==, alert->begin_utc_ns);
}

static void test_full(Fixture *fixture, gconstpointer data) {
    tear_down(fixture, NULL);
    fixture_open(fixture, 3);
    raise_alert(fixture, "a1", "gate", "e1", T0);
    raise_alert(fixture, "a2", "gate", "e2", T0);
    raise_alert(fixture, "a3", "yard", "e3", T0);
    raise_alert(fixture, "a4", "gate", "e4", T0 + 1);
    expect(fixture, 4, 2, SKY_ALERT_RAISED, "joined");
    g_assert_cmpstr(last(fixture)->id, ==, "a2"); /* the camera's newest */
    g_assert_cmpuint(last(fixture)->count, ==, 2);
    g_assert_null(sky_alert_book_find(fixture->book, "a4"));
    /* a camera without an open alert is heard even so */
    raise_alert(fixture, "a5", "road", "e5", T0);
    expect(fixture, 5, 1, SKY_ALERT_RAISED, "raised");
    /* it ends when the last of its events ends */
    SkyAlert end = event_of("gate", "e2");
    end.end_utc_ns = T0 + 2;
    g_assert_true(sky_alert_book_event_end(fixture->book, &end, T0 + 2));
    g_assert_cmpuint(fixture->revisions->len, ==, 5); /* not so soon after the last */
    sky_alert_book_tick(fixture->book, T0 + 10 * SKY_NS_PER_S);
    g_assert_cmpuint(fixture->revisions->len, ==, 5);
    sky_alert_book_tick(fixture->book, T0 + 10 * SKY_NS_PER_S + 1);
    expect(fixture, 6, 3, SKY_ALERT_RAISED, "joined");
    g_assert_cmpint(last(fixture)->end_utc_ns, ==, SKY_TIME_NONE);
    end = event_of("gate", "e4");
    end.end_utc_ns = T0 + 3;
    end.score = 0.9;
    g_assert_true(sky_alert_book_event_end(fixture->book, &end, T0 + 30 * SKY_NS_PER_S));
    expect(fixture, 7, 4, SKY_ALERT_RAISED, "ended");
    g_assert_cmpint(last(fixture)->end_utc_ns, ==, T0 + 3);
    g_assert_cmpfloat(last(fixture)->score, ==, 0.9);
    /* when the newest is closed, the one before it takes its place */
    g_assert_cmpint(say(fixture, SKY_COMMAND_DISMISS, "a2", NULL, T0), ==, SKY_ALERT_DONE);
    raise_alert(fixture, "a6", "gate", "e6", T0);
    g_assert_cmpstr(last(fixture)->id, ==, "a1");
    /* no more are remembered than may be open */
    for (guint i = 0; i < 10; i++) {
        g_autofree char *id = g_strdup_printf("t%u", i);
        SkyAlert event = {.test = TRUE, .end_utc_ns = SKY_TIME_NONE};
        sky_alert_book_raise(fixture->book, id, &event, T0);
    }
    g_assert_null(sky_alert_book_find(fixture->book, "t6"));
    g_assert_nonnull(sky_alert_book_find(fixture->book, "t7"));
}

static void test_restart(Fixture *fixture, gconstpointer data) {
    SkyAlert going_on = event_of("gate", "e1"), ended = event_of("gate", "e2"), closed = event_of("gate", "e3");
    g_strlcpy(going_on.id, "a1", sizeof going_on.id);
    g_strlcpy(ended.id, "a2", sizeof ended.id);
    g_strlcpy(closed.id, "a3", sizeof closed.id);
    going_on.rev = ended.rev = closed.rev = 4;
    going_on.raised_utc_ns = ended.raised_utc_ns = closed.raised_utc_ns = T0;
    going_on.updated_utc_ns = ended.updated_utc_ns = closed.updated_utc_ns = T0 + 7;
    ended.end_utc_ns = T0 + 3;
    closed.state = SKY_ALERT_RESOLVED;
    sky_alert_book_restore(fixture->book, &going_on);
    sky_alert_book_restore(fixture->book, &going_on);
    sky_alert_book_restore(fixture->book, &ended);
    sky_alert_book_restore(fixture->book, &closed);
    g_assert_cmpuint(fixture->revisions->len, ==, 0);
    g_assert_cmpuint(sky_alert_book_open_count(fixture->book), ==, 2);

    g_assert_cmpstr(sky_alert_book_of_event(fixture->book, "e3")->id, ==, "a3");
    sky_alert_book_interrupt_all(fixture->book, T0 + HOUR_NS);
    expect(fixture, 2, 5, SKY_ALERT_RESOLVED, "interrupted");
    g_assert_cmpstr(last(fixture)->id, ==, "a3");
    g_assert_null(sky_alert_book_of_event(fixture->book, "e3"));
    g_array_set_size(fixture->revisions, 1);
    expect(fixture, 1, 5, SKY_ALERT_RAISED, "interrupted");
    g_assert_cmpstr(last(fixture)->id, ==, "a1");
    g_assert_true(last(fixture)->interrupted);
    g_assert_cmpint(last(fixture)->end_utc_ns, ==, T0 + 7);
    g_assert_cmpint(last(fixture)->updated_utc_ns, ==, T0 + HOUR_NS);
    sky_alert_book_interrupt_all(fixture->book, T0 + HOUR_NS);
    SkyAlert end = event_of("gate", "e1");
    g_assert_false(sky_alert_book_event_end(fixture->book, &end, T0 + HOUR_NS));
    g_assert_cmpuint(fixture->revisions->len, ==, 1);

    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(SkyAlert));
    sky_alert_book_each_open(fixture->book, collect, open);
    g_assert_cmpuint(open->len, ==, 2);
    g_assert_cmpstr(g_array_index(open, SkyAlert, 0).id, ==, "a1");
    g_assert_cmpstr(g_array_index(open, SkyAlert, 1).id, ==, "a2");
}

static void test_names(void) {
    SkyAlertState state = SKY_ALERT_RAISED;
    for (SkyAlertState each = SKY_ALERT_RAISED; each <= SKY_ALERT_EXPIRED; each++) {
        g_assert_true(sky_alert_state_parse(sky_alert_state_name(each), &state));
        g_assert_cmpint(state, ==, each);
        g_assert_cmpint(sky_alert_is_open(&(SkyAlert){.state = each}), ==, each <= SKY_ALERT_ASSIGNED);
    }
    g_assert_false(sky_alert_state_parse("Raised", &state));
    SkyEventKind kind = SKY_EVENT_MOTION;
    for (SkyEventKind each = SKY_EVENT_MOTION; each <= SKY_EVENT_RECOVERED; each++) {
        g_assert_true(sky_event_kind_parse(sky_event_kind_name(each), &kind));
        g_assert_cmpint(kind, ==, each);
    }
    g_assert_false(sky_event_kind_parse("", &kind));
    g_assert_cmpstr(sky_event_phase_name(SKY_EVENT_END), ==, "end");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add("/alert-book/" name, Fixture, NULL, set_up, function, tear_down)
    ADD("raise-and-end", test_raise_and_end);
    ADD("transitions", test_transitions);
    ADD("bad-values", test_bad_values);
    ADD("evidence", test_evidence);
    ADD("further-files", test_further_files);
    ADD("expiry", test_expiry);
    ADD("clock-is-set", test_clock_is_set);
    ADD("test-alert", test_test_alert);
    ADD("burst", test_burst);
    ADD("shares", test_shares);
    ADD("full", test_full);
    ADD("set-back", test_set_back);
    ADD("restart", test_restart);
    g_test_add_func("/alert-book/names", test_names);
    return g_test_run();
}
