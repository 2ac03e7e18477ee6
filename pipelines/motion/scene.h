/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "motion/light.h"
#include "motion/motion_result.h"

/* Whether the blobs of a picture can be believed: learning at first, again after the picture has become another one, and not while
 * a lamp goes on or off. Decides only. */
typedef struct {
    double age_s;     /* since the model began */
    double sudden_s;  /* since the light last jumped */
    double flooded_s; /* for how long nearly everything has been foreground */
    double hasty_s;   /* since what is learnt faster began */
    double switch_s;  /* for how long the light has been switching; below 0: it is not */
    double steady_s;  /* and for how long the picture has not changed meanwhile */
} SkySceneState;

/* So much of the picture changes from one to the next only where a lamp goes on or off, or infrared light; and until the camera has
 * found its exposure again, nothing can be told. */
typedef enum {
    SKY_SWITCH_NONE,
    SKY_SWITCH_GOES_ON,
    SKY_SWITCH_OVER, /* in this picture: what is foreground in it is the background in the new light */
} SkySwitch;

typedef struct {
    SkyScene scene;
    gboolean restart; /* the model is of another picture: begin anew with this one */
} SkySceneVerdict;

void sky_scene_begin(SkySceneState *state);
/* Before looking for foreground: TRUE where the model has to follow the light. */
gboolean sky_scene_follows(SkySceneState *state, const SkyLight *light, double dt_s);
/* After, first: shares of the picture that are foreground now and in the picture before, and that have changed since that. */
SkySwitch sky_scene_switch(SkySceneState *state, float covered, float covered_before, float changed, double dt_s);
/* After, if no light is switching: covered is the share of the picture that is foreground. */
SkySceneVerdict sky_scene_judge(SkySceneState *state, float covered, double dt_s);
/* In the first seconds, and after a switch of the light, everything is learnt faster. */
gboolean sky_scene_is_young(const SkySceneState *state);
