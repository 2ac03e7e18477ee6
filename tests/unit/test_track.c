/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "support/track_rig.h"

static void test_walker_is_believed(void) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_nothing(&rig, 4);
    unsigned pictures = 0;
    for (; pictures < 20 && !(track_rig_only(&rig) && track_rig_only(&rig)->sure); pictures++) {
        track_rig_put(&rig, 0.3f + 0.015f * (float)pictures, 0.4f, 0.05f, 0.16f);
        track_rig_step(&rig);
    }
    g_assert_cmpuint(pictures, >=, 4); /* half a second, the picture before the first counted */
    g_assert_cmpuint(pictures, <=, 6);
    const SkyTrack *track = track_rig_only(&rig);
    g_assert_cmpuint(track->number, ==, 1);
    g_assert_cmpfloat(track->speed.x, >, 0.04f);
    g_assert_cmpint(track->begin_ns, ==, 10 * SKY_NS_PER_S + 4 * TRACK_RIG_DT_NS);
    g_assert_cmpint(track->since_ns, ==, track->begin_ns - TRACK_RIG_DT_NS);
}

/* Tells how a track that never becomes sure ends; x, w of picture i by the function. */
typedef void (*Path)(unsigned i, SkyBox *box);

/* Goes along it and away. TRUE: it became sure on the way. */
static gboolean walk(TrackRig *rig, Path path, unsigned pictures) {
    gboolean sure = FALSE;
    track_rig_init(rig);
    track_rig_nothing(rig, 2);
    for (unsigned i = 0; i < pictures; i++) {
        SkyBox box = {0.4f, 0.4f, 0.06f, 0.1f};
        path(i, &box);
        if (box.w > 0)
            track_rig_put(rig, box.x, box.y, box.w, box.h);
        track_rig_step(rig);
        for (unsigned t = 0; t < SKY_TRACKS_MAX; t++)
            sure = sure || (rig->tracker.tracks[t].number && rig->tracker.tracks[t].sure);
    }
    track_rig_nothing(rig, 12);
    return sure;
}

static void suppress(Path path, unsigned pictures, SkySuppression cause) {
    TrackRig rig;
    g_assert_false(walk(&rig, path, pictures));
    for (unsigned c = 0; c < SKY_SUPPRESSED_CAUSES; c++)
        if (sky_suppressed_count(&rig.tracker.suppressed, c) > 0)
            g_test_message("%s is expected: %s", sky_suppression_name(cause), sky_suppression_name((SkySuppression)c));
    g_assert_cmpuint(sky_suppressed_count(&rig.tracker.suppressed, cause), >, 0);
}

static void path_brief(unsigned i, SkyBox *box) {
    box->x += 0.02f * (float)i;
}

static void path_unsteady(unsigned i, SkyBox *box) {
    box->w = i % 4 == 0 ? 0.06f : 0;
    box->x += 0.004f * (float)i;
}

static void path_still(unsigned i, SkyBox *box) {
    (void)i, (void)box;
}

static void path_leap(unsigned i, SkyBox *box) {
    box->x += i < 12 ? 0 : 0.05f;
}

/* Digits of which first the right end goes, then the left. */
static void path_ends(unsigned i, SkyBox *box) {
    static const float ends[][2] = {{0.88f, 0.965f}, {0.878f, 0.94f}, {0.85f, 0.938f}, {0.848f, 0.91f}, {0.822f, 0.908f}};
    unsigned at = MIN(i, 4);
    *box = (SkyBox){ends[at][0], 0.03f, ends[at][1] - ends[at][0], 0.1f};
}

/* Two digits of a clock, one after the other, and long after that a flicker of its rim. */
static void path_clock(unsigned i, SkyBox *box) {
    *box = (SkyBox){0.9f, 0.03f, 0.03f, 0.07f};
    box->x += i < 24 ? 0 : i < 48 ? 0.04f : 0.08f;
    box->w += i >= 300 && i % 2 ? 0.004f : 0;
}

/* A clock that ticks for more than a minute, and then end by end: like a way, but for the place. */
static void path_long_clock(unsigned i, SkyBox *box) {
    path_ends(i < 640 ? i / 8 % 2 * 4 : i - 640, box);
}

static void path_sway(unsigned i, SkyBox *box) {
    box->x += 0.012f * sinf((float)i * 1.1f);
}

static void path_flight(unsigned i, SkyBox *box) {
    *box = (SkyBox){0.1f + 0.03f * (float)i, 0.4f, 0.02f, 0.02f};
}

