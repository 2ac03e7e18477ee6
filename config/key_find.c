/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/key_table.h"
#include "config/spelling.h"

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

/* "password" for password_file, "main_url" for main. */
static gboolean is_begun(const char *key, const char *name) {
    return (strlen(name) >= 4 && g_str_has_prefix(key, name)) || (strlen(key) >= 3 && g_str_has_prefix(name, key));
}

const SkyKey *sky_key_guess(SkyKeyGroup group, const char *name) {
    const SkyKey *nearest = NULL;
    guint least = SKY_SPELLING_DISTANCE_MAX + 1;
    if (strlen(name) > GUESS_BYTES_MAX)
        return NULL;
    for (const SkyKey *key = sky_key_table; key->name; key++) {
        if (key->group != group)
            continue;
        guint away = sky_spelling_distance(key->name, name);
        if (away < least) {
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
