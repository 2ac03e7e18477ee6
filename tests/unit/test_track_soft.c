/* SPDX-License-Identifier: Apache-2.0 */
/* What is soft in most of its sights is what is left of a shadow, and what is so now and then is a thing. */

#include "support/track_rig.h"

/* Goes its way for 40 pictures at that height, so soft in each; when it was believed, or 40. */
static unsigned believed_after_at(float (*soft)(unsigned picture), float y) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    unsigned pictures = 0;
    for (; pictures < 40 && !(track_rig_only(&rig) && track_rig_only(&rig)->sure); pictures++) {
        track_rig_put(&rig, 0.1f + 0.012f * (float)pictures, y, 0.04f, 0.06f);
        rig.result.blobs[0].soft = soft(pictures);
        track_rig_step(&rig);
    }
    track_rig_nothing(&rig, 12);
    g_assert_cmpuint(sky_suppressed_count(&rig.tracker.suppressed, SKY_SUPPRESSED_SOFT), ==, pictures == 40);
    return pictures;
}

static unsigned believed_after(float (*soft)(unsigned picture)) {
    return believed_after_at(soft, 0.4f);
}

static float soft_hardly(unsigned picture) {
    (void)picture;
    return 0.39f;
}

static float soft_enough(unsigned picture) {
    (void)picture;
    return 0.41f;
}

static float soft_hardly_cut(unsigned picture) {
    (void)picture;
    return 0.19f;
}

static float soft_enough_cut(unsigned picture) {
    (void)picture;
    return 0.21f;
}

/* By chance, now and then: a post in the shadow. */
static float soft_mostly(unsigned picture) {
    return picture % 3 == 2 ? 0 : 0.7f;
}

/* Comes out of the shadow that he was taken for. */
static float soft_at_first(unsigned picture) {
    return picture < 8 ? 0.7f : 0;
}

static void test_soft(void) {
    g_assert_cmpuint(believed_after(soft_hardly), <=, 8);
    g_assert_cmpuint(believed_after(soft_enough), ==, 40);
    g_assert_cmpuint(believed_after(soft_mostly), ==, 40);
    unsigned pictures = believed_after(soft_at_first);
    g_assert_cmpuint(pictures, >, 8);
    g_assert_cmpuint(pictures, <=, 16);
}

/* What the upper edge cuts off all the way shows half of its outline. */
static void test_soft_at_edge(void) {
    g_assert_cmpuint(believed_after_at(soft_hardly_cut, 0), <=, 8);
    g_assert_cmpuint(believed_after_at(soft_enough_cut, 0), ==, 40);
    g_assert_cmpuint(believed_after(soft_enough_cut), <=, 8);
}

/* Walks so soft, and is so many times as large after three pictures; when it was believed, or 40. */
static unsigned believed_grown(float soft, float times) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    unsigned pictures = 0;
    for (; pictures < 40 && !(track_rig_only(&rig) && track_rig_only(&rig)->sure); pictures++) {
        float large = pictures < 3 ? 1 : times;
        track_rig_put(&rig, 0.3f + 0.01f * (float)pictures, 0.4f, 0.1f * large, 0.06f * large);
        rig.result.blobs[0].soft = soft;
        track_rig_step(&rig);
    }
    return pictures;
}

/* As a shadow that comes, until it has left where it began; who steps out of a door has edges. */
static void test_soft_spread(void) {
    g_assert_cmpuint(believed_grown(0.21f, 2.1f), ==, 11);
    g_assert_cmpuint(believed_grown(0.21f, 1.9f), <=, 8);
    g_assert_cmpuint(believed_grown(0.19f, 2.1f), <=, 8);
}

/* The same after six pictures in which he hardly stood out; of those nothing is known. */
static unsigned believed_after_dim(float (*soft)(unsigned picture)) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    float x = 0.3f;
    for (unsigned i = 0; i < 6; i++, x += 0.006f) {
        rig.result.dim[rig.result.dim_count++] = (SkyBlob){.box = {x, 0.4f, 0.03f, 0.06f}, .area = 0.0006f};
        track_rig_step(&rig);
    }
    unsigned pictures = 0;
    for (; pictures < 40 && !(track_rig_only(&rig) && track_rig_only(&rig)->sure); pictures++, x += 0.006f) {
        track_rig_put(&rig, x, 0.4f, 0.03f, 0.06f);
        rig.result.blobs[0].soft = soft(pictures);
        track_rig_step(&rig);
    }
    return pictures;
}

