/* SPDX-License-Identifier: Apache-2.0 */
/* Who goes straight, keeps his size and has edges of his own is believed a picture sooner than who does not. */

#include "support/track_rig.h"

#define STEP 0.006f /* of the picture, each picture: in four of them as far as a thing has to go */

/* Changes the box of picture i, and how soft it is. */
typedef void (*Look)(unsigned picture, SkyBox *box, float *soft);

/* When it was believed, or 20. */
static unsigned believed_after(Look look) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    unsigned pictures = 0;
    for (; pictures < 20 && !(track_rig_only(&rig) && track_rig_only(&rig)->sure); pictures++) {
        SkyBox box = {0.3f + STEP * (float)pictures, 0.4f, 0.04f, 0.06f};
        float soft = 0;
        look(pictures, &box, &soft);
        track_rig_put(&rig, box.x, box.y, box.w, box.h);
        rig.result.blobs[0].soft = soft;
        track_rig_step(&rig);
    }
    return pictures;
}

static void direct(unsigned picture, SkyBox *box, float *soft) {
    (void)picture, (void)box, (void)soft;
}

static void soft_hardly(unsigned picture, SkyBox *box, float *soft) {
    (void)picture, (void)box;
    *soft = 0.19f;
}

static void soft_enough(unsigned picture, SkyBox *box, float *soft) {
    (void)picture, (void)box;
    *soft = 0.21f;
}

static void breathe(unsigned picture, SkyBox *box, float by) {
    float higher = picture % 2 ? by : 0;
    box->y -= higher / 2;
    box->h += higher;
}

static void breathes_hardly(unsigned picture, SkyBox *box, float *soft) {
    (void)soft;
    breathe(picture, box, 0.02f);
}

static void breathes(unsigned picture, SkyBox *box, float *soft) {
    (void)soft;
    breathe(picture, box, 0.03f);
}

/* Three steps there and three back before he goes. */
static void dawdles(unsigned picture, SkyBox *box, float *soft) {
    (void)soft;
    box->x = 0.3f + STEP * (float)(picture < 6 ? MIN(picture, 6 - picture) : picture - 6);
}

static void test_direct(void) {
    g_assert_cmpuint(believed_after(direct), ==, 5);
    g_assert_cmpuint(believed_after(soft_hardly), ==, 5);
    g_assert_cmpuint(believed_after(breathes_hardly), ==, 5);
}

static void test_not_direct(void) {
    g_assert_cmpuint(believed_after(soft_enough), ==, 6);
    g_assert_cmpuint(believed_after(breathes), ==, 7); /* who changes his size so has to go further, too */
    g_assert_cmpuint(believed_after(dawdles), ==, 12);
}

/* Four of his own sizes a second, and to be seen in full in so few pictures; first he jumps to and fro so many times. When he was
 * believed, or 40. */
static unsigned runner_believed_after(unsigned full_every, unsigned jumps) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    unsigned pictures = 0;
    for (; pictures < 40 && !(track_rig_only(&rig) && track_rig_only(&rig)->sure); pictures++) {
        unsigned steps = pictures < 2 * jumps ? pictures % 2 : pictures - 2 * jumps;
        track_rig_put(&rig, 0.2f + 0.016f * (float)steps, 0.4f, 0.02f, 0.05f);
        rig.result.blobs[0].small = pictures % full_every != 0;
        track_rig_step(&rig);
    }
    return pictures;
}

/* Who runs straight and is so far off that he is too small in most pictures is not lost in them. */
static void test_far_runner(void) {
    unsigned full = runner_believed_after(1, 0), small = runner_believed_after(3, 0);
    g_test_message("%u, small %u; to and fro %u, small %u", full, small, runner_believed_after(1, 6), runner_believed_after(3, 6));
    g_assert_cmpuint(small, ==, full);
    g_assert_cmpuint(small, <, 12);
    g_assert_cmpuint(runner_believed_after(3, 6), >, runner_believed_after(1, 6));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track-direct/direct", test_direct);
    g_test_add_func("/track-direct/not-direct", test_not_direct);
    g_test_add_func("/track-direct/far-runner", test_far_runner);
    return g_test_run();
}
