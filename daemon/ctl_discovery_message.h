/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/camera_url.h"

/* The two messages of WS-Discovery that finding cameras needs: what is asked and what answers. OASIS WS-Discovery 1.1 (SOAP 1.2
 * over UDP), in the namespaces of the April 2005 draft as the ONVIF Core Specification, "Device discovery", has them. */
#define SKY_DISCOVERY_DATAGRAM_BYTES_MAX 16384
#define SKY_DISCOVERY_MATCHES_MAX 16 /* of one datagram */

/* A device that answered, in its own words: any text may stand in them. Never NULL but for address. */
typedef struct {
    char *endpoint;         /* its URN: what stays the same when its address changes */
    char *address;          /* where the answer came from; set by who received it */
    char *name, *hardware;  /* of its scopes, unescaped; "" */
    char *services;         /* XAddrs: URLs with blanks between, "" */
    SkyCameraVendor vendor; /* guessed from the scopes; NONE: not known */
} SkyDiscovered;

void sky_discovered_free(SkyDiscovered *device);
/* A Probe for devices of that type ("dn:NetworkVideoTransmitter", "tds:Device"). New memory. */
char *sky_discovery_probe(const char *type);
/* The cameras of a ProbeMatches, at most SKY_DISCOVERY_MATCHES_MAX, added to the list. FALSE: no such message; TRUE with nothing
 * added: of devices that are no cameras. Read by GMarkup, which knows no entities but the five of XML: there is nothing to expand.
 * Namespace prefixes are not looked up: firmware gets them wrong, and the names alone are clear. RelatesTo is not asked for either. */
gboolean sky_discovery_read(const char *text, gsize bytes, GPtrArray *devices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyDiscovered, sky_discovered_free)