static void path_erratic(unsigned i, SkyBox *box) {
    box->x += 0.02f * (float)i;
    box->y += i % 2 ? 0.06f : 0;
}

static void path_shape(unsigned i, SkyBox *box) {
    float wide = i % 2 ? 0.12f : 0.05f;
    *box = (SkyBox){0.3f + 0.012f * (float)i, 0.4f, wide, wide};
}

/* The near miss of each: what does the same to a lesser degree is believed, and counted nowhere. */
static void believe(Path path, unsigned pictures) {
    TrackRig rig;
    g_assert_true(walk(&rig, path, pictures));
    for (unsigned c = 0; c < SKY_SUPPRESSED_CAUSES; c++)
        g_assert_cmpuint(sky_suppressed_count(&rig.tracker.suppressed, c), ==, 0);
}

static void path_often(unsigned i, SkyBox *box) { /* two pictures of three */
    box->w = i % 3 == 2 ? 0 : 0.06f;
    box->x += 0.004f * (float)i;
}

static void path_creep(unsigned i, SkyBox *box) { /* a third of its own width, no more */
    box->x += 0.0025f * (float)MIN(i, 10);
}

static void path_strides(unsigned i, SkyBox *box) { /* as far as the leap, in five strides */
    box->x += 0.01f * (float)CLAMP((int)i - 12, 0, 5);
}

static void path_rocking(unsigned i, SkyBox *box) { /* to and fro, and on all the same */
    box->x += 0.003f * (float)i + 0.024f * sinf((float)i * 1.1f);
}

static void path_run(unsigned i, SkyBox *box) {
    *box = (SkyBox){0.1f + 0.012f * (float)i, 0.4f, 0.02f, 0.02f};
}

static void path_bobbing(unsigned i, SkyBox *box) {
    box->x += 0.02f * (float)i;
    box->y += i % 2 ? 0.015f : 0;
}

static void path_arms(unsigned i, SkyBox *box) {
    float wide = i % 2 ? 0.07f : 0.055f;
    *box = (SkyBox){0.3f + 0.012f * (float)i, 0.4f, wide, 0.1f};
}

static void test_near_misses(void) {
    believe(path_brief, 5);
    believe(path_often, 24);
    believe(path_creep, 40);
    believe(path_strides, 30);
    believe(path_rocking, 60);
    believe(path_run, 30);
    believe(path_bobbing, 12);
    believe(path_arms, 14);
}

static void test_suppressed(void) {
    suppress(path_brief, 3, SKY_SUPPRESSED_BRIEF);
    suppress(path_unsteady, 24, SKY_SUPPRESSED_UNSTEADY);
    suppress(path_still, 40, SKY_SUPPRESSED_STILL);
    suppress(path_leap, 30, SKY_SUPPRESSED_LEAP);
    suppress(path_clock, 320, SKY_SUPPRESSED_LEAP);
    suppress(path_long_clock, 652, SKY_SUPPRESSED_TICK);
    suppress(path_sway, 60, SKY_SUPPRESSED_SWAY);
    suppress(path_flight, 12, SKY_SUPPRESSED_FLIGHT);
    suppress(path_erratic, 12, SKY_SUPPRESSED_ERRATIC);
    suppress(path_shape, 14, SKY_SUPPRESSED_SHAPE);
}

/* That it is gone for many pictures tells nothing of what it was. */
static void test_cause_at_many_pictures(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 300; i++, rig.now_ns += SKY_NS_PER_S / 60 - TRACK_RIG_DT_NS) {
        if (i < 200)
            track_rig_put(&rig, 0.4f, 0.4f, 0.06f, 0.1f);
        track_rig_step(&rig);
    }
    g_assert_cmpuint(sky_suppressed_count(&rig.tracker.suppressed, SKY_SUPPRESSED_STILL), ==, 1);
}

/* Who is taken for still, and then walks, has only the way that he walks. */
static void test_sets_off(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 60; i++) {
        track_rig_put(&rig, 0.2f + 0.005f * (float)MIN(i, 3), 0.4f, 0.05f, 0.16f);
        track_rig_step(&rig);
        g_assert_false(track_rig_only(&rig)->sure);
    }
    int64_t sets_off_ns = rig.now_ns;
    unsigned pictures = 0;
    for (; pictures < 20 && !track_rig_only(&rig)->sure; pictures++) {
        track_rig_put(&rig, 0.225f + 0.01f * (float)pictures, 0.4f, 0.05f, 0.16f);
        track_rig_step(&rig);
    }
    g_assert_cmpuint(pictures, >=, 2);
    g_assert_cmpuint(pictures, <=, 6);
    /* the event begins here, not where he came to a halt */
    g_assert_cmpint(track_rig_only(&rig)->stirred_ns, >=, sets_off_ns - TRACK_RIG_DT_NS);
}

