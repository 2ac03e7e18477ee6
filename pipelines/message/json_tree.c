/* SPDX-License-Identifier: Apache-2.0 */
#include "message/json_tree.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/* A look at each byte outside of texts, and at the nesting. NULL: it may be parsed; else why not. */
static const char *objection(const char *text, gsize bytes) {
    gboolean in_text = FALSE, begun = FALSE;
    guint depth = 0;
    for (gsize i = 0; i < bytes; i++) {
        guchar c = (guchar)text[i];
        if (in_text) {
            if (c < 0x20)
                return "a control character in a text";
            if (c == '\\' && g_strstr_len(text + i, (gssize)MIN(bytes - i, 6), "\\u0000"))
                return "a NUL in a text"; /* json-glib would cut the text there */
            if (c == '\\')
                i++;
            in_text = c != '"';
            continue;
        }
        if (strchr(" \t\r\n", c))
            continue;
        if (depth == 0 && (begun || c != '{'))
            return "not one object";
        begun = TRUE;
        if (c == '"')
            in_text = TRUE;
        else if (c == '{' || c == '[') {
            if (++depth > SKY_JSON_DEPTH_MAX)
                return "nested too deeply";
        } else if (c == '}' || c == ']')
            depth--;
        else if (!strchr(":,+-.0123456789eEtruefalsn", c))
            return "a character that JSON does not have";
    }
    return begun && depth == 0 ? NULL : "not one object";
}

JsonNode *sky_json_parse(const void *text, gsize bytes, gsize most_bytes, GError **error) {
    const char *why = NULL;
    if (bytes == 0)
        why = "empty";
    else if (bytes > most_bytes)
        why = "too large";
    else if (!g_utf8_validate_len(text, bytes, NULL)) /* refuses NUL too */
        why = "not UTF-8";
    else
        why = objection(text, bytes);
    if (why) {
        g_set_error(error, SKY_ERROR, SKY_ERR_DATA, "JSON: %s", why);
        return NULL;
    }
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) cause = NULL;
    if (!json_parser_load_from_data(parser, text, (gssize)bytes, &cause)) {
        /* json-glib's own words quote the text; a person needs to know only where it stopped making sense */
        g_set_error(error, SKY_ERROR, SKY_ERR_DATA, "JSON: not well-formed at line %u, column %u",
                    json_parser_get_current_line(parser), json_parser_get_current_pos(parser));
        return NULL;
    }
    JsonNode *root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_DATA, "JSON: not one object");
        return NULL;
    }
    return json_parser_steal_root(parser);
}

static JsonNode *member(JsonObject *object, const char *name) {
    JsonNode *node = object ? json_object_get_member(object, name) : NULL;
    return node && !JSON_NODE_HOLDS_NULL(node) ? node : NULL;
}

static gboolean is_value(JsonNode *node, GType type) {
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

SkyField sky_json_take_text(JsonObject *object, const char *name, char *ret_text, gsize capacity) {
    JsonNode *node = member(object, name);
    if (!node)
        return SKY_FIELD_ABSENT;
    const char *text = is_value(node, G_TYPE_STRING) ? json_node_get_string(node) : NULL;
    /* an escaped half of a surrogate pair comes out of json-glib as bytes that are no UTF-8 */
    if (!text || strlen(text) >= capacity || !g_utf8_validate(text, -1, NULL))
        return SKY_FIELD_BAD;
    g_strlcpy(ret_text, text, capacity);
    return SKY_FIELD_TAKEN;
}

SkyField sky_json_take_int(JsonObject *object, const char *name, int64_t least, int64_t most, int64_t *ret_value) {
    JsonNode *node = member(object, name);
    if (!node)
        return SKY_FIELD_ABSENT;
    if (!is_value(node, G_TYPE_INT64) || json_node_get_int(node) < least || json_node_get_int(node) > most)
        return SKY_FIELD_BAD;
    *ret_value = json_node_get_int(node);
    return SKY_FIELD_TAKEN;
}

SkyField sky_json_take_number(JsonObject *object, const char *name, double *ret_value) {
    JsonNode *node = member(object, name);
    if (!node)
        return SKY_FIELD_ABSENT;
    if (!(is_value(node, G_TYPE_DOUBLE) || is_value(node, G_TYPE_INT64)) || !isfinite(json_node_get_double(node)))
        return SKY_FIELD_BAD;
    *ret_value = json_node_get_double(node);
    return SKY_FIELD_TAKEN;
}

SkyField sky_json_take_bool(JsonObject *object, const char *name, gboolean *ret_value) {
    JsonNode *node = member(object, name);
    if (!node)
        return SKY_FIELD_ABSENT;
    if (!is_value(node, G_TYPE_BOOLEAN))
        return SKY_FIELD_BAD;
    *ret_value = json_node_get_boolean(node);
    return SKY_FIELD_TAKEN;
}

const char *sky_json_text_of(JsonObject *object, const char *name) {
    JsonNode *node = member(object, name);
    const char *text = node && is_value(node, G_TYPE_STRING) ? json_node_get_string(node) : NULL;
    return text ? text : "";
}

JsonObject *sky_json_object(JsonObject *object, const char *name) {
    JsonNode *node = member(object, name);
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}
