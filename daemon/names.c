/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/names.h"

#include <string.h>

#include "base/clock.h"

static const char *zone_name(const SkyCameraConfig *camera, const char *zone) {
    for (uint32_t i = 0; camera && zone && i < camera->zone_count; i++)
        if (strcmp(camera->zones[i].id, zone) == 0)
            return camera->zone_names[i];
    return NULL;
}

SkyMessageContext sky_names_of(const SkyConfig *config, const char *camera, const char *zone) {
    const SkySiteConfig *site = &sky_config_values(config)->site;
    const SkyCameraConfig *found = camera && camera[0] ? sky_config_camera(config, camera) : NULL;
    return (SkyMessageContext){.site = site->id,
                               .site_name = site->name,
                               .grid = site->grid,
                               .camera_name = found ? found->name : NULL,
                               .zone_name = zone_name(found, zone),
                               .clock_synced = sky_clock_is_synced()};
}