/* Who waves on the spot for minutes is none, and ticks; when he walks, he is somebody, and from then on. */
static void test_waves_and_walks(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 1600; i++) {
        SkyBox box = {0.4f, 0.4f, 0.06f, 0.16f};
        path_sway(i, &box);
        track_rig_put(&rig, box.x, box.y, box.w, box.h);
        track_rig_step(&rig);
        g_assert_false(track_rig_only(&rig)->sure);
    }
    g_assert_cmpint(sky_track_cause(track_rig_only(&rig), TRACK_RIG_LEAST_NS), ==, SKY_SUPPRESSED_TICK);
    int64_t walks_ns = rig.now_ns;
    unsigned pictures = 0;
    for (; pictures < 40 && !track_rig_only(&rig)->sure; pictures++) {
        track_rig_put(&rig, 0.4f + 0.012f * (float)pictures, 0.4f, 0.06f, 0.16f);
        track_rig_step(&rig);
    }
    g_assert_cmpuint(pictures, <=, 24);
    g_assert_cmpuint(track_rig_only(&rig)->number, ==, 1);
    g_assert_cmpint(track_rig_only(&rig)->stirred_ns, >=, walks_ns - 10 * SKY_NS_PER_S);
}

/* Leaves that flicker for minutes are none; who comes out of them is somebody. */
static void test_comes_out_of_leaves(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 1600; i++) {
        if (i % 4 == 0)
            track_rig_put(&rig, 0.4f, 0.4f, 0.06f, 0.16f);
        track_rig_step(&rig);
    }
    unsigned pictures = 0;
    for (; pictures < 80 && !track_rig_only(&rig)->sure; pictures++) {
        track_rig_put(&rig, 0.4f + 0.006f * (float)pictures, 0.4f, 0.06f, 0.16f);
        track_rig_step(&rig);
    }
    g_assert_cmpuint(pictures, <=, 48); /* the leaves were there for 1600 */
    g_assert_cmpuint(track_rig_only(&rig)->number, ==, 1);
}

/* Where it ticks, who passes is believed as elsewhere, and digits are not; where it does not tick they would be. */
static void test_passes_a_clock(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 800; i++) {
        track_rig_put(&rig, i / 8 % 2 ? 0.86f : 0.9f, 0.03f, 0.05f, 0.1f);
        track_rig_step(&rig);
        g_assert_false(track_rig_only(&rig)->sure);
    }
    g_assert_cmpint(sky_track_cause(track_rig_only(&rig), TRACK_RIG_LEAST_NS), ==, SKY_SUPPRESSED_TICK);
    track_rig_nothing(&rig, 10);
    unsigned pictures = 0;
    for (; pictures < 20 && !(track_rig_only(&rig) && track_rig_only(&rig)->sure); pictures++) {
        track_rig_put(&rig, 0.8f + 0.012f * (float)pictures, 0.02f, 0.05f, 0.3f); /* in front of it, and lower */
        track_rig_step(&rig);
    }
    g_assert_cmpuint(pictures, <=, 6);
    TrackRig fresh;
    g_assert_true(walk(&fresh, path_ends, 12));
}

/* A person who waits is the same one, and one who comes back from behind a pole too. */
static void test_waits_and_hides(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 12; i++) {
        track_rig_put(&rig, 0.2f + 0.015f * (float)i, 0.4f, 0.05f, 0.16f);
        track_rig_step(&rig);
    }
    g_assert_true(track_rig_only(&rig)->sure);
    for (unsigned i = 0; i < 160; i++) {
        track_rig_put(&rig, 0.365f, 0.4f, 0.05f, 0.16f);
        track_rig_step(&rig);
    }
    track_rig_nothing(&rig, 5);
    track_rig_put(&rig, 0.38f, 0.4f, 0.05f, 0.16f);
    track_rig_step(&rig);
    g_assert_cmpuint(track_rig_only(&rig)->number, ==, 1);
    track_rig_nothing(&rig, 10);
    g_assert_null(track_rig_only(&rig)); /* over a second: gone, and no suppressed one either */
    for (unsigned c = 0; c < SKY_SUPPRESSED_CAUSES; c++)
        g_assert_cmpuint(sky_suppressed_count(&rig.tracker.suppressed, c), ==, 0);
}

