/* SPDX-License-Identifier: Apache-2.0 */
#include "support/track_rig.h"

/* What seems to come along and has not. */

static gboolean show(TrackRig *rig, SkyBox box) {
    track_rig_put(rig, box.x, box.y, box.w, box.h);
    track_rig_step(rig);
    return track_rig_only(rig)->sure;
}

/* It has shrunk long ago; where all at once it reaches down to the edge, its upper end alone counts, and has not moved. */
static void test_reaches_the_edge(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 18; i++) {
        float trembles = i % 2 ? 0.002f : 0;
        SkyBox whole = {0.4f + trembles, 0.86f, 0.04f, 0.08f}, part = {0.4f + trembles, 0.89f, 0.04f, 0.05f};
        SkyBox down = {0.4f + trembles, 0.89f, 0.04f, 0.11f};
        g_assert_false(show(&rig, i < 4 ? whole : i < 14 ? part : down));
    }
    /* who walks out over it has, and is believed */
    track_rig_init(&rig);
    gboolean sure = FALSE;
    for (unsigned i = 0; i < 18; i++)
        sure = show(&rig, (SkyBox){0.4f, 0.8f + 0.008f * (float)i, 0.04f, MIN(0.1f, 0.2f - 0.008f * (float)i)});
    g_assert_true(sure);
}

/* Along the upper edge, so high: a strip of it tells nothing. */
static void test_peeps_in(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 40; i++)
        g_assert_false(show(&rig, (SkyBox){0.2f + 0.006f * (float)i, 0, 0.05f, 0.035f}));
    g_assert_true(show(&rig, (SkyBox){0.2f + 0.006f * 40, 0, 0.05f, 0.045f})); /* all that it has gone counts as soon as it is in */
    track_rig_init(&rig);
    for (unsigned i = 0; i < 40; i++)
        show(&rig, (SkyBox){0.2f + 0.006f * (float)i, 0, 0.05f, 0.035f});
    track_rig_nothing(&rig, 12);
    g_assert_cmpuint(sky_suppressed_count(&rig.tracker.suppressed, SKY_SUPPRESSED_SIZE), ==, 1);
}

/* Walks slowly, so many times as high in every second picture: when it was believed. */
static unsigned believed_after(float times) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 40; i++) {
        float high = i % 2 ? 0.06f * times : 0.06f;
        if (show(&rig, (SkyBox){0.3f + 0.002f * (float)i, 0.4f - high / 2, 0.03f, high}))
            return i;
    }
    return 40;
}

/* By 0.3 and by 0.58 octaves: the latter goes half as far again. */
static void test_changes_size(void) {
    unsigned pictures = believed_after(1);
    g_assert_cmpuint(believed_after(1.23f), ==, pictures);
    g_assert_cmpuint(believed_after(1.5f), >, pictures + 3);
    g_assert_cmpuint(believed_after(1.5f), <, pictures + 9);
}

static void tick(TrackRig *rig, unsigned pictures) {
    for (unsigned i = 0; i < pictures; i++)
        g_assert_false(show(rig, (SkyBox){i / 8 % 2 ? 0.76f : 0.94f, 0.03f, i / 8 % 2 ? 0.2f : 0.03f, 0.08f}));
}

/* From one end of a clock to the other, and once in one with what happened to move below it. */
static void test_along_a_clock(void) {
    TrackRig rig;
    track_rig_init(&rig);
    tick(&rig, 1600);
    track_rig_nothing(&rig, 10);
    for (unsigned i = 0; i < 16; i++)
        g_assert_false(show(&rig, (SkyBox){0.93f - 0.011f * (float)i, 0.03f, 0.03f, i == 1 ? 0.2f : 0.08f}));
    g_assert_cmpint(sky_track_cause(track_rig_only(&rig), TRACK_RIG_LEAST_NS), ==, SKY_SUPPRESSED_TICK);
    track_rig_nothing(&rig, 10);
    gboolean sure = FALSE;
    for (unsigned i = 0; i < 16; i++)
        sure = show(&rig, (SkyBox){0.93f - 0.011f * (float)i, 0.03f, 0.03f, 0.2f}); /* in front of it, and lower */
    g_assert_true(sure);
}

/* Of the ticking place is only what is in it and was so at first. */
static void test_out_of_a_clock_and_into_it(void) {
    TrackRig rig;
    gboolean sure = FALSE;
    track_rig_init(&rig);
    tick(&rig, 1600);
    track_rig_nothing(&rig, 10);
    for (unsigned i = 0; i < 16; i++)
        sure = show(&rig, (SkyBox){0.94f, 0.03f + 0.013f * (float)i, 0.03f, 0.08f});
    g_assert_true(sure);
    track_rig_nothing(&rig, 40);
    for (unsigned i = 0; i < 16; i++)
        sure = show(&rig, (SkyBox){0.93f - 0.011f * (float)i, MAX(0.03f, 0.1f - 0.02f * (float)i), 0.03f, 0.08f});
    g_assert_true(sure);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track_leap/reaches_the_edge", test_reaches_the_edge);
    g_test_add_func("/track_leap/peeps_in", test_peeps_in);
    g_test_add_func("/track_leap/changes_size", test_changes_size);
    g_test_add_func("/track_leap/along_a_clock", test_along_a_clock);
    g_test_add_func("/track_leap/out_of_a_clock_and_into_it", test_out_of_a_clock_and_into_it);
    return g_test_run();
}
