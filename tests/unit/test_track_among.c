/* SPDX-License-Identifier: Apache-2.0 */
/* Who walks among much else that moves. */
#include "base/clock.h"
#include "event/track.h"

#define DT_NS (SKY_NS_PER_S / 8)
#define LEAST_NS (SKY_NS_PER_S / 2)
#define FORGET_NS SKY_NS_PER_S

typedef struct {
    SkyTracker tracker;
    GRand *random;
    int64_t now_ns;
    SkyMotionResult result;
} Rig;

static void rig_init(Rig *rig, guint32 seed) {
    *rig = (Rig){.now_ns = 10 * SKY_NS_PER_S, .random = g_rand_new_with_seed(seed)};
    sky_tracker_init(&rig->tracker, NULL);
}

static void put(Rig *rig, float x, float y, float w, float h) {
    rig->result.blobs[rig->result.blob_count++] = (SkyBlob){.box = {x, y, w, h}, .area = w * h * 0.7f, .contrast = 4};
}

/* Two boughs far from each other that a gust has made one thing: what lies between them is taken for a part of it. */
static void put_boughs(Rig *rig) {
    for (unsigned i = 0; i < 2; i++) {
        float x = (i ? 0.8f : 0.1f) + (float)g_rand_double_range(rig->random, -0.02, 0.02);
        float size = (float)g_rand_double_range(rig->random, 0.08, 0.12);
        put(rig, x, 0.3f + (float)g_rand_double_range(rig->random, -0.02, 0.02), size, size);
    }
}

static void step(Rig *rig) {
    rig->result.scene = SKY_SCENE_OK;
    rig->result.arrival_ns = rig->now_ns;
    sky_tracker_process(&rig->tracker, &rig->result, LEAST_NS, FORGET_NS);
    rig->result.blob_count = 0;
    rig->now_ns += DT_NS;
}

static const SkyTrack *find_sure(const Rig *rig) {
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++)
        if (rig->tracker.tracks[i].number && rig->tracker.tracks[i].sure)
            return &rig->tracker.tracks[i];
    return NULL;
}

static void gust(Rig *rig) {
    put(rig, 0.1f, 0.25f, 0.8f, 0.5f);
    step(rig);
    for (unsigned i = 0; i < 40; i++) {
        put_boughs(rig);
        step(rig);
    }
}

/* From one bough to the other at so much of the picture a second, within eight seconds. How many pictures until it is believed;
 * 0: it is not. */
static unsigned walk(Rig *rig, float speed, float swing, float soft) {
    float x = 0.25f;
    for (unsigned pictures = 1; pictures <= 64 && x < 0.7f; pictures++, x += speed / 8) {
        put_boughs(rig);
        put(rig, x + (pictures % 2 ? swing : 0), 0.4f, 0.04f, 0.12f);
        rig->result.blobs[rig->result.blob_count - 1].soft = soft;
        step(rig);
        if (find_sure(rig))
            return pictures;
    }
    return 0;
}

static void test_walker(void) {
    Rig rig;
    rig_init(&rig, 1);
    gust(&rig);
    int64_t came_ns = rig.now_ns;
    unsigned pictures = walk(&rig, 0.09f, 0, 0.2f);
    g_assert_cmpuint(pictures, >=, 8); /* a second: he has to go straight for so long */
    g_assert_cmpuint(pictures, <=, 12);
    g_assert_cmpfloat_with_epsilon(find_sure(&rig)->box.w, 0.04f, 0.001f);
    g_assert_cmpint(find_sure(&rig)->begin_ns, ==, came_ns);
    g_rand_free(rig.random);
}

/* On the spot, faster than people and cars mostly are, or without an edge as shadows are. */
static void test_no_walker(void) {
    static const float ways[][3] = {{0, 0.02f, 0}, {0, 0, 0}, {0.005f, 0, 0}, {0.01f, 0.04f, 0}, {0.3f, 0, 0}, {0.09f, 0, 0.7f}};
    for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
        Rig rig;
        rig_init(&rig, 1);
        gust(&rig);
        g_assert_cmpuint(walk(&rig, ways[i][0], ways[i][1], ways[i][2]), ==, 0);
        g_rand_free(rig.random);
    }
}

/* A cut stream: whoever walked before it has to go straight for as long again. */
static void test_cut(void) {
    Rig rig;
    rig_init(&rig, 1);
    gust(&rig);
    for (unsigned i = 0; i < 7; i++) {
        put_boughs(&rig);
        put(&rig, 0.25f + 0.011f * (float)i, 0.4f, 0.04f, 0.12f);
        step(&rig);
    }
    sky_tracker_cut(&rig.tracker);
    for (unsigned i = 0; i < SKY_SPECKS_MAX; i++)
        g_assert_cmpuint(rig.tracker.walkers.specks[i].seen, ==, 0);
    g_rand_free(rig.random);
}

/* Cars one behind the other, both ways: none has to wait until the road is empty. */
static void test_traffic(void) {
    Rig rig;
    rig_init(&rig, 1);
    unsigned sure = 0, pictures = 0;
    put(&rig, 0.05f, 0.4f, 0.9f, 0.3f); /* a flash */
    for (; pictures < 200; pictures++) {
        for (unsigned car = 0; car < 6; car++) {
            float gone = (float)((pictures + 20 * car) % 60) / 60;
            put(&rig, car % 2 ? 0.9f * gone : 0.9f * (1 - gone), car % 2 ? 0.6f : 0.4f, 0.1f, 0.1f);
        }
        step(&rig);
        sure += find_sure(&rig) != NULL;
    }
    g_assert_cmpuint(sure, >=, pictures * 9 / 10);
    g_rand_free(rig.random);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track-among/walker", test_walker);
    g_test_add_func("/track-among/no-walker", test_no_walker);
    g_test_add_func("/track-among/cut", test_cut);
    g_test_add_func("/track-among/traffic", test_traffic);
    return g_test_run();
}
