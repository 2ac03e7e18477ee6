/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* What we tell the service manager (sd_notify(3)); nothing where there is none, or in a build without systemd. Thread: main. */
void sky_notify_ready(void);
void sky_notify_reloading(int64_t monotonic_ns); /* then _ready() again */
void sky_notify_stopping(void);
void sky_notify_alive(void);
/* How often _alive() is wanted: half of WatchdogSec; 0: not at all. */
int64_t sky_notify_alive_every_ns(void);
