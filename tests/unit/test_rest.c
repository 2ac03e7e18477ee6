/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "decode/rest.h"

#define PICTURE_NS (40 * SKY_NS_PER_MS)
#define KEY_BYTES 10000

/* A camera with 25 pictures a second; each is looked at, but for what is held. */
typedef struct {
    SkyRest rest;
    uint64_t number;    /* of the next packet */
    unsigned gop;       /* pictures from key frame to key frame */
    uint64_t between;   /* bytes of what is no key frame, now and then a half more */
    gboolean moves;     /* in the pictures */
    unsigned decoded, held, woken, keys; /* steps since the last reset() */
} Camera;

static Camera camera_new(unsigned gop, uint64_t between) {
    Camera camera = {.gop = gop, .between = between};
    sky_rest_init(&camera.rest, TRUE);
    return camera;
}

static void reset(Camera *camera) {
    camera->decoded = camera->held = camera->woken = camera->keys = 0;
}

static SkyRestStep send(Camera *camera, uint64_t bytes) {
    int64_t time_ns = (int64_t)camera->number * PICTURE_NS;
    gboolean key = camera->number % camera->gop == 0;
    SkyRestStep step = sky_rest_packet(&camera->rest, key ? KEY_BYTES : bytes, key, time_ns);
    camera->decoded += step == SKY_REST_DECODE;
    camera->keys += step == SKY_REST_KEY;
    camera->held += step == SKY_REST_HOLD;
    camera->woken += step == SKY_REST_WAKE;
    camera->number++;
    if (step != SKY_REST_HOLD)
        sky_rest_looked(&camera->rest, !camera->moves);
    return step;
}

static void run(Camera *camera, double seconds) {
    for (unsigned i = 0; i < seconds * 25; i++)
        send(camera, camera->number % 7 == 3 ? camera->between * 3 / 2 : camera->between);
}

static void assert_rests(Camera *camera) {
    reset(camera);
    run(camera, 10);
    g_assert_cmpuint(camera->keys, ==, 250 / camera->gop);
    g_assert_cmpuint(camera->held, ==, 250 - camera->keys);
}

static void assert_wakeful(Camera *camera, double seconds) {
    reset(camera);
    run(camera, seconds);
    g_assert_cmpuint(camera->held + camera->keys, ==, 0);
}

static void test_rests(void) {
    Camera camera = camera_new(50, 60);
    assert_wakeful(&camera, 6); /* not before it has been calm for a while */
    run(&camera, 4);
    assert_rests(&camera);
}

/* Constant rate: the budget is spent on noise. A long GOP: too much could pass between two key frames. Moving leaves. */
static void test_never(void) {
    Camera constant = camera_new(50, KEY_BYTES / 20), smart = camera_new(250, 60), leaves = camera_new(50, 60), jpeg = camera_new(1, 60);
    assert_wakeful(&constant, 60);
    assert_wakeful(&smart, 60);
    leaves.moves = TRUE;
    assert_wakeful(&leaves, 60);
    assert_wakeful(&jpeg, 60);
}

static void test_size_edges(void) { /* of a share of a key frame: 32 */
    Camera below = camera_new(50, 0), above = camera_new(50, 0);
    for (unsigned i = 0; i < 25 * 20; i++)
        send(&below, KEY_BYTES / 32);
    for (unsigned i = 0; i < 25 * 20; i++)
        send(&above, KEY_BYTES / 32 + 1);
    g_assert_cmpuint(below.held, >, 0);
    g_assert_cmpuint(above.held, ==, 0);
}

static void test_gop_edges(void) {
    Camera longest = camera_new(112, 60), longer = camera_new(113, 60); /* 4.48 s, 4.52 s */
    run(&longest, 40);
    run(&longer, 40);
    g_assert_cmpuint(longest.held, >, 0);
    g_assert_cmpuint(longer.held, ==, 0);
    /* Where the sizes are not asked it may be no longer than an alert may be late. */
    Camera spared = camera_new(62, KEY_BYTES / 20), long_spared = camera_new(63, KEY_BYTES / 20); /* 2.48 s, 2.52 s */
    Camera *cameras[] = {&spared, &long_spared};
    for (unsigned i = 0; i < G_N_ELEMENTS(cameras); i++) {
        run(cameras[i], 10);
        sky_rest_spare(&cameras[i]->rest, 20 * SKY_NS_PER_S);
        run(cameras[i], 20);
    }
    g_assert_cmpuint(spared.held, >, 0);
    g_assert_cmpuint(long_spared.held, ==, 0);
}

