/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "source/source_params.h"

/* Which streams of `transport: auto` have come by UDP where TCP comes first: finding that out can cost a minute without pictures, so it
 * outlives a restart. No more than a hint where to begin: what is stale is given up at the first silent attempt
 * (transport_choice.h), and forgotten once TCP has brought packets.
 * Decides only. Thread: main. Owner: the app. */
typedef struct SkyTransports SkyTransports;

#define SKY_TRANSPORTS_MAX 256 /* the one proven longest ago goes; there are at most 128 streams */

SkyTransports *sky_transports_new(void);
void sky_transports_free(SkyTransports *transports);
/* With which to begin: TCP, or UDP. */
SkyRtspTransport sky_transports_first(SkyTransports *transports, const char *url);
/* It has brought packets. */
void sky_transports_worked(SkyTransports *transports, const char *url, SkyRtspTransport transport, int64_t now_utc_ns);

/* What the store keeps, and back: all that has changed since the last call. body NULL: it stands no longer. */
void sky_transports_take_changes(SkyTransports *transports, void (*keep)(const char *id, const char *body, gpointer user), gpointer user);
void sky_transports_recall(SkyTransports *transports, const char *id, const char *body);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyTransports, sky_transports_free)
