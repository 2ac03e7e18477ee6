/* SPDX-License-Identifier: Apache-2.0 */
#include "source/rtsp_url.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/resolve.h"
#include "base/text_file.h"
#include "base/uri.h"
#include "source/onvif.h"

#define ACCOUNT_BYTES_MAX 127 /* what libavformat's RTSP keeps of "user:password", encoded; it cuts the rest off silently */

/* user:password@, or "". What the configuration says goes before what the URL bears. */
static char *account_of(const SkySourceParams *params, const SkyUri *uri, GError **error) {
    const char *user = params->user != NULL ? params->user : uri->user;
    const char *password = params->password != NULL ? params->password : uri->password;
    if (user == NULL)
        return g_strdup("");
    g_autofree char *user_text = g_uri_escape_string(user, "!$&'()*+,;=", FALSE);
    g_autofree char *password_text = g_uri_escape_string(password != NULL ? password : "", "!$&'()*+,;=", FALSE);
    char *account = g_strconcat(user_text, ":", password_text, "@", NULL);
    sky_text_wipe(password_text);
    if (strlen(account) - 1 > ACCOUNT_BYTES_MAX) {
        sky_text_wipe(account);
        g_free(account);
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "authentication: user and password are too long together (%d bytes at most)",
                    ACCOUNT_BYTES_MAX - 1);
        return NULL;
    }
    return account;
}

/* What the parameters say; of an onvif:// or onvifs:// URL, what the camera says. */
static SkyUri *find_url(SkySource *source, int64_t limit_ns, GError **error) {
    const SkySourceParams *params = &source->params;
    g_autoptr(SkyUri) uri = sky_uri_parse(params->url, error);
    if (uri == NULL || (strcmp(uri->scheme, "onvif") != 0 && strcmp(uri->scheme, "onvifs") != 0))
        return g_steal_pointer(&uri);
    g_autofree char *url = sky_onvif_stream_url(uri, params, limit_ns, &source->stop, &source->numbers.onvif, error);
    return url != NULL ? sky_uri_parse(url, error) : NULL;
}

char *sky_rtsp_url_for_libav(SkySource *source, int64_t limit_ns, GError **error) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + limit_ns;
    g_autoptr(SkyUri) uri = find_url(source, limit_ns, error);
    if (uri == NULL)
        return NULL;
    if (strcmp(uri->scheme, "rtsp") != 0 && strcmp(uri->scheme, "rtsps") != 0) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "url: %s:// is not rtsp:// or rtsps://", uri->scheme);
        return NULL;
    }
    int64_t left_ns = MAX(deadline_ns - sky_clock_monotonic_ns(), 0); /* the camera may have been asked meanwhile */
    g_autofree char *address = sky_resolve(uri->host, left_ns, &source->stop, error);
    char *account = address != NULL ? account_of(&source->params, uri, error) : NULL;
    if (account == NULL)
        return NULL;
    g_autoptr(GString) url = g_string_sized_new(4096); /* never moved: no copy of the password stays behind */
    gboolean six = strchr(address, ':') != NULL;
    g_string_append_printf(url, "%s://%s%s%s%s", uri->scheme, account, six ? "[" : "", address, six ? "]" : "");
    if (uri->port > 0)
        g_string_append_printf(url, ":%d", uri->port);
    g_string_append(url, uri->rest);
    sky_text_wipe(account);
    g_free(account);
    return g_string_free(g_steal_pointer(&url), FALSE);
}
