/* SPDX-License-Identifier: Apache-2.0 */
/* A build without systemd. */
#include "daemon/notify.h"

void sky_notify_ready(void) {
}

void sky_notify_reloading(int64_t monotonic_ns) {
}

void sky_notify_stopping(void) {
}

void sky_notify_alive(void) {
}

int64_t sky_notify_alive_every_ns(void) {
    return 0;
}
