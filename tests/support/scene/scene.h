/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/scene/picture.h"

/* A made-up camera picture, moving, and what really happens in it. The same name, size, rate, length and seed give the same
 * pictures. Shares nothing with the code that looks for motion. Thread: one. */
typedef struct {
    int width, height;
    double fps;
    unsigned frames, lead; /* lead: so many pictures come before the first: nobody is there yet, and no truth is told of them */
    uint64_t seed;
} SceneParams;
typedef struct Scene Scene;

Scene *scene_new(const char *name, const SceneParams *params); /* NULL: no such scene */
void scene_free(Scene *scene);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scene, scene_free)
const char *scene_names(void);           /* separated by commas */
const Picture *scene_next(Scene *scene); /* valid until the next call */
/* Of what has been drawn, as lines of "clip start_s end_s kind size what" with tabs between. */
char *scene_truth(const Scene *scene, const char *clip);
