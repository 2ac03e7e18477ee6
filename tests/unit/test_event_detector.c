/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event_detector.h"

#include <string.h>

#include "base/clock.h"

#define DT_NS (SKY_NS_PER_S / 8)
#define HOLD_NS (3 * SKY_NS_PER_S)

typedef struct {
    SkyEventDetector *detector;
    GArray *told; /* SkyEvent */
    int64_t now_ns, settled_ns;
    SkyMotionResult result;
} Rig;

static void tell(const SkyEvent *event, gpointer user) {
    g_array_append_val((GArray *)user, *event);
}

static Rig rig_with(const SkyZone *zones, uint32_t count, int64_t least_ns) {
    Rig rig = {.told = g_array_new(FALSE, FALSE, sizeof(SkyEvent)), .now_ns = SKY_NS_PER_S};
    rig.detector = sky_event_detector_new(
        &(SkyEventParams){.zones = zones, .zone_count = count, .min_duration_ns = least_ns, .hold_ns = HOLD_NS}, tell, rig.told);
    return rig;
}

static Rig rig_new(void) {
    return rig_with(NULL, 0, SKY_NS_PER_S / 2);
}

static void rig_clear(Rig *rig) {
    sky_event_detector_free(rig->detector);
    g_array_free(rig->told, TRUE);
}

/* In every test: no event begins before what was settled. */
static void process(Rig *rig) {
    guint before = rig->told->len;
    sky_event_detector_process(rig->detector, &rig->result);
    for (guint i = before; i < rig->told->len; i++) {
        const SkyEvent *event = &g_array_index(rig->told, SkyEvent, i);
        if (event->phase == SKY_EVENT_BEGIN)
            g_assert_cmpint(event->begin_ns, >=, rig->settled_ns);
    }
    rig->settled_ns = MAX(rig->settled_ns, sky_event_detector_settled_ns(rig->detector, rig->result.arrival_ns));
}

static void step(Rig *rig, const SkyBox *box) {
    rig->result.scene = SKY_SCENE_OK;
    rig->result.arrival_ns = rig->now_ns;
    rig->result.blob_count = box ? 1 : 0;
    if (box)
        rig->result.blobs[0] = (SkyBlob){.box = *box, .area = box->w * box->h * 0.7f, .contrast = 4};
    process(rig);
    rig->now_ns += DT_NS;
}

static void walk(Rig *rig, float from, float to, float y, unsigned pictures) {
    for (unsigned i = 0; i < pictures; i++) {
        SkyBox box = {from + (to - from) * (float)i / (float)(pictures - 1), y, 0.05f, 0.16f};
        step(rig, &box);
    }
}

static void nothing(Rig *rig, unsigned pictures) {
    for (unsigned i = 0; i < pictures; i++)
        step(rig, NULL);
}

static const SkyEvent *told(const Rig *rig, guint i) {
    g_assert_cmpuint(i, <, rig->told->len);
    return &g_array_index(rig->told, SkyEvent, i);
}

static guint count(const Rig *rig, SkyEventPhase phase) {
    guint n = 0;
    for (guint i = 0; i < rig->told->len; i++)
        n += told(rig, i)->phase == phase;
    return n;
}

static void test_one_walker(void) {
    Rig rig = rig_new();
    nothing(&rig, 3);
    int64_t came_ns = rig.now_ns;
    walk(&rig, 0.2f, 0.7f, 0.4f, 32);
    int64_t last_ns = rig.now_ns - DT_NS;
    nothing(&rig, 23);
    g_assert_cmpuint(count(&rig, SKY_EVENT_END), ==, 0); /* one picture before the hold is over */
    nothing(&rig, 2);
    const SkyEvent *begin = told(&rig, 0), *end = told(&rig, rig.told->len - 1);
    g_assert_cmpint(begin->phase, ==, SKY_EVENT_BEGIN);
    g_assert_cmpint(begin->kind, ==, SKY_EVENT_MOTION);
    g_assert_cmpuint(begin->number, ==, 1);
    g_assert_cmpint(begin->begin_ns, ==, came_ns);
    g_assert_cmpint(begin->end_ns, ==, SKY_TIME_NONE);
    g_assert_cmpint(begin->detected_ns - came_ns, <=, 5 * DT_NS);
    g_assert_cmpint(end->phase, ==, SKY_EVENT_END);
    g_assert_cmpint(end->end_ns, ==, last_ns);
    g_assert_false(end->interrupted);
    g_assert_cmpfloat_with_epsilon(end->from.x, 0.225f, 0.01f);
    g_assert_cmpfloat_with_epsilon(end->to.x, 0.725f, 0.01f);
    g_assert_cmpfloat(end->score, >, 0.5f);
    g_assert_cmpuint(end->objects, ==, 1);
    g_assert_cmpuint(count(&rig, SKY_EVENT_UPDATE), ==, 3); /* one a second while it is seen */
    rig_clear(&rig);
}

