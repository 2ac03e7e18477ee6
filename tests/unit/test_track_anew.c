/* SPDX-License-Identifier: Apache-2.0 */
/* The way of what looks like clutter is not its own: it sets off anew where it begins to look like a thing. */

#include "support/track_rig.h"

#define ROW 0.5f
#define PICTURES 12
#define CALM 14 /* pictures in which it is seen well, and only trembles, where it has come to */

typedef SkyBox (*Way)(unsigned picture);

static SkyBox around(float x, float size) {
    return (SkyBox){x - size / 2, ROW - size / 2, size, size};
}

static SkyBox walks(unsigned picture) {
    return around(0.3f + 0.02f * (float)picture, 0.08f);
}

/* Leaves, as many as happen to move. */
static SkyBox changes_size(unsigned picture) {
    return around(0.3f + 0.02f * (float)picture, picture % 2 ? 0.14f : 0.05f);
}

/* Here and there, of one size. */
static SkyBox leaps(unsigned picture) {
    return around(0.3f + 0.02f * (float)picture + (picture % 2 ? 0.06f : 0), 0.08f);
}

static void see(TrackRig *rig, SkyBox box) {
    track_rig_put(rig, box.x, box.y, box.w, box.h);
    track_rig_step(rig);
}

static gboolean is_sure(const TrackRig *rig) {
    for (unsigned t = 0; t < SKY_TRACKS_MAX; t++)
        if (rig->tracker.tracks[t].number && rig->tracker.tracks[t].sure)
            return TRUE;
    return FALSE;
}

/* TRUE: believed in the end. */
static gboolean comes_to_rest(Way way) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    for (unsigned i = 0; i < PICTURES; i++)
        see(&rig, way(i));
    SkyBox there = way(PICTURES);
    for (unsigned i = 0; i < CALM; i++, there.x += i % 2 ? 0.002f : -0.002f)
        see(&rig, there);
    return is_sure(&rig);
}

static void test_clutter(void) {
    g_assert_true(comes_to_rest(walks));
    g_assert_false(comes_to_rest(changes_size));
    g_assert_false(comes_to_rest(leaps));
}

/* He comes a little way in so many pictures, waves, and goes on. When he was believed, after he went on. */
static unsigned waver_believed_after(unsigned sights) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    float x = 0.3f;
    for (unsigned i = 0; i < sights; i++, x += 0.015f / (float)sights)
        see(&rig, around(x, 0.08f));
    see(&rig, around(x, 0.14f));
    see(&rig, around(x, 0.08f));
    unsigned pictures = 0;
    for (; pictures < 20 && !is_sure(&rig); pictures++, x += 0.004f)
        see(&rig, around(x, 0.08f));
    return pictures;
}

/* What is believed to be one thing may wave, and has come as far as before. */
static void test_firm(void) {
    unsigned firm = waver_believed_after(10), doubtful = waver_believed_after(3);
    g_test_message("firm %u, doubtful %u", firm, doubtful);
    g_assert_cmpuint(firm, <, doubtful);
    g_assert_cmpuint(doubtful, <, 20);
}

/* More is seen of him in each picture, and then he goes. When he was believed. */
static unsigned grower_believed_after(float x) {
    static const float seen[] = {0.004f, 0.016f, 0.045f, 0.06f};
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    unsigned pictures = 0;
    for (; pictures < 20 && !is_sure(&rig); pictures++) {
        float w = seen[MIN(pictures, G_N_ELEMENTS(seen) - 1)];
        float left = pictures < G_N_ELEMENTS(seen) ? x : x + 0.014f * (float)(pictures - G_N_ELEMENTS(seen) + 1);
        see(&rig, (SkyBox){left, 0.4f, w, 0.16f});
    }
    return pictures;
}

/* He who comes in over the edge has a reason to grow. */
static void test_comes_in(void) {
    unsigned in = grower_believed_after(0), inside = grower_believed_after(0.3f);
    g_test_message("over the edge %u, inside %u", in, inside);
    g_assert_cmpuint(in, <, inside);
    g_assert_cmpuint(inside, <, 20);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track-anew/clutter", test_clutter);
    g_test_add_func("/track-anew/firm", test_firm);
    g_test_add_func("/track-anew/comes-in", test_comes_in);
    return g_test_run();
}
