/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uri.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text_file.h"

#define DIGEST_CHARACTERS 32

void sky_uri_free(SkyUri *uri) {
    if (uri == NULL)
        return;
    sky_text_wipe(uri->user);
    sky_text_wipe(uri->password);
    g_free(uri->scheme);
    g_free(uri->user);
    g_free(uri->password);
    g_free(uri->host);
    g_free(uri->rest);
    g_free(uri);
}

static gboolean is_scheme(const char *text, gsize length) {
    if (length == 0 || length > 16 || !g_ascii_isalpha(text[0]))
        return FALSE;
    for (gsize i = 1; i < length; i++)
        if (!g_ascii_isalnum(text[i]) && strchr("+-.", text[i]) == NULL)
            return FALSE;
    return TRUE;
}

/* A stray % stands for itself: cameras' passwords are pasted in as they are. */
static char *percent_decode(const char *text, gsize length) {
    GString *out = g_string_sized_new(length);
    for (gsize i = 0; i < length; i++) {
        if (text[i] == '%' && i + 2 < length && g_ascii_isxdigit(text[i + 1]) && g_ascii_isxdigit(text[i + 2]) &&
            !(text[i + 1] == '0' && text[i + 2] == '0')) {
            g_string_append_c(out, (char)(g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2])));
            i += 2;
        } else {
            g_string_append_c(out, text[i]);
        }
    }
    return g_string_free(out, FALSE);
}

static void take_credentials(SkyUri *uri, const char *text, gsize length) {
    const char *colon = memchr(text, ':', length);
    gsize user_length = colon != NULL ? (gsize)(colon - text) : length;
    uri->user = percent_decode(text, user_length);
    if (colon != NULL)
        uri->password = percent_decode(colon + 1, length - user_length - 1);
}

/* fe80::1%eth0, in a URL properly fe80::1%25eth0 (RFC 6874): the second becomes the first. TRUE also where there is no zone. */
static gboolean take_zone(char *host) {
    char *zone = strchr(host, '%');
    if (zone == NULL)
        return TRUE;
    zone++;
    if (g_str_has_prefix(zone, "25") && zone[2] != '\0')
        memmove(zone, zone + 2, strlen(zone + 2) + 1);
    return zone[0] != '\0' && zone[strspn(zone, SKY_URI_ZONE_CHARACTERS)] == '\0';
}

/* host, host:port, [v6], [v6]:port */
static gboolean take_host(SkyUri *uri, const char *text, gsize length) {
    const char *port = NULL, *end = text + length;
    if (length > 0 && text[0] == '[') {
        const char *close = memchr(text, ']', length);
        if (close == NULL || (close + 1 < end && close[1] != ':'))
            return FALSE;
        uri->host = g_strndup(text + 1, (gsize)(close - text - 1));
        if (!take_zone(uri->host))
            return FALSE;
        port = close + 1 < end ? close + 2 : NULL;
    } else {
        const char *colon = memchr(text, ':', length);
        uri->host = g_strndup(text, colon != NULL ? (gsize)(colon - text) : length);
        if (strchr(uri->host, '%') != NULL)
            return FALSE;
        port = colon != NULL ? colon + 1 : NULL;
    }
    if (uri->host[0] == '\0' || strpbrk(uri->host, " \t\r\n\"'<>") != NULL)
        return FALSE;
    if (port == NULL)
        return TRUE;
    g_autofree char *digits = g_strndup(port, (gsize)(end - port));
    char *stop = NULL;
    unsigned long value = strtoul(digits, &stop, 10);
    if (!g_ascii_isdigit(digits[0]) || *stop != '\0' || value == 0 || value > 65535)
        return FALSE;
    uri->port = (int)value;
    return TRUE;
}

/* Where sky_uri_redact() sees the end of a URL in a line of text. A URL that holds one of them is refused, else what stands behind
 * it would be shown: half a password. */
#define URL_ENDS " \t\r\n\"'<>`"

static gboolean has_control(const char *text) {
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return TRUE;
    return FALSE;
}

