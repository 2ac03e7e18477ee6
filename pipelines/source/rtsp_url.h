/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "source/source_engine.h"

/* The URL that libavformat is given, and nobody else ever sees: the host as a numeric address (libav's own look-up could not be
 * broken off), user and password percent-encoded in it. Of an onvif:// URL the camera is asked for it first (onvif.h). Blocks while
 * it asks and looks the host up, for at most limit_ns. Errors: CONFIG (not an RTSP URL, user and password too long), RETRY
 * (look-up). Wipe with sky_text_wipe() before g_free(). */
char *sky_rtsp_url_for_libav(SkySource *source, int64_t limit_ns, GError **error);
