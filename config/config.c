/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include <string.h>
#include <sys/stat.h>

#include "base/ref.h"
#include "base/text_file.h"
#include "config/config_read.h"
#include "config/key_table.h"

struct SkyConfig {
    SkyRef ref;
    SkyConfigValues values;
    GPtrArray *files;
};

/* ---- the end of values ---- */

static void clear_group(SkyKeyGroup group, gpointer group_struct);

static void clear_list(const SkyKey *key, gpointer group_struct) {
    gpointer *items = (gpointer *)((char *)group_struct + key->offset);
    uint32_t *count = (uint32_t *)((char *)group_struct + key->count_offset);
    if (key->child == SKY_GROUP_ZONE) { /* their names lie beside them */
        SkyCameraConfig *camera = group_struct;
        for (uint32_t i = 0; i < camera->zone_count; i++)
            g_free(camera->zone_names[i]);
        g_clear_pointer(&camera->zone_names, g_free);
    } else {
        for (uint32_t i = 0; i < *count; i++)
            clear_group(key->child, (char *)*items + i * sky_key_group_bytes(key->child));
    }
    g_clear_pointer(items, g_free);
    *count = 0;
}

static void clear_text(char **text) {
    sky_text_wipe(*text);
    g_clear_pointer(text, g_free);
}

static void clear_key(const SkyKey *key, gpointer group_struct) {
    gpointer target = (char *)group_struct + key->offset;
    switch (key->type) {
    case SKY_VALUE_GROUP:
        clear_group(key->child, target);
        break;
    case SKY_VALUE_LIST:
        clear_list(key, group_struct);
        break;
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
        clear_text(target);
        break;
    case SKY_VALUE_ID:
    case SKY_VALUE_BOOL:
    case SKY_VALUE_INTEGER:
    case SKY_VALUE_NUMBER:
    case SKY_VALUE_DURATION:
    case SKY_VALUE_SECONDS:
    case SKY_VALUE_SIZE:
    case SKY_VALUE_ENUM:
    case SKY_VALUE_FLAGS:
    case SKY_VALUE_POLYGON:
        break;
    }
}

static void clear_group(SkyKeyGroup group, gpointer group_struct) {
    for (const SkyKey *key = sky_key_table; key->name; key++)
        if (key->group == group)
            clear_key(key, group_struct);
}

void sky_config_values_clear(SkyConfigValues *values) {
    clear_group(SKY_GROUP_ROOT, values);
}

/* ---- from text ---- */

SkyConfig *sky_config_parse(const char *text, gsize bytes, const char *name, const char *directory, GPtrArray *ret_errors) {
    SkySourceText source = sky_source_text(name, text, bytes);
    g_autoptr(SkyReport) report = sky_report_new();
    g_autoptr(SkyYamlNode) root = sky_source_check(&source, report) ? sky_yaml_parse(&source, report) : NULL;
    SkyConfig *config = g_new0(SkyConfig, 1);
    sky_ref_init(&config->ref);
    config->files = g_ptr_array_new_with_free_func(g_free);
    if (root) {
        sky_config_read(root, directory, report, config->files, &config->values);
        sky_config_check(root, report, &config->values);
    }
    if (sky_report_is_empty(report))
        return config;
    sky_report_tell(report, &source, ret_errors);
    sky_config_unref(config);
    return NULL;
}

/* A NUL would end the text early: what lies behind it must not be overlooked. */
static gsize length_of(const char *path, const char *text) {
    struct stat stat_now;
    gsize length = strlen(text);
    return stat(path, &stat_now) == 0 && (gsize)stat_now.st_size > length ? length + 1 : length;
}

SkyConfig *sky_config_load(const char *path, GPtrArray *ret_errors) {
    g_autoptr(GError) error = NULL;
    char *text = sky_text_file_read(path, SKY_SOURCE_BYTES_MAX, &error);
    if (!text) {
        g_ptr_array_add(ret_errors, g_strdup(error->message));
        return NULL;
    }
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    g_autofree char *directory = g_path_get_dirname(absolute);
    SkyConfig *config = sky_config_parse(text, length_of(path, text), path, directory, ret_errors);
    sky_text_wipe(text);
    g_free(text);
    return config;
}

/* ---- what is asked of it ---- */

SkyConfig *sky_config_ref(SkyConfig *config) {
    sky_ref_take(&config->ref);
    return config;
}

void sky_config_unref(SkyConfig *config) {
    if (!config || !sky_ref_drop(&config->ref))
        return;
    sky_config_values_clear(&config->values);
    g_ptr_array_unref(config->files);
    g_free(config);
}

const SkyConfigValues *sky_config_values(const SkyConfig *config) {
    return &config->values;
}

const GPtrArray *sky_config_files(const SkyConfig *config) {
    return config->files;
}

const SkyCameraConfig *sky_config_camera(const SkyConfig *config, const char *id) {
    for (uint32_t i = 0; i < config->values.camera_count; i++)
        if (strcmp(config->values.cameras[i].id, id) == 0)
            return &config->values.cameras[i];
    return NULL;
}

const SkyAudienceConfig *sky_config_audience(const SkyConfig *config, const char *id) {
    for (uint32_t i = 0; i < config->values.audience_count; i++)
        if (strcmp(config->values.audiences[i].id, id) == 0)
            return &config->values.audiences[i];
    return NULL;
}
