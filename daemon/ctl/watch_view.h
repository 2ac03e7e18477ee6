/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "outbox/transport.h"

/* What of the broker's messages a person sees, and how. Decides only. Thread: one at a time. Owner: the watch. */
typedef struct SkyWatchView SkyWatchView;

/* json: every message as one JSON object. evidence: the folder of the clips on this box, or NULL; copied. */
SkyWatchView *sky_watch_view_new(gboolean json, const char *evidence);
void sky_watch_view_free(SkyWatchView *view);
/* One or more lines, each ended by a newline; NULL: not worth one (motion that is as it was, probes, cleared states). New
 * memory. */
char *sky_watch_view_lines(SkyWatchView *view, const SkyTransportIncoming *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyWatchView, sky_watch_view_free)
