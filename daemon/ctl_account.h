/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/uri.h"
#include "daemon/ctl.h"

/* Why this account should not be tried now, from the daemon: it was refused, and each further wrong password brings the camera nearer
 * to locking it. user: NULL for what the URL bears. New memory; NULL: nothing is known against it, or no daemon answers. */
char *sky_ctl_account_refused(const SkyCtl *ctl, const SkyUri *uri, const char *user);