static void test_two_keep_apart(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 12; i++) {
        track_rig_put(&rig, 0.1f + 0.015f * (float)i, 0.2f, 0.05f, 0.16f);
        track_rig_put(&rig, 0.8f - 0.015f * (float)i, 0.6f, 0.05f, 0.16f);
        track_rig_step(&rig);
    }
    unsigned sure = 0;
    for (unsigned t = 0; t < SKY_TRACKS_MAX; t++)
        sure += rig.tracker.tracks[t].number && rig.tracker.tracks[t].sure;
    g_assert_cmpuint(sure, ==, 2);
    g_assert_cmpuint(rig.tracker.numbers, ==, 2);
}

/* Two who came as one and go apart are two, and no box holds both once there is room between them; head and legs stay one. */
static void test_two_go_apart(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 12; i++) {
        track_rig_put(&rig, 0.2f + 0.015f * (float)i, 0.4f, 0.1f, 0.16f);
        track_rig_step(&rig);
    }
    g_assert_true(track_rig_only(&rig)->sure);
    for (unsigned i = 0; i < 12; i++) {
        track_rig_put(&rig, 0.36f - 0.01f * (float)i, 0.4f, 0.05f, 0.16f);
        track_rig_put(&rig, 0.42f + 0.01f * (float)i, 0.4f, 0.05f, 0.15f);
        track_rig_step(&rig);
    }
    unsigned sure = 0;
    for (unsigned t = 0; t < SKY_TRACKS_MAX; t++) {
        const SkyTrack *track = &rig.tracker.tracks[t];
        sure += track->number && track->sure;
        g_assert_cmpfloat(track->box.w, <, 0.14f);
    }
    g_assert_cmpuint(sure, ==, 2);
    track_rig_init(&rig);
    for (unsigned i = 0; i < 24; i++) {
        float x = 0.2f + 0.015f * (float)i;
        track_rig_put(&rig, x, 0.48f, 0.05f, 0.08f);
        if (i > 8)
            track_rig_put(&rig, x + 0.01f, 0.41f, 0.03f, 0.06f);
        track_rig_step(&rig);
    }
    g_assert_cmpuint(track_rig_only(&rig)->number, ==, 1);
    g_assert_cmpfloat_with_epsilon(track_rig_only(&rig)->box.h, 0.15f, 0.001f);
}

/* Walks across with its feet there, so tall. TRUE: believed. */
static gboolean crosses(TrackRig *rig, const SkyPerspective *perspective, float foot, float height) {
    track_rig_init(rig);
    sky_tracker_init(&rig->tracker, perspective);
    track_rig_nothing(rig, 2);
    for (unsigned i = 0; i < 16; i++) {
        track_rig_put(rig, 0.3f + height * 0.1f * (float)i, foot - height, height * 0.4f, height);
        track_rig_step(rig);
    }
    gboolean sure = track_rig_only(rig)->sure;
    track_rig_nothing(rig, 12);
    return sure;
}

/* Where it is known how tall people are, near and far ones are believed, and what is as small as the far ones near by is not. */
static void test_size_of_people(void) {
    static const SkyPerspective known = {.far_foot = 0.5, .far_height = 0.1, .near_foot = 1, .near_height = 0.5};
    TrackRig rig;
    g_assert_true(crosses(&rig, &known, 0.5f, 0.1f));
    g_assert_true(crosses(&rig, &known, 0.9f, 0.4f));
    g_assert_true(crosses(&rig, NULL, 0.9f, 0.1f));
    g_assert_false(crosses(&rig, &known, 0.9f, 0.1f));
    g_assert_cmpuint(sky_suppressed_count(&rig.tracker.suppressed, SKY_SUPPRESSED_SIZE), ==, 1);
    /* What is less than the least area begins nothing, but where people are so small. */
    track_rig_init(&rig);
    for (unsigned known_too = 0; known_too < 2; known_too++) {
        sky_tracker_init(&rig.tracker, known_too ? &known : NULL);
        for (unsigned i = 0; i < 16; i++) {
            track_rig_put(&rig, 0.3f + 0.008f * (float)i, 0.44f, 0.02f, 0.06f);
            rig.result.blobs[0].small = TRUE;
            track_rig_step(&rig);
        }
        g_assert_true(known_too ? track_rig_only(&rig) && track_rig_only(&rig)->sure : !track_rig_only(&rig));
    }
    g_assert_false(crosses(&rig, &known, 0.3f, 0.1f)); /* above the horizon */
    g_assert_cmpuint(sky_suppressed_count(&rig.tracker.suppressed, SKY_SUPPRESSED_SIZE), ==, 1);
}

