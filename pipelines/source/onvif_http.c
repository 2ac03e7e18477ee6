/* SPDX-License-Identifier: Apache-2.0 */
#include "source/onvif_http.h"

#include <string.h>

#include "base/error.h"
#include "source/http_reply.h"
#include "source/onvif_message.h"

static gboolean fail(GError **error, const char *words) {
    g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: %s", words);
    return FALSE;
}

static gboolean receive(SkyOnvifLine *line, GString *got, GError **error) {
    char piece[4096];
    SkyHttpState state;
    while ((state = sky_http_reply_state(got, SKY_ONVIF_ANSWER_BYTES_MAX)) == SKY_HTTP_MORE || state == SKY_HTTP_UNBOUNDED) {
        gssize bytes = sky_onvif_line_receive(line, piece, sizeof piece, error);
        if (bytes < 0)
            return FALSE;
        if (bytes == 0)
            return state == SKY_HTTP_UNBOUNDED || fail(error, "the camera hung up amid its answer");
        g_string_append_len(got, piece, bytes);
    }
    if (state == SKY_HTTP_UNKNOWN)
        return fail(error, "the camera's answer is in a coding that is not known");
    return state == SKY_HTTP_WHOLE || fail(error, "the camera's answer is larger than any of that kind");
}

static gboolean check_status(const GString *got, const SkyOnvifDoor *door, gboolean bears_account, GError **error) {
    int status = sky_http_reply_status(got);
    if (status == 0)
        return fail(error, "what answers there does not speak HTTP");
    g_autofree char *place = sky_http_reply_field(got, "location", 0);
    if (status >= 300 && status < 400 && !door->tls && place && g_ascii_strncasecmp(place, "https:", 6) == 0)
        return fail(error, "the camera wants HTTPS: give https: true, and port where that is not 443");
    if (status >= 300 && status < 400)
        return fail(error, "the camera sends on to another address, which is not followed: give the port that its ONVIF service has, "
                           "or main and sub");
    if (status == 200 || status == 400 || status == 401 || status == 500 || (status == 403 && bears_account))
        return TRUE;
    g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: the camera answers %d: is ONVIF switched on in it, and is this its port?",
                status);
    return FALSE;
}

static char *request_of(const SkyOnvifDoor *door, const SkyOnvifQuestion *question) {
    const char *authorization = question->authorization;
    gboolean six = strchr(door->host, ':') != NULL;
    return g_strdup_printf("POST %s HTTP/1.0\r\nHost: %s%.*s%s:%d\r\n%s%s%sContent-Type: application/soap+xml; charset=utf-8\r\n"
                           "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                           question->path, six ? "[" : "", (int)strcspn(door->host, "%"), door->host, six ? "]" : "", door->port,
                           authorization ? "Authorization: " : "", authorization ? authorization : "", authorization ? "\r\n" : "",
                           strlen(question->body), question->body);
}

GString *sky_onvif_post(const SkyOnvifDoor *door, const SkyOnvifQuestion *question, GError **error) {
    g_autoptr(SkyOnvifLine) line = sky_onvif_line_new(door, error);
    if (!line)
        return NULL;
    g_autofree char *request = request_of(door, question);
    g_autoptr(GString) got = g_string_new(NULL);
    if (!sky_onvif_line_send(line, request, strlen(request), error) || !receive(line, got, error) ||
        !check_status(got, door, question->bears_account, error))
        return NULL;
    return g_steal_pointer(&got);
}
