/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Stands between a client and a real broker on the loopback, and spoils the line. */
typedef enum {
    RELAY_PASS,
    RELAY_SWALLOW,   /* nothing goes through any more, in either direction, and nobody is told: half-open */
    RELAY_SLOW,      /* what the client sends from now on goes through at 8 kB a second */
    RELAY_REFUSE_V5, /* a CONNECT of MQTT 5 is answered as a broker of 3.1.1 answers it */
    RELAY_DROP_V5,   /* a CONNECT of MQTT 5 is answered by hanging up */
} RelayMode;
typedef struct Relay Relay;

Relay *relay_new(int broker_port);
void relay_free(Relay *relay);
int relay_port(const Relay *relay);
void relay_set_mode(Relay *relay, RelayMode mode);
void relay_cut(Relay *relay); /* resets the connections that there are */
guint relay_connects(Relay *relay);    /* so far */
guint relay_v5_connects(Relay *relay); /* of these with MQTT 5 */
