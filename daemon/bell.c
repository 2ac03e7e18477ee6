/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/bell.h"

#include <glib.h>
#include <sys/eventfd.h>

#include "base/cleanup.h"

void sky_bell_init(SkyBell *bell) {
    bell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_assert(bell->fd >= 0); /* out of descriptors at start: a restart beats a deaf loop */
}

void sky_bell_clear(SkyBell *bell) {
    sky_close_fd(&bell->fd);
}

void sky_bell_ring(SkyBell *bell) {
    /* Fails only where the counter is full: then the sleeper is awake anyway. */
    G_GNUC_UNUSED int ignored = eventfd_write(bell->fd, 1);
}

void sky_bell_hush(SkyBell *bell) {
    eventfd_t rings;
    G_GNUC_UNUSED int ignored = eventfd_read(bell->fd, &rings);
}
