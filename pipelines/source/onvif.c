/* SPDX-License-Identifier: Apache-2.0 */
#include "source/onvif.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/resolve.h"
#include "source/http_digest.h"
#include "source/http_reply.h"
#include "source/onvif_http.h"
#include "source/onvif_message.h"

#define DEVICE_SERVICE "/onvif/device_service" /* ONVIF Core Specification 5.1.1.2 */

typedef struct {
    SkyOnvifDoor door;
    char **addresses;
    const char *user, *password;
    int64_t ahead_ns;   /* the camera's clock before ours */
    gboolean by_token;  /* it takes the account as WS-UsernameToken, not by HTTP digest */
    SkyOnvifNumbers *numbers;
} Camera;

static SkyOnvifToken token_of(const Camera *camera) {
    SkyOnvifToken token = {.user = camera->user, .password = camera->password, .utc_ns = sky_clock_utc_ns() + camera->ahead_ns};
    for (guint i = 0; i < sizeof token.nonce; i++)
        token.nonce[i] = (uint8_t)g_random_int();
    return token;
}

/* ---- a question and its account ---- */

typedef enum { ASK_CLOCK, ASK_MEDIA, ASK_PROFILES, ASK_STREAM } Question;
static const char *const responses[] = {[ASK_CLOCK] = "GetSystemDateAndTimeResponse", [ASK_MEDIA] = "GetCapabilitiesResponse",
                                        [ASK_PROFILES] = "GetProfilesResponse",       [ASK_STREAM] = "GetStreamUriResponse"};

static char *body_of(Question question, const SkyOnvifToken *token, const char *profile) {
    switch (question) {
    case ASK_CLOCK:
        return sky_onvif_ask_clock();
    case ASK_MEDIA:
        return sky_onvif_ask_media(token);
    case ASK_PROFILES:
        return sky_onvif_ask_profiles(token);
    case ASK_STREAM:
        return sky_onvif_ask_stream(token, profile);
    }
    g_assert_not_reached();
}

/* NULL: it asks for no digest, or one of a kind that is not spoken. */
static char *authorize(const Camera *camera, const GString *reply, const char *path) {
    char nonce[17];
    g_snprintf(nonce, sizeof nonce, "%08x%08x", g_random_int(), g_random_int());
    for (guint n = 0; sky_http_reply_status(reply) == 401; n++) {
        g_autofree char *challenge = sky_http_reply_field(reply, "www-authenticate", n);
        if (!challenge)
            return NULL;
        char *words = sky_http_digest(challenge, camera->user, camera->password ? camera->password : "", "POST", path, nonce);
        if (words)
            return words;
    }
    return NULL;
}

static gboolean is_answer(Question question, const GString *reply) {
    g_autoptr(GBytes) body = sky_http_reply_body(reply);
    return sky_onvif_is_response(g_bytes_get_data(body, NULL), g_bytes_get_size(body), responses[question]);
}

/* First without the account: how the camera wants to have it is known then, and it sees a wrong password once, not twice. */
static GString *ask_as_it_likes(Camera *camera, Question question, const char *path, const char *profile, GError **error) {
    SkyOnvifToken token = {0};
    if (!camera->by_token) {
        g_autofree char *body = body_of(question, &token, profile);
        g_autoptr(GString) reply = sky_onvif_post(&camera->door, &(SkyOnvifQuestion){.path = path, .body = body}, error);
        if (!reply || !camera->user || question == ASK_CLOCK || is_answer(question, reply))
            return g_steal_pointer(&reply);
        g_autofree char *authorization = authorize(camera, reply, path);
        if (authorization)
            return sky_onvif_post(&camera->door,
                                  &(SkyOnvifQuestion){.path = path, .body = body, .authorization = authorization, .bears_account = TRUE},
                                  error);
        camera->by_token = TRUE;
    }
    token = token_of(camera);
    g_autofree char *body = body_of(question, &token, profile);
    return sky_onvif_post(&camera->door, &(SkyOnvifQuestion){.path = path, .body = body, .bears_account = camera->user != NULL}, error);
}

static GBytes *ask(Camera *camera, Question question, const char *path, const char *profile, GError **error) {
    g_autoptr(GString) reply = ask_as_it_likes(camera, question, path, profile, error);
    if (!reply) {
        sky_counter_add(&camera->numbers->unanswered, 1);
        return NULL;
    }
    int status = sky_http_reply_status(reply);
    if (status != 401 && status != 403)
        return sky_http_reply_body(reply);
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG,
                "authentication: refused by ONVIF (%d): is the account one of the camera's ONVIF users? Many cameras keep those apart",
                status);
    sky_counter_add(&camera->numbers->refused, 1);
    return NULL;
}

/* Some do not tell it, or nobody without an account: then ours has to do. FALSE: nobody is there. */
static gboolean ask_clock(Camera *camera, GError **error) {
    g_autoptr(GString) reply = ask_as_it_likes(camera, ASK_CLOCK, DEVICE_SERVICE, NULL, error);
    int64_t utc_ns;
    if (!reply) {
        sky_counter_add(&camera->numbers->unanswered, 1);
        return FALSE;
    }
    g_autoptr(GBytes) answer = sky_http_reply_body(reply);
    if (sky_onvif_read_clock(g_bytes_get_data(answer, NULL), g_bytes_get_size(answer), &utc_ns, NULL))
        camera->ahead_ns = utc_ns - sky_clock_utc_ns();
    return TRUE;
}

