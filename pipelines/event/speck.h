/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/box.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/polygon.h"
#include "motion/motion_result.h"

/* What hardly stands out may be anything, so nothing begins with it; but what has gone one way for a second, steadily, at the pace
 * of people and where not much else is, is a thing (track before detect; Barniv, IEEE Trans. AES 21(1), 1985), and what stands out
 * in the end has been on its way since it was first seen so. Values; all zero is empty. Decides only. Owner: the tracker. */
#define SKY_SPECKS_MAX 32

typedef struct {
    uint32_t seen, missed;     /* pictures from its first sight to its last, with it (0: this place is free) and without it */
    uint32_t missing;          /* pictures since its last sight */
    int64_t begin_ns, last_ns; /* first and last seen */
    SkyBox origin, box;        /* then */
    SkyPoint centre, speed;    /* smoothed; a second */
    float road, leap;          /* length of the centre's way, greatest step */
    SkyPoint mark;             /* the centre, each time that it is well away from where it was marked last */
    float course;              /* length of the way from mark to mark: that without the tremble of each sight */
    float small;               /* share of late sights in which it was less than the least area */
    float area;                /* last seen */
    float soft;                /* mean of its sights, of blobs that stand out */
} SkySpeck;

typedef struct {
    SkySpeck specks[SKY_SPECKS_MAX];
    float begun;       /* how many, of late */
    float clutter;     /* how many have lived on, of late, and what could not be followed */
    int64_t aged_ns;
    SkyCounter left_out; /* found no free place */
} SkySpecks;

/* One that is in this picture, at times that never go back. */
void sky_specks_see(SkySpecks *specks, const SkyBlob *blob, int64_t now_ns);
/* Once a picture, after all that is in it. more: what else hardly stood out and was not told one by one. */
void sky_specks_age(SkySpecks *specks, uint32_t more, int64_t now_ns);
/* Not much else has been dim of late: what is dim may be believed at once. */
gboolean sky_specks_are_few(const SkySpecks *specks);
/* First sight of those that may become things with all that they were; INT64_MAX: there are none. What has not left its place for
 * SKY_SPECK_REST_NS is at rest: if ever it walks off, that is what counts. */
#define SKY_SPECK_REST_NS (3 * SKY_NS_PER_S)
int64_t sky_specks_oldest_ns(const SkySpecks *specks, int64_t now_ns);
/* TRUE: what begins to stand out in this box was that speck, which is followed no longer. */
gboolean sky_specks_take(SkySpecks *specks, const SkyBox *box, int64_t now_ns, SkySpeck *ret_speck);
/* TRUE: this one of the last picture is a thing, and followed no longer. clear: they are blobs that stand out, not what is dim. */
gboolean sky_specks_promote(SkySpecks *specks, gboolean clear, int64_t now_ns, SkySpeck *ret_speck);
