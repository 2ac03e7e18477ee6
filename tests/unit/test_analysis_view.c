/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "daemon/analysis.h"
#include "media/frame.h"
#include "support/view_rig.h"

typedef struct {
    char *note;
    guint notes, tampers;
} Told;

static void on_note(const char *note, gpointer user) {
    Told *told = user;
    g_free(told->note);
    told->note = g_strdup(note);
    told->notes++;
}

static void on_event(const SkyEvent *event, gpointer user) {
    Told *told = user;
    told->tampers += event->kind == SKY_EVENT_TAMPER && event->phase == SKY_EVENT_BEGIN;
}

static void look(SkyAnalysis *analysis, SkyFramePool *pool, guint32 seed, unsigned seconds, int64_t *now_ns) {
    g_autofree uint8_t *scene = g_malloc(VIEW_RIG_W * VIEW_RIG_H);
    view_rig_draw(scene, seed, 60);
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    for (unsigned i = 0; i < seconds; i++, *now_ns += SKY_NS_PER_S) {
        g_autoptr(SkyFrame) frame = sky_frame_pool_take(pool);
        for (unsigned y = 0; y < VIEW_RIG_H; y++)
            for (unsigned x = 0; x < VIEW_RIG_W; x++)
                frame->luma[y * frame->stride_bytes + x] = (uint8_t)(scene[y * VIEW_RIG_W + x] + g_rand_int_range(random, -2, 3));
        frame->arrival_ns = frame->pts_ns = *now_ns;
        sky_analysis_push_frame(analysis, frame);
    }
}

/* Somebody aims the camera anew, and it is accepted; then the power fails, before the hour is over. */
static void test_aimed_anew(void) {
    Told told = {0};
    int64_t now_ns = 0;
    g_autoptr(SkyFramePool) pool = sky_frame_pool_new(VIEW_RIG_W, VIEW_RIG_H, 8);
    {
        g_autoptr(SkyAnalysis) before = sky_analysis_new(NULL, on_event, &told);
        sky_analysis_set_view_sink(before, NULL, on_note, &told);
        look(before, pool, 1, 60, &now_ns);
        g_assert_cmpuint(told.notes, ==, 1);
        look(before, pool, 2, 700, &now_ns);
        g_assert_cmpint(sky_analysis_numbers(before).view, ==, SKY_VIEW_CLEAR);
        g_assert_cmpuint(told.notes, ==, 2);
    }
    guint tampers = told.tampers;
    g_autoptr(SkyAnalysis) after = sky_analysis_new(NULL, on_event, &told);
    g_autofree char *note = g_strdup(told.note);
    sky_analysis_set_view_sink(after, note, on_note, &told);
    look(after, pool, 2, 30, &now_ns);
    g_assert_cmpint(sky_analysis_numbers(after).view, ==, SKY_VIEW_CLEAR);
    g_assert_cmpuint(told.tampers, ==, tampers);
    g_free(told.note);
}

/* Started again before something else: what it saw then is still of then. */
static void test_seen_again(void) {
    Told told = {0};
    int64_t now_ns = 0;
    g_autoptr(SkyFramePool) pool = sky_frame_pool_new(VIEW_RIG_W, VIEW_RIG_H, 8);
    g_autoptr(SkyAnalysis) before = sky_analysis_new(NULL, on_event, &told);
    sky_analysis_set_view_sink(before, NULL, on_note, &told);
    look(before, pool, 1, 60, &now_ns);
    g_autoptr(SkyAnalysis) after = sky_analysis_new(NULL, on_event, &told);
    g_autofree char *note = g_strdup(told.note);
    sky_analysis_set_view_sink(after, note, on_note, &told);
    look(after, pool, 2, 30, &now_ns);
    g_assert_cmpint(sky_analysis_numbers(after).view, ==, SKY_VIEW_MOVED);
    g_assert_cmpuint(told.notes, ==, 1);
    look(after, pool, 1, 30, &now_ns);
    g_assert_cmpint(sky_analysis_numbers(after).view, ==, SKY_VIEW_CLEAR);
    g_assert_cmpuint(told.notes, ==, 2);
    g_free(told.note);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/analysis-view/aimed-anew", test_aimed_anew);
    g_test_add_func("/analysis-view/seen-again", test_seen_again);
    return g_test_run();
}