static void test_least_duration(void) {
    Rig rig = rig_with(NULL, 0, 2 * SKY_NS_PER_S);
    nothing(&rig, 3);
    walk(&rig, 0.2f, 0.42f, 0.4f, 15);
    g_assert_cmpuint(rig.told->len, ==, 0);
    walk(&rig, 0.435f, 0.465f, 0.4f, 3);
    g_assert_cmpuint(rig.told->len, ==, 1);
    rig_clear(&rig);
}

static void test_hold_joins_a_pause(void) {
    Rig rig = rig_new();
    walk(&rig, 0.2f, 0.5f, 0.4f, 20);
    nothing(&rig, 12);
    walk(&rig, 0.52f, 0.8f, 0.4f, 20); /* comes out again where it was lost */
    nothing(&rig, 30);
    g_assert_cmpuint(count(&rig, SKY_EVENT_BEGIN), ==, 1);
    g_assert_cmpuint(count(&rig, SKY_EVENT_END), ==, 1);
    rig_clear(&rig);
}

static void test_elsewhere_is_another(void) {
    Rig rig = rig_new();
    walk(&rig, 0.2f, 0.1f, 0.2f, 20);
    nothing(&rig, 8);
    walk(&rig, 0.9f, 0.6f, 0.8f, 20);
    nothing(&rig, 30);
    g_assert_cmpuint(count(&rig, SKY_EVENT_BEGIN), ==, 2);
    const SkyEvent *before = NULL;
    for (guint i = 0; i < rig.told->len; i++) {
        const SkyEvent *event = told(&rig, i);
        if (before && event->number != before->number) {
            g_assert_cmpint(before->phase, ==, SKY_EVENT_END);
            g_assert_cmpint(event->begin_ns, >=, before->end_ns); /* never at once */
        }
        before = event;
    }
    rig_clear(&rig);
}

static void step_two(Rig *rig, const SkyBox *one, const SkyBox *other) {
    rig->result.scene = SKY_SCENE_OK;
    rig->result.arrival_ns = rig->now_ns;
    rig->result.blob_count = 2;
    rig->result.blobs[0] = (SkyBlob){.box = *one, .area = one->w * one->h * 0.7f, .contrast = 4};
    rig->result.blobs[1] = (SkyBlob){.box = *other, .area = other->w * other->h * 0.7f, .contrast = 4};
    process(rig);
    rig->now_ns += DT_NS;
}

/* One walker, and after a second another one at the other end of the picture, so much larger. Tells whom the event shows at its end. */
static SkyEvent with_another(float larger) {
    Rig rig = rig_new();
    walk(&rig, 0.1f, 0.2f, 0.4f, 8);
    for (unsigned i = 0; i < 16; i++) {
        SkyBox one = {0.21f + 0.01f * (float)i, 0.4f, 0.05f, 0.16f}, other = {0.9f - 0.01f * (float)i, 0.4f, 0.05f, 0.16f * larger};
        step_two(&rig, &one, &other);
    }
    nothing(&rig, 30);
    g_assert_cmpuint(count(&rig, SKY_EVENT_BEGIN), ==, 1);
    SkyEvent event = *told(&rig, rig.told->len - 1);
    for (guint i = 0; i < rig.told->len; i++)
        g_assert_cmpfloat(MAX(told(&rig, i)->box.w, told(&rig, i)->best_box.w), <, 0.06f); /* never from one to the other */
    rig_clear(&rig);
    return event;
}

static void test_one_carries_it(void) {
    SkyEvent event = with_another(1.8f);
    g_assert_cmpuint(event.objects, ==, 2);
    g_assert_cmpfloat(event.box.x, <, 0.5f);
    g_assert_cmpfloat(event.best_box.h, <, 0.17f);
    g_assert_cmpfloat_with_epsilon(sky_path_way(&event.path), 0.26f, 0.02f); /* and the path does not leap across */
    event = with_another(2.2f);
    g_assert_cmpfloat(event.box.x, >, 0.5f);
    g_assert_cmpfloat(event.best_box.h, >, 0.3f);
}

