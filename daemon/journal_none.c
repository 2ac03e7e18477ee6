/* SPDX-License-Identifier: Apache-2.0 */
/* A build without systemd. */
#include "daemon/journal.h"

gboolean sky_journal_use(void) {
    return FALSE;
}
