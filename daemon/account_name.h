/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/uri.h"

/* What an account of a camera is called by all who try it, the daemon and skynetctl. Decides only. */

/* "192.0.2.1:554". New memory. */
char *sky_account_place(const SkyUri *uri);
/* Of place, user and password; tells nobody host or user. Of the password no more than 16 bits: enough to see that it was changed, too
 * little to be guessed from. New memory, at most 63 bytes. */
char *sky_account_id(const char *place, const char *user, const char *password);
