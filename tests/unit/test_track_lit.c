/* SPDX-License-Identifier: Apache-2.0 */
/* What mostly looks like its ground, where light has swept past it, is what the light has left over. */

#include "support/track_rig.h"

/* Goes its way for 40 pictures, so far and so alike in each; when it was believed, or 40. */
static unsigned believed_after_of(float step, float (*alike)(unsigned picture)) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    unsigned pictures = 0;
    for (; pictures < 40 && !(track_rig_only(&rig) && track_rig_only(&rig)->sure); pictures++) {
        track_rig_put(&rig, 0.1f + step * (float)pictures, 0.4f, 0.04f, 0.06f);
        rig.result.blobs[0].alike = alike(pictures);
        track_rig_step(&rig);
    }
    track_rig_nothing(&rig, 12);
    g_assert_cmpuint(sky_suppressed_count(&rig.tracker.suppressed, SKY_SUPPRESSED_LIT), ==, pictures == 40);
    return pictures;
}

static unsigned believed_after(float (*alike)(unsigned picture)) {
    return believed_after_of(0.0048f, alike); /* comes not far enough to be believed for that: 0.19 */
}

static float alike_hardly(unsigned picture) {
    (void)picture;
    return 0.34f;
}

static float alike_enough(unsigned picture) {
    (void)picture;
    return 0.36f;
}

/* A person's clothes are like the ground for a picture. */
static float alike_once(unsigned picture) {
    return picture == 1 ? 0.9f : 0;
}

static float alike_mostly(unsigned picture) {
    return picture % 3 == 2 ? -0.1f : 0.8f;
}

/* Comes out of the light that he was taken for. */
static float alike_at_first(unsigned picture) {
    return picture < 12 ? 0.8f : -0.2f;
}

static void test_alike(void) {
    g_assert_cmpuint(believed_after(alike_hardly), <=, 8);
    g_assert_cmpuint(believed_after(alike_enough), ==, 40);
    g_assert_cmpuint(believed_after(alike_once), <=, 8);
    g_assert_cmpuint(believed_after(alike_mostly), ==, 40);
    unsigned pictures = believed_after(alike_at_first);
    g_assert_cmpuint(pictures, >, 12);
    g_assert_cmpuint(pictures, <, 30);
}

/* Whose clothes are like the ground is believed when he has come further than what light leaves over. */
static void test_far(void) {
    g_assert_cmpuint(believed_after_of(0.0048f, alike_enough), ==, 40);
    unsigned pictures = believed_after_of(0.012f, alike_enough);
    g_assert_cmpuint(pictures, >=, 17); /* 0.2 */
    g_assert_cmpuint(pictures, <=, 19);
}

static float mean_after(unsigned alike, unsigned not_alike) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 2);
    for (unsigned i = 0; i < alike + not_alike; i++) {
        track_rig_put(&rig, 0.3f, 0.4f, 0.06f, 0.1f);
        rig.result.blobs[0].alike = i < alike ? 0.8f : 0;
        track_rig_step(&rig);
    }
    return track_rig_only(&rig)->alike;
}

/* In its first seconds all its sights count the same, later the last twenty or so: a patch that lies there for minutes until light
 * comes past is believed no sooner than a new one. */
static void test_mean(void) {
    g_assert_cmpfloat_with_epsilon(mean_after(6, 6), 0.4f, 0.05f);
    g_assert_cmpfloat(mean_after(200, 20), <, 0.35f);
    g_assert_cmpfloat(mean_after(200, 10), >, 0.35f);
}

/* Parts of one thing weigh by their area. */
static void test_part(void) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 2);
    track_rig_put(&rig, 0.3f, 0.4f, 0.06f, 0.1f);
    track_rig_step(&rig);
    float before = track_rig_only(&rig)->alike;
    track_rig_put(&rig, 0.3f, 0.4f, 0.06f, 0.06f);
    track_rig_put(&rig, 0.3f, 0.47f, 0.06f, 0.03f);
    rig.result.blobs[1].alike = 0.6f;
    track_rig_step(&rig);
    g_assert_cmpfloat(before, ==, 0);
    g_assert_cmpfloat(track_rig_only(&rig)->alike, >, 0.05f);
    g_assert_cmpfloat(track_rig_only(&rig)->alike, <, 0.25f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track_lit/alike", test_alike);
    g_test_add_func("/track_lit/far", test_far);
    g_test_add_func("/track_lit/mean", test_mean);
    g_test_add_func("/track_lit/part", test_part);
    return g_test_run();
}
