/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_read.h"

#include <stdlib.h>
#include <string.h>

#include "config/key_table.h"
#include "config/source_text.h"
#include "config/value.h"

#define SHOWN_NAME_BYTES_MAX 48

typedef struct {
    SkyReport *report;
    GPtrArray *files;
} Reader;

static void read_group(const Reader *reader, SkyKeyGroup group, const SkyYamlNode *node, gsize at, const char *path,
                       gpointer target);

static const char *directory_of(const Reader *reader, gsize at) {
    return sky_report_source(reader->report, at)->directory;
}

static char *path_of(const char *path, const char *name) {
    return path[0] ? g_strconcat(path, ".", name, NULL) : g_strdup(name);
}

static void refuse(const Reader *reader, const SkyKey *key, gsize at, const char *path, const char *words) {
    g_autofree char *allowed = sky_key_allowed(key, FALSE);
    sky_report_add(reader->report, at, path, "%s, allowed: %s", words, allowed);
}

/* ---- defaults ---- */

/* systemd lists several directories with colons; the first is ours. */
static char *from_environment(const SkyKey *key) {
    const char *value = key->environment ? g_getenv(key->environment) : NULL;
    if (!value || value[0] != '/')
        return NULL;
    g_autofree char *directory = g_strndup(value, strcspn(value, ":"));
    return g_build_filename(directory, key->in_directory, NULL);
}

static void take_default(const Reader *reader, const SkyKey *key, gsize at, const char *path, gpointer target) {
    g_autofree char *replaced = from_environment(key);
    const char *text = replaced ? replaced : key->fallback;
    if (!text)
        return;
    SkyYamlNode node = {.kind = SKY_YAML_SCALAR, .at = at, .text = (char *)text};
    SkyValueCall call = {.key = key, .path = path, .directory = directory_of(reader, at), .report = reader->report};
    sky_value_read(&call, &node, target);
}

/* ---- lists ---- */

/* "cameras[gate]" where it has an id that can be read, else "cameras[3]", counted from 1. */
static char *item_path(const SkyKey *key, const SkyYamlNode *item, guint index, const char *path) {
    for (const SkyKey *child = sky_key_table; child->name; child++) {
        if (child->group != key->child || child->type != SKY_VALUE_ID)
            continue;
        const SkyYamlNode *id = sky_yaml_find(item, child->name);
        if (id && id->kind == SKY_YAML_SCALAR && sky_id_is_valid(id->text))
            return g_strdup_printf("%s[%s]", path, id->text);
    }
    return g_strdup_printf("%s[%u]", path, index + 1);
}

static void store_zones(SkyCameraConfig *camera, const SkyZoneKeys *keys, guint count) {
    camera->zones = g_new0(SkyZone, MAX(count, 1));
    camera->zone_names = g_new0(char *, MAX(count, 1));
    camera->zone_count = count;
    for (guint i = 0; i < count; i++) {
        camera->zones[i] = keys[i].zone;
        camera->zone_names[i] = keys[i].name;
    }
}

static void store_list(const SkyKey *key, GArray *items, gpointer group_struct) {
    guint count = items->len;
    if (key->child == SKY_GROUP_ZONE) {
        store_zones(group_struct, (const SkyZoneKeys *)(gpointer)items->data, count);
        g_array_free(items, TRUE);
        return;
    }
    *(gpointer *)((char *)group_struct + key->offset) = g_array_free(items, FALSE);
    *(uint32_t *)((char *)group_struct + key->count_offset) = count;
}

static void read_list(const Reader *reader, const SkyKey *key, const SkyYamlNode *node, const char *path, gpointer group_struct) {
    gboolean empty = sky_yaml_is_null(node);
    if (!empty && node->kind != SKY_YAML_LIST) {
        if (node->kind != SKY_YAML_BROKEN)
            refuse(reader, key, node->at, path, "not a list");
        return;
    }
    guint given = empty ? 0 : node->values->len, most = (guint)atoi(key->most);
    if (given > most)
        refuse(reader, key, node->at, path, "too many items");
    else if (given < (guint)atoi(key->least))
        refuse(reader, key, node->at, path, "an empty list");
    GArray *items = g_array_new(FALSE, TRUE, (guint)sky_key_group_bytes(key->child));
    g_array_set_size(items, MIN(given, most));
    for (guint i = 0; i < items->len; i++) {
        const SkyYamlNode *item = node->values->pdata[i];
        g_autofree char *child_path = item_path(key, item, i, path);
        read_group(reader, key->child, item, item->at, child_path, items->data + i * sky_key_group_bytes(key->child));
    }
    store_list(key, items, group_struct);
}

