/* SPDX-License-Identifier: Apache-2.0 */
#include "config/drop_ins.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text_file.h"
#include "config/key_table.h"

char *sky_drop_ins_read(const char *path, gsize *ret_bytes, GPtrArray *ret_errors) {
    g_autoptr(GError) error = NULL;
    struct stat now;
    char *text = sky_text_file_read(path, SKY_SOURCE_BYTES_MAX, &error);
    if (!text) {
        g_ptr_array_add(ret_errors, g_strdup(error->message));
        return NULL;
    }
    gsize length = strlen(text);
    *ret_bytes = stat(path, &now) == 0 && (gsize)now.st_size > length ? length + 1 : length;
    return text;
}

static gint by_bytes(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What is one letter from being read must not be overlooked in silence. */
static void refuse_name(const char *folder, const char *name, GPtrArray *ret_errors) {
    if (g_str_has_suffix(name, ".yml") || g_str_has_suffix(name, ".YAML"))
        g_ptr_array_add(ret_errors, g_strdup_printf("%s/%s: not read, allowed: a name that ends in .yaml", folder, name));
}

static GPtrArray *names_in(GDir *listing, const char *folder, GPtrArray *ret_errors) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(listing)) != NULL;) {
        if (name[0] == '.')
            continue;
        if (g_str_has_suffix(name, ".yaml"))
            g_ptr_array_add(names, g_strdup(name));
        else
            refuse_name(folder, name, ret_errors);
    }
    g_ptr_array_sort(names, by_bytes);
    return names;
}

static void read_all(const char *folder, const GPtrArray *names, SkySources *sources, GPtrArray *ret_errors) {
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
        gsize bytes;
        char *text = sky_drop_ins_read(path, &bytes, ret_errors);
        if (text)
            sky_sources_add(sources, path, folder, text, bytes);
    }
}

gboolean sky_drop_ins_add(const char *directory, SkySources *sources, GPtrArray *ret_errors) {
    g_autofree char *folder = g_build_filename(directory, SKY_DROP_INS_FOLDER, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) listing = g_dir_open(folder, 0, &error);
    guint before = ret_errors->len;
    if (!listing) {
        if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            g_ptr_array_add(ret_errors, g_strdup(error->message));
        return ret_errors->len == before;
    }
    g_autoptr(GPtrArray) names = names_in(listing, folder, ret_errors);
    if (names->len > SKY_DROP_INS_MAX)
        g_ptr_array_add(ret_errors, g_strdup_printf("%s: %u files, allowed: %d", folder, names->len, SKY_DROP_INS_MAX));
    else
        read_all(folder, names, sources, ret_errors);
    return ret_errors->len == before;
}

/* Takes the camera. */
static void add_camera(SkyYamlNode *root, SkyYamlNode *camera) {
    SkyYamlNode *cameras = sky_yaml_list(root, sky_key_at(SKY_GROUP_ROOT, offsetof(SkyConfigValues, cameras))->name, camera->at);
    if (cameras)
        g_ptr_array_add(cameras->values, camera);
    else
        sky_yaml_free(camera); /* what stands there is said already */
}

/* discover's text, or a part of the main file, pasted as it is: one mistake, told as one. */
static gboolean is_under_cameras(const SkyYamlNode *tree, SkyReport *report) {
    const char *name = sky_key_at(SKY_GROUP_ROOT, offsetof(SkyConfigValues, cameras))->name;
    const SkyYamlNode *cameras = sky_yaml_find(tree, name);
    if (cameras)
        sky_report_add(report, tree->at, NULL, "begins with `%s:`, allowed is a camera, or a list of them: take that line away", name);
    return cameras != NULL;
}

void sky_drop_ins_merge(SkyYamlNode *root, SkyYamlNode *drop_in, SkyReport *report) {
    g_autoptr(SkyYamlNode) tree = drop_in;
    if (!root || !tree)
        return;
    if (tree->kind == SKY_YAML_LIST) {
        while (tree->values->len > 0)
            add_camera(root, g_ptr_array_steal_index(tree->values, 0));
    } else if (tree->kind == SKY_YAML_MAP) {
        if (tree->keys->len > 0 && !is_under_cameras(tree, report))
            add_camera(root, g_steal_pointer(&tree));
    } else if (tree->kind == SKY_YAML_SCALAR) {
        g_autofree char *allowed = sky_key_names(SKY_GROUP_CAMERA);
        sky_report_add(report, tree->at, NULL, "not a camera and no list of cameras, allowed in a camera: %s", allowed);
    }
}