static guint begins_when_back_at(float from, float to) {
    Rig rig = rig_new();
    walk(&rig, 0.4f, 0.75f, 0.4f, 24);
    nothing(&rig, 10);
    walk(&rig, from, to, 0.4f, 20);
    nothing(&rig, 30);
    guint begins = count(&rig, SKY_EVENT_BEGIN);
    rig_clear(&rig);
    return begins;
}

/* What was lost inside the picture does not come back from outside. */
static void test_from_outside_is_another(void) {
    g_assert_cmpuint(begins_when_back_at(0.95f, 0.7f), ==, 2);
    g_assert_cmpuint(begins_when_back_at(0.9f, 0.65f), ==, 1);
}

static void test_left_over_the_edge(void) {
    Rig rig = rig_new();
    walk(&rig, 0.5f, 0.97f, 0.4f, 24);
    nothing(&rig, 11);
    g_assert_cmpuint(count(&rig, SKY_EVENT_END), ==, 0);
    nothing(&rig, 2); /* a second and a half, not three */
    g_assert_cmpuint(count(&rig, SKY_EVENT_END), ==, 1);
    rig_clear(&rig);

    /* What is seen of it last may be a part that looks as if it came back. */
    rig = rig_new();
    walk(&rig, 0.5f, 0.97f, 0.4f, 24);
    SkyBox part = {0.92f, 0.4f, 0.05f, 0.16f};
    step(&rig, &part);
    nothing(&rig, 13);
    g_assert_cmpuint(count(&rig, SKY_EVENT_END), ==, 1);
    rig_clear(&rig);
}

/* What a thing leaves behind (a chair that it moved, its own ghost) is not the thing: the event ends when that is gone. */
static void test_a_rest_is_not_the_thing(void) {
    Rig rig = rig_new();
    nothing(&rig, 4);
    walk(&rig, 0.2f, 0.6f, 0.4f, 24);
    int64_t gone_ns = rig.now_ns;
    SkyBox rest = {0.61f, 0.5f, 0.02f, 0.02f};
    for (unsigned i = 0; i < 80; i++)
        step(&rig, &rest);
    g_assert_cmpint(told(&rig, rig.told->len - 1)->phase, ==, SKY_EVENT_END);
    g_assert_cmpint(told(&rig, rig.told->len - 1)->end_ns, <=, gone_ns);
    g_assert_cmpint(told(&rig, rig.told->len - 1)->time_ns, <=, gone_ns + HOLD_NS + DT_NS);
    rig_clear(&rig);

    /* Also where it shows only later, at the picture's edge, and shrinks towards that. */
    rig = rig_new();
    nothing(&rig, 4);
    walk(&rig, 0.5f, 0.95f, 0.4f, 24);
    nothing(&rig, 6);
    guint before = rig.told->len;
    for (unsigned i = 0; i < 60; i++) {
        float left = 0.955f + 0.0008f * (float)i;
        SkyBox ghost = {left, 0.5f, 1 - left, 0.02f};
        step(&rig, &ghost);
    }
    g_assert_cmpuint(rig.told->len, <=, before + 1);
    g_assert_cmpint(told(&rig, rig.told->len - 1)->phase, ==, SKY_EVENT_END);
    rig_clear(&rig);

    /* Seen only in part, or far away, and going on: still it. */
    rig = rig_new();
    nothing(&rig, 4);
    walk(&rig, 0.2f, 0.6f, 0.4f, 24);
    for (unsigned i = 0; i < 40; i++) {
        SkyBox part = {0.61f + 0.006f * (float)i, 0.5f, 0.03f, 0.03f};
        step(&rig, &part);
    }
    g_assert_cmpint(told(&rig, rig.told->len - 1)->phase, ==, SKY_EVENT_UPDATE);
    rig_clear(&rig);
}

