/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/uri.h"
#include "config/config.h"
#include "fuzz.h"

/* libfyaml 0.7.12 forgets some kilobytes of its own for some broken texts; what we forget is still found. */
G_GNUC_UNUSED const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfyaml";
}

/* Any bytes as a configuration: a sound one comes out, or reports that a terminal can show. */

static void check_text(const char *text) {
    g_assert(text && g_utf8_validate(text, -1, NULL));
}

static void check_camera(const SkyCameraConfig *camera) {
    g_assert(sky_id_is_valid(camera->id));
    check_text(camera->name);
    check_text(camera->main_url);
    g_autoptr(SkyUri) uri = sky_uri_parse(camera->main_url, NULL); /* RTSP:// is one, too */
    g_assert(uri && (g_str_has_prefix(uri->scheme, "rtsp") || strcmp(uri->scheme, "onvif") == 0));
    g_assert(camera->zone_count <= 32 && camera->ignore_count <= 32 && camera->privacy_count <= 32);
    for (uint32_t i = 0; i < camera->zone_count; i++) {
        g_assert(sky_id_is_valid(camera->zones[i].id) && sky_polygon_check(&camera->zones[i].polygon, NULL));
        check_text(camera->zone_names[i]);
    }
    for (uint32_t i = 0; i < camera->ignore_count; i++)
        g_assert(sky_polygon_check(&camera->ignore[i], NULL));
    for (uint32_t i = 0; i < camera->privacy_count; i++)
        g_assert(sky_polygon_check(&camera->privacy[i], NULL));
    g_assert(camera->sensitivity >= 0 && camera->sensitivity <= 1 && camera->stall_timeout_ns > 0 && camera->memory_bytes_max > 0);
    g_assert(camera->severity >= 1 && camera->severity <= 4 && camera->analysis_width_px > 0);
}

static void check_config(SkyConfig *config) {
    const SkyConfigValues *values = sky_config_values(config);
    g_assert(sky_id_is_valid(values->site.id));
    check_text(values->site.name);
    check_text(values->site.time_zone);
    check_text(values->site.grid);
    check_text(values->broker.client_id);
    check_text(values->storage.directory);
    check_text(values->control_socket);
    g_assert((values->broker.host == NULL) != (values->broker.socket_path == NULL));
    g_assert(!values->broker.host || (values->broker.port > 0 && values->broker.port <= 65535));
    g_assert(values->audience_count >= 1 && values->audience_count <= 32 && values->camera_count >= 1 && values->camera_count <= 64);
    for (uint32_t i = 0; i < values->audience_count; i++) {
        g_assert(sky_config_audience(config, values->audiences[i].id) == &values->audiences[i]);
        g_assert(values->audiences[i].kinds > 0 && values->audiences[i].kinds <= 0x7f);
    }
    for (uint32_t i = 0; i < values->camera_count; i++) {
        g_assert(sky_config_camera(config, values->cameras[i].id) == &values->cameras[i]);
        check_camera(&values->cameras[i]);
    }
    g_autoptr(SkyConfigDiff) diff = sky_config_diff(config, config);
    g_assert(diff->cameras_added->len + diff->cameras_removed->len + diff->cameras_changed->len + diff->needs_restart->len == 0);
    g_assert(!diff->broker_changed && !diff->audiences_changed);
}

static void check_error(const char *error) {
    check_text(error);
    g_assert(g_str_has_prefix(error, "s.yaml:"));
    for (const char *c = error; *c; c = g_utf8_next_char(c))
        g_assert(*c == '\n' || *c == '\t' || !g_unichar_iscntrl(g_utf8_get_char(c)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(SkyConfig) config = sky_config_parse((const char *)data, bytes, "s.yaml", "/nowhere", errors);
    g_assert((config != NULL) == (errors->len == 0));
    if (config)
        check_config(config);
    for (guint i = 0; i < errors->len; i++)
        check_error(errors->pdata[i]);
    return 0;
}
