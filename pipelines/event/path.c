/* SPDX-License-Identifier: Apache-2.0 */
#include "event/path.h"

#include <math.h>

#include "base/clock.h"

#define EVERY_NS (SKY_NS_PER_S / 2) /* at first: seven seconds are kept as they were */

static void thin(SkyPath *path) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < path->count; i += 2)
        path->steps[kept++] = path->steps[i];
    path->count = kept;
    path->every_ns *= 2;
}

void sky_path_add(SkyPath *path, SkyPoint foot, int64_t time_ns) {
    if (path->count == 0)
        path->every_ns = EVERY_NS;
    gboolean again = path->count > 0 && path->steps[path->count - 1].time_ns == time_ns;
    gboolean goes_on = again || (path->count >= 2 && time_ns - path->steps[path->count - 2].time_ns < path->every_ns);
    if (!goes_on && path->count == SKY_PATH_STEPS_MAX)
        thin(path);
    path->steps[goes_on ? path->count - 1 : path->count++] = (SkyStep){foot, time_ns};
}

float sky_path_way(const SkyPath *path) {
    float way = 0;
    for (uint32_t i = 1; i < path->count; i++)
        way += hypotf(path->steps[i].foot.x - path->steps[i - 1].foot.x, path->steps[i].foot.y - path->steps[i - 1].foot.y);
    return way;
}

float sky_path_speed(const SkyPath *path) {
    if (path->count < 2)
        return 0;
    float seconds = (float)(path->steps[path->count - 1].time_ns - path->steps[0].time_ns) / 1e9f;
    return seconds > 0 ? sky_path_way(path) / seconds : 0;
}
