/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <math.h>
#include <string.h>

const SceneClass scene_classes[] = {
    {.name = "calm"},
    {.name = "rain", .rain = 1},
    {.name = "rain-night", .rain = 1, .night = TRUE},
    {.name = "snow", .snow = 1},
    {.name = "insects", .insects = 1, .night = TRUE},
    {.name = "lamp", .lamp = 1, .night = TRUE},
    {.name = "infrared", .infrared = 1},
    {.name = "headlights", .headlights = 1, .night = TRUE},
    {.name = "clouds", .clouds = 1},
    {.name = "shake", .shake = 1},
    {.name = "mast", .shake = 2.5f},
    {.name = "mast-clock", .shake = 1.5f, .clock = 1},
    {.name = "noise", .noise = 1, .night = TRUE},
    {.name = "pumping", .pumping = 1},
    {.name = "low-rate", .low_rate = 1, .noise = 0.3f},
    {.name = "trees", .trees = 1},
    {.name = "water", .water = 1},
    {.name = "flicker", .flicker = 1},
    {.name = "clock", .clock = 1},
    {.name = "exposure", .exposure = 1},
    {.name = "storm", .rain = 0.6f, .trees = 0.7f, .shake = 0.5f, .clouds = 0.4f, .noise = 0.3f},
    {.name = "x264", .x264_kbit = 60, .noise = 0.2f},
    {.name = "x264-night", .x264_kbit = 30, .noise = 0.5f, .night = TRUE},
    {.name = "far", .actors = ACTORS_FAR},
    {.name = "far-rain", .rain = 0.7f, .actors = ACTORS_FAR},
    {.name = "near", .actors = ACTORS_NEAR},
    {.name = "standing", .actors = ACTORS_STANDING},
    {.name = "parking", .actors = ACTORS_PARKING},
    {.name = "fast", .actors = ACTORS_FAST},
    {.name = "slow", .actors = ACTORS_SLOW},
    {.name = "faint", .noise = 0.3f, .night = TRUE, .actors = ACTORS_FAINT},
    {.name = "door", .actors = ACTORS_DOOR},
    {.name = "fence", .actors = ACTORS_FENCE},
    {.name = "weaving", .actors = ACTORS_WEAVING},
    {.name = "real-night", .over = "night-ir", .night = TRUE},
    {.name = "real-trees", .over = "waving-trees"},
    {.name = "real-cloud", .over = "brightness"},
    {.name = "real-hall", .over = "one-by-one"},
    {.name = "real-road", .over = "car"},
    {.name = "real-rain", .over = "car", .rain = 1},
    {.name = "real-snow", .over = "one-by-one", .snow = 1},
    {.name = "real-insects", .over = "night-ir", .insects = 1, .night = TRUE},
    {.name = "real-lamp", .over = "night-ir", .lamp = 1, .night = TRUE},
    {.name = "real-sweep", .over = "night-ir", .headlights = 1, .night = TRUE},
    {.name = "real-clouds", .over = "car", .clouds = 1},
    {.name = "real-shake", .over = "one-by-one", .shake = 1},
    {.name = "real-mast", .over = "car", .shake = 2.5f},
    {.name = "real-noise", .over = "night-ir", .noise = 1, .night = TRUE},
    {.name = "real-pumping", .over = "waving-trees", .pumping = 1},
    {.name = "real-low", .over = "one-by-one", .low_rate = 1, .noise = 0.3f},
    {.name = "real-x264", .over = "waving-trees", .x264_kbit = 60},
    {.name = "real-clock", .over = "waving-trees", .clock = 1},
    {.name = "real-gain", .over = "car", .exposure = 1},
    {.name = "real-infra", .over = "one-by-one", .infrared = 1},
};
const unsigned scene_class_count = G_N_ELEMENTS(scene_classes);