/* Two flakes that fall where one thing was expected are none: nothing becomes sure while it lies apart. */
static void test_apart_is_not_sure(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < 20; i++) {
        float down = 0.1f + 0.02f * (float)i;
        gboolean touch = i < 3 || i >= 16;
        track_rig_put(&rig, 0.4f, down, touch ? 0.11f : 0.04f, 0.06f);
        if (!touch)
            track_rig_put(&rig, 0.47f, down, 0.04f, 0.06f);
        track_rig_step(&rig);
        g_assert_cmpfloat_with_epsilon(track_rig_only(&rig)->box.w, 0.11f, 0.001f); /* followed as one all the same */
        g_assert_true(track_rig_only(&rig)->sure == (i >= 16));
    }
}

/* Small blobs keep a thing, begin none, and do not keep it for ever. */
static void test_small_blobs(void) {
    TrackRig rig;
    track_rig_init(&rig);
    track_rig_put(&rig, 0.4f, 0.4f, 0.02f, 0.04f);
    rig.result.blobs[0].small = TRUE;
    track_rig_step(&rig);
    g_assert_null(track_rig_only(&rig));
    track_rig_put(&rig, 0.4f, 0.4f, 0.02f, 0.04f);
    track_rig_step(&rig);
    for (unsigned i = 0; i < 24; i++) {
        track_rig_put(&rig, 0.4f, 0.4f, 0.02f, 0.04f);
        rig.result.blobs[0].small = TRUE;
        track_rig_step(&rig);
        if (i == 11)
            g_assert_cmpuint(track_rig_only(&rig)->seen, ==, 13);
    }
    g_assert_null(track_rig_only(&rig));
}

static void test_edges(void) {
    SkyTrack track = {.box = {0.9f, 0.4f, 0.1f, 0.2f}, .speed = {0.1f, 0}};
    g_assert_true(sky_track_is_at_edge(&track));
    g_assert_true(sky_track_is_leaving(&track));
    track.speed.x = -0.1f; /* comes in */
    g_assert_false(sky_track_is_leaving(&track));
    track.box.x = 0.5f;
    g_assert_false(sky_track_is_at_edge(&track));
}

static void test_full_house(void) {
    TrackRig rig;
    track_rig_init(&rig);
    for (unsigned i = 0; i < SKY_BLOBS_MAX; i++)
        track_rig_put(&rig, (float)(i % 8) * 0.12f, (float)(i / 8) * 0.22f, 0.02f, 0.03f);
    track_rig_step(&rig);
    for (unsigned i = 0; i < 4; i++)
        track_rig_put(&rig, (float)i * 0.12f + 0.06f, 0.1f, 0.02f, 0.03f);
    track_rig_step(&rig);
    g_assert_cmpuint(sky_counter_get(&rig.tracker.left_out), ==, 4);
    sky_tracker_cut(&rig.tracker);
    g_assert_null(track_rig_only(&rig));
    g_assert_cmpuint(sky_counter_get(&rig.tracker.left_out), ==, 4); /* what was counted stays */
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track/cause-at-many-pictures", test_cause_at_many_pictures);
    g_test_add_func("/track/walker-is-believed", test_walker_is_believed);
    g_test_add_func("/track/suppressed", test_suppressed);
    g_test_add_func("/track/near-misses", test_near_misses);
    g_test_add_func("/track/sets-off", test_sets_off);
    g_test_add_func("/track/waves-and-walks", test_waves_and_walks);
    g_test_add_func("/track/comes-out-of-leaves", test_comes_out_of_leaves);
    g_test_add_func("/track/passes-a-clock", test_passes_a_clock);
    g_test_add_func("/track/waits-and-hides", test_waits_and_hides);
    g_test_add_func("/track/two-keep-apart", test_two_keep_apart);
    g_test_add_func("/track/two-go-apart", test_two_go_apart);
    g_test_add_func("/track/size-of-people", test_size_of_people);
    g_test_add_func("/track/apart-is-not-sure", test_apart_is_not_sure);
    g_test_add_func("/track/small-blobs", test_small_blobs);
    g_test_add_func("/track/edges", test_edges);
    g_test_add_func("/track/full-house", test_full_house);
    return g_test_run();
}
