/* SPDX-License-Identifier: Apache-2.0 */
#include "support/track_rig.h"

/* The tracker and what hardly stands out. */

static void put_dim(TrackRig *rig, float x) {
    rig->result.dim[rig->result.dim_count++] = (SkyBlob){.box = {x, 0.4f, 0.02f, 0.06f}, .area = 0.0006f};
}

/* Who never stands out is believed when he has come far enough, and followed from where he was seen first; and he begins once. */
static void test_dim_walker(void) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    unsigned pictures = 0;
    for (; pictures < 40; pictures++) {
        put_dim(&rig, 0.3f + 0.005f * (float)pictures);
        track_rig_step(&rig);
        g_assert_true(pictures >= 8 || !track_rig_only(&rig));
        g_assert_true(pictures < 14 || (track_rig_only(&rig) && track_rig_only(&rig)->sure));
    }
    const SkyTrack *track = track_rig_only(&rig);
    g_assert_cmpuint(track->number, ==, 1);
    g_assert_cmpint(track->begin_ns, ==, 10 * SKY_NS_PER_S + 4 * TRACK_RIG_DT_NS);
    g_assert_cmpfloat_with_epsilon(track->origin.x, 0.3f, 0.001f);
    g_assert_cmpfloat_with_epsilon(track->path.steps[0].foot.x, 0.31f, 0.001f);
    g_assert_cmpfloat_with_epsilon(track->box.x, 0.3f + 0.005f * 39, 0.001f);
    track_rig_nothing(&rig, 12);
    g_assert_null(track_rig_only(&rig));
}

/* For how long a thing that stood out in so many pictures goes on by what is dim after that. */
static int64_t goes_on_ns(unsigned pictures, unsigned light_parts) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < pictures; i++) {
        track_rig_put(&rig, 0.3f + 0.01f * (float)i, 0.4f, 0.02f, 0.06f);
        rig.result.light_parts = light_parts;
        track_rig_step(&rig);
    }
    int64_t stood_out_ns = rig.now_ns - TRACK_RIG_DT_NS, last_ns = stood_out_ns;
    for (unsigned i = pictures; i < pictures + 16; i++) {
        put_dim(&rig, 0.3f + 0.01f * (float)i);
        track_rig_step(&rig);
        last_ns = track_rig_only(&rig) ? track_rig_only(&rig)->last_ns : last_ns;
    }
    return last_ns - stood_out_ns;
}

/* What is believed goes on by what hardly stands out for a second and a half, and what is not does not; nor does anything where much
 * is dim. */
static void test_dim_keeps(void) {
    g_assert_cmpint(goes_on_ns(10, 0), ==, 12 * TRACK_RIG_DT_NS);
    g_assert_cmpint(goes_on_ns(2, 0), ==, 0);
    g_assert_cmpint(goes_on_ns(10, 3), ==, 0);
}

/* In each so many pictures something looks like light, for ten seconds already. TRUE: he is believed at last. */
static gboolean is_believed_in_light(unsigned every) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 80; i++) {
        rig.result.light_blocks = i % every ? 0 : 3;
        track_rig_step(&rig);
    }
    for (unsigned i = 0; i < 40; i++) {
        put_dim(&rig, 0.3f + 0.005f * (float)i);
        rig.result.light_blocks = i % every ? 0 : 3;
        track_rig_step(&rig);
    }
    return track_rig_only(&rig) != NULL;
}

/* Where light moves, nothing dim is believed. A drop looks like light, too, for one picture. */
static void test_dim_in_light(void) {
    g_assert_false(is_believed_in_light(1));
    g_assert_true(is_believed_in_light(2));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track-dim/walker", test_dim_walker);
    g_test_add_func("/track-dim/keeps", test_dim_keeps);
    g_test_add_func("/track-dim/in-light", test_dim_in_light);
    return g_test_run();
}
