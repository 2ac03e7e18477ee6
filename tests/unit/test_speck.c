/* SPDX-License-Identifier: Apache-2.0 */
#include "event/speck.h"

#include "base/clock.h"

#define DT_NS (SKY_NS_PER_S / 8)

typedef struct {
    SkySpecks specks;
    SkySpeck promoted, taken;
    int64_t now_ns;
    gboolean clear; /* they stand out */
} Rig;

static Rig rig_new(void) {
    return (Rig){.now_ns = 10 * SKY_NS_PER_S};
}

static void put(Rig *rig, float x, float y, gboolean small) {
    sky_specks_see(&rig->specks, &(SkyBlob){.box = {x, y, 0.02f, 0.05f}, .area = 0.0006f, .small = small}, rig->now_ns);
}

/* TRUE: one was promoted. */
static gboolean step(Rig *rig, uint32_t more) {
    sky_specks_age(&rig->specks, more, rig->now_ns);
    gboolean promoted = sky_specks_promote(&rig->specks, rig->clear, rig->now_ns, &rig->promoted);
    rig->now_ns += DT_NS;
    return promoted;
}

/* x, y of picture i; FALSE: not in it. */
typedef gboolean (*Path)(unsigned i, float *x, float *y);

/* How many pictures it takes; 0: never, in six seconds. */
static unsigned pictures_until(Path path, gboolean small, uint32_t more, gboolean clear) {
    Rig rig = rig_new();
    rig.clear = clear;
    for (unsigned i = 0; i < 48; i++) {
        float x = 0.3f, y = 0.4f;
        if (path(i, &x, &y))
            put(&rig, x, y, small);
        if (step(&rig, more))
            return i + 1;
    }
    return 0;
}

static unsigned pictures_until_sure(Path path, gboolean small, uint32_t more) {
    return pictures_until(path, small, more, FALSE);
}

static gboolean walker(unsigned i, float *x, float *y) {
    *x += 0.004f * (float)i;
    return TRUE;
}

static gboolean slow(unsigned i, float *x, float *y) {
    *x += 0.001f * (float)i;
    return TRUE;
}

static gboolean stands(unsigned i, float *x, float *y) {
    *x += i % 2 ? 0.002f : 0;
    return TRUE;
}

static gboolean to_and_fro(unsigned i, float *x, float *y) {
    unsigned phase = i % 12;
    *x += 0.005f * (float)(phase < 6 ? phase : 12 - phase);
    return TRUE;
}

static gboolean zigzag(unsigned i, float *x, float *y) {
    *x += 0.004f * (float)i;
    *y += i / 2 % 2 ? 0.02f : 0;
    return TRUE;
}

static gboolean insect(unsigned i, float *x, float *y) {
    *x += 0.011f * (float)i;
    return TRUE;
}

static gboolean now_and_then(unsigned i, float *x, float *y) {
    walker(i, x, y);
    return i % 3 != 0;
}

static gboolean hardly_a_gap(unsigned i, float *x, float *y) {
    walker(i, x, y);
    return i % 6 != 5;
}

static void test_who_is_believed(void) {
    unsigned pictures = pictures_until_sure(walker, FALSE, 0);
    g_assert_cmpuint(pictures, >=, 9); /* a second */
    g_assert_cmpuint(pictures, <=, 12);
    g_assert_cmpuint(pictures_until_sure(hardly_a_gap, FALSE, 0), >, 0);
    g_assert_cmpuint(pictures_until_sure(slow, FALSE, 0), >=, 24); /* his way takes him so long */
    g_assert_cmpuint(pictures_until_sure(stands, FALSE, 0), ==, 0);
    g_assert_cmpuint(pictures_until_sure(to_and_fro, FALSE, 0), ==, 0);
    g_assert_cmpuint(pictures_until_sure(zigzag, FALSE, 0), ==, 0);
    g_assert_cmpuint(pictures_until_sure(insect, FALSE, 0), ==, 0);
    g_assert_cmpuint(pictures_until_sure(now_and_then, FALSE, 0), ==, 0);
    g_assert_cmpuint(pictures_until_sure(walker, TRUE, 0), ==, 0); /* less than the least area */
}

