/* SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml_tree.h"

#include <libfyaml.h>
#include <string.h>

#include "base/text_file.h"

typedef struct {
    SkyYamlNode *node;
    SkyYamlNode *key; /* MAP: waits for its value */
} Level;

typedef struct {
    const SkySourceText *source;
    SkyReport *report;
    Level levels[SKY_YAML_DEPTH_MAX];
    guint depth, nodes, documents;
    gsize at; /* of the last event that had a place */
    SkyYamlNode *root;
    gboolean failed;
} Reader;

static void swallow(struct fy_diag *diag, void *user, const char *text, size_t bytes) {
}

/* libfyaml would print what it finds, source lines and passwords and all, on stderr: collect it instead. */
static struct fy_diag *collecting_diag(void) {
    struct fy_diag_cfg config;
    fy_diag_cfg_default(&config);
    config.fp = NULL;
    config.output_fn = swallow;
    config.colorize = false;
    struct fy_diag *diag = fy_diag_create(&config);
    g_assert(diag);
    fy_diag_set_collect_errors(diag, true);
    return diag;
}

static SkyYamlNode *node_new(SkyYamlKind kind, gsize at) {
    SkyYamlNode *node = g_new0(SkyYamlNode, 1);
    node->kind = kind;
    node->at = at;
    if (kind == SKY_YAML_MAP)
        node->keys = g_ptr_array_new_with_free_func((GDestroyNotify)sky_yaml_free);
    if (kind == SKY_YAML_MAP || kind == SKY_YAML_LIST)
        node->values = g_ptr_array_new_with_free_func((GDestroyNotify)sky_yaml_free);
    return node;
}

void sky_yaml_free(SkyYamlNode *node) {
    if (!node)
        return;
    sky_text_wipe(node->text);
    g_free(node->text);
    g_clear_pointer(&node->keys, g_ptr_array_unref);
    g_clear_pointer(&node->values, g_ptr_array_unref);
    g_free(node);
}

static void fail(Reader *reader, const char *text) {
    sky_report_add(reader->report, reader->at, NULL, "%s", text);
    reader->failed = TRUE;
}

/* A value has been read, or begins: where does it belong? Takes the node. */
static void place(Reader *reader, SkyYamlNode *node) {
    if (reader->depth == 0) {
        sky_yaml_free(reader->root);
        reader->root = node;
        return;
    }
    Level *level = &reader->levels[reader->depth - 1];
    if (level->node->kind == SKY_YAML_LIST) {
        g_ptr_array_add(level->node->values, node);
    } else if (!level->key) {
        level->key = node;
    } else {
        g_ptr_array_add(level->node->keys, g_steal_pointer(&level->key));
        g_ptr_array_add(level->node->values, node);
    }
}

static gboolean is_key_next(const Reader *reader) {
    const Level *level = reader->depth > 0 ? &reader->levels[reader->depth - 1] : NULL;
    return level && level->node->kind == SKY_YAML_MAP && !level->key;
}

static void open_node(Reader *reader, SkyYamlKind kind) {
    if (is_key_next(reader)) {
        fail(reader, "a list or a map stands as a key, allowed is a word");
        return;
    }
    if (reader->depth == SKY_YAML_DEPTH_MAX) {
        fail(reader, "nested too deeply, allowed are " G_STRINGIFY(SKY_YAML_DEPTH_MAX) " levels");
        return;
    }
    SkyYamlNode *node = node_new(kind, reader->at);
    place(reader, node);
    reader->levels[reader->depth++] = (Level){.node = node};
}

static void close_node(Reader *reader) {
    g_assert(reader->depth > 0);
    g_clear_pointer(&reader->levels[--reader->depth].key, sky_yaml_free);
}

static void add_broken(Reader *reader, const char *text) {
    sky_report_add(reader->report, reader->at, NULL, "%s", text);
    place(reader, node_new(SKY_YAML_BROKEN, reader->at));
}

static void add_scalar(Reader *reader, struct fy_token *token) {
    size_t bytes = 0;
    const char *text = token ? fy_token_get_text(token, &bytes) : "";
    if (!text || !g_utf8_validate_len(text, bytes, NULL)) { /* "\0" and lone surrogates, escaped */
        add_broken(reader, "the text holds a NUL or is not UTF-8, allowed is text in UTF-8");
        return;
    }
    SkyYamlNode *node = node_new(SKY_YAML_SCALAR, reader->at);
    node->text = g_strndup(text, bytes);
    node->plain = !token || fy_token_scalar_style(token) == FYSS_PLAIN;
    node->one_line = token && fy_token_start_mark(token)->line == fy_token_end_mark(token)->line;
    place(reader, node);
}

static void begin_document(Reader *reader) {
    if (reader->documents++ > 0)
        fail(reader, "a second document begins here (---), allowed is one");
}

/* What makes a value more than it says; NULL: nothing. */
static struct fy_token *property_of(const struct fy_event *event) {
    switch (event->type) {
    case FYET_SCALAR:
        return event->scalar.tag ? event->scalar.tag : event->scalar.anchor;
    case FYET_MAPPING_START:
        return event->mapping_start.tag ? event->mapping_start.tag : event->mapping_start.anchor;
    case FYET_SEQUENCE_START:
        return event->sequence_start.tag ? event->sequence_start.tag : event->sequence_start.anchor;
    case FYET_ALIAS:
        return event->alias.anchor;
    default:
        return NULL;
    }
}

