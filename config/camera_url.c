/* SPDX-License-Identifier: Apache-2.0 */
#include "config/camera_url.h"

#include <string.h>

#include "base/uri.h"

static char *path_of(SkyCameraVendor vendor, uint32_t channel, gboolean sub) {
    switch (vendor) {
    case SKY_VENDOR_HIKVISION:
        return g_strdup_printf("/Streaming/Channels/%u", channel * 100 + (sub ? 2 : 1));
    case SKY_VENDOR_DAHUA:
        return g_strdup_printf("/cam/realmonitor?channel=%u&subtype=%d", channel, sub ? 1 : 0);
    case SKY_VENDOR_UNIVIEW:
        return g_strdup_printf("/unicast/c%u/s%d/live", channel, sub ? 1 : 0);
    case SKY_VENDOR_ONVIF:
        return g_strdup_printf("/%u/%s", channel, sub ? "sub" : "main");
    case SKY_VENDOR_NONE:
        break;
    }
    g_assert_not_reached();
}

char *sky_camera_url(SkyCameraVendor vendor, const char *host, int port, gboolean https, uint32_t channel, gboolean sub) {
    g_autofree char *path = path_of(vendor, channel, sub);
    const char *scheme = vendor != SKY_VENDOR_ONVIF ? "rtsp" : https ? "onvifs" : "onvif";
    return sky_uri_without_credentials(&(SkyUri){.scheme = (char *)scheme, .host = (char *)host, .port = port, .rest = path});
}

gboolean sky_camera_url_has_certificate(const char *url) {
    return g_ascii_strncasecmp(url, "rtsps:", strlen("rtsps:")) == 0 || g_str_has_prefix(url, "onvifs:");
}