static float soft_once(unsigned picture) {
    return picture == 0 ? 0.9f : 0;
}

static float hard_once(unsigned picture) {
    return picture == 0 ? 0 : 0.7f;
}

static void test_soft_after_dim(void) {
    g_assert_cmpuint(believed_after_dim(soft_once), <=, 4);
    g_assert_cmpuint(believed_after_dim(hard_once), ==, 40);
}

/* Parts of one thing weigh by their area. */
static void test_soft_part(void) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 2);
    track_rig_put(&rig, 0.3f, 0.4f, 0.06f, 0.1f);
    track_rig_step(&rig);
    track_rig_put(&rig, 0.3f, 0.4f, 0.06f, 0.06f);
    track_rig_put(&rig, 0.3f, 0.47f, 0.06f, 0.03f);
    rig.result.blobs[0].soft = 0;
    rig.result.blobs[1].soft = 0.6f;
    track_rig_step(&rig);
    g_assert_cmpfloat_with_epsilon(track_rig_only(&rig)->soft, 0.1f, 0.01f); /* 0 at first, 0.2 now: their mean */
}

/* Drifts so soft for 30 pictures, as clear as can be until it sets off. TRUE: it was believed. */
static gboolean believed_fading(float soft, float area_lost, float contrast_lost) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    gboolean sure = FALSE;
    for (unsigned pictures = 0; pictures < 30; pictures++) {
        float gone = (float)CLAMP((int)pictures - 10, 0, 20) / 20;
        track_rig_put(&rig, 0.3f + 0.036f * gone, 0.4f, 0.06f, 0.1f * (1 - area_lost * gone));
        rig.result.blobs[0].soft = gone > 0.5f ? 0 : soft; /* edges of so little are not seen */
        rig.result.blobs[0].contrast = 4 * (1 - contrast_lost * gone);
        track_rig_step(&rig);
        sure = sure || track_rig_only(&rig)->sure;
    }
    track_rig_nothing(&rig, 12);
    g_assert_cmpuint(sky_suppressed_count(&rig.tracker.suppressed, SKY_SUPPRESSED_SOFT), ==, !sure);
    return sure;
}

/* Dust and smoke go off into nothing. A man in the shade has edges, and what is soft and stays may be one. */
static void test_soft_fading(void) {
    g_assert_false(believed_fading(0.3f, 0, 0.7f));
    g_assert_false(believed_fading(0.25f, 0, 0.7f));
    g_assert_false(believed_fading(0.3f, 0.6f, 0.1f));
    g_assert_true(believed_fading(0.15f, 0, 0.7f));
    g_assert_true(believed_fading(0.3f, 0, 0.1f));
}

/* Stands clear for a while, then so many pictures at half of that, and walks off so. TRUE: he was believed. */
static gboolean believed_after_fading(unsigned rest) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    for (unsigned pictures = 0; pictures < 100 + rest + 30; pictures++) {
        float gone = (float)MAX((int)(pictures - 100 - rest), 0) / 30;
        track_rig_put(&rig, 0.3f + 0.054f * gone, 0.4f, 0.06f, 0.1f);
        rig.result.blobs[0].soft = 0.3f;
        rig.result.blobs[0].contrast = pictures < 100 ? 4 : 2;
        track_rig_step(&rig);
    }
    return track_rig_only(&rig)->sure;
}

/* What came to an end ten seconds ago fades no longer. */
static void test_soft_faded(void) {
    g_assert_false(believed_after_fading(4));
    g_assert_true(believed_after_fading(100));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track/soft", test_soft);
    g_test_add_func("/track/soft-at-edge", test_soft_at_edge);
    g_test_add_func("/track/soft-spread", test_soft_spread);
    g_test_add_func("/track/soft-after-dim", test_soft_after_dim);
    g_test_add_func("/track/soft-part", test_soft_part);
    g_test_add_func("/track/soft-fading", test_soft_fading);
    g_test_add_func("/track/soft-faded", test_soft_faded);
    return g_test_run();
}
