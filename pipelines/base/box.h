/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/polygon.h"

/* A rectangle in a picture, in 0..1 of its width and height: left, top, width, height. May reach over the picture's edge. */
typedef struct {
    float x, y, w, h;
} SkyBox;

static inline SkyPoint sky_box_centre(const SkyBox *box) {
    return (SkyPoint){box->x + box->w / 2, box->y + box->h / 2};
}

/* By so much on each of its sides. */
static inline SkyBox sky_box_grown(const SkyBox *box, float by_w, float by_h) {
    return (SkyBox){box->x - by_w, box->y - by_h, box->w + 2 * by_w, box->h + 2 * by_h};
}

/* The least one that holds both. */
static inline SkyBox sky_box_join(const SkyBox *a, const SkyBox *b) {
    SkyBox both = {.x = MIN(a->x, b->x), .y = MIN(a->y, b->y)};
    both.w = MAX(a->x + a->w, b->x + b->w) - both.x;
    both.h = MAX(a->y + a->h, b->y + b->h) - both.y;
    return both;
}

/* The area that both cover, of the picture. */
static inline float sky_box_overlap(const SkyBox *a, const SkyBox *b) {
    float w = MIN(a->x + a->w, b->x + b->w) - MAX(a->x, b->x);
    float h = MIN(a->y + a->h, b->y + b->h) - MAX(a->y, b->y);
    return w > 0 && h > 0 ? w * h : 0;
}

static inline gboolean sky_box_holds(const SkyBox *box, SkyPoint at) {
    return at.x >= box->x && at.x <= box->x + box->w && at.y >= box->y && at.y <= box->y + box->h;
}
