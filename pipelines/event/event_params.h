/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include "base/id.h"
#include "base/polygon.h"

typedef struct {
    char id[SKY_ID_BYTES];
    SkyPolygon polygon;
    int64_t dwell_ns; /* who stays for so long makes an event of kind dwell, beside the other; 0: nobody does. Needs an id */
} SkyZone;

/* How tall a person is, by where the feet are: one far and one near, in heights of the picture, feet from its top. All 0: not
 * known. Else far is above near (far_foot + 0.05 <= near_foot) and no taller. */
typedef struct {
    double far_foot, far_height, near_foot, near_height;
} SkyPerspective;

typedef struct {
    const SkyZone *zones; /* include zones: an event needs its object's foot point or centre in one; none = everywhere. Copied */
    uint32_t zone_count;
    int64_t min_duration_ns; /* something must move for so long before it is an event */
    int64_t hold_ns;         /* an event ends when nothing has moved for so long */
    SkyPerspective perspective;
    gboolean tamper;         /* tell where the camera was covered, blurred or turned */
} SkyEventParams;
