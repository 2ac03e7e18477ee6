/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/account_name.h"

#include <string.h>

char *sky_account_place(const SkyUri *uri) {
    return g_strdup_printf("%s:%d", uri->host, sky_uri_port(uri));
}

char *sky_account_id(const char *place, const char *user, const char *password) {
    g_autofree char *name = g_strdup_printf("%s %s", user, place);
    g_autofree char *who = g_compute_checksum_for_string(G_CHECKSUM_SHA256, name, -1);
    g_autofree char *secret = g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guint8 *)name, strlen(name), password, -1);
    return g_strdup_printf("%.32s-%.4s", who, secret);
}
