/* SPDX-License-Identifier: Apache-2.0 */
/* What flies near the lens, alone and among much else that does. */
#include <math.h>
#include "support/track_rig.h"

/* All that a thing must be, but for its score, at so many of its own sizes a second. */
static SkyTrack traveller(float stride) {
    SkyBox box = {0.5f, 0.4f, 0.05f, 0.1f};
    return (SkyTrack){.seen = 8, .last_ns = SKY_NS_PER_S, .box = box, .area = 0.004f, .reach = 0.2f, .road = 0.2f, .leap = 0.03f,
                      .moving = 1, .fit = 1, .stride = stride, .score = 30};
}

static gboolean is_believed(float stride, float score, float flights) {
    SkyTrack track = traveller(stride);
    track.score = score;
    sky_track_judge(&track, TRACK_RIG_LEAST_NS, flights);
    return track.sure;
}

static void test_room(void) {
    SkyBox box = {0.3f, 0.3f, 0.2f, 0.05f};
    g_assert_cmpfloat_with_epsilon(sky_track_size(&box, 0.01f), 0.1f, 0.0001f);
    g_assert_cmpfloat_with_epsilon(sky_track_size(&box, 0.005f), 0.1f, 0.0001f);
    g_assert_cmpfloat_with_epsilon(sky_track_size(&box, 0.0018f), 0.06f, 0.0001f);
    g_assert_cmpfloat(sky_track_size(&box, 0), >, 0);
}

/* As large as a van, and flakes with a van's room between them. */
static void test_large(void) {
    SkyTrack track = traveller(11.5f);
    track.box = (SkyBox){0.4f, 0.4f, 0.2f, 0.2f};
    track.area = 0.02f;
    g_assert_cmpint(sky_track_cause(&track, TRACK_RIG_LEAST_NS), !=, SKY_SUPPRESSED_FLIGHT);
    track.area = 0.01f;
    g_assert_cmpint(sky_track_cause(&track, TRACK_RIG_LEAST_NS), ==, SKY_SUPPRESSED_FLIGHT);
}

/* A box of 0.1 x 0.1, 0.01 further in each picture, that holds so much. */
static float stride_of(float area) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 3; i++) {
        track_rig_put(&rig, 0.3f + 0.01f * (float)i, 0.4f, 0.1f, 0.1f);
        rig.result.blobs[0].area = area;
        track_rig_step(&rig);
    }
    return track_rig_only(&rig)->stride;
}

static void test_stride_of_flakes(void) {
    g_assert_cmpfloat_with_epsilon(stride_of(0.007f), 0.8f, 0.001f);
    g_assert_cmpfloat_with_epsilon(stride_of(0.00125f), 1.6f, 0.001f);
}

/* From one picture to the next its right edge goes by 0.02, the left one stays. */
static float stride_of_growing(float x) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 2; i++) {
        track_rig_put(&rig, x, 0.4f, 0.02f + 0.02f * (float)i, 0.16f);
        track_rig_step(&rig);
    }
    return track_rig_only(&rig)->stride;
}

/* What comes in has gone as far as its inner edge has, what grows inside as far as its centre. */
static void test_stride_at_edge(void) {
    g_assert_cmpfloat_with_epsilon(stride_of_growing(0), 0.02f * 8 / 0.08f, 0.001f);
    g_assert_cmpfloat_with_epsilon(stride_of_growing(0.3f), 0.01f * 8 / 0.08f, 0.001f);
}

static void test_needed(void) {
    g_assert_true(is_believed(2.7f, 6.1f, 0));
    g_assert_false(is_believed(2.7f, 5.9f, 0));
    g_assert_true(is_believed(3.8f, 13.1f, 0)); /* a size a second more */
    g_assert_false(is_believed(3.8f, 12.9f, 0));
    g_assert_true(is_believed(2.2f, 6.1f, 1)); /* something has flown by */
    g_assert_false(is_believed(2.7f, 6.1f, 1));
    g_assert_true(is_believed(1.7f, 6.1f, 2)); /* much has: who walks is believed at once all the same, */
    g_assert_true(is_believed(2.3f, 20.1f, 2)); /* who runs has to do so for longer, */
    g_assert_false(is_believed(2.3f, 19.9f, 2));
    g_assert_true(is_believed(2.3f, 20.1f, 200)); /* but not for ever */
}

/* What changes its size beats its wings, where much flies; elsewhere it is somebody who swings his arms. */
static void test_beats(void) {
    const float wobble[] = {0.19f, 0.21f, 0.45f};
    const float least[] = {20, 20.28f, 27};
    for (unsigned i = 0; i < G_N_ELEMENTS(wobble); i++) {
        SkyTrack track = traveller(2.3f);
        track.wobble = wobble[i];
        track.score = least[i] - 0.1f;
        sky_track_judge(&track, TRACK_RIG_LEAST_NS, 2);
        g_assert_false(track.sure);
        track.score = least[i] + 0.1f;
        sky_track_judge(&track, TRACK_RIG_LEAST_NS, 2);
        g_assert_true(track.sure);
        track.sure = FALSE;
        track.score = 6.1f;
        sky_track_judge(&track, TRACK_RIG_LEAST_NS, 0);
        g_assert_true(track.sure);
    }
}

/* Seen so many times, at five of its own sizes a second. */
static void fly_by(TrackRig *rig, unsigned times) {
    for (unsigned i = 0; i < times; i++) {
        track_rig_put(rig, 0.2f + 0.02f * (float)i, 0.4f + (i % 2 ? 0.03f : 0), 0.05f, 0.05f);
        track_rig_step(rig);
    }
    track_rig_nothing(rig, 10);
}

static void test_counted(void) {
    TrackRig rig;
    track_rig_init(&rig);
    fly_by(&rig, 3);
    g_assert_cmpfloat(rig.tracker.flights, ==, 0); /* drops are taken for one thing so often */
    fly_by(&rig, 4);
    g_assert_cmpfloat_with_epsilon(rig.tracker.flights, 1, 0.02f);
    track_rig_nothing(&rig, 120 * 8);
    g_assert_cmpfloat_with_epsilon(rig.tracker.flights, expf(-1), 0.02f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track-flight/room", test_room);
    g_test_add_func("/track-flight/large", test_large);
    g_test_add_func("/track-flight/stride-of-flakes", test_stride_of_flakes);
    g_test_add_func("/track-flight/stride-at-edge", test_stride_at_edge);
    g_test_add_func("/track-flight/needed", test_needed);
    g_test_add_func("/track-flight/beats", test_beats);
    g_test_add_func("/track-flight/counted", test_counted);
    return g_test_run();
}
