/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl_discovery.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "daemon/ctl_discovery_message.h"

#define GROUP "239.255.255.250"
#define PORT 3702
#define INTERFACES_MAX 16
#define AGAIN_NS (500 * SKY_NS_PER_MS) /* UDP loses: everything is said twice */

typedef struct {
    struct pollfd sockets[INTERFACES_MAX];
    guint count;
    guint datagrams;
    GHashTable *questions; /* their ids */
    SkyDiscovery *found;
} Round;

/* ---- asking ---- */

/* Up, with an IPv4 address, and not loopback where it is not asked for by name. */
static gboolean is_usable(const char *name, gboolean by_name) {
    struct ifreq request = {0};
    g_strlcpy(request.ifr_name, name, sizeof request.ifr_name);
    sky_autofd fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) != 0)
        return FALSE;
    gboolean up = request.ifr_flags & IFF_UP, loopback = request.ifr_flags & IFF_LOOPBACK;
    return up && (by_name || !loopback) && ioctl(fd, SIOCGIFADDR, &request) == 0;
}

/* A socket whose multicast leaves by that interface; -1: errno. */
static int open_socket(unsigned index) {
    const struct ip_mreqn way = {.imr_ifindex = (int)index};
    const int near = 1; /* hops: cameras of the other side of a router do not belong to this box */
    sky_autofd fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &way, sizeof way) != 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &near, sizeof near) != 0)
        return -1;
    return sky_steal_fd(&fd);
}

static gboolean ask(const Round *round, int fd) {
    static const char *const types[] = {"dn:NetworkVideoTransmitter", "tds:Device"};
    struct sockaddr_in group = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    inet_pton(AF_INET, GROUP, &group.sin_addr);
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *text = sky_discovery_probe(types[i], round->questions);
        if (sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&group, sizeof group) < 0)
            return FALSE;
    }
    return TRUE;
}

static void add_interface(Round *round, const char *name, unsigned index, int *ret_errno) {
    int fd = open_socket(index);
    if (fd >= 0 && ask(round, fd)) {
        round->sockets[round->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
        g_ptr_array_add(round->found->asked, g_strdup(name));
        return;
    }
    *ret_errno = errno;
    sky_close_fd(&fd);
}

static void add_interfaces(Round *round, const char *only, char **ret_why) {
    int failed = 0;
    struct if_nameindex *all = if_nameindex();
    for (const struct if_nameindex *one = all; one && one->if_index != 0; one++) {
        if ((only && strcmp(only, one->if_name) != 0) || !is_usable(one->if_name, only != NULL))
            continue;
        if (round->count < INTERFACES_MAX)
            add_interface(round, one->if_name, one->if_index, &failed);
        else
            round->found->unasked++;
    }
    if (all)
        if_freenameindex(all);
    if (round->count > 0)
        return;
    if (failed)
        *ret_why = g_strdup_printf("the network can not be asked: %s", g_strerror(failed));
    else if (only)
        *ret_why = g_strdup_printf("%s is not an interface that is up and has an IPv4 address: see `ip -4 address`", only);
    else
        *ret_why = g_strdup("no interface is up and has an IPv4 address: see `ip -4 address`");
}

/* ---- listening ---- */

static gboolean is_known(const SkyDiscovery *found, const char *endpoint) {
    for (guint i = 0; i < found->devices->len; i++)
        if (strcmp(((const SkyDiscovered *)found->devices->pdata[i])->endpoint, endpoint) == 0)
            return TRUE;
    return FALSE;
}

static void keep(SkyDiscovery *found, GPtrArray *answered, const char *address) {
    found->strangers += answered->len == 0;
    for (guint i = 0; i < answered->len; i++) {
        SkyDiscovered *device = answered->pdata[i];
        if (is_known(found, device->endpoint))
            continue;
        if (found->devices->len >= SKY_DISCOVERY_DEVICES_MAX) {
            found->left_out++;
            continue;
        }
        device->address = g_strdup(address);
        g_ptr_array_add(found->devices, device);
        answered->pdata[i] = NULL;
    }
}

static void take(Round *round, const char *text, gsize bytes, const char *address) {
    g_autoptr(GPtrArray) answered = g_ptr_array_new_with_free_func((GDestroyNotify)sky_discovered_free);
    guint left_out;
    switch (sky_discovery_read(text, bytes, round->questions, answered, &left_out)) {
    case SKY_DISCOVERY_FINE:
        round->found->left_out += left_out;
        keep(round->found, answered, address);
        return;
    case SKY_DISCOVERY_FOREIGN:
        round->found->foreign++;
        return;
    case SKY_DISCOVERY_BROKEN:
        round->found->broken++;
        return;
    }
}

static void receive(Round *round, int fd) {
    static char datagram[SKY_DISCOVERY_DATAGRAM_BYTES_MAX + 1];
    struct sockaddr_in from;
    socklen_t from_bytes = sizeof from;
    char address[INET_ADDRSTRLEN];
    ssize_t bytes = recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &from_bytes);
    if (bytes < 0)
        return;
    if (++round->datagrams > SKY_DISCOVERY_DATAGRAMS_MAX)
        round->found->left_out++;
    else
        take(round, datagram, (gsize)bytes, inet_ntop(AF_INET, &from.sin_addr, address, sizeof address));
}

static void listen_until(Round *round, int64_t until_ns) {
    for (int64_t left_ns; (left_ns = until_ns - sky_clock_monotonic_ns()) > 0;) {
        if (poll(round->sockets, round->count, (int)(left_ns / SKY_NS_PER_MS) + 1) <= 0)
            continue;
        for (guint i = 0; i < round->count; i++)
            if (round->sockets[i].revents)
                receive(round, round->sockets[i].fd);
    }
}

/* ---- the round ---- */

static gint by_address(gconstpointer a, gconstpointer b) {
    const SkyDiscovered *one = *(SkyDiscovered *const *)a, *two = *(SkyDiscovered *const *)b;
    struct in_addr first, second;
    inet_pton(AF_INET, one->address, &first);
    inet_pton(AF_INET, two->address, &second);
    uint32_t x = ntohl(first.s_addr), y = ntohl(second.s_addr);
    return x != y ? (x < y ? -1 : 1) : strcmp(one->endpoint, two->endpoint);
}

gboolean sky_discovery_run(const char *interface, int64_t limit_ns, SkyDiscovery *ret_discovery, char **ret_why) {
    *ret_discovery = (SkyDiscovery){.devices = g_ptr_array_new_with_free_func((GDestroyNotify)sky_discovered_free),
                                    .asked = g_ptr_array_new_with_free_func(g_free)};
    g_autoptr(GHashTable) questions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Round round = {.questions = questions, .found = ret_discovery};
    int64_t begun_ns = sky_clock_monotonic_ns();
    add_interfaces(&round, interface, ret_why);
    if (round.count == 0)
        return FALSE;
    listen_until(&round, begun_ns + MIN(AGAIN_NS, limit_ns / 2));
    for (guint i = 0; i < round.count; i++)
        ask(&round, round.sockets[i].fd);
    listen_until(&round, begun_ns + limit_ns);
    for (guint i = 0; i < round.count; i++)
        sky_close_fd(&round.sockets[i].fd);
    g_ptr_array_sort(ret_discovery->devices, by_address);
    return TRUE;
}

void sky_discovery_clear(SkyDiscovery *discovery) {
    g_clear_pointer(&discovery->devices, g_ptr_array_unref);
    g_clear_pointer(&discovery->asked, g_ptr_array_unref);
}