/* What was wrong with an answer that came; takes why. */
static void count(const Camera *camera, GError *why, GError **error) {
    SkyOnvifNumbers *numbers = camera->numbers;
    sky_counter_add(g_str_has_prefix(why->message, "authentication") ? &numbers->refused : &numbers->unreadable, 1);
    g_propagate_error(error, why);
}

static gboolean is_same_host(const char *one, const char *other) {
    gsize length = strcspn(one, "%"); /* a zone means something here only */
    return length == strcspn(other, "%") && g_ascii_strncasecmp(one, other, length) == 0;
}

/* What the camera names must be its own; called as we call it. */
static SkyUri *own_url(const Camera *camera, const char *url, const char *what, GError **error) {
    g_autoptr(SkyUri) uri = sky_uri_parse(url, NULL);
    if (!uri) {
        sky_counter_add(&camera->numbers->unusable, 1);
        g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: the camera's URL of %s is none", what);
        return NULL;
    }
    gboolean own = is_same_host(uri->host, camera->door.host);
    for (char **address = camera->addresses; *address; address++)
        own = own || is_same_host(uri->host, *address);
    if (own) {
        g_free(uri->host);
        uri->host = g_strdup(camera->door.host);
        return g_steal_pointer(&uri);
    }
    sky_counter_add(&camera->numbers->unusable, 1);
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG,
                "ONVIF: the camera names another host (%.64s) for %s: set the camera's own address right, or give main and sub",
                uri->host, what);
    return NULL;
}

/* The path of the media service. */
static char *ask_media(Camera *camera, GError **error) {
    g_autoptr(GBytes) answer = ask(camera, ASK_MEDIA, DEVICE_SERVICE, NULL, error);
    if (!answer)
        return NULL;
    GError *why = NULL;
    g_autofree char *url = sky_onvif_read_media(g_bytes_get_data(answer, NULL), g_bytes_get_size(answer), &why);
    if (!url)
        count(camera, why, error);
    g_autoptr(SkyUri) uri = url ? own_url(camera, url, "its media service", error) : NULL;
    if (!uri)
        return NULL;
    if (uri->port > 0 && strcmp(uri->scheme, camera->door.tls ? "https" : "http") == 0)
        camera->door.port = uri->port; /* many name their HTTP alone, whoever asks: then all is at the port that is known */
    return g_strdup(uri->rest[0] ? uri->rest : "/");
}

static char *ask_profile(Camera *camera, const char *path, uint32_t channel, gboolean sub, GError **error) {
    g_autoptr(GBytes) answer = ask(camera, ASK_PROFILES, path, NULL, error);
    if (!answer)
        return NULL;
    GError *why = NULL;
    char *profile = sky_onvif_read_profile(g_bytes_get_data(answer, NULL), g_bytes_get_size(answer), channel, sub, &why);
    if (!profile)
        count(camera, why, error);
    return profile;
}

static char *ask_stream(Camera *camera, const char *path, const char *profile, GError **error) {
    g_autoptr(GBytes) answer = ask(camera, ASK_STREAM, path, profile, error);
    if (!answer)
        return NULL;
    GError *why = NULL;
    g_autofree char *url = sky_onvif_read_stream(g_bytes_get_data(answer, NULL), g_bytes_get_size(answer), &why);
    if (!url)
        count(camera, why, error);
    g_autoptr(SkyUri) uri = url ? own_url(camera, url, "the stream", error) : NULL;
    if (!uri)
        return NULL;
    gboolean secure = strcmp(uri->scheme, "rtsps") == 0;
    if (strcmp(uri->scheme, "rtsp") == 0 || (secure && !camera->door.ca_file))
        return sky_uri_without_credentials(uri);
    sky_counter_add(&camera->numbers->unusable, 1);
    if (secure) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG,
                            "ONVIF: the camera offers the stream by rtsps, where libavformat can not ask for ca_file: give main and sub, and pipeline");
        return NULL;
    }
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "ONVIF: the camera offers the stream by %.16s, not by RTSP", uri->scheme);
    return NULL;
}

char *sky_onvif_stream_url(const SkyUri *uri, const SkySourceParams *params, int64_t limit_ns, const atomic_bool *stop,
                           SkyOnvifNumbers *numbers, GError **error) {
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
    gboolean tls = strcmp(uri->scheme, "onvifs") == 0;
    Camera camera = {.door = {.address = addresses[0], .port = sky_uri_port(uri), .host = uri->host, .tls = tls,
                              .ca_file = params->ca_file, .deadline_ns = deadline_ns, .stop = stop},
                     .addresses = addresses, .user = params->user, .password = params->password, .numbers = numbers};
    g_autofree char *path = ask_clock(&camera, error) ? ask_media(&camera, error) : NULL;
    g_autofree char *profile = path ? ask_profile(&camera, path, channel, strcmp(which, "sub") == 0, error) : NULL;
    return profile ? ask_stream(&camera, path, profile, error) : NULL;
}
