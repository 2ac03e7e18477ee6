/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "source/http_digest.h"
#include "source/http_reply.h"
#include "source/onvif_message.h"
#include "fuzz.h"

#define BODY_BYTES_MAX 4096
#define SECRET "S3cr3tPassw0rd"

/* An error stands in a line of a log. */
static void check_failure(GError **error) {
    g_assert_nonnull(*error);
    g_assert(g_utf8_validate((*error)->message, -1, NULL));
    for (const char *at = (*error)->message; *at; at = g_utf8_next_char(at))
        g_assert(!g_unichar_iscntrl(g_utf8_get_char(at)));
    g_clear_error(error);
}

static void check_text(char *text, GError **error) {
    g_autofree char *found = text;
    if (found)
        g_assert(*error == NULL && found[0] && g_utf8_validate(found, -1, NULL));
    else
        check_failure(error);
}

static void check_answer(const char *text, gsize bytes) {
    g_autoptr(GError) error = NULL;
    int64_t utc_ns = -1;
    if (sky_onvif_read_clock(text, bytes, &utc_ns, &error))
        g_assert(utc_ns >= 0 && sky_onvif_is_response(text, bytes, "GetSystemDateAndTimeResponse"));
    else
        check_failure(&error);
    check_text(sky_onvif_read_media(text, bytes, &error), &error);
    check_text(sky_onvif_read_profile(text, bytes, 1, TRUE, &error), &error);
    check_text(sky_onvif_read_profile(text, bytes, 2, FALSE, &error), &error);
    check_text(sky_onvif_read_stream(text, bytes, &error), &error);
}

/* Each field is one line: it goes into our next question. */
static void check_field(const char *field) {
    g_assert(!strpbrk(field, "\r\n"));
    g_autofree char *words = sky_http_digest(field, "a\"b", SECRET, "POST", "/onvif", "0123456789abcdef");
    if (words)
        g_assert(g_str_has_prefix(words, "Digest username=\"a\\\"b\"") && !strpbrk(words, "\r\n") && !strstr(words, SECRET));
}

/* As it comes in: what is whole stays so, and the body is no more than there is. */
static void check_reply(const uint8_t *data, gsize bytes) {
    g_autoptr(GString) got = g_string_new_len((const char *)data, (gssize)bytes);
    SkyHttpState state = sky_http_reply_state(got, BODY_BYTES_MAX);
    if (state != SKY_HTTP_WHOLE && state != SKY_HTTP_UNBOUNDED)
        return;
    int status = sky_http_reply_status(got);
    g_assert(status == 0 || (status >= 100 && status < 600));
    for (guint n = 0; n < 3; n++) {
        g_autofree char *field = sky_http_reply_field(got, "www-authenticate", n);
        if (field)
            check_field(field);
    }
    g_autoptr(GBytes) body = sky_http_reply_body(got);
    g_assert(g_bytes_get_size(body) <= MIN(bytes, BODY_BYTES_MAX));
    check_answer(g_bytes_get_data(body, NULL), g_bytes_get_size(body));
}

/* A camera's whole reply; the same bytes as an answer, and as a challenge. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    check_reply(data, bytes);
    check_answer((const char *)data, bytes);
    g_autofree char *line = g_strndup((const char *)data, bytes);
    line[strcspn(line, "\r\n")] = '\0';
    check_field(line);
    return 0;
}
