/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/config.h"
#include "config/key_table.h"

static gboolean same_group(SkyKeyGroup group, gconstpointer before, gconstpointer after);

static gboolean same_polygon(const SkyPolygon *a, const SkyPolygon *b) {
    if (a->count != b->count)
        return FALSE;
    for (uint32_t i = 0; i < a->count; i++)
        if (a->points[i].x != b->points[i].x || a->points[i].y != b->points[i].y)
            return FALSE;
    return TRUE;
}

static gboolean same_zones(const SkyCameraConfig *a, const SkyCameraConfig *b) {
    for (uint32_t i = 0; i < a->zone_count; i++)
        if (strcmp(a->zones[i].id, b->zones[i].id) != 0 || strcmp(a->zone_names[i], b->zone_names[i]) != 0 ||
            !same_polygon(&a->zones[i].polygon, &b->zones[i].polygon) || a->zones[i].dwell_ns != b->zones[i].dwell_ns)
            return FALSE;
    return TRUE;
}

static gboolean same_list(const SkyKey *key, gconstpointer before, gconstpointer after) {
    uint32_t count = *(const uint32_t *)((const char *)before + key->count_offset);
    if (count != *(const uint32_t *)((const char *)after + key->count_offset))
        return FALSE;
    if (key->child == SKY_GROUP_ZONE)
        return same_zones(before, after);
    const char *a = *(char *const *)((const char *)before + key->offset), *b = *(char *const *)((const char *)after + key->offset);
    gsize bytes = sky_key_group_bytes(key->child);
    for (uint32_t i = 0; i < count; i++)
        if (!same_group(key->child, a + i * bytes, b + i * bytes))
            return FALSE;
    return TRUE;
}

static gboolean same_value(const SkyKey *key, gconstpointer before, gconstpointer after) {
    const void *a = (const char *)before + key->offset, *b = (const char *)after + key->offset;
    switch (key->type) {
    case SKY_VALUE_GROUP:
        return same_group(key->child, a, b);
    case SKY_VALUE_LIST:
        return same_list(key, before, after);
    case SKY_VALUE_ID:
        return strcmp(a, b) == 0;
    case SKY_VALUE_NAME:
    case SKY_VALUE_WORD:
    case SKY_VALUE_PATH:
    case SKY_VALUE_SOCKET:
    case SKY_VALUE_FILE:
    case SKY_VALUE_SECRET:
    case SKY_VALUE_PIPELINE:
    case SKY_VALUE_URL:
    case SKY_VALUE_HOST:
    case SKY_VALUE_TIME_ZONE:
        return g_strcmp0(*(char *const *)a, *(char *const *)b) == 0;
    case SKY_VALUE_NUMBER:
        return *(const double *)a == *(const double *)b;
    case SKY_VALUE_BOOL:
    case SKY_VALUE_INTEGER:
    case SKY_VALUE_DURATION:
    case SKY_VALUE_SECONDS:
    case SKY_VALUE_SIZE:
    case SKY_VALUE_ENUM:
    case SKY_VALUE_FLAGS:
        return memcmp(a, b, key->bytes) == 0;
    case SKY_VALUE_POLYGON:
        return same_polygon(a, b);
    }
    g_assert_not_reached();
}

static gboolean same_group(SkyKeyGroup group, gconstpointer before, gconstpointer after) {
    for (const SkyKey *key = sky_key_table; key->name; key++)
        if (key->group == group && !same_value(key, before, after))
            return FALSE;
    return TRUE;
}

static void diff_cameras(const SkyConfig *before, const SkyConfig *after, SkyConfigDiff *diff) {
    const SkyConfigValues *old_values = sky_config_values(before), *new_values = sky_config_values(after);
    for (uint32_t i = 0; i < old_values->camera_count; i++) {
        const SkyCameraConfig *camera = &old_values->cameras[i], *now = sky_config_camera(after, camera->id);
        if (!now)
            g_ptr_array_add(diff->cameras_removed, g_strdup(camera->id));
        else if (!same_group(SKY_GROUP_CAMERA, camera, now))
            g_ptr_array_add(diff->cameras_changed, g_strdup(camera->id));
    }
    for (uint32_t i = 0; i < new_values->camera_count; i++)
        if (!sky_config_camera(before, new_values->cameras[i].id))
            g_ptr_array_add(diff->cameras_added, g_strdup(new_values->cameras[i].id));
}

static void diff_group(SkyKeyGroup group, const char *path, gconstpointer before, gconstpointer after, SkyConfigDiff *diff) {
    for (const SkyKey *key = sky_key_table; key->name; key++) {
        if (key->group != group || key->type == SKY_VALUE_LIST || same_value(key, before, after))
            continue;
        g_autofree char *full = path ? g_strconcat(path, ".", key->name, NULL) : g_strdup(key->name);
        if (key->type == SKY_VALUE_GROUP)
            diff_group(key->child, full, (const char *)before + key->offset, (const char *)after + key->offset, diff);
        else if (key->restart)
            g_ptr_array_add(diff->needs_restart, g_steal_pointer(&full));
        else if (group == SKY_GROUP_BROKER)
            diff->broker_changed = TRUE;
    }
}

SkyConfigDiff *sky_config_diff(const SkyConfig *before, const SkyConfig *after) {
    const SkyConfigValues *old_values = sky_config_values(before), *new_values = sky_config_values(after);
    SkyConfigDiff *diff = g_new0(SkyConfigDiff, 1);
    diff->cameras_added = g_ptr_array_new_with_free_func(g_free);
    diff->cameras_removed = g_ptr_array_new_with_free_func(g_free);
    diff->cameras_changed = g_ptr_array_new_with_free_func(g_free);
    diff->needs_restart = g_ptr_array_new_with_free_func(g_free);
    diff_cameras(before, after, diff);
    diff->audiences_changed = !same_list(sky_key_at(SKY_GROUP_ROOT, offsetof(SkyConfigValues, audiences)), old_values, new_values);
    diff->site_renamed = strcmp(old_values->site.name, new_values->site.name) != 0;
    diff_group(SKY_GROUP_ROOT, NULL, old_values, new_values, diff);
    return diff;
}

void sky_config_diff_free(SkyConfigDiff *diff) {
    if (!diff)
        return;
    g_ptr_array_unref(diff->cameras_added);
    g_ptr_array_unref(diff->cameras_removed);
    g_ptr_array_unref(diff->cameras_changed);
    g_ptr_array_unref(diff->needs_restart);
    g_free(diff);
}
