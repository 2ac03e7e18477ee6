/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "source/source_engine.h"

/* A camera has refused an account: did it ask for digests that neither libavformat 5.1 nor GStreamer 1.22 knows? Both take the last that
 * is offered, and know MD5 alone (RFC 7616, RFC 8760). Asks the camera once, without the account; for 3 s at most. url: rtsp:// or rtsps://.
 * Returns the algorithm; NULL: it is MD5, or the camera does not tell. Thread: the source's. New memory. */
char *sky_rtsp_challenge_unknown(const SkySource *source, const char *url);
