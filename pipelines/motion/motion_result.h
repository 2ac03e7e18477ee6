/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/box.h"

/* What one picture holds. A value. */
#define SKY_BLOBS_MAX 32
#define SKY_DIM_MAX 16

typedef struct {
    SkyBox box;
    float area;     /* foreground pixels / picture, 0..1 */
    float contrast; /* mean |difference| / local noise, >= 0 */
    float soft;     /* 0..1: how slowly the light changes about it, as softness.h; 0: at once, as it does at a thing's edge */
    float alike;    /* -1..1: how its texture follows that of its ground, where light has swept past it of late; 0: none has */
    gboolean small; /* less than the least area, at least half of it: goes on with a thing, begins none */
} SkyBlob;

typedef enum {
    SKY_SCENE_LEARNING, /* the model is not ready (first pictures, after a light switch) */
    SKY_SCENE_OK,
    SKY_SCENE_LIGHT,    /* whole-picture change: lamp, cloud, exposure; blobs are not to be trusted */
} SkyScene;

/* What the camera sees at all, see view_watch.h. */
typedef enum {
    SKY_VIEW_LEARNING,
    SKY_VIEW_CLEAR,
    SKY_VIEW_FROZEN,  /* the same picture for ever: the camera hangs */
    SKY_VIEW_EMPTY,   /* nothing to be seen, from the start or since it went slowly: night without light, fog */
    SKY_VIEW_COVERED, /* from here on what came at once */
    SKY_VIEW_DARK,
    SKY_VIEW_BLURRED,
    SKY_VIEW_MOVED,   /* turned away; or something stands right in front of it */
} SkyViewState;

typedef struct {
    SkyViewState state;
    int64_t since_ns;     /* arrival of the first picture that showed it so */
    int64_t doubt_for_ns; /* for how long pictures have shown it otherwise, which are too few yet to be believed; 0: none do */
} SkyView;

typedef struct {
    int64_t pts_ns, arrival_ns;
    SkyScene scene;
    SkyView view; /* by the view watch: the detector of motion leaves it alone */
    float foreground; /* share of the picture, after cleaning */
    uint32_t light_blocks, light_parts; /* foreground that was light: by its texture (cells of 4 x 4), by its rim */
    uint32_t ghost_parts;               /* places that something has left */
    float shift_x_px, shift_y_px;       /* how far the camera has shaken the picture, right and down; boxes are where it is */
    uint32_t blob_count, blobs_left_out;
    SkyBlob blobs[SKY_BLOBS_MAX]; /* largest first; of more, the smallest are left out */
    uint32_t dim_count, dim_left_out;
    SkyBlob dim[SKY_DIM_MAX]; /* what hardly stands out, blobs too, and much that is no thing; largest first, no contrast */
} SkyMotionResult;