/* Goes on steadily, and is so many times as large after a picture; or only its front goes on. TRUE: it was promoted. */
static gboolean promoted_grown(float times, gboolean spreads, gboolean clear) {
    Rig rig = rig_new();
    rig.clear = clear;
    gboolean promoted = FALSE;
    for (unsigned i = 0; i < 48 && !promoted; i++) {
        float large = i < 1 ? 1 : times, gone = 0.004f * (float)i;
        SkyBox box = {0.3f + (spreads ? 0 : gone), 0.4f, 0.02f * large + (spreads ? 2 * gone : 0), 0.05f * large};
        sky_specks_see(&rig.specks, &(SkyBlob){.box = box, .area = 0.0006f}, rig.now_ns);
        promoted = step(&rig, 0);
    }
    return promoted;
}

/* The shadow of a cloud that comes in spreads from where it began; who comes out from behind a corner, half of him first, leaves that. */
static void test_grown(void) {
    g_assert_true(promoted_grown(1.9f, TRUE, FALSE));
    g_assert_false(promoted_grown(2.1f, TRUE, FALSE));
    g_assert_true(promoted_grown(2.1f, TRUE, TRUE)); /* stands out: known by its edges */
    g_assert_true(promoted_grown(2.1f, FALSE, FALSE));
}

/* A step of him is less than a pixel and his outline trembles by two: by his road he sways, by his marks he comes straight. */
static float trembles(unsigned i) {
    static const float by[] = {0, 0.005f, 0.001f, -0.004f, 0.003f, -0.005f};
    return by[i % G_N_ELEMENTS(by)];
}

/* How far he has come, of the picture, when he is believed; 0: never, in two minutes. He turns round after so many pictures, and is
 * missed once in so many. */
static float believed_at(float step_x, unsigned turn, unsigned seen_of) {
    Rig rig = rig_new();
    for (unsigned i = 0; i < 960; i++) {
        unsigned phase = i % (2 * turn);
        float way = step_x * (float)(phase < turn ? phase : 2 * turn - phase);
        if (i % seen_of != 0)
            put(&rig, 0.1f + way + trembles(i), 0.4f, FALSE);
        if (step(&rig, 0))
            return way;
    }
    return 0;
}

static void test_slow_and_trembling(void) {
    float way = believed_at(0.0006f, 1000, 1000);
    g_test_message("believed after %.3f of the picture", way);
    g_assert_cmpfloat(way, >, 0.05f);
    g_assert_cmpfloat(way, <, 0.09f);
    g_assert_cmpfloat(believed_at(0.0006f, 1000, 3), >, 0.05f); /* hardly seen, but he comes on */
    g_assert_cmpfloat(believed_at(0.0006f, 1000, 2), ==, 0);
    g_assert_cmpfloat(believed_at(0.0006f, 60, 1000), ==, 0); /* to and fro, 0.036 each way */
    g_assert_cmpfloat(believed_at(0, 1000, 1000), ==, 0);
}

/* Beside him so many others begin in each picture, and are seen so often; it has been so for long when he comes. */
static unsigned pictures_among(unsigned others, unsigned sights, gboolean clear) {
    Rig rig = rig_new();
    rig.clear = clear;
    for (unsigned i = 0; i < 160; i++) {
        if (i >= 100)
            put(&rig, 0.3f + 0.004f * (float)(i - 100), 0.4f, FALSE);
        for (unsigned k = 0; k < others * MIN(sights, i + 1); k++)
            put(&rig, 0.05f * (float)((i - k / others) * 7 % 20), 0.6f + 0.2f * (float)(k % others), FALSE);
        if (step(&rig, 0))
            return i - 99;
    }
    return 0;
}

/* Where much hardly stands out for a moment, as drops do, he has to go on for a little longer; where it lives on, or where all is dim,
 * nobody is believed. */
