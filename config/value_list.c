/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/value.h"

static int index_of(const char *const *names, const char *text) {
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    return -1;
}

static gboolean read_flag(const SkyValueCall *call, const SkyYamlNode *item, uint32_t *flags) {
    if (item->kind == SKY_YAML_BROKEN)
        return FALSE;
    if (item->kind != SKY_YAML_SCALAR)
        return sky_value_refuse(call, item, "not a word");
    int index = index_of(call->key->names, item->text);
    if (index < 0)
        return sky_value_refuse_word(call, item);
    if (*flags & 1u << index)
        return sky_value_refuse_text(call, item, "is given twice");
    *flags |= 1u << index;
    return TRUE;
}

gboolean sky_value_read_flags(const SkyValueCall *call, const SkyYamlNode *node, gpointer target) {
    uint32_t flags = 0;
    gboolean fine = TRUE;
    if (node->kind == SKY_YAML_SCALAR) {
        if (strcmp(node->text, "all") != 0)
            return sky_value_refuse_text(call, node, "is not understood");
        for (guint i = 0; call->key->names[i]; i++)
            flags |= 1u << i;
    } else {
        for (guint i = 0; i < node->values->len; i++)
            fine &= read_flag(call, node->values->pdata[i], &flags);
        if (node->values->len == 0)
            return sky_value_refuse(call, node, "an empty list");
    }
    if (fine)
        *(uint32_t *)target = flags;
    return fine;
}

static gboolean read_coordinate(const SkyValueCall *call, const SkyYamlNode *item, float *ret_value) {
    if (item->kind == SKY_YAML_BROKEN)
        return FALSE;
    double value = 0;
    if (item->kind != SKY_YAML_SCALAR)
        return sky_value_refuse(call, item, "not a number");
    if (!sky_value_number(item->text, &value))
        return sky_value_refuse_text(call, item, "is not a number");
    if (value < 0 || value > 1)
        return sky_value_refuse_text(call, item, "lies outside the picture");
    *ret_value = (float)value;
    return TRUE;
}

static gboolean read_point(const SkyValueCall *call, const SkyYamlNode *item, SkyPoint *ret_point) {
    if (item->kind == SKY_YAML_BROKEN)
        return FALSE;
    if (item->kind != SKY_YAML_LIST || item->values->len != 2)
        return sky_value_refuse(call, item, "not a point [x, y]");
    gboolean x = read_coordinate(call, item->values->pdata[0], &ret_point->x);
    return read_coordinate(call, item->values->pdata[1], &ret_point->y) && x;
}

gboolean sky_value_read_polygon(const SkyValueCall *call, const SkyYamlNode *node, SkyPolygon *target) {
    if (node->kind != SKY_YAML_LIST)
        return sky_value_refuse(call, node, "not a list of points");
    SkyPolygon polygon = {.count = node->values->len};
    if (polygon.count > SKY_POLYGON_POINTS_MAX)
        return sky_value_refuse(call, node, "too many points");
    gboolean fine = TRUE;
    for (guint i = 0; i < polygon.count; i++)
        fine &= read_point(call, node->values->pdata[i], &polygon.points[i]);
    g_autoptr(GError) error = NULL;
    if (fine && !sky_polygon_check(&polygon, &error))
        return sky_value_refuse(call, node, error->message);
    if (fine)
        *target = polygon;
    return fine;
}
