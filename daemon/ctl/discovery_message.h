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
    char *address;          /* where the answer came from, a link-local one with its zone; set by who received it */
    char *name, *hardware;  /* of its scopes, unescaped; "" */
    char *services;         /* XAddrs: URLs with blanks between, "" */
    SkyCameraVendor vendor; /* guessed from the scopes; NONE: not known */
} SkyDiscovered;

void sky_discovered_free(SkyDiscovered *device);
/* A Probe for devices of that type ("dn:NetworkVideoTransmitter", "tds:Device"). Its id, a UUID, is added to asked, a set of texts
 * that frees them. New memory. */
char *sky_discovery_probe(const char *type, GHashTable *asked);

typedef enum {
    SKY_DISCOVERY_FINE,    /* nothing added: of devices that are no cameras */
    SKY_DISCOVERY_FOREIGN, /* to what somebody else has asked, or nobody */
    SKY_DISCOVERY_BROKEN,  /* no such message, or half of one */
} SkyDiscoveryAnswer;
/* The cameras of a ProbeMatches are added to the list, at most SKY_DISCOVERY_MATCHES_MAX; ret_left_out: how many more there were
 * (where FINE). It has to name one of the questions: as RelatesTo, or, with firmware that is mistaken there, as its own MessageID.
 * Read by GMarkup, which knows no entities but the five of XML: there is nothing to expand. Namespace prefixes are not looked up:
 * firmware gets them wrong, and the names alone are clear. */
SkyDiscoveryAnswer sky_discovery_read(const char *text, gsize bytes, GHashTable *asked, GPtrArray *devices, guint *ret_left_out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyDiscovered, sky_discovered_free)
