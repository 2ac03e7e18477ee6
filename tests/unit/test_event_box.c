/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/event_box.h"

typedef struct {
    SkyBell bell;
    SkyEventBox *box;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data) {
    sky_bell_init(&fixture->bell);
    fixture->box = sky_event_box_new(&fixture->bell);
}

static void tear_down(Fixture *fixture, gconstpointer data) {
    sky_event_box_free(fixture->box);
    sky_bell_clear(&fixture->bell);
}

static void push(Fixture *fixture, uint64_t number, SkyEventPhase phase, float score) {
    sky_event_box_push(fixture->box, &(SkyEvent){.number = number, .phase = phase, .score = score});
}

static void expect(Fixture *fixture, uint64_t number, SkyEventPhase phase) {
    SkyEvent event;
    g_assert_true(sky_event_box_take(fixture->box, &event));
    g_assert_cmpuint(event.number, ==, number);
    g_assert_cmpint(event.phase, ==, phase);
}

static void expect_empty(Fixture *fixture) {
    SkyEvent event;
    g_assert_false(sky_event_box_take(fixture->box, &event));
}

static void test_order(Fixture *fixture, gconstpointer data) {
    push(fixture, 1, SKY_EVENT_BEGIN, 0);
    push(fixture, 2, SKY_EVENT_BEGIN, 0);
    push(fixture, 1, SKY_EVENT_END, 0);
    push(fixture, 2, SKY_EVENT_END, 0);
    expect(fixture, 1, SKY_EVENT_BEGIN);
    expect(fixture, 2, SKY_EVENT_BEGIN);
    expect(fixture, 1, SKY_EVENT_END);
    expect(fixture, 2, SKY_EVENT_END);
    expect_empty(fixture);
}

static void test_updates_merge(Fixture *fixture, gconstpointer data) {
    push(fixture, 1, SKY_EVENT_BEGIN, 0);
    push(fixture, 1, SKY_EVENT_UPDATE, 0.1f);
    push(fixture, 1, SKY_EVENT_UPDATE, 0.2f);
    push(fixture, 1, SKY_EVENT_UPDATE, 0.3f);
    expect(fixture, 1, SKY_EVENT_BEGIN);
    SkyEvent event;
    g_assert_true(sky_event_box_take(fixture->box, &event));
    g_assert_cmpfloat_with_epsilon(event.score, 0.3f, 1e-6);
    expect_empty(fixture);
}

/* A begin takes two places, its own and its end's: 32 fill the box, and each of them can still end. */
static void test_a_begin_reserves_its_end(Fixture *fixture, gconstpointer data) {
    for (uint64_t i = 1; i <= SKY_EVENT_BOX_EVENTS_MAX; i++)
        push(fixture, i, SKY_EVENT_BEGIN, 0);
    g_assert_cmpuint(sky_event_box_refused(fixture->box), ==, SKY_EVENT_BOX_EVENTS_MAX / 2);
    for (uint64_t i = 1; i <= SKY_EVENT_BOX_EVENTS_MAX; i++) {
        push(fixture, i, SKY_EVENT_UPDATE, 0);
        push(fixture, i, SKY_EVENT_END, 0);
    }
    for (uint64_t i = 1; i <= SKY_EVENT_BOX_EVENTS_MAX / 2; i++)
        expect(fixture, i, SKY_EVENT_BEGIN);
    for (uint64_t i = 1; i <= SKY_EVENT_BOX_EVENTS_MAX / 2; i++)
        expect(fixture, i, SKY_EVENT_END);
    expect_empty(fixture); /* nothing of those that were refused */
}

/* Where an update has taken one place, the last begin must not take the place that its own end would need. */
static void test_a_begin_reserves_its_end_to_the_last_place(Fixture *fixture, gconstpointer data) {
    push(fixture, 1, SKY_EVENT_BEGIN, 0);
    push(fixture, 1, SKY_EVENT_UPDATE, 0);
    for (uint64_t i = 2; i <= SKY_EVENT_BOX_EVENTS_MAX; i++)
        push(fixture, i, SKY_EVENT_BEGIN, 0);
    for (uint64_t i = 1; i <= SKY_EVENT_BOX_EVENTS_MAX; i++)
        push(fixture, i, SKY_EVENT_END, 0);
    uint32_t begins = 0, ends = 0;
    for (SkyEvent event; sky_event_box_take(fixture->box, &event);) {
        begins += event.phase == SKY_EVENT_BEGIN;
        ends += event.phase == SKY_EVENT_END;
    }
    g_assert_cmpuint(begins, ==, 31);
    g_assert_cmpuint(ends, ==, begins);
}

static void test_room_comes_back(Fixture *fixture, gconstpointer data) {
    for (uint64_t i = 1; i <= 1000; i++) {
        push(fixture, i, SKY_EVENT_BEGIN, 0);
        push(fixture, i, SKY_EVENT_END, 0);
        expect(fixture, i, SKY_EVENT_BEGIN);
        expect(fixture, i, SKY_EVENT_END);
    }
    g_assert_cmpuint(sky_event_box_refused(fixture->box), ==, 0);
}

static void test_clear(Fixture *fixture, gconstpointer data) {
    g_assert_true(sky_event_box_is_clear(fixture->box));
    push(fixture, 1, SKY_EVENT_BEGIN, 0);
    g_assert_false(sky_event_box_is_clear(fixture->box));
    expect(fixture, 1, SKY_EVENT_BEGIN);
    g_assert_false(sky_event_box_is_clear(fixture->box)); /* it may be at work on that one still */
    expect_empty(fixture);
    g_assert_true(sky_event_box_is_clear(fixture->box));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add("/event-box/order", Fixture, NULL, set_up, test_order, tear_down);
    g_test_add("/event-box/updates-merge", Fixture, NULL, set_up, test_updates_merge, tear_down);
    g_test_add("/event-box/a-begin-reserves-its-end", Fixture, NULL, set_up, test_a_begin_reserves_its_end, tear_down);
    g_test_add("/event-box/to-the-last-place", Fixture, NULL, set_up, test_a_begin_reserves_its_end_to_the_last_place, tear_down);
    g_test_add("/event-box/room-comes-back", Fixture, NULL, set_up, test_room_comes_back, tear_down);
    g_test_add("/event-box/clear", Fixture, NULL, set_up, test_clear, tear_down);
    return g_test_run();
}
