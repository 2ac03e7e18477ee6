/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "motion/view_watch.h"

/* A view watch before a scene, a look a second, each with noise of its own. */
#define VIEW_RIG_W 160
#define VIEW_RIG_H 90

typedef struct {
    SkyViewWatch *watch;
    uint8_t *scene, *luma; /* VIEW_RIG_W * VIEW_RIG_H: as it was at first; what is looked at, without noise */
    int8_t *noise;         /* twice as much: each look begins somewhere else in it */
    GRand *random;
    int64_t now_ns;        /* of the next look */
    SkyView view;          /* of the last */
} ViewRig;

/* Has looked for 20 s. contrast: as of view_rig_draw(); sigma: of the noise. */
ViewRig view_rig_new(int contrast, double sigma);
void view_rig_clear(ViewRig *rig);
void view_rig_look(ViewRig *rig, unsigned seconds);
void view_rig_back(ViewRig *rig); /* to what it was at first */
SkyView view_rig_look_once(SkyViewWatch *watch, uint8_t *luma, int64_t now_ns);
/* Walls, windows, a road: rectangles of many sizes, none of which is where another seed's is. */
void view_rig_draw(uint8_t *luma, guint32 seed, int contrast);
