/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Wakes one sleeper: any number of rings before it looks are one ring. For states that are looked up, not queued.
 * Thread: ring from any. Owner: whoever sleeps on fd. */
typedef struct {
    int fd;
} SkyBell;

void sky_bell_init(SkyBell *bell);
void sky_bell_clear(SkyBell *bell);
void sky_bell_ring(SkyBell *bell);
void sky_bell_hush(SkyBell *bell); /* before looking at the states */