uint32_t dice_roll(Dice *dice) {
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return (uint32_t)((dice->state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

float dice_between(Dice *dice, float low, float high) {
    return low + (high - low) * (float)(dice_roll(dice) >> 8) / (float)(1 << 24);
}

float dice_bell(Dice *dice) {
    float sum = 0;
    for (unsigned i = 0; i < 6; i++)
        sum += dice_between(dice, -1, 1);
    return sum / sqrtf(2);
}

gboolean dice_happens(Dice *dice, float per_s) {
    return dice_between(dice, 0, 1) < per_s / SCENE_FPS;
}

struct Scene {
    const SceneClass *kind;
    gboolean with_actors;
    Dice dice;
    Ground ground;
    Footage *footage; /* NULL: the ground is made */
    Codec *codec;     /* NULL: not coded */
    Air air;
    Light light;
    Lens lens;
    Actor actor;
    double next_actor_s;
    gboolean on_stage, seen;
    GArray *truth;
    uint64_t pictures;
};

Scene *scene_new(const SceneClass *kind, gboolean with_actors, uint64_t seed, GError **error) {
    Footage *footage = kind->over ? footage_load(kind->over, error) : NULL;
    Codec *codec = kind->x264_kbit ? codec_new(kind->x264_kbit, error) : NULL;
    if ((kind->over && !footage) || (kind->x264_kbit && !codec)) {
        footage_free(footage);
        codec_free(codec);
        return NULL;
    }
    Scene *scene = g_new0(Scene, 1);
    scene->footage = footage;
    scene->codec = codec;
    scene->kind = kind;
    scene->with_actors = with_actors;
    scene->dice.state = seed * UINT64_C(0x9e3779b97f4a7c15) + g_str_hash(kind->name) + 1;
    scene->truth = g_array_new(FALSE, TRUE, sizeof(SceneTruth));
    for (unsigned i = 0; i < 20; i++)
        dice_roll(&scene->dice);
    ground_make(&scene->ground, kind, &scene->dice);
    if (footage)
        footage_put(footage, 0, &scene->ground);
    light_init(&scene->light, kind, &scene->dice);
    air_init(&scene->air);
    lens_init(&scene->lens, &scene->dice);
    scene->next_actor_s = dice_between(&scene->dice, 8, 14);
    return scene;
}

void scene_free(Scene *scene) {
    if (!scene)
        return;
    footage_free(scene->footage);
    codec_free(scene->codec);
    g_array_free(scene->truth, TRUE);
    g_free(scene);
}

/* One actor at a time, with gaps that a good detector can tell. */
static void direct(Scene *scene, double time_s) {
    if (!scene->on_stage && scene->with_actors && time_s >= scene->next_actor_s) {
        actor_cast(&scene->actor, scene->kind, &scene->ground, time_s, &scene->dice);
        scene->on_stage = TRUE;
    }
    gboolean seen = scene->on_stage && actor_is_seen(&scene->actor, time_s);
    if (seen && !scene->seen)
        g_array_append_val(scene->truth, ((SceneTruth){time_s, time_s}));
    if (seen)
        g_array_index(scene->truth, SceneTruth, scene->truth->len - 1).to_s = time_s;
    scene->seen = seen;
    if (scene->on_stage && time_s > scene->actor.end_s) {
        scene->on_stage = scene->seen = FALSE;
        scene->next_actor_s = time_s + dice_between(&scene->dice, 7, 20);
    }
}

void scene_next(Scene *scene, uint8_t luma[SCENE_H * SCENE_W]) {
    float canvas[SCENE_H * SCENE_W];
    if (scene->footage)
        footage_put(scene->footage, scene->pictures, &scene->ground);
    double time_s = (double)scene->pictures++ / SCENE_FPS;
    direct(scene, time_s);
    lens_shake(&scene->lens, scene->kind, time_s, &scene->dice);
    ground_draw(&scene->ground, scene->kind, time_s, scene->lens.shift_x, scene->lens.shift_y, canvas);
    if (scene->on_stage) {
        Actor seen = scene->actor; /* the camera shakes, not the ground that he walks on */
        seen.from_x -= scene->lens.shift_x;
        seen.to_x -= scene->lens.shift_x;
        seen.from_y -= scene->lens.shift_y;
        seen.to_y -= scene->lens.shift_y;
        actor_draw(&seen, time_s, canvas);
    }
    light_draw(&scene->light, scene->kind, time_s, &scene->dice, canvas);
    air_draw(&scene->air, scene->kind, time_s, &scene->dice, canvas);
    lens_take(&scene->lens, scene->kind, &scene->dice, canvas, luma);
    if (scene->codec)
        codec_pass(scene->codec, luma);
}

const SceneTruth *scene_truth(const Scene *scene, unsigned *ret_count) {
    *ret_count = scene->truth->len;
    return &g_array_index(scene->truth, SceneTruth, 0);
}
