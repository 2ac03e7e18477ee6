/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include <stdint.h>

/* One question to a camera over HTTP/1.0 (RFC 1945), on a connection of its own. Small on purpose: no TLS, no redirect is followed,
 * what comes back is bounded, and all of it ends at deadline_ns (CLOCK_MONOTONIC) or within 100 ms of *stop. */
typedef struct {
    const char *address; /* numeric */
    int port;
    const char *host;    /* as it is called in the request */
    int64_t deadline_ns;
    const atomic_bool *stop;
} SkyOnvifDoor;

/* What is asked, and by whom. */
typedef struct {
    const char *path, *body;
    const char *authorization; /* what follows "Authorization: "; NULL */
    gboolean bears_account;    /* there, or in the body */
} SkyOnvifQuestion;

/* Returns the whole reply, of 200, 400 and 500 (which bear a fault), 401, or 403 to a question that bears an account. Blocks. RETRY: not
 * reached, too slow, too large, no HTTP, a redirect, another status. */
GString *sky_onvif_post(const SkyOnvifDoor *door, const SkyOnvifQuestion *question, GError **error);
