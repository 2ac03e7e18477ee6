/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include "base/uri.h"

/* onvif://host:port/CHANNEL/main or /sub in the place of an RTSP URL: the camera is asked for it, at each attempt anew, so a port or a
 * path that changes at the camera is found again. Its clock is asked first, for the account's digest is made of it.
 * Nothing that it names is on another host than itself: who answers there could be anybody.
 * Blocks, at most limit_ns. Errors as in onvif_message.h. New memory: an RTSP URL without account. */
char *sky_onvif_stream_url(const SkyUri *uri, const char *user, const char *password, int64_t limit_ns, const atomic_bool *stop,
                           GError **error);
