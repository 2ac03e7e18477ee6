/* SPDX-License-Identifier: Apache-2.0 */
/* The moment of an event that its picture is of; what a picture does not tell. */
#include "base/clock.h"
#include "event/event_detector.h"

#define DT_NS (SKY_NS_PER_S / 8)

typedef struct {
    SkyEventDetector *detector;
    int64_t now_ns;
    SkyEvent last; /* as told */
} Rig;

static void tell(const SkyEvent *event, gpointer user) {
    ((Rig *)user)->last = *event;
}

static void rig_init(Rig *rig) {
    *rig = (Rig){.now_ns = SKY_NS_PER_S};
    rig->detector =
        sky_event_detector_new(&(SkyEventParams){.min_duration_ns = SKY_NS_PER_S / 2, .hold_ns = 3 * SKY_NS_PER_S}, tell, rig);
}

static void see(Rig *rig, const SkyBox *box) {
    SkyMotionResult result = {.scene = SKY_SCENE_OK, .arrival_ns = rig->now_ns, .blob_count = box ? 1 : 0};
    if (box)
        result.blobs[0] = (SkyBlob){.box = *box, .area = box->w * box->h * 0.7f, .contrast = 4};
    sky_event_detector_process(rig->detector, &result);
    rig->now_ns += DT_NS;
}

/* More than a picture tells is counted where it goes unfollowed. */
static void test_left_out(void) {
    Rig rig;
    rig_init(&rig);
    SkyMotionResult result = {.scene = SKY_SCENE_OK, .arrival_ns = rig.now_ns, .blobs_left_out = 8};
    sky_event_detector_process(rig.detector, &result);
    result.scene = SKY_SCENE_LIGHT; /* nothing of that is believed */
    sky_event_detector_process(rig.detector, &result);
    g_assert_cmpuint(sky_event_detector_left_out(rig.detector), ==, 8);
    sky_event_detector_free(rig.detector);
}

static void walk(Rig *rig, float from, float to, unsigned pictures) {
    for (unsigned i = 0; i < pictures; i++)
        see(rig, &(SkyBox){from + (to - from) * (float)i / (float)(pictures - 1), 0.4f, 0.05f, 0.16f});
}

static void end(Rig *rig) {
    for (unsigned i = 0; i < 30; i++)
        see(rig, NULL);
    g_assert_cmpint(rig->last.phase, ==, SKY_EVENT_END);
    sky_event_detector_free(rig->detector);
}

/* All of it: half a person at the edge is worth half of what is seen. */
static void test_whole(void) {
    Rig rig;
    rig_init(&rig);
    walk(&rig, 0.5f, 0.94f, 24);
    int64_t whole_ns = rig.now_ns - DT_NS;
    see(&rig, &(SkyBox){0.94f, 0.4f, 0.06f, 0.2f});
    end(&rig);
    g_assert_cmpint(rig.last.best_ns, <=, whole_ns);
    g_assert_cmpfloat(rig.last.best_box.w, <, 0.055f);
    g_assert_cmpfloat_with_epsilon(rig.last.best_value, 0.05f * 0.16f, 1e-5f);
}

/* Of moments nearly alike a favoured one, whether it comes before or behind the others; and not one that shows clearly less. */
static void test_favoured(void) {
    static const struct {
        float height;
        unsigned before, behind;
        gboolean taken;
    } rows[] = {{0.14f, 16, 6, TRUE}, {0.14f, 8, 20, TRUE}, {0.12f, 16, 6, FALSE}, {0.12f, 8, 20, FALSE}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Rig rig;
        rig_init(&rig);
        walk(&rig, 0.3f, 0.3f + 0.02f * (float)rows[i].before, rows[i].before);
        int64_t favoured_ns = rig.now_ns;
        sky_event_detector_favour(rig.detector, TRUE);
        see(&rig, &(SkyBox){0.32f + 0.02f * (float)rows[i].before, 0.4f, 0.05f, rows[i].height});
        sky_event_detector_favour(rig.detector, FALSE);
        walk(&rig, 0.34f + 0.02f * (float)rows[i].before, 0.8f, rows[i].behind);
        end(&rig);
        g_assert_cmpint(rig.last.best_ns == favoured_ns, ==, rows[i].taken);
        g_assert_cmpint(rig.last.best_favoured, ==, rows[i].taken);
        g_assert_cmpfloat_with_epsilon(rig.last.best_value, 0.05f * (rows[i].taken ? rows[i].height : 0.16f), 1e-5f);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event-moment/left-out", test_left_out);
    g_test_add_func("/event-moment/whole", test_whole);
    g_test_add_func("/event-moment/favoured", test_favoured);
    return g_test_run();
}
