/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "source/onvif_line.h"

/* One question to a camera over HTTP/1.0 (RFC 1945), or HTTPS, on a connection of its own. Small on purpose: no redirect is followed, so
 * nothing that is meant for TLS ever goes in the open, and what comes back is bounded. */

/* What is asked, and by whom. */
typedef struct {
    const char *path, *body;
    const char *authorization; /* what follows "Authorization: "; NULL */
    gboolean bears_account;    /* there, or in the body */
} SkyOnvifQuestion;

/* Returns the whole reply, of 200, 400 and 500 (which bear a fault), 401, or 403 to a question that bears an account. Blocks. RETRY: not
 * reached, too slow, too large, no HTTP, a redirect, another status. CONFIG: a certificate that ca_file does not tell of. */
GString *sky_onvif_post(const SkyOnvifDoor *door, const SkyOnvifQuestion *question, GError **error);
