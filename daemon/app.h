/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/config.h"

/* The daemon: builds the road, starts it from its end to its beginning (store, outbox, mqtt, cameras), stops it in the order in
 * which the data flows. Thread: main. SIGTERM and SIGINT stop, SIGHUP reloads; they have to be blocked before any thread exists
 * (main does). */
typedef struct SkyApp SkyApp;

/* config_path: read again at a reload. Fails with CONFIG (socket, a path that is too long) or FATAL. */
SkyApp *sky_app_new(SkyConfig *config, const char *config_path, GError **error);
/* Until a signal; TRUE: stopped cleanly. */
gboolean sky_app_run(SkyApp *app, GError **error);
void sky_app_free(SkyApp *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyApp, sky_app_free)
