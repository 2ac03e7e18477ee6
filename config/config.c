/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include <string.h>

#include "base/ref.h"
#include "base/text_file.h"
#include "config/config_read.h"
#include "config/drop_ins.h"
#include "config/key_table.h"

struct SkyConfig {
    SkyRef ref;
    SkyConfigValues values;
    GPtrArray *files, *drop_ins;
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
    case SKY_VALUE_URL:
    case SKY_VALUE_HOST:
    case SKY_VALUE_TIME_ZONE:
        clear_text(target);
        break;
    case SKY_VALUE_PIPELINE: /* of a camera alone */
        clear_text(target);
        clear_text(&((SkyCameraConfig *)group_struct)->pipeline_place);
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

/* Of all files: the trees are made one. NULL: the main file is no YAML. */
static SkyYamlNode *plant(const SkySources *sources, SkyReport *report) {
    SkyYamlNode *root = NULL;
    for (guint i = 0; i < sky_sources_count(sources); i++) {
        const SkySourceText *source = sky_sources_nth(sources, i);
        SkyYamlNode *tree = sky_source_check(source, report) ? sky_yaml_parse(source, report) : NULL;
        if (i == 0)
            root = tree;
        else
            sky_drop_ins_merge(root, tree, report);
    }
    return root;
}

static SkyConfig *parse(const SkySources *sources, GPtrArray *ret_errors) {
    g_autoptr(SkyReport) report = sky_report_new(sources);
    g_autoptr(SkyYamlNode) root = plant(sources, report);
    SkyConfig *config = g_new0(SkyConfig, 1);
    sky_ref_init(&config->ref);
    config->files = g_ptr_array_new_with_free_func(g_free);
    config->drop_ins = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 1; i < sky_sources_count(sources); i++)
        g_ptr_array_add(config->drop_ins, g_strdup(sky_sources_nth(sources, i)->name));
    if (root) {
        sky_config_read(root, report, config->files, &config->values);
        sky_config_check(root, report, &config->values);
    }
    if (sky_report_is_empty(report))
        return config;
    sky_report_tell(report, ret_errors);
    sky_config_unref(config);
    return NULL;
}

SkyConfig *sky_config_parse(const char *text, gsize bytes, const char *name, const char *directory, GPtrArray *ret_errors) {
    g_autoptr(SkySources) sources = sky_sources_new();
    char *copy = g_malloc(bytes + 1);
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    sky_sources_add(sources, name, directory, copy, bytes);
    return parse(sources, ret_errors);
}

SkyConfig *sky_config_load(const char *path, GPtrArray *ret_errors) {
    g_autoptr(SkySources) sources = sky_sources_new();
    gsize bytes;
    char *text = sky_drop_ins_read(path, &bytes, ret_errors);
    if (!text)
        return NULL;
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    g_autofree char *directory = g_path_get_dirname(absolute);
    sky_sources_add(sources, path, directory, text, bytes);
    gboolean whole = sky_drop_ins_add(directory, sources, ret_errors);
    g_autoptr(SkyConfig) config = parse(sources, ret_errors);
    return whole ? g_steal_pointer(&config) : NULL;
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
    g_ptr_array_unref(config->drop_ins);
    g_free(config);
}

const SkyConfigValues *sky_config_values(const SkyConfig *config) {
    return &config->values;
}

const GPtrArray *sky_config_files(const SkyConfig *config) {
    return config->files;
}

const GPtrArray *sky_config_drop_ins(const SkyConfig *config) {
    return config->drop_ins;
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
