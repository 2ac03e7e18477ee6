/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/config.h"
#include "config/key_table.h"

#define WIDTH 110
#define EXAMPLES G_N_ELEMENTS(((SkyKey *)NULL)->examples)

static const char *const head =
    "# skynetd: the configuration, as `skynetctl print-config` prints it; `skynetctl check` reads it and says all that is wrong.\n"
    "# A line that begins with # and a blank explains the key below it. A key behind a # without a blank is at its default, or\n"
    "# an example: take the # away to set it. A key that is not in the file has its default. A reload (SIGHUP) takes over every\n"
    "# change but those of keys that say (restart).\n"
    "#\n"
    "# an id:       a to z, 0 to 9 and -, at most 63 of them, no - in front\n"
    "# text:        UTF-8, one line, at most 127 bytes\n"
    "# a duration:  a number with its unit, ms, s, m, h or d: 500ms, 1.5h, 30d\n"
    "# a size:      a number with its unit, KB, MB, GB, TB (thousands) or KiB, MiB, GiB, TiB (1024s): 200KB, 20GB\n"
    "# a file:      absolute, or as seen from the directory of this file, or credential:NAME for a systemd credential\n"
    "# a password:  the first line of a file that others can not read (chmod o= FILE)\n"
    "# a point:     [x, y] in 0..1 of the picture, from its upper left corner\n";

static void indent(GString *out, guint depth) {
    for (guint i = 0; i < depth; i++)
        g_string_append_c(out, ' ');
}

/* As comment lines, broken between words. */
static void explain(GString *out, guint depth, const char *text) {
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    glong column = WIDTH + 1;
    for (guint i = 0; words[i]; i++) {
        glong length = g_utf8_strlen(words[i], -1) + 1;
        if (column + length > WIDTH) {
            if (i > 0)
                g_string_append_c(out, '\n');
            indent(out, depth);
            g_string_append_c(out, '#');
            column = depth + 1;
        }
        g_string_append_printf(out, " %s", words[i]);
        column += length;
    }
    g_string_append_c(out, '\n');
}

static void explain_key(GString *out, guint depth, const SkyKey *key) {
    if (key->type == SKY_VALUE_GROUP) {
        explain(out, depth, key->doc);
        return;
    }
    g_autofree char *allowed = sky_key_allowed(key, TRUE);
    const char *fallback = key->fallback_doc ? key->fallback_doc : key->fallback;
    gboolean tell = fallback && fallback[0] && (key->fallback_doc || key->examples[0]); /* else the line below shows it */
    g_autofree char *text = g_strdup_printf("%s [%s%s%s%s]%s", key->doc, allowed, key->required ? "; required" : "",
                                            tell ? "; default " : "", tell ? fallback : "", key->restart ? " (restart)" : "");
    explain(out, depth, text);
}

/* "id: gate", or behind a # where it is only a default or an example. */
static void print_value(GString *out, const SkyKey *key, const char *example) {
    gboolean quiet = !example || example[0] == '#';
    const char *value = !example ? key->fallback : example + quiet;
    g_string_append_printf(out, "%s%s:%s%s\n", quiet ? "#" : "", key->name, value && value[0] ? " " : "", value ? value : "");
}

/* A list that is only an example stands whole behind #, at the depth of its key. */
static void print_quiet_list(GString *out, const SkyKey *list, guint depth) {
    indent(out, depth);
    g_string_append_printf(out, "#%s:\n", list->name);
    gboolean first = TRUE;
    for (const SkyKey *key = sky_key_table; key->name; key++) {
        if (key->group != list->child)
            continue;
        explain_key(out, depth, key);
        indent(out, depth);
        g_string_append_printf(out, "#  %s%s: %s\n", first ? "- " : "  ", key->name, key->examples[0]);
        first = FALSE;
    }
}

static void print_group(GString *out, SkyKeyGroup group, guint depth, guint item);

static gboolean has_examples(SkyKeyGroup group, guint item) {
    for (const SkyKey *key = sky_key_table; key->name; key++)
        if (key->group == group && key->examples[item])
            return TRUE;
    return FALSE;
}

static void print_list(GString *out, const SkyKey *list, guint depth) {
    g_string_append_printf(out, "%s:\n", list->name);
    for (guint i = 0; i < EXAMPLES && has_examples(list->child, i); i++) {
        if (i > 0)
            g_string_append_c(out, '\n');
        print_group(out, list->child, depth + 4, i);
    }
}

/* The first item of a list, and a group that is no list (item 0), with all its keys; further items only with what they bear. The
 * first key of an item has an example: behind the dash. */
static void print_group(GString *out, SkyKeyGroup group, guint depth, guint item) {
    gboolean in_list = group == SKY_GROUP_AUDIENCE || group == SKY_GROUP_CAMERA, first = TRUE;
    for (const SkyKey *key = sky_key_table; key->name; key++) {
        if (key->group != group || (item > 0 && !key->examples[item]))
            continue;
        if (group == SKY_GROUP_ROOT)
            g_string_append_c(out, '\n');
        if (item == 0)
            explain_key(out, depth - (in_list && first ? 2 : 0), key);
        if (key->type == SKY_VALUE_LIST && group != SKY_GROUP_ROOT) {
            print_quiet_list(out, key, depth);
        } else if (key->type == SKY_VALUE_LIST) {
            print_list(out, key, depth);
        } else if (key->type == SKY_VALUE_GROUP) {
            g_string_append_printf(out, "%s:\n", key->name);
            print_group(out, key->child, depth + 2, 0);
        } else {
            indent(out, depth - (in_list && first ? 2 : 0));
            g_string_append(out, in_list && first ? "- " : "");
            print_value(out, key, key->examples[item]);
        }
        first = FALSE;
    }
}

char *sky_config_print_default(void) {
    GString *out = g_string_new(head);
    print_group(out, SKY_GROUP_ROOT, 0, 0);
    return g_string_free(out, FALSE);
}
