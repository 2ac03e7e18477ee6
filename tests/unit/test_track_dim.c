/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "event/track.h"

/* The tracker and what hardly stands out. */
#define DT_NS (SKY_NS_PER_S / 8)

typedef struct {
    SkyTracker tracker;
    int64_t now_ns;
    SkyMotionResult result;
} Rig;

static void rig_init(Rig *rig) {
    *rig = (Rig){.now_ns = 10 * SKY_NS_PER_S};
    sky_tracker_init(&rig->tracker, NULL);
}

static void put(Rig *rig, float x, float y, float w, float h) {
    rig->result.blobs[rig->result.blob_count++] = (SkyBlob){.box = {x, y, w, h}, .area = w * h * 0.7f, .contrast = 4};
}

static void step(Rig *rig) {
    rig->result.scene = SKY_SCENE_OK;
    rig->result.arrival_ns = rig->now_ns;
    sky_tracker_process(&rig->tracker, &rig->result, SKY_NS_PER_S / 2, SKY_NS_PER_S);
    rig->result.blob_count = rig->result.dim_count = 0;
    rig->now_ns += DT_NS;
}

static const SkyTrack *only(const Rig *rig) {
    const SkyTrack *found = NULL;
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++)
        if (rig->tracker.tracks[i].number) {
            g_assert_null(found);
            found = &rig->tracker.tracks[i];
        }
    return found;
}

static void nothing(Rig *rig, unsigned pictures) {
    for (unsigned i = 0; i < pictures; i++)
        step(rig);
}

static void put_dim(Rig *rig, float x) {
    rig->result.dim[rig->result.dim_count++] = (SkyBlob){.box = {x, 0.4f, 0.02f, 0.06f}, .area = 0.0006f};
}

/* Who never stands out is believed when he has come far enough, and followed from where he was seen first; and he begins once. */
static void test_dim_walker(void) {
    Rig rig;
    rig_init(&rig);
    nothing(&rig, 4);
    unsigned pictures = 0;
    for (; pictures < 40; pictures++) {
        put_dim(&rig, 0.3f + 0.005f * (float)pictures);
        step(&rig);
        g_assert_true(pictures >= 8 || !only(&rig));
        g_assert_true(pictures < 14 || (only(&rig) && only(&rig)->sure));
    }
    const SkyTrack *track = only(&rig);
    g_assert_cmpuint(track->number, ==, 1);
    g_assert_cmpint(track->begin_ns, ==, 10 * SKY_NS_PER_S + 4 * DT_NS);
    g_assert_cmpfloat_with_epsilon(track->origin.x, 0.3f, 0.001f);
    g_assert_cmpfloat_with_epsilon(track->path.steps[0].foot.x, 0.31f, 0.001f);
    g_assert_cmpfloat_with_epsilon(track->box.x, 0.3f + 0.005f * 39, 0.001f);
    nothing(&rig, 12);
    g_assert_null(only(&rig));
}

/* For how long a thing that stood out in so many pictures goes on by what is dim after that. */
static int64_t goes_on_ns(unsigned pictures, unsigned light_parts) {
    Rig rig;
    rig_init(&rig);
    for (unsigned i = 0; i < pictures; i++) {
        put(&rig, 0.3f + 0.01f * (float)i, 0.4f, 0.02f, 0.06f);
        rig.result.light_parts = light_parts;
        step(&rig);
    }
    int64_t stood_out_ns = rig.now_ns - DT_NS, last_ns = stood_out_ns;
    for (unsigned i = pictures; i < pictures + 16; i++) {
        put_dim(&rig, 0.3f + 0.01f * (float)i);
        step(&rig);
        last_ns = only(&rig) ? only(&rig)->last_ns : last_ns;
    }
    return last_ns - stood_out_ns;
}

/* What is believed goes on by what hardly stands out for a second and a half, and what is not does not; nor does anything where much
 * is dim. */
static void test_dim_keeps(void) {
    g_assert_cmpint(goes_on_ns(10, 0), ==, 12 * DT_NS);
    g_assert_cmpint(goes_on_ns(2, 0), ==, 0);
    g_assert_cmpint(goes_on_ns(10, 3), ==, 0);
}

/* Where light moves, nothing dim is believed. */
static void test_dim_in_light(void) {
    Rig rig;
    rig_init(&rig);
    nothing(&rig, 4);
    for (unsigned i = 0; i < 40; i++) {
        put_dim(&rig, 0.3f + 0.005f * (float)i);
        rig.result.light_blocks = 3;
        step(&rig);
        g_assert_null(only(&rig));
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track-dim/walker", test_dim_walker);
    g_test_add_func("/track-dim/keeps", test_dim_keeps);
    g_test_add_func("/track-dim/in-light", test_dim_in_light);
    return g_test_run();
}
