/* SPDX-License-Identifier: Apache-2.0 */
#include "config/value.h"

#include <string.h>

#include "config/spelling.h"

gboolean sky_value_refuse(const SkyValueCall *call, const SkyYamlNode *node, const char *words) {
    g_autofree char *allowed = sky_key_allowed(call->key, FALSE);
    sky_report_add(call->report, node->at, call->path, "%s, allowed: %s", words, allowed);
    return FALSE;
}

gboolean sky_value_refuse_text(const SkyValueCall *call, const SkyYamlNode *node, const char *words) {
    gboolean tell = !call->key->secret && node->one_line;
    g_autofree char *shown = tell ? sky_report_show(node->text) : g_strdup("the value");
    g_autofree char *text = g_strdup_printf("%s %s", shown, words);
    return sky_value_refuse(call, node, text);
}

gboolean sky_value_refuse_word(const SkyValueCall *call, const SkyYamlNode *node) {
    const char *meant = sky_spelling_nearest(call->key->names, node->text);
    g_autofree char *words = meant ? g_strdup_printf("is not understood, did you mean %s", meant) : g_strdup("is not understood");
    return sky_value_refuse_text(call, node, words);
}

static gboolean read_bool(const SkyValueCall *call, const SkyYamlNode *node, gboolean *target) {
    gboolean yes = strcmp(node->text, "true") == 0;
    if (!yes && strcmp(node->text, "false") != 0)
        return sky_value_refuse_text(call, node, "is not understood");
    *target = yes;
    return TRUE;
}

static gboolean read_enum(const SkyValueCall *call, const SkyYamlNode *node, uint32_t *target) {
    g_assert(call->key->bytes == sizeof *target);
    for (guint i = 0; call->key->names[i]; i++) {
        if (strcmp(call->key->names[i], node->text) == 0) {
            *target = i;
            return TRUE;
        }
    }
    return sky_value_refuse_word(call, node);
}

static gboolean read_scalar(const SkyValueCall *call, const SkyYamlNode *node, gpointer target) {
    switch (call->key->type) {
    case SKY_VALUE_BOOL:
        return read_bool(call, node, target);
    case SKY_VALUE_ENUM:
        return read_enum(call, node, target);
    case SKY_VALUE_ID:
    case SKY_VALUE_NAME:
    case SKY_VALUE_WORD:
        return sky_value_read_text(call, node, target);
    case SKY_VALUE_INTEGER:
    case SKY_VALUE_NUMBER:
    case SKY_VALUE_DURATION:
    case SKY_VALUE_SECONDS:
    case SKY_VALUE_SIZE:
        return sky_value_read_measure(call, node, target);
    case SKY_VALUE_PATH:
    case SKY_VALUE_SOCKET:
    case SKY_VALUE_URL:
    case SKY_VALUE_HOST:
    case SKY_VALUE_TIME_ZONE:
        return sky_value_read_place(call, node, target);
    case SKY_VALUE_FILE:
    case SKY_VALUE_SECRET:
        return sky_value_read_file(call, node, target);
    case SKY_VALUE_PIPELINE:
        return sky_value_read_pipeline(call, node, target);
    case SKY_VALUE_FLAGS:
        return sky_value_read_flags(call, node, target);
    case SKY_VALUE_POLYGON:
    case SKY_VALUE_GROUP:
    case SKY_VALUE_LIST:
        break;
    }
    g_assert_not_reached();
}

gboolean sky_value_read(const SkyValueCall *call, const SkyYamlNode *node, gpointer target) {
    if (node->kind == SKY_YAML_BROKEN)
        return FALSE;
    if (sky_yaml_is_null(node))
        return sky_value_refuse(call, node, "no value");
    if (call->key->type == SKY_VALUE_POLYGON)
        return sky_value_read_polygon(call, node, target);
    if (call->key->type == SKY_VALUE_FLAGS && node->kind == SKY_YAML_LIST)
        return sky_value_read_flags(call, node, target);
    if (node->kind != SKY_YAML_SCALAR)
        return sky_value_refuse(call, node, node->kind == SKY_YAML_MAP ? "a map stands here" : "a list stands here");
    return read_scalar(call, node, target);
}