/* One packet that is larger than any in calm pictures, and several that are so together. */
/* Some cameras put a key frame where they like: each GOP is short enough, and that is all that is asked. */
static void test_gops_by_turns(void) {
    Camera camera = camera_new(50, 60);
    run(&camera, 20);
    reset(&camera);
    for (unsigned i = 0; i < 750; i++) {
        camera.gop = i % 75 == 0 || i % 75 == 25 ? 1 : 1u << 30; /* now a key frame, now none */
        send(&camera, 60);
    }
    g_assert_cmpuint(camera.keys, ==, 20);
    g_assert_cmpuint(camera.held, ==, 730);
}

static void test_wakes(void) {
    Camera camera = camera_new(50, 60);
    run(&camera, 20.2);
    g_assert_cmpint(send(&camera, 90), ==, SKY_REST_HOLD);
    g_assert_cmpint(send(&camera, 120), ==, SKY_REST_WAKE);
    g_assert_cmpint(send(&camera, 60), ==, SKY_REST_DECODE);
    run(&camera, 20);
    reset(&camera);
    for (unsigned i = 0; i < 8 && camera.woken == 0; i++)
        g_assert_cmpint(send(&camera, 90), !=, SKY_REST_DECODE);
    g_assert_cmpuint(camera.woken, ==, 1);
}

/* What woke it was nothing: that large is calm, too, from then on. */
static void test_learns(void) {
    Camera camera = camera_new(50, 60);
    run(&camera, 20.2);
    g_assert_cmpint(send(&camera, 300), ==, SKY_REST_WAKE);
    run(&camera, 6);
    reset(&camera);
    g_assert_cmpint(send(&camera, 300), ==, SKY_REST_HOLD);
}

/* What woke it was somebody: his sizes are not taken for calm. */
static void test_does_not_learn_from_motion(void) {
    Camera camera = camera_new(50, 60);
    run(&camera, 20);
    camera.moves = TRUE;
    camera.between = 900;
    run(&camera, 10);
    camera.moves = FALSE;
    camera.between = 60;
    run(&camera, 5);
    assert_wakeful(&camera, 1);
    run(&camera, 6);
    assert_rests(&camera);
    g_assert_cmpint(send(&camera, 60), !=, SKY_REST_DECODE);
    g_assert_cmpint(send(&camera, 300), ==, SKY_REST_WAKE);
}

/* A key frame shows what no size had announced: awake at once, and after a second of it no more rest for an hour. */
static void test_mistrust(void) {
    Camera camera = camera_new(50, 60);
    run(&camera, 20);
    reset(&camera);
    camera.moves = TRUE;
    run(&camera, 3);
    g_assert_cmpuint(camera.keys, ==, 1);
    g_assert_cmpuint(camera.woken, ==, 1);
    g_assert_cmpuint(camera.held, ==, 0);
    camera.moves = FALSE;
    assert_wakeful(&camera, 3590);
    run(&camera, 30);
    assert_rests(&camera);
}

/* A key frame that shows a flicker is no reason for mistrust. */
static void test_flicker(void) {
    Camera camera = camera_new(50, 60);
    run(&camera, 20);
    camera.moves = TRUE;
    run(&camera, 0.5);
    camera.moves = FALSE;
    run(&camera, 12);
    assert_rests(&camera);
}

/* A constant rate, of which the sizes say nothing, on a box that is too slow: key frames alone, for as long as it is asked. */
static void test_spared(void) {
    Camera camera = camera_new(50, KEY_BYTES / 20);
    sky_rest_init(&camera.rest, FALSE);
    assert_wakeful(&camera, 10);
    sky_rest_spare(&camera.rest, 6 * SKY_NS_PER_S);
    reset(&camera);
    run(&camera, 8);
    g_assert_cmpuint(camera.keys, ==, 3);
    g_assert_cmpuint(camera.held, ==, 3 * 49);
    assert_wakeful(&camera, 10);
}