/* ---- maps ---- */

static gboolean is_word(const char *text) {
    gsize length = strnlen(text, SHOWN_NAME_BYTES_MAX + 1);
    return length > 0 && length <= SHOWN_NAME_BYTES_MAX && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                                             "0123456789_-")] == '\0';
}

/* What is no word is not told: a URL may stand there, or anything. Nor is a word without a value: it may be one itself, behind a
 * comma that should have been a colon. */
static void refuse_unknown(const Reader *reader, SkyKeyGroup group, const SkyYamlNode *name, const SkyYamlNode *value,
                           const char *path) {
    const SkyKey *guess = sky_report_is_full(reader->report) ? NULL : sky_key_guess(group, name->text);
    g_autofree char *allowed = sky_key_names(group);
    gboolean tell = is_word(name->text) && !sky_yaml_is_null(value);
    g_autofree char *full = tell ? path_of(path, name->text) : path[0] ? g_strdup(path) : NULL;
    if (guess)
        sky_report_add(reader->report, name->at, full, "unknown key, did you mean %s?", guess->name);
    else
        sky_report_add(reader->report, name->at, full, "unknown key, allowed: %s", allowed);
}

/* Unknown keys, keys given twice. */
static void check_names(const Reader *reader, SkyKeyGroup group, const SkyYamlNode *map, const char *path) {
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < map->keys->len; i++) {
        const SkyYamlNode *name = map->keys->pdata[i];
        if (name->kind != SKY_YAML_SCALAR)
            continue;
        if (!sky_key_find(group, name->text)) {
            refuse_unknown(reader, group, name, map->values->pdata[i], path);
        } else if (!g_hash_table_add(seen, name->text)) {
            g_autofree char *full = path_of(path, name->text);
            sky_report_add(reader->report, name->at, full, "given twice, allowed: once");
        }
    }
}

static void read_key(const Reader *reader, const SkyKey *key, const SkyYamlNode *map, gsize at, const char *parent,
                     gpointer group_struct) {
    g_autofree char *path = path_of(parent, key->name);
    const SkyYamlNode *node = sky_yaml_find(map, key->name);
    gpointer target = (char *)group_struct + key->offset;
    SkyValueCall call = {.key = key, .path = path, .directory = directory_of(reader, node ? node->at : at),
                         .report = reader->report, .files = reader->files};
    if (key->type == SKY_VALUE_GROUP)
        read_group(reader, key->child, node, node ? node->at : at, path, target);
    else if (!node && key->required)
        refuse(reader, key, at, path, "missing");
    else if (!node)
        take_default(reader, key, at, path, target);
    else if (key->type == SKY_VALUE_LIST)
        read_list(reader, key, node, path, group_struct);
    else
        sky_value_read(&call, node, target);
}

/* What is missing is reported at `at`. node: NULL or null where the file has none, then everything is at its default. */
static void read_group(const Reader *reader, SkyKeyGroup group, const SkyYamlNode *node, gsize at, const char *path,
                       gpointer target) {
    if (node && node->kind == SKY_YAML_BROKEN)
        return;
    if (node && node->kind != SKY_YAML_MAP && !sky_yaml_is_null(node)) {
        g_autofree char *allowed = sky_key_names(group);
        sky_report_add(reader->report, node->at, path[0] ? path : NULL, "not a map of keys and values, allowed: %s", allowed);
        return;
    }
    if (node && node->kind == SKY_YAML_MAP)
        check_names(reader, group, node, path);
    for (const SkyKey *key = sky_key_table; key->name; key++)
        if (key->group == group)
            read_key(reader, key, node, at, path, target);
}

void sky_config_read(const SkyYamlNode *root, SkyReport *report, GPtrArray *files, SkyConfigValues *values) {
    const Reader reader = {.report = report, .files = files};
    read_group(&reader, SKY_GROUP_ROOT, root, SKY_SOURCE_END, "", values);
}
