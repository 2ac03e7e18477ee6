/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gst/rtsp-server/rtsp-server.h>

#define ACCOUNT_ROLE "viewer"
/* One account, whose owner gets ACCOUNT_ROLE; everybody else is answered 401. The password is the first line of the file. */
GstRTSPAuth *account_new(const char *user, const char *password_file, gboolean digest, GError **error);
