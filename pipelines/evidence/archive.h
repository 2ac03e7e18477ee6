/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "evidence/retention.h"

/* The files below the evidence directory. Every call blocks on the disk. Owner, thread: the evidence worker. */

/* What is there, by alert: SkyRetentionItem *, `open` and `busy` unset; a file under way counts. Files of others are left alone and
 * not counted. ret_state: all but the time. */
GPtrArray *sky_archive_look(const char *directory, SkyRetentionState *ret_state);
/* Removes the alert's files; the camera's directory too where nothing else is in it. Returns how many went. */
uint32_t sky_archive_remove(const char *directory, const SkyRetentionItem *item);
