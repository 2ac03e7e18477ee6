/* SPDX-License-Identifier: Apache-2.0 */
/* Who walks among much else that moves. */
#include "support/track_rig.h"

/* -0.02 to 0.02, another one in each picture. */
static float jitter(const TrackRig *rig, int64_t salt) {
    return (float)((rig->now_ns / TRACK_RIG_DT_NS * 7919 + salt * 104729) % 41 - 20) / 1000;
}

/* Two boughs far from each other that a gust has made one thing: what lies between them is taken for a part of it. */
static void put_boughs(TrackRig *rig) {
    for (int64_t i = 0; i < 2; i++) {
        float size = 0.1f + jitter(rig, 3 * i);
        track_rig_put(rig, (i ? 0.8f : 0.1f) + jitter(rig, 3 * i + 1), 0.3f + jitter(rig, 3 * i + 2), size, size);
    }
}

static const SkyTrack *find_sure(const TrackRig *rig) {
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++)
        if (rig->tracker.tracks[i].number && rig->tracker.tracks[i].sure)
            return &rig->tracker.tracks[i];
    return NULL;
}

static void gust(TrackRig *rig) {
    track_rig_put(rig, 0.1f, 0.25f, 0.8f, 0.5f);
    track_rig_step(rig);
    for (unsigned i = 0; i < 40; i++) {
        put_boughs(rig);
        track_rig_step(rig);
    }
}

/* From one bough to the other at so much of the picture a second, within eight seconds. How many pictures until it is believed;
 * 0: it is not. */
static unsigned walk(TrackRig *rig, float speed, float swing, float soft) {
    float x = 0.25f;
    for (unsigned pictures = 1; pictures <= 64 && x < 0.7f; pictures++, x += speed / 8) {
        put_boughs(rig);
        track_rig_put(rig, x + (pictures % 2 ? swing : 0), 0.4f, 0.04f, 0.12f);
        rig->result.blobs[rig->result.blob_count - 1].soft = soft;
        track_rig_step(rig);
        if (find_sure(rig))
            return pictures;
    }
    return 0;
}

static void test_walker(void) {
    TrackRig rig;
    track_rig_init(&rig);
    gust(&rig);
    int64_t came_ns = rig.now_ns;
    unsigned pictures = walk(&rig, 0.09f, 0, 0.2f);
    g_assert_cmpuint(pictures, >=, 8); /* a second: he has to go straight for so long */
    g_assert_cmpuint(pictures, <=, 12);
    g_assert_cmpfloat_with_epsilon(find_sure(&rig)->box.w, 0.04f, 0.001f);
    g_assert_cmpint(find_sure(&rig)->begin_ns, ==, came_ns);
}

/* On the spot, faster than people and cars mostly are, or without an edge as shadows are. */
static void test_no_walker(void) {
    static const float ways[][3] = {{0, 0.02f, 0}, {0, 0, 0}, {0.005f, 0, 0}, {0.01f, 0.04f, 0}, {0.3f, 0, 0}, {0.09f, 0, 0.7f}};
    for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
        TrackRig rig;
        track_rig_init(&rig);
        gust(&rig);
        g_assert_cmpuint(walk(&rig, ways[i][0], ways[i][1], ways[i][2]), ==, 0);
    }
}

/* A cut stream: whoever walked before it has to go straight for as long again. */
static void test_cut(void) {
    TrackRig rig;
    track_rig_init(&rig);
    gust(&rig);
    for (unsigned i = 0; i < 7; i++) {
        put_boughs(&rig);
        track_rig_put(&rig, 0.25f + 0.011f * (float)i, 0.4f, 0.04f, 0.12f);
        track_rig_step(&rig);
    }
    sky_tracker_cut(&rig.tracker);
    for (unsigned i = 0; i < SKY_SPECKS_MAX; i++)
        g_assert_cmpuint(rig.tracker.walkers.specks[i].seen, ==, 0);
}

/* A van that leaves what a flash has made one thing with it, and a dog that jumps beside it and is near it, for its size. */
static void test_large_one(void) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_put(&rig, 0.3f, 0.3f, 0.6f, 0.5f);
    track_rig_step(&rig);
    unsigned pictures = 0;
    for (; pictures < 24 && !find_sure(&rig); pictures++) {
        track_rig_put(&rig, 0.5f - 0.012f * (float)pictures, 0.3f, 0.3f, 0.2f);
        track_rig_put(&rig, 0.8f + 2 * jitter(&rig, 1), 0.6f + 2 * jitter(&rig, 2), 0.06f, 0.08f);
        track_rig_step(&rig);
    }
    g_assert_cmpuint(pictures, >=, 8);
    g_assert_cmpuint(pictures, <=, 14);
    g_assert_cmpfloat_with_epsilon(find_sure(&rig)->box.w, 0.3f, 0.001f);
}

/* Cars one behind the other, both ways: none has to wait until the road is empty. */
static void test_traffic(void) {
    TrackRig rig;
    track_rig_init(&rig);
    unsigned sure = 0, pictures = 0;
    track_rig_put(&rig, 0.05f, 0.4f, 0.9f, 0.3f); /* a flash */
    for (; pictures < 200; pictures++) {
        for (unsigned car = 0; car < 6; car++) {
            float gone = (float)((pictures + 20 * car) % 60) / 60;
            track_rig_put(&rig, car % 2 ? 0.9f * gone : 0.9f * (1 - gone), car % 2 ? 0.6f : 0.4f, 0.1f, 0.1f);
        }
        track_rig_step(&rig);
        sure += find_sure(&rig) != NULL;
    }
    g_assert_cmpuint(sure, >=, pictures * 9 / 10);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track-among/walker", test_walker);
    g_test_add_func("/track-among/no-walker", test_no_walker);
    g_test_add_func("/track-among/cut", test_cut);
    g_test_add_func("/track-among/traffic", test_traffic);
    g_test_add_func("/track-among/large-one", test_large_one);
    return g_test_run();
}
