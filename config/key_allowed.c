/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "config/key_table.h"
#include "config/value.h"

static char *range(const SkyKey *key, const char *units) {
    return g_strdup_printf("%s to %s%s", key->least, key->most, units);
}

static char *choice(const SkyKey *key, const char *front, const char *last) {
    GString *out = g_string_new(front);
    for (guint i = 0; key->names[i]; i++)
        g_string_append_printf(out, "%s%s", i == 0 ? "" : key->names[i + 1] ? ", " : last, key->names[i]);
    return g_string_free(out, FALSE);
}

char *sky_key_allowed(const SkyKey *key, gboolean brief) {
    switch (key->type) {
    case SKY_VALUE_GROUP:
        return sky_key_names(key->child);
    case SKY_VALUE_LIST:
        return g_strdup_printf("a list of %s to %s", key->least, key->most);
    case SKY_VALUE_ID:
        if (brief)
            return g_strdup("an id");
        return g_strdup_printf("an id of a to z, 0 to 9 and -, at most %d, no - in front", SKY_ID_BYTES - 1);
    case SKY_VALUE_NAME:
        return brief ? g_strdup("text") : g_strdup_printf("a text of one line, at most %d bytes", SKY_VALUE_NAME_BYTES_MAX);
    case SKY_VALUE_WORD:
        return g_strdup_printf("%s to %s letters of ASCII without blanks", key->least, key->most);
    case SKY_VALUE_BOOL:
        return g_strdup("true or false");
    case SKY_VALUE_INTEGER:
    case SKY_VALUE_NUMBER:
        return range(key, "");
    case SKY_VALUE_DURATION:
    case SKY_VALUE_SECONDS:
        return range(key, brief ? "" : " (ms, s, m, h, d)");
    case SKY_VALUE_SIZE:
        return range(key, brief ? "" : " (KB, MB, GB, TB, KiB, MiB, GiB, TiB)");
    case SKY_VALUE_PATH:
        return g_strdup("an absolute path");
    case SKY_VALUE_SOCKET:
        return g_strdup_printf("an absolute path of at most %d bytes", SKY_VALUE_SOCKET_BYTES_MAX);
    case SKY_VALUE_FILE:
    case SKY_VALUE_SECRET:
        return g_strdup(brief ? "a file" : "a file, as seen from this one, or credential:NAME");
    case SKY_VALUE_PIPELINE:
        return g_strdup(brief ? "a name or a file"
                              : "the name of a shipped pipeline (rtsp-tcp, rtsp-udp, rtsp-vaapi, rtsp-v4l2, rtsp-mpp, test), "
                                "or a file, as seen from this one");
    case SKY_VALUE_URL:
        return g_strdup(brief ? "a URL, rtsp or rtsps" : "rtsp://host[:port]/path or rtsps://host[:port]/path");
    case SKY_VALUE_HOST:
        return g_strdup("a host name or an IP address, without a port");
    case SKY_VALUE_TIME_ZONE:
        return g_strdup("a name of the time zone database, as Asia/Shanghai");
    case SKY_VALUE_ENUM:
        return choice(key, "", " or ");
    case SKY_VALUE_FLAGS:
        return choice(key, "all, or a list of ", ", ");
    case SKY_VALUE_POLYGON:
        return g_strdup_printf("3 to %d points [x, y] in 0..1 of the picture", SKY_POLYGON_POINTS_MAX);
    }
    g_assert_not_reached();
}
