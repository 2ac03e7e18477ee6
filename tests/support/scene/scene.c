/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene/scene.h"

#include <string.h>
#include "support/scene/air.h"
#include "support/scene/ground.h"
#include "support/scene/light.h"
#include "support/scene/script.h"
#include "support/scene/sensor.h"

#define NOISE_BY_DAY 1.6f
#define NOISE_AT_NIGHT 5

typedef struct {
    const char *name;
    Script script; /* NULL: nobody comes */
    LightKind light;
    AirKind air;
    const char *empty; /* what the truth says where nobody comes */
} Kind;

static const Kind kinds[] = {
    {"crossing", script_crossing, LIGHT_DAY, AIR_CLEAR, NULL},
    {"standing", script_standing, LIGHT_DAY, AIR_CLEAR, NULL},
    {"lamp", NULL, LIGHT_LAMPS, AIR_CLEAR, "lamps are switched"},
    {"rain", NULL, LIGHT_DAY, AIR_RAIN, "rain only"},
    {"empty", NULL, LIGHT_DAY, AIR_CLEAR, "nothing moves"},
    {"night", NULL, LIGHT_INFRARED, AIR_INSECTS, "insects in infrared light"},
    {"onset", script_onset, LIGHT_DAY, AIR_CLEAR, NULL},
    {"storm", script_storm, LIGHT_DAY, AIR_CLEAR, NULL},
    {"covered", NULL, LIGHT_COVERED, AIR_CLEAR, "the lens is covered from 20 to 50 s"},
};

struct Scene {
    const Kind *kind;
    SceneParams params;
    Picture ground, picture;
    Light *light;
    Air *air;
    Sensor sensor;
    GPtrArray *walks;
    int frame; /* the next; negative: of the lead */
};

static void free_walk(gpointer walk) {
    walk_free(walk);
}

const char *scene_names(void) {
    return "crossing, standing, lamp, rain, empty, night, onset, storm, covered";
}

Scene *scene_new(const char *name, const SceneParams *params) {
    const Kind *kind = NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0) kind = &kinds[i];
    if (kind == NULL) return NULL;
    Scene *scene = g_new0(Scene, 1);
    scene->kind = kind;
    scene->params = *params;
    scene->frame = -(int)params->lead;
    picture_init(&scene->ground, params->width, params->height);
    picture_init(&scene->picture, params->width, params->height);
    Dice dice;
    dice_init(&dice, params->seed);
    ground_draw(&scene->ground, dice_roll(&dice));
    scene->light = light_new(kind->light, &scene->ground, params->fps, params->frames, &dice);
    scene->air = air_new(kind->air, &scene->ground, params->fps, &dice);
    sensor_init(&scene->sensor, kind->light == LIGHT_INFRARED ? NOISE_AT_NIGHT : NOISE_BY_DAY, &dice);
    scene->walks = g_ptr_array_new_with_free_func(free_walk);
    if (kind->script) kind->script(scene->walks, &scene->ground, params->fps, (int)params->frames, &dice);
    return scene;
}

void scene_free(Scene *scene) {
    if (scene == NULL) return;
    picture_clear(&scene->ground);
    picture_clear(&scene->picture);
    light_free(scene->light);
    air_free(scene->air);
    sensor_clear(&scene->sensor);
    g_ptr_array_unref(scene->walks);
    g_free(scene);
}

const Picture *scene_next(Scene *scene) {
    picture_copy(&scene->picture, &scene->ground);
    for (guint i = 0; i < scene->walks->len; i++)
        walk_draw(g_ptr_array_index(scene->walks, i), &scene->picture, scene->frame, scene->kind->light == LIGHT_DAY);
    light_fall(scene->light, &scene->picture, scene->frame);
    air_draw(scene->air, &scene->picture, scene->frame);
    sensor_see(&scene->sensor, &scene->picture);
    scene->frame++;
    return &scene->picture;
}

static const char *size_of(const Scene *scene, const Walk *walk) {
    float tall = 0;
    for (int i = walk->first - walk->begin; i <= walk->last - walk->begin; i++)
        tall = MAX(tall, g_array_index(walk->poses, Pose, i).tall);
    return tall > .35f * (float)scene->params.height ? "large" : tall > .15f * (float)scene->params.height ? "medium" : "small";
}

char *scene_truth(const Scene *scene, const char *clip) {
    g_autoptr(GString) text = g_string_new("#clip\tstart_s\tend_s\tkind\tsize\twhat\n");
    guint seen = 0;
    for (guint i = 0; i < scene->walks->len; i++) {
        const Walk *walk = g_ptr_array_index(scene->walks, i);
        if (!walk->seen) continue;
        seen++;
        g_string_append_printf(text, "%s\t%.3f\t%.3f\treal\t%s\t%s\n", clip, walk->first / scene->params.fps,
                               (walk->last + 1) / scene->params.fps, size_of(scene, walk), walk->what);
    }
    if (seen == 0)
        g_string_append_printf(text, "%s\t-\t-\tempty\t-\t%s\n", clip, scene->kind->empty ? scene->kind->empty : "nobody yet");
    return g_string_free(g_steal_pointer(&text), FALSE);
}
