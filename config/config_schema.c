/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/id.h"
#include "config/config.h"
#include "config/key_table.h"
#include "config/value.h"

/* JSON Schema, draft 7: the one that editors know. It sees what one value alone can be; `skynetctl check` sees the rest. A number
 * that stands where a text is wanted is taken as that text, as the reader does. */

#define UNITS_DURATION "ms|s|m|h|d"
#define UNITS_SIZE "B|KB|MB|GB|TB|KiB|MiB|GiB|TiB"

static void print_string(GString *out, const char *text) {
    g_string_append_c(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
    g_string_append_c(out, '"');
}

static void print_enum(GString *out, const char *const *names) {
    g_string_append(out, "\"enum\": [");
    for (guint i = 0; names[i]; i++) {
        g_string_append(out, i > 0 ? ", " : "");
        print_string(out, names[i]);
    }
    g_string_append_c(out, ']');
}

/* ---- what a value may be ---- */

static void print_measure(GString *out, const char *units) {
    g_string_append_printf(out, "\"type\": [\"string\", \"integer\"], \"minimum\": 0, \"maximum\": 0, "
                                "\"pattern\": \"^([0-9.]+ ?(%s)|0)$\"", units);
}

static void print_flags(GString *out, const SkyKey *key) {
    g_string_append(out, "\"anyOf\": [{\"const\": \"all\"}, {\"type\": \"array\", \"minItems\": 1, \"uniqueItems\": true, "
                         "\"items\": {");
    print_enum(out, key->names);
    g_string_append(out, "}}]");
}

static void print_polygon(GString *out) {
    g_string_append_printf(out, "\"type\": \"array\", \"minItems\": 3, \"maxItems\": %d, \"items\": {\"type\": \"array\", "
                                "\"minItems\": 2, \"maxItems\": 2, "
                                "\"items\": {\"type\": \"number\", \"minimum\": 0, \"maximum\": 1}}",
                           SKY_POLYGON_POINTS_MAX);
}

static void print_value(GString *out, const SkyKey *key) {
    switch (key->type) {
    case SKY_VALUE_ID:
        g_string_append_printf(out, "\"type\": [\"string\", \"integer\"], \"pattern\": \"^[a-z0-9][a-z0-9-]{0,%d}$\"",
                               SKY_ID_BYTES - 2);
        return;
    case SKY_VALUE_NAME:
        g_string_append_printf(out, "\"type\": [\"string\", \"number\", \"boolean\"], \"maxLength\": %d", SKY_VALUE_NAME_BYTES_MAX);
        return;
    case SKY_VALUE_WORD:
        g_string_append_printf(out, "\"type\": [\"string\", \"number\"], \"minLength\": %s, \"maxLength\": %s", key->least,
                               key->most);
        return;
    case SKY_VALUE_BOOL:
        g_string_append(out, "\"type\": \"boolean\"");
        return;
    case SKY_VALUE_INTEGER:
    case SKY_VALUE_NUMBER:
        g_string_append_printf(out, "\"type\": \"%s\", \"minimum\": %s, \"maximum\": %s",
                               key->type == SKY_VALUE_NUMBER ? "number" : "integer", key->least, key->most);
        return;
    case SKY_VALUE_DURATION:
    case SKY_VALUE_SECONDS:
        print_measure(out, UNITS_DURATION);
        return;
    case SKY_VALUE_SIZE:
        print_measure(out, UNITS_SIZE);
        return;
    case SKY_VALUE_PATH:
        g_string_append(out, "\"type\": \"string\", \"pattern\": \"^/\"");
        return;
    case SKY_VALUE_SOCKET:
        g_string_append_printf(out, "\"type\": \"string\", \"pattern\": \"^/\", \"maxLength\": %d", SKY_VALUE_SOCKET_BYTES_MAX);
        return;
    case SKY_VALUE_URL:
        g_string_append(out, "\"type\": \"string\", \"pattern\": \"^[Rr][Tt][Ss][Pp][Ss]?://\"");
        return;
    case SKY_VALUE_FILE:
    case SKY_VALUE_SECRET:
    case SKY_VALUE_PIPELINE:
    case SKY_VALUE_HOST:
    case SKY_VALUE_TIME_ZONE:
        g_string_append(out, "\"type\": \"string\", \"minLength\": 1");
        return;
    case SKY_VALUE_ENUM:
        print_enum(out, key->names);
        return;
    case SKY_VALUE_FLAGS:
        print_flags(out, key);
        return;
    case SKY_VALUE_POLYGON:
        print_polygon(out);
        return;
    case SKY_VALUE_GROUP:
    case SKY_VALUE_LIST:
        break;
    }
    g_assert_not_reached();
}

static void print_default(GString *out, const SkyKey *key) {
    gboolean bare = key->type == SKY_VALUE_BOOL || key->type == SKY_VALUE_INTEGER || key->type == SKY_VALUE_NUMBER;
    if (!key->fallback)
        return;
    g_string_append(out, ", \"default\": ");
    if (bare)
        g_string_append(out, key->fallback);
    else
        print_string(out, key->fallback);
}

static void print_description(GString *out, const SkyKey *key) {
    g_autofree char *allowed = key->type == SKY_VALUE_GROUP ? NULL : sky_key_allowed(key, TRUE);
    const char *fallback = key->fallback_doc;
    g_autofree char *text = g_strdup_printf("%s%s%s%s%s%s%s", key->doc, allowed ? " [" : "", allowed ? allowed : "",
                                            fallback ? "; default " : "", fallback ? fallback : "", allowed ? "]" : "",
                                            key->restart ? " (restart)" : "");
    g_string_append(out, "\"description\": ");
    print_string(out, text);
    g_string_append(out, ", ");
}

/* ---- maps ---- */

/* Two ways to say where something is: one key, or others. */
typedef struct {
    SkyKeyGroup group;
    gsize first;
    gsize others[2]; /* both needed; twice the same: one */
} Choice;

static const Choice choices[] = {
    {SKY_GROUP_BROKER, offsetof(SkyBrokerConfig, socket_path), {offsetof(SkyBrokerConfig, host), offsetof(SkyBrokerConfig, host)}},
    {SKY_GROUP_CAMERA, offsetof(SkyCameraConfig, main_url), {offsetof(SkyCameraConfig, vendor), offsetof(SkyCameraConfig, host)}},
};

static void print_choice(GString *out, SkyKeyGroup group) {
    for (guint i = 0; i < G_N_ELEMENTS(choices); i++) {
        const Choice *choice = &choices[i];
        if (choice->group != group)
            continue;
        g_string_append_printf(out, ", \"oneOf\": [{\"required\": [\"%s\"]}, {\"required\": [\"%s\"",
                               sky_key_at(group, choice->first)->name, sky_key_at(group, choice->others[0])->name);
        if (choice->others[1] != choice->others[0])
            g_string_append_printf(out, ", \"%s\"", sky_key_at(group, choice->others[1])->name);
        g_string_append(out, "]}]");
    }
}

static gboolean is_required(SkyKeyGroup group) {
    for (const SkyKey *key = sky_key_table; key->name; key++)
        if (key->group == group && key->required)
            return TRUE;
    return group == SKY_GROUP_BROKER;
}

static void print_required(GString *out, SkyKeyGroup group) {
    guint count = 0;
    for (const SkyKey *key = sky_key_table; key->name; key++)
        if (key->group == group && ((key->required && !key->drop_ins) || (key->type == SKY_VALUE_GROUP && is_required(key->child))))
            g_string_append_printf(out, "%s\"%s\"", count++ == 0 ? ", \"required\": [" : ", ", key->name);
    g_string_append(out, count > 0 ? "]" : "");
}

static void print_map(GString *out, SkyKeyGroup group, guint depth);

static void print_key(GString *out, const SkyKey *key, guint depth) {
    g_string_append_printf(out, "\n%*s\"%s\": {", (int)depth, "", key->name);
    print_description(out, key);
    if (key->type == SKY_VALUE_GROUP) {
        print_map(out, key->child, depth);
    } else if (key->type == SKY_VALUE_LIST) {
        g_string_append_printf(out, "\"type\": %s, \"minItems\": %s, \"maxItems\": %s, \"items\": {",
                               key->required ? "\"array\"" : "[\"array\", \"null\"]", key->least, key->most);
        print_map(out, key->child, depth);
        g_string_append_c(out, '}');
    } else {
        print_value(out, key);
        print_default(out, key);
    }
    g_string_append_c(out, '}');
}

static void print_map(GString *out, SkyKeyGroup group, guint depth) {
    g_string_append_printf(out, "\"type\": %s, \"additionalProperties\": false, \"properties\": {",
                           is_required(group) ? "\"object\"" : "[\"object\", \"null\"]");
    gboolean first = TRUE;
    for (const SkyKey *key = sky_key_table; key->name; key++) {
        if (key->group != group)
            continue;
        g_string_append(out, first ? "" : ",");
        print_key(out, key, depth + 1);
        first = FALSE;
    }
    g_string_append_c(out, '}');
    print_required(out, group);
    print_choice(out, group);
}

#define SCHEMA "{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"title\": "

char *sky_config_print_schema(void) {
    GString *out = g_string_new(SCHEMA "\"skynetd configuration\", ");
    print_map(out, SKY_GROUP_ROOT, 0);
    return g_string_free(g_string_append(out, "}\n"), FALSE);
}

char *sky_config_print_schema_of_cameras(void) {
    GString *out = g_string_new(SCHEMA "\"skynetd cameras\", \"definitions\": {\"camera\": {");
    print_map(out, SKY_GROUP_CAMERA, 0);
    g_string_append(out, "}}, \"if\": {\"type\": \"array\"}, \"then\": {\"items\": {\"$ref\": \"#/definitions/camera\"}},\n"
                         "\"else\": {\"$ref\": \"#/definitions/camera\"}}\n");
    return g_string_free(out, FALSE);
}
