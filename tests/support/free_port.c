/* SPDX-License-Identifier: Apache-2.0 */
#include "support/free_port.h"

#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/cleanup.h"

#define LOWEST 10000
#define TRIES 1000

/* The first of the ports that outgoing connections get; Linux's default where it can not be read. */
static int first_ephemeral(void) {
    g_autofree char *text = NULL;
    int first = 0;
    if (!g_file_get_contents("/proc/sys/net/ipv4/ip_local_port_range", &text, NULL, NULL) || sscanf(text, "%d", &first) != 1 ||
        first <= LOWEST)
        return 32768;
    return first;
}

int free_port(void) {
    int end = first_ephemeral();
    for (int i = 0; i < TRIES; i++) {
        int port = g_random_int_range(LOWEST, end);
        struct sockaddr_in address = {
            .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
        sky_autofd probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        g_assert_cmpint(probe, >=, 0);
        if (bind(probe, (struct sockaddr *)&address, sizeof address) == 0)
            return port;
    }
    g_error("of %d ports tried on 127.0.0.1 none is free", TRIES);
}
