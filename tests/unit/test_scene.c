/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/scene.h"

#define DT_S 0.125

static SkyLight light(float change, float explained, float unchanged) {
    return (SkyLight){.change = change, .explained = explained, .unchanged = unchanged};
}

static void live(SkySceneState *state, double seconds) {
    SkyLight calm = light(0, 1, 1);
    for (double t = 0; t < seconds; t += DT_S)
        sky_scene_follows(state, &calm, DT_S);
}

static void test_learns_first(void) {
    SkySceneState state;
    SkyLight calm = light(0, 1, 1);
    sky_scene_begin(&state);
    g_assert_true(sky_scene_is_young(&state));
    sky_scene_follows(&state, &calm, 0.6);
    g_assert_cmpint(sky_scene_judge(&state, 0, 0.6).scene, ==, SKY_SCENE_LEARNING);
    sky_scene_follows(&state, &calm, 0.2);
    g_assert_cmpint(sky_scene_judge(&state, 0, 0.2).scene, ==, SKY_SCENE_OK);
    live(&state, 3);
    g_assert_false(sky_scene_is_young(&state));
}

static void test_follows_what_explains(void) {
    SkySceneState state;
    sky_scene_begin(&state);
    live(&state, 5);
    SkyLight cloud = light(3, 0.9f, 0.2f), little = light(1.4f, 0.9f, 0.2f), worse = light(3, 0.75f, 0.8f),
             partly = light(3, 0.69f, 0.3f);
    g_assert_true(sky_scene_follows(&state, &cloud, DT_S));
    g_assert_false(sky_scene_follows(&state, &little, DT_S)); /* the model learns that itself */
    g_assert_false(sky_scene_follows(&state, &worse, DT_S));
    g_assert_false(sky_scene_follows(&state, &partly, DT_S)); /* light in a part only */
    SkyLight beam = light(3, 0.84f, 0.7f), whole = light(3, 0.86f, 0.7f), car = light(3, 0.89f, 0.85f), dusk = light(3, 0.91f, 0.85f),
             crumb = light(5, 0.92f, 0.915f);
    g_assert_false(sky_scene_follows(&state, &beam, DT_S)); /* cures less than half */
    g_assert_true(sky_scene_follows(&state, &whole, DT_S));
    g_assert_false(sky_scene_follows(&state, &car, DT_S));
    g_assert_true(sky_scene_follows(&state, &dusk, DT_S)); /* but explains nearly all */
    g_assert_false(sky_scene_follows(&state, &crumb, DT_S)); /* as no change at all does */
    g_assert_cmpint(sky_scene_judge(&state, 0, DT_S).scene, ==, SKY_SCENE_OK); /* a slow change disturbs nobody */
}

static void test_jump_settles(void) {
    SkySceneState state;
    sky_scene_begin(&state);
    live(&state, 5);
    SkyLight lamp = light(12.5f, 0.9f, 0.1f), calm = light(0, 1, 1);
    g_assert_true(sky_scene_follows(&state, &lamp, DT_S));
    g_assert_cmpint(sky_scene_judge(&state, 0, DT_S).scene, ==, SKY_SCENE_LIGHT);
    sky_scene_follows(&state, &calm, 0.4);
    g_assert_cmpint(sky_scene_judge(&state, 0, 0.4).scene, ==, SKY_SCENE_LIGHT);
    sky_scene_follows(&state, &calm, 0.2);
    g_assert_cmpint(sky_scene_judge(&state, 0, 0.2).scene, ==, SKY_SCENE_OK);
}

static void test_flood_restarts(void) {
    SkySceneState state;
    sky_scene_begin(&state);
    live(&state, 5);
    g_assert_cmpint(sky_scene_judge(&state, 0.6f, DT_S).scene, ==, SKY_SCENE_OK); /* at the bound */
    SkySceneVerdict verdict = sky_scene_judge(&state, 0.61f, 1.4);
    g_assert_cmpint(verdict.scene, ==, SKY_SCENE_LIGHT);
    g_assert_false(verdict.restart);
    sky_scene_judge(&state, 0.1f, DT_S); /* it was a large thing that passed */
    g_assert_false(sky_scene_judge(&state, 0.61f, 1.4).restart);
    verdict = sky_scene_judge(&state, 0.61f, 0.2);
    g_assert_true(verdict.restart);
    g_assert_cmpint(verdict.scene, ==, SKY_SCENE_LEARNING);
}

