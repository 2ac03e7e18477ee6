/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/key_table.h"
#include "config/report.h"
#include "config/yaml_tree.h"

/* One value of one key: from the file's words to the C member, or a report of what is wrong with it and what is allowed. */
#define SKY_VALUE_NAME_BYTES_MAX 127   /* what an alert can bear */
#define SKY_VALUE_SOCKET_BYTES_MAX 107 /* sun_path of Linux */

typedef struct {
    const SkyKey *key;
    const char *path;      /* of the key: "broker.port" */
    const char *directory; /* for relative files */
    SkyReport *report;
    GPtrArray *files;      /* char *: every file that is named is added; NULL: nobody asks */
} SkyValueCall;

/* Not for GROUP and LIST. FALSE: reported, *target is as it was. */
gboolean sky_value_read(const SkyValueCall *call, const SkyYamlNode *node, gpointer target);
/* Reports "<words>, allowed: <what is allowed>" at the node; always FALSE. */
gboolean sky_value_refuse(const SkyValueCall *call, const SkyYamlNode *node, const char *words);
/* The same with the value in front, where it may be shown: "\"x\" is no number, allowed ...". */
gboolean sky_value_refuse_text(const SkyValueCall *call, const SkyYamlNode *node, const char *words);
/* Of ENUM and FLAGS: a word that is none of theirs, and the one that was meant where that is clear. */
gboolean sky_value_refuse_word(const SkyValueCall *call, const SkyYamlNode *node);

/* By type; value.c calls them. The node is a SCALAR but for the last two. */
gboolean sky_value_read_measure(const SkyValueCall *call, const SkyYamlNode *node, gpointer target); /* what has a range */
gboolean sky_value_read_text(const SkyValueCall *call, const SkyYamlNode *node, gpointer target);
gboolean sky_value_read_place(const SkyValueCall *call, const SkyYamlNode *node, gpointer target); /* paths, URL, host, time zone */
gboolean sky_value_read_file(const SkyValueCall *call, const SkyYamlNode *node, gpointer target);  /* FILE, SECRET */
gboolean sky_value_read_pipeline(const SkyValueCall *call, const SkyYamlNode *node, gpointer target);
gboolean sky_value_read_flags(const SkyValueCall *call, const SkyYamlNode *node, gpointer target);
gboolean sky_value_read_polygon(const SkyValueCall *call, const SkyYamlNode *node, SkyPolygon *target);
/* "1.5h" in nanoseconds, "20GB" in bytes, "3": in the unit of the type. NULL, or what is wrong with it. */
const char *sky_value_measure(SkyValueType type, const char *text, double *ret_value);
gboolean sky_value_number(const char *text, double *ret_value); /* decimal, finite */
