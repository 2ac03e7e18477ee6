/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/uri.h"
#include "message/public_text.h"
#include "fuzz.h"

#define HEAD "S3cr3tH3ad"
#define TAIL "T41lS3cr3t"

/* Whatever parses as a URL: its password is not in the redacted text, unless the rest of the URL says the same by chance. */
static void check_any(const char *text) {
    g_autoptr(SkyUri) uri = sky_uri_parse(text, NULL);
    g_autofree char *redacted = sky_uri_redact(text);
    g_assert(redacted);
    g_autofree char *twice = sky_uri_redact(redacted);
    g_assert(twice);
    if (!uri || !uri->password || strlen(uri->password) < 4)
        return;
    g_autofree char *without = sky_uri_without_credentials(uri);
    const char *rest = strstr(without, "://");
    g_autofree char *hidden = g_strconcat("://***@", rest ? rest + 3 : without, NULL); /* "@wor" before "world" */
    if (!strcasestr(without, uri->password) && !strcasestr(hidden, uri->password)) /* a scheme may be in capitals */
        g_assert(!strstr(redacted, uri->password));
}

/* The bytes as the middle of a password whose ends can not stand anywhere by chance. */
static void check_password(const char *middle) {
    g_autofree char *url = g_strconcat("rtsp://admin:" HEAD, middle, TAIL "@cam.local:554/live", NULL);
    g_autoptr(SkyUri) uri = sky_uri_parse(url, NULL);
    if (!uri)
        return; /* refused: it never becomes a camera's URL */
    g_autofree char *line = g_strconcat("can not open ", url, ": timeout", NULL);
    g_autofree char *redacted = sky_uri_redact(line);
    g_assert(!strstr(redacted, HEAD) && !strstr(redacted, TAIL));
    g_autofree char *shown = sky_public_text(line);
    g_assert(!strstr(shown, HEAD) && !strstr(shown, TAIL));
    /* "x@host/y" in the middle reads as a host and a path, by the standard; still the redactor leaves nothing of it */
    g_autofree char *without = sky_uri_without_credentials(uri);
    g_autofree char *printed = sky_uri_redact(without);
    g_assert(!strstr(printed, HEAD) && !strstr(printed, TAIL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    g_autofree char *text = g_strndup((const char *)data, bytes);
    check_any(text);
    check_password(text);
    return 0;
}
