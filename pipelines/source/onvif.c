/* SPDX-License-Identifier: Apache-2.0 */
#include "source/onvif.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/resolve.h"
#include "source/onvif_http.h"
#include "source/onvif_message.h"

#define DEVICE_SERVICE "/onvif/device_service" /* ONVIF Core Specification 5.1.1.2 */
#define PORT_HTTP 80

typedef struct {
    SkyOnvifDoor door;
    char **addresses;
    const char *user, *password;
    int64_t ahead_ns; /* the camera's clock before ours */
} Camera;

static SkyOnvifToken token_of(const Camera *camera) {
    SkyOnvifToken token = {.user = camera->user, .password = camera->password, .utc_ns = sky_clock_utc_ns() + camera->ahead_ns};
    for (guint i = 0; i < sizeof token.nonce; i++)
        token.nonce[i] = (uint8_t)g_random_int();
    return token;
}

/* Some do not tell it: then ours has to do. FALSE: nobody is there. */
static gboolean ask_clock(Camera *camera, GError **error) {
    g_autofree char *body = sky_onvif_ask_clock();
    g_autoptr(GError) said = NULL;
    g_autoptr(GBytes) answer = sky_onvif_post(&camera->door, DEVICE_SERVICE, body, &said);
    int64_t utc_ns;
    if (!answer && !g_str_has_prefix(said->message, "authentication")) {
        g_propagate_error(error, g_steal_pointer(&said));
        return FALSE;
    }
    if (answer && sky_onvif_read_clock(g_bytes_get_data(answer, NULL), g_bytes_get_size(answer), &utc_ns, NULL))
        camera->ahead_ns = utc_ns - sky_clock_utc_ns();
    return TRUE;
}

/* What the camera names must be its own. */
static SkyUri *own_url(const Camera *camera, const char *url, const char *what, GError **error) {
    g_autoptr(SkyUri) uri = sky_uri_parse(url, NULL);
    if (!uri) {
        g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: the camera's URL of %s is none", what);
        return NULL;
    }
    gboolean own = g_ascii_strcasecmp(uri->host, camera->door.host) == 0 ||
                   g_strv_contains((const char *const *)camera->addresses, uri->host);
    if (own)
        return g_steal_pointer(&uri);
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG,
                "ONVIF: the camera names another host (%.64s) for %s: set the camera's own address right, or give main and sub",
                uri->host, what);
    return NULL;
}

/* The path of the media service. */
static char *ask_media(Camera *camera, GError **error) {
    SkyOnvifToken token = token_of(camera);
    g_autofree char *body = sky_onvif_ask_media(&token);
    g_autoptr(GBytes) answer = sky_onvif_post(&camera->door, DEVICE_SERVICE, body, error);
    g_autofree char *url = answer ? sky_onvif_read_media(g_bytes_get_data(answer, NULL), g_bytes_get_size(answer), error) : NULL;
    g_autoptr(SkyUri) uri = url ? own_url(camera, url, "its media service", error) : NULL;
    if (!uri)
        return NULL;
    if (uri->port > 0 && strcmp(uri->scheme, "http") == 0)
        camera->door.port = uri->port;
    return g_strdup(uri->rest[0] ? uri->rest : "/");
}

static char *ask_profile(const Camera *camera, const char *path, uint32_t channel, gboolean sub, GError **error) {
    SkyOnvifToken token = token_of(camera);
    g_autofree char *body = sky_onvif_ask_profiles(&token);
    g_autoptr(GBytes) answer = sky_onvif_post(&camera->door, path, body, error);
    return answer ? sky_onvif_read_profile(g_bytes_get_data(answer, NULL), g_bytes_get_size(answer), channel, sub, error) : NULL;
}

static char *ask_stream(const Camera *camera, const char *path, const char *profile, GError **error) {
    SkyOnvifToken token = token_of(camera);
    g_autofree char *body = sky_onvif_ask_stream(&token, profile);
    g_autoptr(GBytes) answer = sky_onvif_post(&camera->door, path, body, error);
    g_autofree char *url = answer ? sky_onvif_read_stream(g_bytes_get_data(answer, NULL), g_bytes_get_size(answer), error) : NULL;
    g_autoptr(SkyUri) uri = url ? own_url(camera, url, "the stream", error) : NULL;
    if (!uri)
        return NULL;
    if (strcmp(uri->scheme, "rtsp") == 0 || strcmp(uri->scheme, "rtsps") == 0)
        return sky_uri_without_credentials(uri);
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "ONVIF: the camera offers the stream by %.16s, not by RTSP", uri->scheme);
    return NULL;
}

char *sky_onvif_stream_url(const SkyUri *uri, const char *user, const char *password, int64_t limit_ns, const atomic_bool *stop,
                           GError **error) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + limit_ns;
    char which[8];
    unsigned channel;
    if (sscanf(uri->rest, "/%u/%7s", &channel, which) != 2) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG, "url: not onvif://host:port/CHANNEL/main or /sub");
        return NULL;
    }
    g_auto(GStrv) addresses = sky_resolve_all(uri->host, limit_ns, stop, error);
    if (!addresses)
        return NULL;
    Camera camera = {.door = {.address = addresses[0], .port = uri->port > 0 ? uri->port : PORT_HTTP, .host = uri->host,
                              .deadline_ns = deadline_ns, .stop = stop},
                     .addresses = addresses, .user = user, .password = password};
    g_autofree char *path = ask_clock(&camera, error) ? ask_media(&camera, error) : NULL;
    g_autofree char *profile = path ? ask_profile(&camera, path, channel, strcmp(which, "sub") == 0, error) : NULL;
    return profile ? ask_stream(&camera, path, profile, error) : NULL;
}
