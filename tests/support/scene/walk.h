/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/scene/figure.h"

/* Somebody's way through the picture, frame for frame. */
typedef struct {
    Looks looks;
    int begin;        /* the first frame in which he is somewhere */
    GArray *poses;    /* Pose, one a frame */
    const char *what; /* in words, for the truth */
    int first, last;  /* frames that show him; filled in while drawing */
    gboolean seen;
} Walk;

typedef struct {
    float from_x, from_y, to_x, to_y; /* feet; parts of width and height */
    float speed;                      /* heights a second: 0.8 is a walk, 2 a run */
    float pause_at, pause_s;          /* stands there: part of the way, seconds */
} Route;
Walk *walk_new(const Picture *picture, const Route *route, int begin, double fps, const char *what, Dice *dice);
void walk_free(Walk *walk);
int walk_end(const Walk *walk); /* the frame behind his last */
void walk_draw(Walk *walk, Picture *picture, int frame, gboolean shadow);