static void test_flash_begins_switch(void) {
    SkySceneState state;
    sky_scene_begin(&state);
    g_assert_cmpint(sky_scene_switch(&state, 0.9f, 0, 1, DT_S), ==, SKY_SWITCH_NONE); /* at first nothing is known */
    live(&state, 5);
    g_assert_cmpint(sky_scene_switch(&state, 0.15f, 0, 1, DT_S), ==, SKY_SWITCH_NONE); /* at the bound */
    g_assert_cmpint(sky_scene_switch(&state, 0.16f, 0, 1, DT_S), ==, SKY_SWITCH_GOES_ON);
}

/* Somebody who passes near at few pictures a second, half in at first. */
static void test_who_comes_near_is_no_flash(void) {
    SkySceneState state;
    sky_scene_begin(&state);
    live(&state, 5);
    g_assert_cmpint(sky_scene_switch(&state, 0.29f, 0.1f, 1, DT_S), ==, SKY_SWITCH_NONE);
    g_assert_cmpint(sky_scene_switch(&state, 0.31f, 0.1f, 1, DT_S), ==, SKY_SWITCH_GOES_ON);
}

/* The whole has jumped along a tone curve: little more is needed to know that a lamp did it. */
static void test_residue_begins_switch(void) {
    SkyLight lamp = light(12.5f, 0.9f, 0.1f), cloud = light(11.9f, 0.9f, 0.1f);
    SkySceneState state;
    sky_scene_begin(&state);
    live(&state, 5);
    sky_scene_follows(&state, &lamp, DT_S);
    g_assert_cmpint(sky_scene_switch(&state, 0.14f, 0.1f, 1, DT_S), ==, SKY_SWITCH_NONE); /* at the bound */
    g_assert_cmpint(sky_scene_switch(&state, 0.15f, 0.1f, 1, DT_S), ==, SKY_SWITCH_GOES_ON);
    sky_scene_begin(&state);
    live(&state, 5);
    sky_scene_follows(&state, &cloud, DT_S);
    g_assert_cmpint(sky_scene_switch(&state, 0.15f, 0.1f, 1, DT_S), ==, SKY_SWITCH_NONE);
}

static void test_switch_is_over_when_steady(void) {
    SkySceneState state;
    sky_scene_begin(&state);
    live(&state, 5);
    sky_scene_switch(&state, 0.5f, 0, 1, DT_S);
    g_assert_cmpint(sky_scene_switch(&state, 0.5f, 0.5f, 0.01f, DT_S), ==, SKY_SWITCH_GOES_ON);
    g_assert_cmpint(sky_scene_switch(&state, 0.5f, 0.5f, 0.02f, DT_S), ==, SKY_SWITCH_GOES_ON); /* at the bound: not steady */
    g_assert_cmpint(sky_scene_switch(&state, 0.5f, 0.5f, 0.01f, DT_S), ==, SKY_SWITCH_GOES_ON);
    g_assert_cmpint(sky_scene_switch(&state, 0.5f, 0.5f, 0.01f, DT_S), ==, SKY_SWITCH_GOES_ON);
    g_assert_false(sky_scene_is_young(&state));
    g_assert_cmpint(sky_scene_switch(&state, 0.5f, 0.5f, 0.01f, DT_S), ==, SKY_SWITCH_OVER);
    g_assert_true(sky_scene_is_young(&state)); /* the new light is learnt fast, and believed at once */
    g_assert_cmpint(sky_scene_judge(&state, 0, DT_S).scene, ==, SKY_SCENE_OK);
    g_assert_cmpint(sky_scene_switch(&state, 0, 0, 0, DT_S), ==, SKY_SWITCH_NONE);
}

static void test_switch_does_not_last(void) {
    SkySceneState state;
    sky_scene_begin(&state);
    live(&state, 5);
    sky_scene_switch(&state, 0.5f, 0, 1, DT_S);
    for (double t = DT_S; t < 2.5; t += DT_S)
        g_assert_cmpint(sky_scene_switch(&state, 0.5f, 0.5f, 0.3f, DT_S), ==, SKY_SWITCH_GOES_ON);
    g_assert_cmpint(sky_scene_switch(&state, 0.5f, 0.5f, 0.3f, DT_S), ==, SKY_SWITCH_OVER); /* traffic never rests */
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scene/learns-first", test_learns_first);
    g_test_add_func("/scene/follows-what-explains", test_follows_what_explains);
    g_test_add_func("/scene/jump-settles", test_jump_settles);
    g_test_add_func("/scene/flood-restarts", test_flood_restarts);
    g_test_add_func("/scene/comes-near", test_who_comes_near_is_no_flash);
    g_test_add_func("/scene/flash-begins-switch", test_flash_begins_switch);
    g_test_add_func("/scene/residue-begins-switch", test_residue_begins_switch);
    g_test_add_func("/scene/switch-is-over-when-steady", test_switch_is_over_when_steady);
    g_test_add_func("/scene/switch-does-not-last", test_switch_does_not_last);
    return g_test_run();
}
