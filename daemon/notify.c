/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/notify.h"

#include <systemd/sd-daemon.h>

void sky_notify_ready(void) {
    sd_notify(0, "READY=1");
}

void sky_notify_reloading(int64_t monotonic_ns) {
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, monotonic_ns / 1000);
}

void sky_notify_stopping(void) {
    sd_notify(0, "STOPPING=1");
}

void sky_notify_alive(void) {
    sd_notify(0, "WATCHDOG=1");
}

int64_t sky_notify_alive_every_ns(void) {
    uint64_t usec = 0;
    return sd_watchdog_enabled(0, &usec) > 0 ? (int64_t)usec * 1000 / 2 : 0;
}