static void test_zones(void) {
    SkyZone zones[2] = {{.id = "gate", .polygon = {.count = 4, .points = {{0, 0}, {0.5f, 0}, {0.5f, 1}, {0, 1}}}},
                        {.id = "", .polygon = {.count = 4, .points = {{0.5f, 0}, {1, 0}, {1, 1}, {0.5f, 1}}}}};
    Rig rig = rig_with(zones, 2, SKY_NS_PER_S / 2);
    memset(zones, 0, sizeof zones); /* copied */
    walk(&rig, 0.05f, 0.9f, 0.4f, 48);
    nothing(&rig, 30);
    g_assert_cmpuint(count(&rig, SKY_EVENT_BEGIN), ==, 2);
    g_assert_cmpuint(count(&rig, SKY_EVENT_END), ==, 2);
    g_assert_cmpint(told(&rig, 0)->kind, ==, SKY_EVENT_INTRUSION);
    g_assert_cmpstr(told(&rig, 0)->zone, ==, "gate");
    for (guint i = 0; i < rig.told->len; i++)
        if (told(&rig, i)->number == 2) {
            g_assert_cmpint(told(&rig, i)->kind, ==, SKY_EVENT_MOTION); /* a zone without a name */
            g_assert_cmpstr(told(&rig, i)->zone, ==, "");
        }
    rig_clear(&rig);
}

/* Walks in from the left at picture 0, stands so long in the zone, and goes out again the way he came. Tells how many dwell events. */
static guint dwells(double stands_s, gboolean blinks, SkyEvent *ret_end) {
    SkyZone zone = {.id = "gate", .dwell_ns = 10 * SKY_NS_PER_S,
                    .polygon = {.count = 4, .points = {{0.5f, 0}, {1, 0}, {1, 1}, {0.5f, 1}}}};
    Rig rig = rig_with(&zone, 1, SKY_NS_PER_S / 2);
    nothing(&rig, 3);
    walk(&rig, 0.3f, 0.6f, 0.4f, 25);
    for (unsigned i = 0; i < (unsigned)(stands_s * 8); i++) {
        SkyBox box = {0.6f, 0.4f, 0.05f, 0.16f};
        if (blinks && i >= 16 && i < 30) { /* longer than a track is waited for: a new one when he is seen again */
            step(&rig, NULL);
            continue;
        }
        box.x += blinks && i >= 30 ? 0.005f * (float)MIN(i - 30, 10) : 0;
        step(&rig, &box);
    }
    walk(&rig, 0.6f, 0.2f, 0.4f, 25);
    nothing(&rig, 30);
    guint begins = 0;
    for (guint i = 0; i < rig.told->len; i++) {
        if (told(&rig, i)->kind != SKY_EVENT_DWELL)
            continue;
        begins += told(&rig, i)->phase == SKY_EVENT_BEGIN;
        *ret_end = *told(&rig, i);
    }
    g_assert_cmpuint(count(&rig, SKY_EVENT_BEGIN), ==, count(&rig, SKY_EVENT_END));
    rig_clear(&rig);
    return begins;
}

static void test_dwell(void) {
    SkyEvent end;
    g_assert_cmpuint(dwells(6.5, FALSE, &end), ==, 0); /* 8.5 and a way of 1.5 s in the zone */
    g_assert_cmpuint(dwells(8, FALSE, &end), ==, 1);
    g_assert_cmpint(end.phase, ==, SKY_EVENT_END);
    g_assert_cmpstr(end.zone, ==, "gate");
    g_assert_cmpint(end.begin_ns, >=, 3 * SKY_NS_PER_S); /* when he came in, not when he was first seen */
    g_assert_cmpint(end.detected_ns - end.begin_ns, >=, 10 * SKY_NS_PER_S);
    g_assert_cmpint(end.detected_ns - end.begin_ns, <=, 10 * SKY_NS_PER_S + DT_NS);
    g_assert_cmpint(end.inside_ns, >=, end.end_ns - end.begin_ns - DT_NS);
    g_assert_cmpfloat(end.from.x, >=, 0.5f);
    g_assert_cmpuint(dwells(12, TRUE, &end), ==, 1); /* lost for a moment, and the same */
}

static void test_outside_all_zones(void) {
    SkyZone zone = {.id = "gate", .polygon = {.count = 4, .points = {{0, 0.8f}, {1, 0.8f}, {1, 1}, {0, 1}}}};
    Rig rig = rig_with(&zone, 1, SKY_NS_PER_S / 2);
    walk(&rig, 0.1f, 0.8f, 0.4f, 30); /* its foot is at 0.56 */
    g_assert_cmpuint(rig.told->len, ==, 0);
    walk(&rig, 0.8f, 0.1f, 0.7f, 30); /* at 0.86: inside, though its centre is not */
    g_assert_cmpuint(count(&rig, SKY_EVENT_BEGIN), ==, 1);
    rig_clear(&rig);
}