static void refuse_property(Reader *reader, struct fy_token *token) {
    const struct fy_mark *mark = fy_token_start_mark(token);
    reader->at = mark ? reader->source->base + mark->input_pos : reader->at;
    fail(reader, "a tag (!...), an anchor (&...) or an alias (*...), allowed are plain values");
}

static void take_event(Reader *reader, struct fy_event *event) {
    const struct fy_mark *mark = fy_event_start_mark(event), *end = fy_event_end_mark(event);
    reader->at = mark ? reader->source->base + mark->input_pos : reader->at;
    if (property_of(event))
        refuse_property(reader, property_of(event));
    else if (event->type == FYET_MAPPING_START)
        open_node(reader, SKY_YAML_MAP);
    else if (event->type == FYET_SEQUENCE_START)
        open_node(reader, SKY_YAML_LIST);
    else if (event->type == FYET_MAPPING_END || event->type == FYET_SEQUENCE_END)
        close_node(reader);
    else if (event->type == FYET_SCALAR)
        add_scalar(reader, event->scalar.value);
    else if (event->type == FYET_DOCUMENT_START)
        begin_document(reader);
    if (++reader->nodes > SKY_YAML_NODES_MAX && !reader->failed)
        fail(reader, "too many values, allowed are " G_STRINGIFY(SKY_YAML_NODES_MAX));
    if (event->type == FYET_SCALAR && end)
        reader->at = reader->source->base + end->input_pos; /* an empty value that follows has no place of its own */
}

/* libfyaml's words quote a letter or two of the text; more could be a secret. */
static gboolean is_tellable(const char *message) {
    const char *quote = strchr(message, '\'');
    return !quote || (strchr(quote + 1, '\'') && strchr(quote + 1, '\'') - quote <= 5);
}

static void report_syntax(Reader *reader, struct fy_diag *diag) {
    void *previous = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &previous);
    if (!error || !error->msg || error->line <= 0) {
        fail(reader, "not YAML");
        return;
    }
    reader->at = sky_source_offset(reader->source, (guint)error->line, (guint)MAX(error->column, 1));
    g_autofree char *text = g_strdup_printf("not YAML: %s", is_tellable(error->msg) ? error->msg : "a value that can not be read");
    fail(reader, text);
}

static void read_events(Reader *reader) {
    struct fy_diag *diag = collecting_diag();
    const struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_DISABLE_MMAP_OPT | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE,
                                        .diag = diag};
    struct fy_parser *parser = fy_parser_create(&config);
    g_assert(parser);
    struct fy_event *event = NULL;
    if (fy_parser_set_string(parser, reader->source->text, reader->source->bytes) != 0)
        fail(reader, "not YAML");
    while (!reader->failed && (event = fy_parser_parse(parser))) {
        take_event(reader, event);
        fy_parser_event_free(parser, event);
    }
    if (!reader->failed && fy_parser_get_stream_error(parser))
        report_syntax(reader, diag);
    while (reader->depth > 0)
        close_node(reader);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
}

SkyYamlNode *sky_yaml_parse(const SkySourceText *source, SkyReport *report) {
    Reader reader = {.source = source, .report = report, .at = source->base};
    if (source->bytes > 0)
        read_events(&reader);
    if (reader.failed)
        g_clear_pointer(&reader.root, sky_yaml_free);
    else if (!reader.root || sky_yaml_is_null(reader.root)) {
        sky_yaml_free(reader.root);
        reader.root = node_new(SKY_YAML_MAP, source->base);
    }
    return reader.root;
}

const SkyYamlNode *sky_yaml_find(const SkyYamlNode *map, const char *key) {
    if (!map || map->kind != SKY_YAML_MAP)
        return NULL;
    for (guint i = 0; i < map->keys->len; i++) {
        const SkyYamlNode *name = map->keys->pdata[i];
        if (name->kind == SKY_YAML_SCALAR && strcmp(name->text, key) == 0)
            return map->values->pdata[i];
    }
    return NULL;
}

SkyYamlNode *sky_yaml_list(SkyYamlNode *map, const char *key, gsize at) {
    SkyYamlNode *list = (SkyYamlNode *)sky_yaml_find(map, key);
    if (!list && map->kind == SKY_YAML_MAP) {
        SkyYamlNode *name = node_new(SKY_YAML_SCALAR, at);
        name->text = g_strdup(key);
        list = node_new(SKY_YAML_LIST, at);
        g_ptr_array_add(map->keys, name);
        g_ptr_array_add(map->values, list);
    } else if (list && sky_yaml_is_null(list)) {
        list->kind = SKY_YAML_LIST;
        list->values = g_ptr_array_new_with_free_func((GDestroyNotify)sky_yaml_free);
    }
    return list && list->kind == SKY_YAML_LIST ? list : NULL;
}

gboolean sky_yaml_is_null(const SkyYamlNode *node) {
    return node->kind == SKY_YAML_SCALAR && node->plain &&
           (node->text[0] == '\0' || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}
