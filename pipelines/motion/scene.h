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
} SkySceneState;

typedef struct {
    SkyScene scene;
    gboolean restart; /* the model is of another picture: begin anew with this one */
} SkySceneVerdict;

void sky_scene_begin(SkySceneState *state);
/* Before looking for foreground: TRUE where the model has to follow the light. */
gboolean sky_scene_follows(SkySceneState *state, const SkyLight *light, double dt_s);
/* After: covered is the share of the picture that is foreground. */
SkySceneVerdict sky_scene_judge(SkySceneState *state, float covered, double dt_s);
/* In the first seconds everything is learnt faster. */
gboolean sky_scene_is_young(const SkySceneState *state);