static void test_clutter(void) {
    unsigned calm = pictures_until_sure(walker, FALSE, 0), drops = pictures_among(1, 3, FALSE);
    g_test_message("%u, among drops %u pictures", calm, drops);
    g_assert_cmpuint(drops, >, calm);
    g_assert_cmpuint(drops, <, calm + 4);
    g_assert_cmpuint(pictures_among(1, 4, FALSE), ==, 0);
    g_assert_cmpuint(pictures_until_sure(walker, FALSE, 1), ==, 0);
}

/* The noise takes him, all but his middle, in most pictures; what is never more than that is too small. */
static unsigned pictures_of_core(unsigned whole_every) {
    Rig rig = rig_new();
    for (unsigned i = 0; i < 48; i++) {
        put(&rig, 0.3f + 0.004f * (float)i, 0.4f, whole_every == 0 || i % whole_every != whole_every - 1);
        if (step(&rig, 0))
            return i + 1;
    }
    return 0;
}

static void test_core(void) {
    g_assert_cmpuint(pictures_of_core(3), >, 0);
    g_assert_cmpuint(pictures_of_core(12), ==, 0);
    g_assert_cmpuint(pictures_of_core(0), ==, 0);
}

static gboolean brisk(unsigned i, float *x, float *y) {
    *x += 0.0095f * (float)i; /* 2.4 of its own sizes a second */
    return TRUE;
}

/* What stands out may be brisker, and where there is much of it has to go on for longer, by two sights each time there is twice as much. */
static void test_clear(void) {
    unsigned calm = pictures_until(walker, FALSE, 0, TRUE), much = pictures_among(1, 1, TRUE);
    unsigned twice = pictures_among(2, 1, TRUE);
    g_test_message("%u, %u, %u pictures", calm, much, twice);
    g_assert_cmpuint(calm, ==, pictures_until_sure(walker, FALSE, 0));
    g_assert_cmpuint(much, >, calm + 4);
    g_assert_cmpuint(twice, >=, much + 2);
    g_assert_cmpuint(twice, <, much + 4);
    g_assert_cmpuint(pictures_until(brisk, FALSE, 0, TRUE), >, 0);
    g_assert_cmpuint(pictures_until_sure(brisk, FALSE, 0), ==, 0);
    g_assert_cmpuint(pictures_until(to_and_fro, FALSE, 0, TRUE), ==, 0);
}

static void test_softness(void) {
    Rig rig = rig_new();
    unsigned i = 0;
    do {
        SkyBlob blob = {.box = {0.3f + 0.004f * (float)i, 0.4f, 0.02f, 0.05f}, .area = 0.0006f, .soft = i % 2 ? 0.8f : 0.2f};
        sky_specks_see(&rig.specks, &blob, rig.now_ns);
        i++;
    } while (!step(&rig, 0));
    g_assert_cmpfloat_with_epsilon(rig.promoted.soft, 0.5f, 0.04f);
}

static void test_tells_where_it_was(void) {
    Rig rig = rig_new();
    unsigned i = 0;
    do
        put(&rig, 0.3f + 0.004f * (float)i++, 0.4f, FALSE);
    while (!step(&rig, 0));
    g_assert_cmpint(rig.promoted.begin_ns, ==, 10 * SKY_NS_PER_S);
    g_assert_cmpfloat_with_epsilon(rig.promoted.origin.x, 0.3f, 1e-6f);
    g_assert_cmpfloat_with_epsilon(rig.promoted.box.x, 0.3f + 0.004f * (float)(i - 1), 1e-6f);
    g_assert_cmpuint(rig.promoted.seen, ==, i);
    g_assert_cmpfloat_with_epsilon(rig.promoted.speed.x, 0.032f, 0.006f);
    g_assert_false(step(&rig, 0)); /* not twice */
}

static gboolean take(Rig *rig, float x) {
    return sky_specks_take(&rig->specks, &(SkyBox){x, 0.4f, 0.02f, 0.05f}, rig->now_ns, &rig->taken);
}

