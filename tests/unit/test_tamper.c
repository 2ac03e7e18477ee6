/* SPDX-License-Identifier: Apache-2.0 */
#include "event/tamper.h"

#include "base/clock.h"
#include "event/event_detector.h"

#define S SKY_NS_PER_S

static SkyMotionResult seen(int64_t now_ns, SkyViewState state, int64_t since_ns) {
    return (SkyMotionResult){.arrival_ns = now_ns, .view = {.state = state, .since_ns = since_ns}};
}

static gboolean step(SkyTamper *tamper, int64_t now_ns, SkyViewState state, int64_t since_ns) {
    SkyMotionResult result = seen(now_ns, state, since_ns);
    return sky_tamper_step(tamper, &result);
}

static void test_one_event(void) {
    SkyTamper tamper;
    sky_tamper_init(&tamper);
    g_assert_false(step(&tamper, 1 * S, SKY_VIEW_LEARNING, SKY_TIME_NONE));
    g_assert_false(step(&tamper, 20 * S, SKY_VIEW_CLEAR, 5 * S));
    g_assert_true(step(&tamper, 39 * S, SKY_VIEW_COVERED, 30 * S));
    g_assert_cmpint(tamper.event.kind, ==, SKY_EVENT_TAMPER);
    g_assert_cmpint(tamper.event.phase, ==, SKY_EVENT_BEGIN);
    g_assert_cmpint(tamper.event.begin_ns, ==, 30 * S);
    g_assert_cmpint(tamper.event.detected_ns, ==, 39 * S);
    g_assert_cmpint(tamper.event.best_ns, ==, 39 * S);
    g_assert_cmpint(tamper.event.end_ns, ==, SKY_TIME_NONE);
    /* Whatever they do to it, it is one happening. */
    g_assert_false(step(&tamper, 60 * S, SKY_VIEW_DARK, 50 * S));
    g_assert_false(step(&tamper, 80 * S, SKY_VIEW_MOVED, 70 * S));
    g_assert_false(step(&tamper, 90 * S, SKY_VIEW_BLURRED, 70 * S));
    g_assert_true(step(&tamper, 100 * S, SKY_VIEW_CLEAR, 98 * S));
    g_assert_cmpint(tamper.event.phase, ==, SKY_EVENT_END);
    g_assert_cmpint(tamper.event.end_ns, ==, 98 * S);
    g_assert_cmpint(tamper.event.time_ns, ==, 100 * S);
    g_assert_false(tamper.event.interrupted);
    g_assert_false(step(&tamper, 101 * S, SKY_VIEW_CLEAR, 98 * S));
}

/* Nobody has done anything where night falls, or a camera that has just been plugged in shows nothing. */
static void test_what_went_slowly(void) {
    SkyTamper tamper;
    sky_tamper_init(&tamper);
    g_assert_false(step(&tamper, 20 * S, SKY_VIEW_EMPTY, 5 * S));
    g_assert_false(step(&tamper, 40 * S, SKY_VIEW_CLEAR, 30 * S));
    g_assert_false(step(&tamper, 60 * S, SKY_VIEW_EMPTY, 50 * S));
    g_assert_false(sky_tamper_end(&tamper, TRUE));
}

static void test_stream_that_ends(void) {
    SkyTamper tamper;
    sky_tamper_init(&tamper);
    g_assert_false(sky_tamper_end(&tamper, TRUE));
    g_assert_true(step(&tamper, 39 * S, SKY_VIEW_MOVED, 30 * S));
    g_assert_false(step(&tamper, 45 * S, SKY_VIEW_MOVED, 30 * S));
    g_assert_true(sky_tamper_end(&tamper, TRUE));
    g_assert_cmpint(tamper.event.end_ns, ==, 45 * S);
    g_assert_true(tamper.event.interrupted);
    g_assert_false(sky_tamper_end(&tamper, TRUE));
    /* No better when it is back: another event, which does not begin before the last one ended. */
    g_assert_true(step(&tamper, 80 * S, SKY_VIEW_MOVED, 30 * S));
    g_assert_cmpint(tamper.event.phase, ==, SKY_EVENT_BEGIN);
    g_assert_cmpint(tamper.event.begin_ns, ==, 45 * S);
    g_assert_false(tamper.event.interrupted);
    /* No event ends before it was told. */
    g_assert_true(step(&tamper, 90 * S, SKY_VIEW_CLEAR, 40 * S));
    g_assert_cmpint(tamper.event.end_ns, ==, 80 * S);
}

static void tell(const SkyEvent *event, gpointer user) {
    g_array_append_val((GArray *)user, *event);
}

/* In the detector: while the camera may have been covered, what came since then is held for the clip of it. */
static void test_holds_what_may_be_asked_for(void) {
    g_autoptr(GArray) told = g_array_new(FALSE, FALSE, sizeof(SkyEvent));
    g_autoptr(SkyEventDetector) detector = sky_event_detector_new(&(SkyEventParams){.tamper = TRUE}, tell, told);
    for (int64_t now_ns = 30 * S; now_ns < 40 * S; now_ns += S) {
        SkyMotionResult result = seen(now_ns, SKY_VIEW_CLEAR, 5 * S);
        result.view.doubt_for_ns = now_ns - 30 * S;
        sky_event_detector_process(detector, &result);
        g_assert_cmpint(sky_event_detector_settled_ns(detector, now_ns), ==, 30 * S);
    }
    g_assert_cmpuint(told->len, ==, 0);
    SkyMotionResult covered = seen(40 * S, SKY_VIEW_COVERED, 30 * S);
    sky_event_detector_process(detector, &covered);
    g_assert_cmpuint(told->len, ==, 1);
    g_assert_cmpint(g_array_index(told, SkyEvent, 0).begin_ns, ==, 30 * S);
    g_assert_cmpint(sky_event_detector_settled_ns(detector, 40 * S), ==, 40 * S);
    sky_event_detector_end_all(detector, TRUE);
    g_assert_cmpuint(told->len, ==, 2);
    g_assert_true(g_array_index(told, SkyEvent, 1).interrupted);
    g_assert_cmpuint(g_array_index(told, SkyEvent, 1).number, ==, 1);
}

static void test_not_asked_for(void) {
    g_autoptr(GArray) told = g_array_new(FALSE, FALSE, sizeof(SkyEvent));
    g_autoptr(SkyEventDetector) detector = sky_event_detector_new(&(SkyEventParams){0}, tell, told);
    SkyMotionResult covered = seen(40 * S, SKY_VIEW_COVERED, 30 * S);
    sky_event_detector_process(detector, &covered);
    SkyMotionResult doubtful = seen(41 * S, SKY_VIEW_CLEAR, 5 * S);
    doubtful.view.doubt_for_ns = 30 * S;
    sky_event_detector_process(detector, &doubtful);
    g_assert_cmpint(sky_event_detector_settled_ns(detector, 41 * S), ==, 41 * S);
    sky_event_detector_end_all(detector, TRUE);
    g_assert_cmpuint(told->len, ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tamper/one-event", test_one_event);
    g_test_add_func("/tamper/what-went-slowly", test_what_went_slowly);
    g_test_add_func("/tamper/stream-that-ends", test_stream_that_ends);
    g_test_add_func("/tamper/holds-what-may-be-asked-for", test_holds_what_may_be_asked_for);
    g_test_add_func("/tamper/not-asked-for", test_not_asked_for);
    return g_test_run();
}