static void test_end_all(void) {
    Rig rig = rig_new();
    sky_event_detector_end_all(rig.detector, TRUE);
    g_assert_cmpuint(rig.told->len, ==, 0); /* nothing was open */
    walk(&rig, 0.2f, 0.5f, 0.4f, 20);
    int64_t last_ns = rig.now_ns - DT_NS;
    sky_event_detector_end_all(rig.detector, TRUE);
    const SkyEvent *end = told(&rig, rig.told->len - 1);
    g_assert_cmpint(end->phase, ==, SKY_EVENT_END);
    g_assert_true(end->interrupted);
    g_assert_cmpint(end->end_ns, ==, last_ns);
    guint before = rig.told->len;
    sky_event_detector_end_all(rig.detector, TRUE);
    g_assert_cmpuint(rig.told->len, ==, before); /* once */
    walk(&rig, 0.2f, 0.5f, 0.4f, 20);
    g_assert_cmpuint(told(&rig, rig.told->len - 1)->number, ==, 2); /* and it goes on afterwards */
    rig_clear(&rig);
}

/* While the light changes nothing is followed, but what is open still ends in time. */
static void test_light_ends_in_time(void) {
    Rig rig = rig_new();
    walk(&rig, 0.2f, 0.5f, 0.4f, 20);
    for (unsigned i = 0; i < 30; i++) {
        rig.result = (SkyMotionResult){.scene = SKY_SCENE_LIGHT, .arrival_ns = rig.now_ns};
        sky_event_detector_process(rig.detector, &rig.result);
        rig.now_ns += DT_NS;
    }
    g_assert_cmpuint(count(&rig, SKY_EVENT_END), ==, 1);
    rig_clear(&rig);
}

static void test_suppressed_is_counted(void) {
    Rig rig = rig_new();
    SkyBox box = {0.4f, 0.4f, 0.05f, 0.1f};
    step(&rig, &box);
    nothing(&rig, 12);
    g_assert_cmpuint(sky_suppressed_count(sky_event_detector_suppressed(rig.detector), SKY_SUPPRESSED_BRIEF), ==, 1);
    g_assert_cmpuint(sky_counter_get(&sky_event_detector_suppressed(rig.detector)->by_place[SKY_SUPPRESSED_BRIEF][1][1]), ==, 1);
    sky_event_detector_end_all(rig.detector, FALSE);
    g_assert_cmpuint(sky_suppressed_count(sky_event_detector_suppressed(rig.detector), SKY_SUPPRESSED_BRIEF), ==, 1);
    rig_clear(&rig);
}

/* What a person is shown: the number stays, the cause is that of going away now, and then it is gone. */
static void test_followed(void) {
    Rig rig = rig_new();
    SkyFollowed followed[SKY_FOLLOWED_MAX];
    SkyBox box = {0.4f, 0.4f, 0.05f, 0.1f};
    step(&rig, &box);
    g_assert_cmpuint(sky_event_detector_followed(rig.detector, followed), ==, 1);
    g_assert_cmpuint(followed[0].number, ==, 1);
    g_assert_true(followed[0].seen && !followed[0].sure);
    g_assert_cmpint(followed[0].cause, ==, SKY_SUPPRESSED_BRIEF);
    g_assert_cmpfloat(followed[0].box.w, ==, box.w);
    for (unsigned i = 0; i < 24; i++)
        step(&rig, &box);
    g_assert_cmpuint(sky_event_detector_followed(rig.detector, followed), ==, 1);
    g_assert_cmpint(followed[0].cause, ==, SKY_SUPPRESSED_STILL);
    step(&rig, NULL);
    g_assert_cmpuint(sky_event_detector_followed(rig.detector, followed), ==, 1);
    g_assert_false(followed[0].seen);
    nothing(&rig, 12);
    g_assert_cmpuint(sky_event_detector_followed(rig.detector, followed), ==, 0);
    walk(&rig, 0.2f, 0.6f, 0.4f, 30);
    g_assert_cmpuint(sky_event_detector_followed(rig.detector, followed), ==, 1);
    g_assert_cmpuint(followed[0].number, ==, 2);
    g_assert_true(followed[0].sure && followed[0].seen);
    rig_clear(&rig);
}

/* Up to now while nothing moves, back to when it came until it is told, and then to the last word of it: a camera that is armed
 * again raises it from there. */
