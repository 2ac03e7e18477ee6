/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Decides: is a stream of constant or variable rate, by the sizes of its pictures? At rest a variable one sends next to nothing between
 * its key frames (0.5 % of a key frame where measured), a constant one fills its budget with noise (5 to 15 %), group by group
 * alike. In between, things moved, and nobody can tell. Thread: one. */
typedef enum { SKY_RATE_UNCLEAR, SKY_RATE_VARIABLE, SKY_RATE_CONSTANT } SkyRate;

typedef struct {
    GArray *between;             /* guint32: sizes of the pictures that are no key frames */
    guint64 key_bytes, keys;
    guint64 group_bytes;         /* of the group under way */
    guint64 group_least, group_most, groups; /* of whole ones */
} SkyRateMeter;

void sky_rate_meter_init(SkyRateMeter *meter);
void sky_rate_meter_clear(SkyRateMeter *meter);
/* In decode order, from a key frame on. */
void sky_rate_meter_take(SkyRateMeter *meter, gsize bytes, gboolean key);
/* ret_share: of a key frame, what half of the other pictures are smaller than; 0 where there are none. */
SkyRate sky_rate_meter_judge(const SkyRateMeter *meter, double *ret_share);
