/* SPDX-License-Identifier: Apache-2.0 */
#include "source/http_reply.h"

#include <stdio.h>
#include <string.h>

#define HEAD_END "\r\n\r\n"

/* Of the head with its end; 0: it is not all there. */
static gsize head_bytes(const GString *got) {
    const char *end = strstr(got->str, HEAD_END);
    return end ? (gsize)(end - got->str) + strlen(HEAD_END) : 0;
}

int sky_http_reply_status(const GString *got) {
    int status = 0;
    return sscanf(got->str, "HTTP/1.%*1[01] %3d", &status) == 1 && status >= 100 && status < 600 ? status : 0;
}

char *sky_http_reply_field(const GString *got, const char *name, guint n) {
    g_autofree char *front = g_strdup_printf("\n%s:", name);
    g_autofree char *head = g_strndup(got->str, head_bytes(got));
    g_autofree char *low = g_ascii_strdown(head, -1);
    for (const char *found = low; (found = strstr(found, front)) != NULL;) {
        found += strlen(front);
        const char *value = head + (found - low);
        if (n-- == 0)
            return g_strstrip(g_strndup(value, strcspn(value, "\r\n")));
    }
    return NULL;
}

/* G_MAXSIZE: it is not told, or more than can be. */
static gsize told_bytes(const GString *got) {
    g_autofree char *length = sky_http_reply_field(got, "content-length", 0);
    guint64 bytes = G_MAXSIZE;
    if (length && !g_ascii_string_to_unsigned(length, 10, 0, G_MAXSIZE - 1, &bytes, NULL))
        return G_MAXSIZE - 1; /* then it is too large */
    return (gsize)bytes;
}

SkyHttpState sky_http_reply_state(const GString *got, gsize body_bytes_max) {
    gsize head = head_bytes(got);
    if (head == 0)
        return got->len > SKY_HTTP_HEAD_BYTES_MAX ? SKY_HTTP_TOO_LARGE : SKY_HTTP_MORE;
    gsize told = told_bytes(got), here = got->len - head;
    if (head > SKY_HTTP_HEAD_BYTES_MAX || MIN(here, told) > body_bytes_max || (told < G_MAXSIZE && told > body_bytes_max))
        return SKY_HTTP_TOO_LARGE;
    return told == G_MAXSIZE ? SKY_HTTP_UNBOUNDED : here >= told ? SKY_HTTP_WHOLE : SKY_HTTP_MORE;
}

GBytes *sky_http_reply_body(const GString *got) {
    gsize head = head_bytes(got);
    return g_bytes_new(got->str + head, MIN(got->len - head, told_bytes(got)));
}