static void test_what_stands_out_goes_on(void) {
    Rig rig = rig_new();
    for (unsigned i = 0; i < 5; i++) {
        put(&rig, 0.3f + 0.004f * (float)i, 0.4f, TRUE);
        g_assert_false(take(&rig, 0.5f)); /* elsewhere */
        g_assert_false(i < 2 && take(&rig, 0.3f + 0.004f * (float)i));
        step(&rig, 0);
    }
    g_assert_true(take(&rig, 0.32f));
    g_assert_cmpint(rig.taken.begin_ns, ==, 10 * SKY_NS_PER_S);
    g_assert_false(take(&rig, 0.32f));
    rig = rig_new();
    for (unsigned i = 0; i < 8; i++) { /* flickers in its place */
        put(&rig, i % 2 ? 0.3f : 0.303f, 0.4f, TRUE);
        step(&rig, 0);
    }
    g_assert_false(take(&rig, 0.3f));
    rig = rig_new();
    for (unsigned i = 0; i < 5; i++) { /* in clutter it may be anything */
        put(&rig, 0.3f + 0.004f * (float)i, 0.4f, TRUE);
        step(&rig, 2);
    }
    g_assert_false(take(&rig, 0.32f));
}

static void test_forgotten(void) {
    Rig rig = rig_new();
    for (unsigned i = 0; i < 7; i++) {
        put(&rig, 0.3f + 0.004f * (float)i, 0.4f, FALSE);
        step(&rig, 0);
    }
    for (unsigned i = 0; i < 5; i++)
        step(&rig, 0);
    g_assert_false(take(&rig, 0.35f));
}

static void test_full_house(void) {
    Rig rig = rig_new();
    for (unsigned i = 0; i < SKY_SPECKS_MAX + 3; i++)
        put(&rig, 0.1f * (float)(i % 9), 0.1f * (float)(i / 9), FALSE);
    g_assert_cmpuint(sky_counter_get(&rig.specks.left_out), ==, 3);
    step(&rig, 0);
    for (unsigned i = 0; i < 6; i++)
        step(&rig, 0);
    put(&rig, 0.5f, 0.9f, FALSE); /* there is room again */
    g_assert_cmpuint(sky_counter_get(&rig.specks.left_out), ==, 3);
}

/* Until it has rested for three seconds, and again from when it walks off. */
static void test_oldest(void) {
    Rig rig = rig_new();
    g_assert_cmpint(sky_specks_oldest_ns(&rig.specks, rig.now_ns), ==, INT64_MAX);
    for (unsigned i = 0; i < 40; i++) {
        float walked = i < 28 ? 0 : 0.004f * (float)(i - 27);
        put(&rig, 0.3f + walked, 0.4f, TRUE);
        gboolean counts = i * DT_NS <= SKY_SPECK_REST_NS || walked > 0.02f;
        if (counts || walked == 0)
            g_assert_cmpint(sky_specks_oldest_ns(&rig.specks, rig.now_ns), ==, counts ? 10 * SKY_NS_PER_S : INT64_MAX);
        g_assert_false(step(&rig, 0));
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/speck/who-is-believed", test_who_is_believed);
    g_test_add_func("/speck/grown", test_grown);
    g_test_add_func("/speck/slow-and-trembling", test_slow_and_trembling);
    g_test_add_func("/speck/oldest", test_oldest);
    g_test_add_func("/speck/clutter", test_clutter);
    g_test_add_func("/speck/core", test_core);
    g_test_add_func("/speck/clear", test_clear);
    g_test_add_func("/speck/softness", test_softness);
    g_test_add_func("/speck/tells-where-it-was", test_tells_where_it_was);
    g_test_add_func("/speck/what-stands-out-goes-on", test_what_stands_out_goes_on);
    g_test_add_func("/speck/forgotten", test_forgotten);
    g_test_add_func("/speck/full-house", test_full_house);
    return g_test_run();
}
