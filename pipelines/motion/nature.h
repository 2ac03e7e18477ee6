/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/background.h"
#include "motion/blob_finder.h"

/* What a part of the foreground is, told from its edges. A thing brings edges of its own, where the background has none; a place
 * that a thing has left shows the background's remembered edges, which the picture no longer has (Cucchiara et al., IEEE PAMI
 * 25(10), 2003, call it a ghost); light brings no edges, or keeps those that were there, and a
 * shadow whose surface has no texture is one gain everywhere inside, with a rim that comes slowly. Decides only. */
typedef enum {
    SKY_NATURE_OBJECT,
    SKY_NATURE_GHOST,
    SKY_NATURE_LIGHT,
} SkyNature;

typedef struct {
    float edge_now, edge_before; /* mean strength of edges along the outline, picture and background, luma a pixel */
    float likeness;              /* how the picture's texture inside follows the background's, -1..1 */
    float texture;               /* of the background inside: standard deviation of luma */
    float contrast;              /* mean |difference| / mean radius */
    float apart;                 /* mean |difference|, luma */
    float apart_deep;            /* the same well inside; 0: it has no inside */
    float uneven;                /* how far its inside is from one gain everywhere, in shares of apart_deep; 1: no inside */
    float soft;                  /* as softness.h, of objects that are asked for; says nothing of its nature: one picture is too little */
    SkyNature nature;
} SkyPartLook;

/* Looks at all parts of a picture at once. mask: the one in which the parts were found. How soft an object is is asked from so many
 * pixels on. */
void sky_nature_tell(const SkyBlobFinder *finder, const uint8_t *mask, const uint8_t *luma, const SkyBackground *background,
                     uint32_t soft_px_min, SkyPartLook ret_looks[SKY_PARTS_MAX]);
