/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include "base/uri.h"
#include "source/source.h"

/* onvif://host:port/CHANNEL/main or /sub, or onvifs:// for HTTPS, in the place of an RTSP URL: the camera is asked for it, at each attempt anew, so a port or a
 * path that changes at the camera is found again. Each question goes without the account first; where the camera refuses that, with
 * it: by HTTP digest where that is what it wants (http_digest.h), else as WS-UsernameToken, whose digest is made of the camera's
 * clock, so that is asked before. A wrong password is seen by the camera once.
 * Nothing that it names is on another host than itself: who answers there could be anybody.
 * Of params: the account, and ca_file. Blocks, at most limit_ns. Errors as in onvif_message.h. New memory: an RTSP URL without
 * account. */
char *sky_onvif_stream_url(const SkyUri *uri, const SkySourceParams *params, int64_t limit_ns, const atomic_bool *stop,
                           SkyOnvifNumbers *numbers, GError **error);
