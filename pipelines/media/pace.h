/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Which pictures are handed on where fewer are wanted than come: the pace is kept over the whole stream, 25 a second thinned to 8
 * is 3, 3, 3, 4 apart. Decides only. */
typedef struct {
    int64_t interval_ns; /* 0: every picture */
    int64_t due_ns;      /* media time of the next one; SKY_TIME_NONE: at once */
} SkyPace;

void sky_pace_init(SkyPace *pace, double per_second); /* 0: every picture */
/* Each picture, ascending; time that goes back begins anew. */
gboolean sky_pace_is_due(SkyPace *pace, int64_t pts_ns);
