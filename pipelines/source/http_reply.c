/* SPDX-License-Identifier: Apache-2.0 */
#include "source/http_reply.h"

#include <stdio.h>
#include <string.h>

#define HEAD_END "\r\n\r\n"
#define CHUNK_LINE_BYTES_MAX 256 /* the size of a chunk, and what a camera may say behind it */

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

/* How the body is transferred; NULL: as it is. */
static char *coding_of(const GString *got) {
    g_autofree char *coding = sky_http_reply_field(got, "transfer-encoding", 0);
    return coding && g_ascii_strcasecmp(coding, "identity") != 0 ? g_steal_pointer(&coding) : NULL;
}

/* G_MAXSIZE: it is not told, or more than can be. */
static gsize told_bytes(const GString *got) {
    g_autofree char *length = sky_http_reply_field(got, "content-length", 0);
    guint64 bytes = G_MAXSIZE;
    if (length && !g_ascii_string_to_unsigned(length, 10, 0, G_MAXSIZE - 1, &bytes, NULL))
        return G_MAXSIZE - 1; /* then it is too large */
    return (gsize)bytes;
}

/* Where the bytes of the chunk whose line stands there begin; 0: the line is not all there, or is none (*ret_state says which). */
static gsize chunk_at(const GString *got, gsize line, guint64 *ret_bytes, SkyHttpState *ret_state) {
    const char *text = got->str + line;
    const char *end = memchr(text, '\n', MIN(got->len - line, CHUNK_LINE_BYTES_MAX));
    *ret_state = end || got->len - line >= CHUNK_LINE_BYTES_MAX ? SKY_HTTP_UNKNOWN : SKY_HTTP_MORE;
    if (!end || !g_ascii_isxdigit(*text))
        return 0;
    char *behind;
    *ret_bytes = g_ascii_strtoull(text, &behind, 16);
    return memchr("; \t\r\n", *behind, 5) ? (gsize)(end + 1 - got->str) : 0;
}

/* body: what the chunks bear is appended to it; NULL: it is not wanted. The last one, which is empty, ends it: nobody waits for trailers. */
static SkyHttpState read_chunks(const GString *got, gsize at, GByteArray *body) {
    SkyHttpState state;
    guint64 bytes;
    while ((at = chunk_at(got, at, &bytes, &state)) > 0) {
        if (bytes == 0)
            return SKY_HTTP_WHOLE;
        if (got->len - at < 2 || bytes > got->len - at - 2)
            return SKY_HTTP_MORE;
        if (memcmp(got->str + at + bytes, "\r\n", 2) != 0)
            return SKY_HTTP_UNKNOWN;
        if (body)
            g_byte_array_append(body, (const guint8 *)got->str + at, (guint)bytes);
        at += bytes + 2;
    }
    return state;
}

static SkyHttpState told_state(const GString *got, gsize head, gsize body_bytes_max) {
    gsize told = told_bytes(got), here = got->len - head;
    if (MIN(here, told) > body_bytes_max || (told < G_MAXSIZE && told > body_bytes_max))
        return SKY_HTTP_TOO_LARGE;
    return told == G_MAXSIZE ? SKY_HTTP_UNBOUNDED : here >= told ? SKY_HTTP_WHOLE : SKY_HTTP_MORE;
}

/* What is told of a length beside a coding does not count (RFC 9112 6.3). */
SkyHttpState sky_http_reply_state(const GString *got, gsize body_bytes_max) {
    gsize head = head_bytes(got);
    if (head == 0)
        return got->len > SKY_HTTP_HEAD_BYTES_MAX ? SKY_HTTP_TOO_LARGE : SKY_HTTP_MORE;
    if (head > SKY_HTTP_HEAD_BYTES_MAX)
        return SKY_HTTP_TOO_LARGE;
    g_autofree char *coding = coding_of(got);
    if (!coding)
        return told_state(got, head, body_bytes_max);
    if (g_ascii_strcasecmp(coding, "chunked") != 0)
        return SKY_HTTP_UNKNOWN;
    return got->len - head > body_bytes_max ? SKY_HTTP_TOO_LARGE : read_chunks(got, head, NULL);
}

GBytes *sky_http_reply_body(const GString *got) {
    gsize head = head_bytes(got);
    g_autofree char *coding = coding_of(got);
    if (!coding)
        return g_bytes_new(got->str + head, MIN(got->len - head, told_bytes(got)));
    GByteArray *body = g_byte_array_new();
    read_chunks(got, head, body);
    return g_byte_array_free_to_bytes(body);
}
