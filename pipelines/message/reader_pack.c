/* SPDX-License-Identifier: Apache-2.0 */
#include "message/json_tree.h"
#include "message/json_writer.h"
#include "message/reader.h"

#define LINE_BYTES_MAX (1024 * 1024)

/* The names are escaped too: they are arguments here, not ours. */
static void append_pair(GString *json, const char *name, const char *value) {
    sky_json_text(json, NULL, name, LINE_BYTES_MAX);
    g_string_append_c(json, ':');
    GString *text = g_string_new(NULL);
    sky_json_text(text, NULL, value, LINE_BYTES_MAX);
    g_string_append_len(json, text->str, (gssize)text->len);
    g_string_free(text, TRUE);
}

char *sky_reader_pack(const char *const *names, const char *const *values, guint count) {
    GString *json = g_string_new(NULL);
    sky_json_open(json, NULL, '{');
    for (guint i = 0; i < count; i++)
        append_pair(json, names[i], values[i]);
    sky_json_close(json, '}');
    return g_string_free(json, FALSE);
}

GHashTable *sky_reader_unpack(const void *line, gsize bytes) {
    g_autoptr(JsonNode) root = sky_json_parse(line, bytes, LINE_BYTES_MAX, NULL);
    if (!root)
        return NULL;
    g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;
    json_object_iter_init(&iter, json_node_get_object(root));
    while (json_object_iter_next(&iter, &name, &node)) {
        if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
            return NULL;
        const char *value = json_node_get_string(node);
        if (!g_utf8_validate(name, -1, NULL) || !g_utf8_validate(value, -1, NULL))
            return NULL;
        g_hash_table_insert(table, g_strdup(name), g_strdup(value));
    }
    return g_steal_pointer(&table);
}
