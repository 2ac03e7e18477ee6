/* SPDX-License-Identifier: Apache-2.0 */
/* What flies near the lens. */
#include "support/track_rig.h"

/* All that a thing must be, but for its score, at so many of its own sizes a second. */
static SkyTrack traveller(float stride) {
    SkyBox box = {0.5f, 0.4f, 0.05f, 0.1f};
    return (SkyTrack){.seen = 8, .last_ns = SKY_NS_PER_S, .box = box, .area = 0.004f, .reach = 0.2f, .road = 0.2f, .leap = 0.03f,
                      .moving = 1, .fit = 1, .stride = stride, .score = 30};
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

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track-flight/room", test_room);
    g_test_add_func("/track-flight/large", test_large);
    g_test_add_func("/track-flight/stride-of-flakes", test_stride_of_flakes);
    return g_test_run();
}
