/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Where stderr is the journal's, log lines go there structured: PRIORITY, SKYNET_STAGE, SKYNET_CAMERA beside MESSAGE. TRUE: they
 * do. Else, and in a build without systemd, they stay plain lines on stderr. Call before other threads exist. */
gboolean sky_journal_use(void);
