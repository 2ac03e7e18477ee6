/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Folders whose names outlast a power cut: a file that was synced is lost all the same where the name of its folder was not. Both
 * block on the disk, from any thread; `what` is the error's prefix, no path. */

/* Makes it (0750), and those above it where they are missing, and syncs what holds each. One that is there already may stem from a
 * process that was killed before it did: what holds it is synced again, as far as we may. */
gboolean sky_directory_make(const char *path, const char *what, GError **error);
/* The names in it: created, renamed, removed. */
gboolean sky_directory_sync(const char *path, const char *what, GError **error);
