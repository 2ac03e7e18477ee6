/* SPDX-License-Identifier: Apache-2.0 */
#include "message/json_tree.h"
#include "message/reader.h"
#include "message/reader_text.h"

#define PAYLOAD_BYTES_MAX (64 * 1024)
#define FIELD_CHARACTERS_MAX 4096

static char *value_text(JsonNode *node) {
    if (!node || !JSON_NODE_HOLDS_VALUE(node))
        return NULL;
    switch (json_node_get_value_type(node)) {
    case G_TYPE_STRING:
        return sky_reader_text(json_node_get_string(node), FIELD_CHARACTERS_MAX);
    case G_TYPE_BOOLEAN:
        return g_strdup(json_node_get_boolean(node) ? "true" : "false");
    case G_TYPE_INT64:
        return g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node));
    default: { /* a number with a fraction: json-glib makes no other types */
        char text[G_ASCII_DTOSTR_BUF_SIZE];
        return g_strdup(g_ascii_dtostr(text, sizeof text, json_node_get_double(node)));
    }
    }
}

char *sky_reader_field(const void *payload, gsize payload_bytes, const char *dotted_path) {
    g_autoptr(JsonNode) root = sky_json_parse(payload, payload_bytes, PAYLOAD_BYTES_MAX, NULL);
    g_auto(GStrv) names = g_strsplit(dotted_path, ".", SKY_JSON_DEPTH_MAX + 1);
    JsonNode *node = root;
    for (char **name = names; node && *name; name++) {
        guint64 index = 0;
        if (JSON_NODE_HOLDS_OBJECT(node))
            node = json_object_get_member(json_node_get_object(node), *name);
        else if (JSON_NODE_HOLDS_ARRAY(node) && g_ascii_string_to_unsigned(*name, 10, 0, G_MAXUINT, &index, NULL) &&
                 index < json_array_get_length(json_node_get_array(node)))
            node = json_array_get_element(json_node_get_array(node), (guint)index);
        else
            node = NULL;
    }
    return value_text(node);
}