SkyUri *sky_uri_parse(const char *text, GError **error) {
    const char *mark = strstr(text, "://");
    if (mark == NULL || !is_scheme(text, (gsize)(mark - text))) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG, "not a URL, expected scheme://host[:port]/path");
        return NULL;
    }
    if (has_control(text)) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG, "the URL holds a control character");
        return NULL;
    }
    if (strpbrk(text, URL_ENDS) != NULL) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG,
                            "the URL holds a blank, a quote, < or >: write it as % and two digits (%20 %22 %27 %3C %3E %60)");
        return NULL;
    }
    g_autoptr(SkyUri) uri = g_new0(SkyUri, 1);
    uri->port = -1;
    uri->scheme = g_ascii_strdown(text, mark - text);
    const char *authority = mark + 3;
    gsize length = strcspn(authority, "/?#");
    /* A password with a slash in it, pasted in as it is: the authority ends at the LAST @ that a host can follow. */
    if (memchr(authority, '@', length) == NULL) {
        const char *at = strrchr(authority, '@');
        const char *slash = authority + length;
        if (at != NULL && memchr(authority, ':', length) != NULL && at > slash && memchr(authority, '?', (gsize)(at - authority)) == NULL)
            length = (gsize)(at - authority) + 1 + strcspn(at + 1, "/?#");
    }
    const char *at = memrchr(authority, '@', length);
    if (at != NULL)
        take_credentials(uri, authority, (gsize)(at - authority));
    const char *host = at != NULL ? at + 1 : authority;
    if (!take_host(uri, host, (gsize)(authority + length - host))) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG, "the URL has no valid host and port");
        return NULL;
    }
    uri->rest = g_strdup(authority + length);
    return g_steal_pointer(&uri);
}

int sky_uri_port(const SkyUri *uri) {
    static const struct {
        const char *scheme;
        int port;
    } schemes[] = {{"rtsp", 554}, {"rtsps", 322}, {"http", 80}, {"onvif", 80}, {"https", 443}, {"onvifs", 443}};
    for (guint i = 0; uri->port < 0 && i < G_N_ELEMENTS(schemes); i++)
        if (strcmp(uri->scheme, schemes[i].scheme) == 0)
            return schemes[i].port;
    return uri->port;
}

char *sky_uri_without_credentials(const SkyUri *uri) {
    gboolean v6 = strchr(uri->host, ':') != NULL;
    g_autofree char *port = uri->port >= 0 ? g_strdup_printf(":%d", uri->port) : g_strdup("");
    int address = (int)strcspn(uri->host, "%");
    const char *zone = uri->host + address;
    const char *escaped = g_str_has_prefix(zone, "%25") ? "%25" : zone[0] != '\0' ? "%" : ""; /* else its "25" would be taken for that */
    return g_strdup_printf("%s://%s%.*s%s%s%s%s%s", uri->scheme, v6 ? "[" : "", address, uri->host, escaped,
                           zone[0] != '\0' ? zone + 1 : "", v6 ? "]" : "", port, uri->rest);
}

char *sky_uri_digest(const char *url) {
    g_autoptr(SkyUri) uri = url ? sky_uri_parse(url, NULL) : NULL;
    g_autofree char *bare = uri ? sky_uri_without_credentials(uri) : g_strdup("");
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, bare, -1);
    return g_strndup(sum, DIGEST_CHARACTERS);
}

static gboolean is_secret_key(const char *key, gsize length) {
    static const char *const keys[] = {"password", "passwd", "pwd",  "pass", "token", "auth",
                                       "key",      "secret", "user", "username", "passphrase", "usr", "psw"};
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        if (strlen(keys[i]) == length && g_ascii_strncasecmp(keys[i], key, length) == 0)
            return TRUE;
    return FALSE;
}

/* What stands behind "://", up to white space or a quote. */
static void append_redacted_rest(GString *out, const char *text, gsize length) {
    const char *end = text + length, *at = memrchr(text, '@', length);
    if (at != NULL) { /* the last one: better too much than half a password */
        g_string_append(out, "***@");
        text = at + 1;
    }
    while (text < end) {
        const char *equals = memchr(text, '=', (gsize)(end - text));
        if (equals == NULL)
            break;
        const char *key = equals;
        while (key > text && strchr("?&;#/", key[-1]) == NULL)
            key--;
        g_string_append_len(out, text, equals + 1 - text);
        text = equals + 1;
        if (is_secret_key(key, (gsize)(equals - key))) {
            g_string_append(out, "***");
            while (text < end && strchr("&;#", *text) == NULL)
                text++;
        }
    }
    g_string_append_len(out, text, end - text);
}

char *sky_uri_redact(const char *text) {
    GString *out = g_string_sized_new(strlen(text) + 16);
    const char *mark;
    while ((mark = strstr(text, "://")) != NULL) {
        g_string_append_len(out, text, mark + 3 - text);
        text = mark + 3;
        gsize length = strcspn(text, URL_ENDS);
        append_redacted_rest(out, text, length);
        text += length;
    }
    g_string_append(out, text);
    return g_string_free(out, FALSE);
}
