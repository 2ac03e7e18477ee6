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

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scene/learns-first", test_learns_first);
    g_test_add_func("/scene/follows-what-explains", test_follows_what_explains);
    g_test_add_func("/scene/jump-settles", test_jump_settles);
    g_test_add_func("/scene/flood-restarts", test_flood_restarts);
    return g_test_run();
}
