/* SPDX-License-Identifier: Apache-2.0 */
#include "support/track_rig.h"

/* Which thing a blob is, where it is not where the thing was: a figure of 0.08 x 0.4 that runs, a picture a step. */

#define W 0.08f
#define H 0.4f

/* How often the one that is followed longest has been seen, after so many pictures of a runner with that step. */
static uint32_t sights_of_runner(float step, unsigned pictures) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 2);
    for (unsigned i = 0; i < pictures; i++) {
        track_rig_put(&rig, 0.04f + step * (float)i, 0.4f, W, H);
        track_rig_step(&rig);
    }
    uint32_t most = 0;
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++)
        most = rig.tracker.tracks[i].number ? MAX(most, rig.tracker.tracks[i].seen) : most;
    return most;
}

/* He is one thing while his boxes overlap, when they do not any more, and up to what no thing does: eleven sizes a second. */
static void test_runner(void) {
    g_assert_cmpuint(sights_of_runner(0.05f, 4), ==, 4);
    g_assert_cmpuint(sights_of_runner(0.13f, 4), ==, 4);
    g_assert_cmpuint(sights_of_runner(0.23f, 4), ==, 4);
    g_assert_cmpuint(sights_of_runner(0.27f, 4), ==, 1);
}

/* Who crosses the picture in seven pictures is believed before he is out of it. */
static void test_runner_is_believed(void) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 2);
    for (unsigned i = 0; i < 7; i++) {
        track_rig_put(&rig, 0.04f + 0.13f * (float)i, 0.4f, W, H);
        track_rig_step(&rig);
    }
    g_assert_nonnull(track_rig_only(&rig));
    g_assert_true(track_rig_only(&rig)->sure);
    g_assert_cmpint(track_rig_only(&rig)->begin_ns, ==, 10 * SKY_NS_PER_S + 2 * TRACK_RIG_DT_NS);
}

/* He came in over the edge: less of him was seen at first. */
static void test_runner_comes_in(void) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_put(&rig, 0, 0.4f, W / 2, H);
    track_rig_step(&rig);
    track_rig_put(&rig, 0.13f, 0.4f, W, H);
    track_rig_step(&rig);
    g_assert_cmpuint(track_rig_only(&rig)->seen, ==, 2);
}

/* Two blobs, and what comes of them a picture later; whether the first thing went on. */
static gboolean goes_on(const SkyBox *first, const SkyBox *other, const SkyBox *next, const SkyBox *next_other) {
    TrackRig rig;
    const SkyBox *boxes[2][2] = {{first, other}, {next, next_other}};
    track_rig_init(&rig);
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < 2; k++)
            if (boxes[i][k])
                track_rig_put(&rig, boxes[i][k]->x, boxes[i][k]->y, boxes[i][k]->w, boxes[i][k]->h);
        track_rig_step(&rig);
    }
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++)
        if (rig.tracker.tracks[i].number && rig.tracker.tracks[i].seen == 2)
            return TRUE;
    return FALSE;
}

/* A drop there and a drop here are no runner: where there is a choice, and where it looks otherwise. */
static void test_others(void) {
    SkyBox was = {0.3f, 0.4f, W, H}, is = {0.43f, 0.4f, W, H}, beyond = {0.17f, 0.4f, W, H}, before = {0.56f, 0.4f, W, H};
    SkyBox tall = {0.43f, 0.1f, W, 0.62f}, wide = {0.43f, 0.4f, 0.13f, H};
    g_assert_true(goes_on(&was, NULL, &is, NULL));
    g_assert_false(goes_on(&was, NULL, &is, &beyond));
    g_assert_false(goes_on(&was, &before, &is, NULL));
    g_assert_false(goes_on(&was, NULL, &tall, NULL));
    g_assert_false(goes_on(&was, NULL, &wide, NULL));
}

/* Who is known by two sights has a speed, and is where that takes him. */
static void test_known_speed(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 2; i++) {
        track_rig_put(&rig, 0.3f + 0.01f * (float)i, 0.4f, W, H);
        track_rig_step(&rig);
    }
    track_rig_put(&rig, 0.47f, 0.4f, W, H);
    track_rig_step(&rig);
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++)
        g_assert_cmpuint(rig.tracker.tracks[i].seen, <=, 2);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/match/runner", test_runner);
    g_test_add_func("/match/runner-is-believed", test_runner_is_believed);
    g_test_add_func("/match/runner-comes-in", test_runner_comes_in);
    g_test_add_func("/match/others", test_others);
    g_test_add_func("/match/known-speed", test_known_speed);
    return g_test_run();
}