static void test_settled(void) {
    Rig rig = rig_with(NULL, 0, 2 * SKY_NS_PER_S);
    nothing(&rig, 3);
    g_assert_cmpint(rig.settled_ns, ==, rig.now_ns - DT_NS);
    int64_t came_ns = rig.now_ns;
    walk(&rig, 0.2f, 0.4f, 0.4f, 15);
    g_assert_cmpuint(rig.told->len, ==, 0);
    g_assert_cmpint(rig.settled_ns, ==, came_ns);
    walk(&rig, 0.41f, 0.6f, 0.4f, 15);
    g_assert_cmpuint(count(&rig, SKY_EVENT_BEGIN), ==, 1);
    g_assert_cmpint(rig.settled_ns, ==, told(&rig, rig.told->len - 1)->time_ns);
    g_assert_cmpint(rig.settled_ns, >=, rig.now_ns - DT_NS - SKY_NS_PER_S);
    nothing(&rig, 30);
    g_assert_cmpuint(count(&rig, SKY_EVENT_END), ==, 1);
    g_assert_cmpint(rig.settled_ns, ==, rig.now_ns - DT_NS);
    rig_clear(&rig);
}

/* Somebody small who comes out of where a large thing was is taken for a rest of it at first. */
static void test_settled_before_a_rest_walks(void) {
    Rig rig = rig_new();
    for (unsigned i = 0; i < 24; i++)
        step(&rig, &(SkyBox){0.1f + 0.015f * (float)i, 0.4f, 0.3f, 0.3f});
    nothing(&rig, 30);
    g_assert_cmpuint(count(&rig, SKY_EVENT_END), ==, 1);
    for (unsigned i = 0; i < 60; i++)
        step(&rig, &(SkyBox){0.5f + 0.003f * (float)i, 0.5f, 0.04f, 0.1f});
    g_assert_cmpuint(count(&rig, SKY_EVENT_BEGIN), ==, 2);
    rig_clear(&rig);
}

/* Who begins to stand out after some seconds has been on his way all that time. */
static void test_settled_before_what_is_dim(void) {
    Rig rig = rig_new();
    nothing(&rig, 8);
    int64_t came_ns = rig.now_ns;
    SkyBox box = {0.3f, 0.4f, 0.02f, 0.06f};
    for (unsigned i = 0; i < 40; i++, box.x += 0.002f) {
        rig.result.dim[0] = (SkyBlob){.box = box, .area = 0.0006f, .small = TRUE};
        rig.result.dim_count = i < 20;
        step(&rig, i < 20 ? NULL : &box);
        g_assert_true(rig.settled_ns <= came_ns || count(&rig, SKY_EVENT_BEGIN) > 0);
    }
    g_assert_cmpuint(count(&rig, SKY_EVENT_BEGIN), ==, 1);
    g_assert_cmpint(told(&rig, 0)->begin_ns, ==, came_ns);
    rig_clear(&rig);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event-detector/one-walker", test_one_walker);
    g_test_add_func("/event-detector/least-duration", test_least_duration);
    g_test_add_func("/event-detector/hold-joins-a-pause", test_hold_joins_a_pause);
    g_test_add_func("/event-detector/elsewhere-is-another", test_elsewhere_is_another);
    g_test_add_func("/event-detector/one-carries-it", test_one_carries_it);
    g_test_add_func("/event-detector/from-outside-is-another", test_from_outside_is_another);
    g_test_add_func("/event-detector/left-over-the-edge", test_left_over_the_edge);
    g_test_add_func("/event-detector/a-rest-is-not-the-thing", test_a_rest_is_not_the_thing);
    g_test_add_func("/event-detector/zones", test_zones);
    g_test_add_func("/event-detector/dwell", test_dwell);
    g_test_add_func("/event-detector/outside-all-zones", test_outside_all_zones);
    g_test_add_func("/event-detector/end-all", test_end_all);
    g_test_add_func("/event-detector/light-ends-in-time", test_light_ends_in_time);
    g_test_add_func("/event-detector/suppressed-is-counted", test_suppressed_is_counted);
    g_test_add_func("/event-detector/followed", test_followed);
    g_test_add_func("/event-detector/settled", test_settled);
    g_test_add_func("/event-detector/settled-before-what-is-dim", test_settled_before_what_is_dim);
    g_test_add_func("/event-detector/settled-before-a-rest-walks", test_settled_before_a_rest_walks);
    return g_test_run();
}
