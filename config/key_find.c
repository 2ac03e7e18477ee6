/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/key_table.h"

#define GUESS_DISTANCE_MAX 2
#define GUESS_BYTES_MAX 32

const SkyKey *sky_key_find(SkyKeyGroup group, const char *name) {
    for (const SkyKey *key = sky_key_table; key->name; key++)
        if (key->group == group && strcmp(key->name, name) == 0)
            return key;
    return NULL;
}

const SkyKey *sky_key_at(SkyKeyGroup group, gsize offset) {
    for (const SkyKey *key = sky_key_table; key->name; key++)
        if (key->group == group && key->offset == offset)
            return key;
    g_assert_not_reached();
}

gboolean sky_key_is_harmless(const char *name) {
    gboolean known = FALSE;
    for (const SkyKey *key = sky_key_table; key->name; key++) {
        if (strcmp(key->name, name) != 0)
            continue;
        if (key->secret)
            return FALSE;
        known = TRUE;
    }
    return known;
}

/* Levenshtein, two rows. Both texts at most GUESS_BYTES_MAX. */
static guint distance(const char *a, const char *b) {
    guint rows[2][GUESS_BYTES_MAX + 1];
    gsize a_length = strlen(a), b_length = strlen(b);
    for (guint j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (guint i = 1; i <= a_length; i++) {
        guint *before = rows[(i - 1) & 1], *now = rows[i & 1];
        now[0] = i;
        for (guint j = 1; j <= b_length; j++) {
            guint change = before[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = MIN(change, MIN(before[j], now[j - 1]) + 1);
        }
    }
    return rows[a_length & 1][b_length];
}

/* "password" for password_file, "main_url" for main. */
static gboolean is_begun(const char *key, const char *name) {
    return (strlen(name) >= 4 && g_str_has_prefix(key, name)) || (strlen(key) >= 3 && g_str_has_prefix(name, key));
}

const SkyKey *sky_key_guess(SkyKeyGroup group, const char *name) {
    const SkyKey *nearest = NULL;
    guint least = GUESS_DISTANCE_MAX + 1;
    if (strlen(name) > GUESS_BYTES_MAX)
        return NULL;
    for (const SkyKey *key = sky_key_table; key->name; key++) {
        if (key->group != group)
            continue;
        guint away = distance(name, key->name);
        if (away < least && away < strlen(key->name)) { /* two letters of two are no likeness */
            least = away;
            nearest = key;
        }
    }
    for (const SkyKey *key = sky_key_table; !nearest && key->name; key++)
        if (key->group == group && is_begun(key->name, name))
            nearest = key;
    return nearest;
}

char *sky_key_names(SkyKeyGroup group) {
    GString *names = g_string_new(NULL);
    for (const SkyKey *key = sky_key_table; key->name; key++)
        if (key->group == group)
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", key->name);
    return g_string_free(names, FALSE);
}

gsize sky_key_group_bytes(SkyKeyGroup group) {
    switch (group) {
    case SKY_GROUP_ROOT:
        return sizeof(SkyConfigValues);
    case SKY_GROUP_SITE:
        return sizeof(SkySiteConfig);
    case SKY_GROUP_BROKER:
        return sizeof(SkyBrokerConfig);
    case SKY_GROUP_STORAGE:
        return sizeof(SkyStorageConfig);
    case SKY_GROUP_AUDIENCE:
        return sizeof(SkyAudienceConfig);
    case SKY_GROUP_CAMERA:
        return sizeof(SkyCameraConfig);
    case SKY_GROUP_ZONE:
        return sizeof(SkyZoneKeys);
    case SKY_GROUP_MASK:
        return sizeof(SkyPolygon);
    }
    g_assert_not_reached();
}
