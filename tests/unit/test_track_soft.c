/* SPDX-License-Identifier: Apache-2.0 */
/* What is soft in most of its sights is what is left of a shadow, and what is so now and then is a thing. */
#include "event/track.h"

#include "base/clock.h"

#define DT_NS (SKY_NS_PER_S / 8)
#define LEAST_NS (SKY_NS_PER_S / 2)
#define FORGET_NS SKY_NS_PER_S

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
    sky_tracker_process(&rig->tracker, &rig->result, LEAST_NS, FORGET_NS);
    rig->result.blob_count = 0;
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

/* Goes its way for 40 pictures, so soft in each; when it was believed, or 40. */
static unsigned believed_after(float (*soft)(unsigned picture)) {
    Rig rig;
    rig_init(&rig);
    nothing(&rig, 4);
    unsigned pictures = 0;
    for (; pictures < 40 && !(only(&rig) && only(&rig)->sure); pictures++) {
        put(&rig, 0.1f + 0.012f * (float)pictures, 0.4f, 0.04f, 0.06f);
        rig.result.blobs[0].soft = soft(pictures);
        step(&rig);
    }
    nothing(&rig, 12);
    g_assert_cmpuint(rig.tracker.suppressed.by_cause[SKY_SUPPRESSED_SOFT], ==, pictures == 40);
    return pictures;
}

static float soft_hardly(unsigned picture) {
    (void)picture;
    return 0.39f;
}

static float soft_enough(unsigned picture) {
    (void)picture;
    return 0.41f;
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

/* Parts of one thing weigh by their area. */
static void test_soft_part(void) {
    Rig rig;
    rig_init(&rig);
    nothing(&rig, 2);
    put(&rig, 0.3f, 0.4f, 0.06f, 0.1f);
    step(&rig);
    put(&rig, 0.3f, 0.4f, 0.06f, 0.06f);
    put(&rig, 0.3f, 0.47f, 0.06f, 0.03f);
    rig.result.blobs[0].soft = 0;
    rig.result.blobs[1].soft = 0.6f;
    step(&rig);
    g_assert_cmpfloat_with_epsilon(only(&rig)->soft, 0.1f, 0.01f); /* 0 at first, 0.2 now: their mean */
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track/soft", test_soft);
    g_test_add_func("/track/soft-part", test_soft_part);
    return g_test_run();
}
