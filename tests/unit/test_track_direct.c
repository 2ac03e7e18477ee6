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
    breathe(picture, box, 0.045f);
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
    g_assert_cmpuint(believed_after(breathes), ==, 6);
    g_assert_cmpuint(believed_after(dawdles), ==, 12);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track-direct/direct", test_direct);
    g_test_add_func("/track-direct/not-direct", test_not_direct);
    return g_test_run();
}
