/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/source_text.h"

/* A YAML document as a tree of plain values with their places, read with libfyaml. Only what a configuration needs: one document,
 * no tags, no anchors, no aliases (so nothing grows by being read), scalar keys; bounded in depth and number. Texts are UTF-8 without NUL. */
#define SKY_YAML_DEPTH_MAX 12
#define SKY_YAML_NODES_MAX 100000

typedef enum {
    SKY_YAML_SCALAR,
    SKY_YAML_MAP,
    SKY_YAML_LIST,
    SKY_YAML_BROKEN, /* reported already: say nothing more about it */
} SkyYamlKind;

typedef struct SkyYamlNode SkyYamlNode;
struct SkyYamlNode {
    SkyYamlKind kind;
    gsize at;          /* its place */
    gboolean plain;    /* SCALAR: without quotes */
    gboolean one_line; /* SCALAR: what goes on in the next lines may have swallowed anything */
    char *text;        /* SCALAR */
    GPtrArray *keys;   /* MAP: SCALAR nodes; a key may come twice */
    GPtrArray *values; /* MAP, LIST */
};

/* NULL where it is no YAML document that can be read (reported). An empty file is an empty map. */
SkyYamlNode *sky_yaml_parse(const SkySourceText *source, SkyReport *report);
void sky_yaml_free(SkyYamlNode *node); /* wipes the texts: there may be passwords in them */
/* The first value of that key, or NULL. */
const SkyYamlNode *sky_yaml_find(const SkyYamlNode *map, const char *key);
/* The list of that key, made where the map has none or nothing there (at: its place then). NULL: something else stands there. */
SkyYamlNode *sky_yaml_list(SkyYamlNode *map, const char *key, gsize at);
gboolean sky_yaml_is_null(const SkyYamlNode *node); /* nothing, ~ or null */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyYamlNode, sky_yaml_free)