/* What is not calm, or has been so for no second; what has no key frame soon; what has nothing else. */
static void test_not_spared(void) {
    Camera moves = camera_new(50, 60), smart = camera_new(250, 60), jpeg = camera_new(1, 60), begins = camera_new(5, 60);
    Camera *cameras[] = {&moves, &smart, &jpeg};
    for (unsigned i = 0; i < G_N_ELEMENTS(cameras); i++) {
        run(cameras[i], 20);
        cameras[i]->moves = cameras[i] == &moves;
        run(cameras[i], 0.2);
        sky_rest_spare(&cameras[i]->rest, 6 * SKY_NS_PER_S);
        assert_wakeful(cameras[i], 6);
    }
    run(&begins, 0.2);
    sky_rest_spare(&begins.rest, 6 * SKY_NS_PER_S);
    assert_wakeful(&begins, 0.8);
}

/* Somebody comes: found in the next key frame, looked at from there on, and no reason to mistrust the sizes later. */
static void test_spared_finds(void) {
    Camera camera = camera_new(50, 60);
    run(&camera, 2); /* rest is not believed yet */
    sky_rest_spare(&camera.rest, 20 * SKY_NS_PER_S);
    run(&camera, 2);
    camera.moves = TRUE;
    reset(&camera);
    run(&camera, 4);
    g_assert_cmpuint(camera.keys, ==, 1);
    g_assert_cmpuint(camera.woken, ==, 1);
    g_assert_cmpuint(camera.held, ==, 0);
    camera.moves = FALSE;
    run(&camera, 30);
    assert_rests(&camera);
}

static void test_no_key_frame_comes(void) {
    Camera camera = camera_new(50, 60);
    run(&camera, 20);
    camera.gop = 1u << 30;
    reset(&camera);
    run(&camera, 5);
    g_assert_cmpuint(camera.woken, ==, 1);
    g_assert_cmpuint(camera.held, <=, 113); /* 4.5 s */
    Camera spared = camera_new(50, KEY_BYTES / 20);
    run(&spared, 10);
    sky_rest_spare(&spared.rest, 20 * SKY_NS_PER_S);
    run(&spared, 4);
    spared.gop = 1u << 30;
    reset(&spared);
    run(&spared, 5);
    g_assert_cmpuint(spared.woken, ==, 1);
    g_assert_cmpuint(spared.held, >, 0);
    g_assert_cmpuint(spared.held, <=, 63); /* 2.5 s */
    SkyRest rest; /* and where time hardly passes it is the number that counts */
    sky_rest_init(&rest, TRUE);
    unsigned held = 0;
    for (unsigned i = 0; i < 5000; i++) {
        int64_t time_ns = i < 500 ? i * PICTURE_NS : 500 * PICTURE_NS + i;
        held += sky_rest_packet(&rest, i % 50 == 0 && i <= 500 ? KEY_BYTES : 60, i % 50 == 0 && i <= 500, time_ns) == SKY_REST_HOLD && i > 500;
        sky_rest_looked(&rest, TRUE);
    }
    g_assert_cmpuint(held, >, 0);
    g_assert_cmpuint(held, <=, 256);
}

static void test_break(void) {
    Camera camera = camera_new(50, 60);
    run(&camera, 20.4);
    sky_rest_break(&camera.rest);
    assert_wakeful(&camera, 6);
    run(&camera, 4);
    assert_rests(&camera);
    camera.number = 0; /* time goes back */
    assert_wakeful(&camera, 6);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rest/rests", test_rests);
    g_test_add_func("/rest/never", test_never);
    g_test_add_func("/rest/size-edges", test_size_edges);
    g_test_add_func("/rest/gop-edges", test_gop_edges);
    g_test_add_func("/rest/gops-by-turns", test_gops_by_turns);
    g_test_add_func("/rest/wakes", test_wakes);
    g_test_add_func("/rest/learns", test_learns);
    g_test_add_func("/rest/does-not-learn-from-motion", test_does_not_learn_from_motion);
    g_test_add_func("/rest/mistrust", test_mistrust);
    g_test_add_func("/rest/flicker", test_flicker);
    g_test_add_func("/rest/spared", test_spared);
    g_test_add_func("/rest/not-spared", test_not_spared);
    g_test_add_func("/rest/spared-finds", test_spared_finds);
    g_test_add_func("/rest/no-key-frame-comes", test_no_key_frame_comes);
    g_test_add_func("/rest/break", test_break);
    return g_test_run();
}
