/* SPDX-License-Identifier: Apache-2.0 */
#include "support/camera/account.h"

#include "base/text_file.h"

GstRTSPAuth *account_new(const char *user, const char *password_file, gboolean digest, GError **error) {
    char *password = sky_text_file_read_secret(password_file, error);
    if (password == NULL) return NULL;
    GstRTSPAuth *account = gst_rtsp_auth_new();
    GstRTSPToken *token = gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, ACCOUNT_ROLE, NULL);
    gst_rtsp_auth_set_supported_methods(account, digest ? GST_RTSP_AUTH_DIGEST : GST_RTSP_AUTH_BASIC);
    if (digest) {
        gst_rtsp_auth_add_digest(account, user, password, token);
    } else {
        g_autofree char *both = gst_rtsp_auth_make_basic(user, password);
        gst_rtsp_auth_add_basic(account, both, token);
    }
    gst_rtsp_token_unref(token);
    sky_text_wipe(password);
    g_free(password);
    return account;
}
