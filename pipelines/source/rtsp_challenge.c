/* SPDX-License-Identifier: Apache-2.0 */
#include "source/rtsp_challenge.h"

#include <string.h>

#include "base/clock.h"
#include "base/resolve.h"
#include "base/uri.h"
#include "source/http_digest.h"
#include "source/http_reply.h"
#include "source/onvif_line.h"

#define LIMIT_NS (3 * SKY_NS_PER_S)

/* The head of the answer, which is as HTTP has it. NULL: none came. */
static GString *ask(const SkyOnvifDoor *door, const SkyUri *uri) {
    g_autoptr(SkyOnvifLine) line = sky_onvif_line_new(door, NULL);
    g_autofree char *url = sky_uri_without_credentials(uri);
    g_autofree char *request = g_strdup_printf("DESCRIBE %s RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n", url);
    if (!line || !sky_onvif_line_send(line, request, strlen(request), NULL))
        return NULL;
    g_autoptr(GString) got = g_string_new(NULL);
    while (!strstr(got->str, "\r\n\r\n") && got->len <= SKY_HTTP_HEAD_BYTES_MAX) {
        char piece[1024];
        gssize bytes = sky_onvif_line_receive(line, piece, sizeof piece, NULL);
        if (bytes <= 0)
            return NULL;
        g_string_append_len(got, piece, bytes);
    }
    return g_steal_pointer(&got);
}

static char *last_algorithm(const GString *answer) {
    char *last = NULL;
    g_autofree char *field = NULL;
    for (guint n = 0; (field = sky_http_reply_field(answer, "www-authenticate", n)) != NULL; n++) {
        char *algorithm = sky_http_digest_algorithm(field);
        if (algorithm) {
            g_free(last);
            last = algorithm;
        }
        g_clear_pointer(&field, g_free);
    }
    return last;
}

char *sky_rtsp_challenge_unknown(const SkySource *source, const char *url) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + LIMIT_NS;
    g_autoptr(SkyUri) uri = sky_uri_parse(url, NULL);
    if (!uri || !g_str_has_prefix(uri->scheme, "rtsp")) /* a pipeline's camera may be at any */
        return NULL;
    g_autofree char *address = sky_resolve(uri->host, LIMIT_NS, &source->stop, NULL);
    if (!address)
        return NULL;
    SkyOnvifDoor door = {.address = address, .port = sky_uri_port(uri), .host = uri->host, .tls = strcmp(uri->scheme, "rtsps") == 0,
                         .ca_file = source->params.ca_file, .deadline_ns = deadline_ns, .stop = &source->stop};
    g_autoptr(GString) answer = ask(&door, uri);
    g_autofree char *algorithm = answer ? last_algorithm(answer) : NULL;
    return algorithm && strcmp(algorithm, "MD5") != 0 && strcmp(algorithm, "MD5-sess") != 0 ? g_steal_pointer(&algorithm) : NULL;
}
