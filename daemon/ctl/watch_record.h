/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "daemon/ctl/record.h"
#include "outbox/transport.h"

/* A recorder at the broker: subscribes to the logs and to what is sent again to this client, and asks for that. What it asks and what
 * is lost for good it says on stderr. Thread: the transport's. Owner: skynetctl watch. */
typedef struct SkyWatchRecord SkyWatchRecord;

/* audiences: NULL-terminated. client: the name that replays are asked for in; the broker's access list may bind it to the account. */
SkyWatchRecord *sky_watch_record_new(const char *path, const char *site, const char *client, const char *const *audiences, GError **error);
void sky_watch_record_free(SkyWatchRecord *record);
void sky_watch_record_connected(SkyWatchRecord *record, const SkyTransportOps *ops);
void sky_watch_record_disconnected(SkyWatchRecord *record);
void sky_watch_record_received(SkyWatchRecord *record, const SkyTransportIncoming *message);
void sky_watch_record_turn(SkyWatchRecord *record, int64_t now_ns); /* each second */
gboolean sky_watch_record_failed(const SkyWatchRecord *record);    /* the file could not be written */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyWatchRecord, sky_watch_record_free)
