/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Asks the network for cameras: WS-Discovery by UDP multicast to 239.255.255.250 and ff02::c, port 3702. Anybody may answer, with
 * anything. */
#define SKY_DISCOVERY_DEVICES_MAX 256
#define SKY_DISCOVERY_DATAGRAMS_MAX 4096

typedef struct {
    GPtrArray *devices; /* SkyDiscovered *, by address: each once, by IPv4 where it answered by both */
    GPtrArray *asked;   /* char *: the interfaces */
    guint strangers;    /* answers of what is no camera */
    guint broken;       /* answers that are not understood, or too large */
    guint foreign;      /* answers to what was not asked here */
    guint left_out;     /* devices, of one answer or of all, and datagrams beyond what is taken */
    guint unasked;      /* interfaces beyond what is asked (each family counts) */
} SkyDiscovery;

/* interface: NULL for all that are up, but for loopback. Blocks for limit_ns. FALSE: *ret_why says why nobody was asked
 * (new memory). */
gboolean sky_discovery_run(const char *interface, int64_t limit_ns, SkyDiscovery *ret_discovery, char **ret_why);
/* What one answer told (SkyDiscovered *, without an address) and where that came from; takes the devices that it keeps out of answered,
 * a list that frees what is left. For sky_discovery_run() and its tests. */
void sky_discovery_keep(SkyDiscovery *discovery, GPtrArray *answered, const char *address);
void sky_discovery_clear(SkyDiscovery *discovery);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkyDiscovery, sky_discovery_clear)
