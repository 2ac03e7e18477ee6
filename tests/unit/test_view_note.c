/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "support/view_rig.h"

/* A restart: another watch, to which what was known is told. */
static void restart(ViewRig *rig) {
    g_autofree char *note = sky_view_watch_note(rig->watch);
    g_assert_cmpuint(strlen(note), <, SKY_VIEW_NOTE_BYTES);
    sky_view_watch_free(rig->watch);
    rig->watch = sky_view_watch_new();
    g_assert_true(sky_view_watch_recall(rig->watch, note));
}

static void test_restart(void) {
    ViewRig rig = view_rig_new(60, 3);
    view_rig_draw(rig.luma, 2, 60);
    view_rig_look(&rig, 700); /* its view by now, and the one before is known too */
    restart(&rig);
    view_rig_look(&rig, 5);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_back(&rig);
    restart(&rig);
    view_rig_look(&rig, 5);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    memset(rig.luma, 130, VIEW_RIG_W * VIEW_RIG_H);
    restart(&rig);
    int64_t begun_ns = rig.now_ns;
    view_rig_look(&rig, 1);
    g_assert_cmpint(rig.view.doubt_for_ns, ==, 0); /* how much of it is noise nobody knows yet */
    view_rig_look(&rig, 19);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_COVERED);
    g_assert_cmpint(rig.view.since_ns - begun_ns, <=, 3 * SKY_NS_PER_S);
    restart(&rig); /* and again: it is still no view */
    view_rig_look(&rig, 700);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_COVERED);
    view_rig_draw(rig.luma, 3, 60);
    restart(&rig);
    view_rig_look(&rig, 20);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_MOVED);
    view_rig_look(&rig, 600); /* somebody has aimed it anew */
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    view_rig_clear(&rig);
}

/* Noted in the last light, started again at night: nobody covers a yard that has no lamp. It is told that nothing is seen, and is no
 * tampering. */
static void test_night_has_come_meanwhile(void) {
    ViewRig rig = view_rig_new(60, 1);
    g_autofree char *note = sky_view_watch_note(rig.watch);
    for (int percent = 100; percent >= 0; percent--) {
        for (unsigned at = 0; at < VIEW_RIG_W * VIEW_RIG_H; at++)
            rig.luma[at] = (uint8_t)(17 + (rig.scene[at] - 17) * percent / 100);
        view_rig_look(&rig, 30);
    }
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_EMPTY);
    sky_view_watch_free(rig.watch);
    rig.watch = sky_view_watch_new();
    g_assert_true(sky_view_watch_recall(rig.watch, note));
    view_rig_look(&rig, 700);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_EMPTY);
    view_rig_back(&rig); /* and in the morning */
    view_rig_look(&rig, 3700);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_CLEAR);
    memset(rig.luma, 16, VIEW_RIG_W * VIEW_RIG_H);
    view_rig_look(&rig, 12);
    g_assert_cmpint(rig.view.state, ==, SKY_VIEW_DARK);
    view_rig_clear(&rig);
}

static void test_bad_notes(void) {
    static const char *const notes[] = {"", "320 180", "320 180 1", "320 180 1 ", "320 180 0 AAAA", "320 180 5 AAAA", "0 0 1 AAAA",
                                        "3 3 1 AAAA", "320 180 1 AAAA", "-320 180 1 AAAA", "9999 9999 4 AAAA", "320 180 1 %%%%"};
    g_autoptr(SkyViewWatch) watch = sky_view_watch_new();
    g_assert_null(sky_view_watch_note(watch));
    for (unsigned i = 0; i < G_N_ELEMENTS(notes); i++)
        g_assert_false(sky_view_watch_recall(watch, notes[i]));
    g_assert_null(sky_view_watch_note(watch));
}

/* Of another size it is another camera, or another stream of it. */
static void test_recalled_for_another_size(void) {
    ViewRig rig = view_rig_new(60, 3);
    g_autofree char *note = sky_view_watch_note(rig.watch);
    g_autoptr(SkyViewWatch) watch = sky_view_watch_new();
    g_assert_true(sky_view_watch_recall(watch, note));
    SkyFrame frame = {.width_px = VIEW_RIG_W / 2, .height_px = VIEW_RIG_H / 2, .stride_bytes = VIEW_RIG_W, .luma = rig.luma};
    for (unsigned i = 0; i < 4; i++, frame.arrival_ns += SKY_NS_PER_S)
        g_assert_cmpint(sky_view_watch_look(watch, &frame).state, ==, SKY_VIEW_LEARNING);
    g_assert_null(sky_view_watch_note(watch));
    view_rig_clear(&rig);
}

static char *note_of(uint32_t scale) {
    g_autoptr(SkyViewWatch) watch = sky_view_watch_new();
    uint32_t width_px = scale * VIEW_RIG_W, height_px = scale * VIEW_RIG_H;
    g_autofree uint8_t *luma = g_malloc0((gsize)width_px * height_px);
    SkyFrame frame = {.width_px = width_px, .height_px = height_px, .stride_bytes = width_px, .luma = luma};
    for (unsigned i = 0; i < 6; i++, frame.arrival_ns += SKY_NS_PER_S)
        sky_view_watch_look(watch, &frame);
    return sky_view_watch_note(watch);
}

/* At the greatest analysis width one view has room; of a larger picture there is no note. */
static void test_note_is_bounded(void) {
    g_autofree char *largest = note_of(12), *larger = note_of(16);
    g_assert_cmpuint(strlen(largest), <, SKY_VIEW_NOTE_BYTES);
    g_assert_null(larger);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/view-note/restart", test_restart);
    g_test_add_func("/view-note/night-has-come-meanwhile", test_night_has_come_meanwhile);
    g_test_add_func("/view-note/bad-notes", test_bad_notes);
    g_test_add_func("/view-note/another-size", test_recalled_for_another_size);
    g_test_add_func("/view-note/bounded", test_note_is_bounded);
    return g_test_run();
}
