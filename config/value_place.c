/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#include "base/text_file.h"
#include "base/uri.h"
#include "config/value.h"

#define ZONES_DIRECTORY "/usr/share/zoneinfo"
#define HOST_BYTES_MAX 253
#define PATH_BYTES_MAX 1024
#define URL_BYTES_MAX 1024

static const char *wrong_path(const char *text, gsize most_bytes) {
    if (text[0] != '/')
        return "is not an absolute path";
    if (strlen(text) > most_bytes)
        return "is too long";
    for (const char *c = text; *c; c++)
        if (g_ascii_iscntrl(*c))
            return "holds a control character";
    return NULL;
}

/* An IPv6 address; a link-local one needs the interface that it is behind: fe80::1%eth0. NULL: it is none. */
static const char *judge_ipv6(const char *text, gboolean *ret_is) {
    struct in6_addr address;
    gsize length = strcspn(text, "%");
    g_autofree char *bare = g_strndup(text, length);
    *ret_is = inet_pton(AF_INET6, bare, &address) == 1;
    if (!*ret_is)
        return NULL;
    const char *zone = text + length;
    if (!IN6_IS_ADDR_LINKLOCAL(&address))
        return zone[0] ? "is not link-local, and takes no interface behind it" : NULL;
    gboolean has_zone = zone[0] && zone[1] && strlen(zone + 1) < IF_NAMESIZE && zone[1 + strspn(zone + 1, SKY_URI_ZONE_CHARACTERS)] == '\0';
    return has_zone ? NULL : "is link-local, and needs its interface behind it (fe80::1%eth0)";
}

static const char *wrong_host(const char *text) {
    gboolean ipv6;
    const char *wrong = judge_ipv6(text, &ipv6);
    if (ipv6)
        return wrong;
    gsize length = strlen(text);
    if (length == 0 || length > HOST_BYTES_MAX || text[0] == '-' || text[0] == '.' || strstr(text, ".."))
        return "is not a host";
    for (; *text; text++)
        if (!g_ascii_isalnum(*text) && !strchr("-._", *text))
            return "is not a host";
    return NULL;
}

static const char *wrong_zone(const char *text) {
    if (text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/")] != '\0' || text[0] == '/' ||
        text[0] == '\0' || strlen(text) > 64)
        return "is not a time zone";
    if (!g_file_test(ZONES_DIRECTORY, G_FILE_TEST_IS_DIR))
        return NULL; /* a box without the database: believe it */
    g_autofree char *path = g_build_filename(ZONES_DIRECTORY, text, NULL);
    return g_file_test(path, G_FILE_TEST_IS_REGULAR) ? NULL : "is not a time zone";
}

/* Says nothing of the text itself. New memory or NULL. */
static char *wrong_url(const char *text) {
    g_autoptr(GError) error = NULL;
    if (strlen(text) > URL_BYTES_MAX)
        return g_strdup("the URL is too long");
    g_autoptr(SkyUri) uri = sky_uri_parse(text, &error);
    if (!uri)
        return g_strdup(error->message);
    if (strcmp(uri->scheme, "rtsp") != 0 && strcmp(uri->scheme, "rtsps") != 0)
        return g_strdup_printf("the URL begins with %s://", uri->scheme);
    return NULL;
}

static const char *wrong_place(SkyValueType type, const char *text) {
    switch (type) {
    case SKY_VALUE_PATH:
        return wrong_path(text, PATH_BYTES_MAX);
    case SKY_VALUE_SOCKET:
        return wrong_path(text, SKY_VALUE_SOCKET_BYTES_MAX);
    case SKY_VALUE_HOST:
        return wrong_host(text);
    case SKY_VALUE_TIME_ZONE:
        return wrong_zone(text);
    default:
        g_assert_not_reached();
    }
}

gboolean sky_value_read_place(const SkyValueCall *call, const SkyYamlNode *node, gpointer target) {
    if (call->key->type == SKY_VALUE_URL) {
        g_autofree char *wrong = wrong_url(node->text);
        if (wrong)
            return sky_value_refuse(call, node, wrong);
    } else {
        const char *wrong = wrong_place(call->key->type, node->text);
        if (wrong)
            return sky_value_refuse_text(call, node, wrong);
    }
    char **text = target;
    sky_text_wipe(*text);
    g_free(*text);
    *text = g_strdup(node->text);
    return TRUE;
}
