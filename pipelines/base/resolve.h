/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include <stdint.h>

/* Host name -> numeric address. A literal comes back at once. A look-up blocks for at most limit_ns and ends within 100 ms of
 * *stop becoming true (getaddrinfo_a; a query that can not be cancelled is left to the resolver's own thread).
 * Fails with RETRY: names the host. Blocks: never call it on the main thread. */
char *sky_resolve(const char *host, int64_t limit_ns, const atomic_bool *stop, GError **error);
/* The same, but every address, best first: "localhost" is ::1 and 127.0.0.1, and a server may listen on one only. NULL-terminated. */
char **sky_resolve_all(const char *host, int64_t limit_ns, const atomic_bool *stop, GError **error);
