/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/scene.h"

#define LEARNING_S 0.7        /* before this the model knows too little to be believed */
#define YOUNG_S 3.0
#define EXPLAINED_MIN 0.7f   /* of the picture; less is light in a part of it, which no curve of the whole follows */
#define NEARLY_ALL 0.9f       /* of the picture */
#define CURED_MIN 0.5f        /* of what is not as it was */
#define SUDDEN 12.0f          /* mean steps of luma from one picture to the next: a lamp, not the sun */
#define SETTLING_S 0.5        /* after a jump */
#define FLASH 0.15f           /* of the picture */
#define GROWTH 3.0f           /* times what was foreground before, at least: what a lamp lights was not there, what comes near was */
#define RESIDUE 0.04f         /* the same where the whole has jumped along a tone curve: what that does not explain is light too */
#define STEADY 0.02f          /* of the picture: so little changes when the light has come to rest */
#define STEADY_S 0.3
#define SWITCH_S 2.5          /* longer is no switch but traffic */
#define FLOODED 0.6f          /* foreground over this share of the picture is no thing */
#define FLOODED_S 1.5         /* and it stays: the camera was moved, covered, or sees by infrared now */

void sky_scene_begin(SkySceneState *state) {
    *state = (SkySceneState){.sudden_s = SETTLING_S, .switch_s = -1};
}

/* A light in a part of the picture has a curve too, that of most pixels of some tones: following it would bend the whole to the
 * part. So a curve has to explain nearly all, or to cure most of what is not as it was; and some of it in any case, for where little
 * has changed anything explains nearly all. */
static gboolean is_of_whole(const SkyLight *light) {
    float cured = sky_light_cured(light);
    return cured > CURED_MIN || (cured > SKY_LIGHT_CURED_MIN && light->explained > NEARLY_ALL);
}

gboolean sky_scene_follows(SkySceneState *state, const SkyLight *light, double dt_s) {
    gboolean explains = light->change > SKY_LIGHT_CHANGE_MIN && light->explained > EXPLAINED_MIN && is_of_whole(light);
    state->age_s += dt_s;
    state->hasty_s += dt_s;
    state->sudden_s = explains && light->change > SUDDEN ? 0 : state->sudden_s + dt_s;
    return explains;
}

static gboolean is_flash(float covered, float covered_before) {
    return covered - covered_before > FLASH && covered > covered_before * GROWTH;
}

SkySwitch sky_scene_switch(SkySceneState *state, float covered, float covered_before, float changed, double dt_s) {
    if (state->switch_s < 0) {
        gboolean jumps = state->sudden_s == 0 ? covered - covered_before > RESIDUE : is_flash(covered, covered_before);
        if (state->age_s < YOUNG_S || !jumps)
            return SKY_SWITCH_NONE;
        state->switch_s = state->steady_s = 0;
        return SKY_SWITCH_GOES_ON;
    }
    state->switch_s += dt_s;
    state->steady_s = changed < STEADY ? state->steady_s + dt_s : 0;
    if (state->steady_s < STEADY_S && state->switch_s < SWITCH_S)
        return SKY_SWITCH_GOES_ON;
    state->switch_s = -1;
    state->hasty_s = state->flooded_s = 0;
    return SKY_SWITCH_OVER;
}

SkySceneVerdict sky_scene_judge(SkySceneState *state, float covered, double dt_s) {
    state->flooded_s = covered > FLOODED ? state->flooded_s + dt_s : 0;
    if (state->flooded_s >= FLOODED_S)
        return (SkySceneVerdict){SKY_SCENE_LEARNING, TRUE};
    if (covered > FLOODED || state->sudden_s < SETTLING_S)
        return (SkySceneVerdict){SKY_SCENE_LIGHT, FALSE};
    return (SkySceneVerdict){state->age_s < LEARNING_S ? SKY_SCENE_LEARNING : SKY_SCENE_OK, FALSE};
}

gboolean sky_scene_is_young(const SkySceneState *state) {
    return state->hasty_s < YOUNG_S;
}
