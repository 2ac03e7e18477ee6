/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/discovery.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "daemon/ctl/discovery_message.h"

#define GROUP "239.255.255.250"
#define GROUP_SIX "ff02::c"
#define PORT 3702
#define SOCKETS_MAX 32
#define AGAIN_NS (500 * SKY_NS_PER_MS) /* UDP loses: everything is said twice */

/* One interface, in one of the two families. */
typedef struct {
    int family;
    unsigned index;
    int fd;
} Way;

typedef struct {
    Way ways[SOCKETS_MAX];
    guint count;
    guint datagrams;
    GHashTable *questions; /* their ids */
    SkyDiscovery *found;
} Round;

/* ---- asking ---- */

/* Up, with an IPv4 or a link-local IPv6 address, and not loopback where it is not asked for by name. */
static gboolean is_usable(const struct ifaddrs *one, const char *only) {
    if (!one->ifa_addr || !(one->ifa_flags & IFF_UP) || (only ? strcmp(only, one->ifa_name) != 0 : (one->ifa_flags & IFF_LOOPBACK) != 0))
        return FALSE;
    if (one->ifa_addr->sa_family == AF_INET6)
        return IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)(const void *)one->ifa_addr)->sin6_addr);
    return one->ifa_addr->sa_family == AF_INET;
}

static gboolean is_in(const Round *round, int family, unsigned index) {
    for (guint i = 0; i < round->count; i++)
        if (round->ways[i].family == family && round->ways[i].index == index)
            return TRUE;
    return FALSE;
}

/* A socket whose multicast leaves by that interface, and goes no further than the next router: cameras behind that do not belong to
 * this box. -1: errno. */
static int open_socket(int family, unsigned index) {
    const struct ip_mreqn way = {.imr_ifindex = (int)index};
    const int near = 1, number = (int)index;
    sky_autofd fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    gboolean set = fd >= 0 && (family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &number, sizeof number) == 0 &&
                                                        setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &near, sizeof near) == 0
                                                  : setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &way, sizeof way) == 0 &&
                                                        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &near, sizeof near) == 0);
    return set ? sky_steal_fd(&fd) : -1;
}

static gboolean send_to_group(const Way *way, const char *text) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(PORT), .sin6_scope_id = way->index};
    inet_pton(AF_INET, GROUP, &four.sin_addr);
    inet_pton(AF_INET6, GROUP_SIX, &six.sin6_addr);
    if (way->family == AF_INET6)
        return sendto(way->fd, text, strlen(text), 0, (const struct sockaddr *)&six, sizeof six) >= 0;
    return sendto(way->fd, text, strlen(text), 0, (const struct sockaddr *)&four, sizeof four) >= 0;
}

static gboolean ask(const Round *round, const Way *way) {
    static const char *const types[] = {"dn:NetworkVideoTransmitter", "tds:Device"};
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *text = sky_discovery_probe(types[i], round->questions);
        if (!send_to_group(way, text))
            return FALSE;
    }
    return TRUE;
}

static void add_way(Round *round, const char *name, int family, unsigned index, int *ret_errno) {
    Way way = {.family = family, .index = index, .fd = open_socket(family, index)};
    if (way.fd >= 0 && ask(round, &way)) {
        round->ways[round->count++] = way;
        g_ptr_array_add(round->found->asked, g_strconcat(name, family == AF_INET6 ? " (IPv6)" : "", NULL));
        return;
    }
    *ret_errno = errno;
    sky_close_fd(&way.fd);
}

static void add_ways(Round *round, const char *only, char **ret_why) {
    int failed = 0;
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) != 0)
        failed = errno;
    for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
        if (!is_usable(one, only))
            continue;
        unsigned index = if_nametoindex(one->ifa_name);
        if (is_in(round, one->ifa_addr->sa_family, index))
            continue;
        if (round->count < SOCKETS_MAX)
            add_way(round, one->ifa_name, one->ifa_addr->sa_family, index, &failed);
        else
            round->found->unasked++;
    }
    if (all)
        freeifaddrs(all);
    if (round->count > 0)
        return;
    if (failed)
        *ret_why = g_strdup_printf("the network can not be asked: %s", g_strerror(failed));
    else if (only)
        *ret_why = g_strdup_printf("%s is not an interface that is up and has an address: see `ip address`", only);
    else
        *ret_why = g_strdup("no interface is up and has an address: see `ip address`");
}

/* ---- listening ---- */

static gboolean is_six(const char *address) {
    return strchr(address, ':') != NULL;
}

/* Cheap cameras of one kind are seen with one endpoint for all of them, so the address tells them apart; but by IPv6 and IPv4 it is
 * one. The place of its row; NULL. */
static SkyDiscovered **find_known(const SkyDiscovery *found, const char *endpoint, const char *address) {
    for (guint i = 0; i < found->devices->len; i++) {
        SkyDiscovered **device = (SkyDiscovered **)&found->devices->pdata[i];
        if (strcmp((*device)->endpoint, endpoint) == 0 &&
            (strcmp((*device)->address, address) == 0 || is_six((*device)->address) != is_six(address)))
            return device;
    }
    return NULL;
}

/* An IPv4 address is the same for all who read the configuration; a link-local one changes with the name of the interface. The services
 * go with it: they are named by the address that was asked. */
static gboolean is_better(const SkyDiscovered *known, const char *address) {
    return is_six(known->address) && !is_six(address);
}

void sky_discovery_keep(SkyDiscovery *found, GPtrArray *answered, const char *address) {
    found->strangers += answered->len == 0;
    for (guint i = 0; i < answered->len; i++) {
        SkyDiscovered *device = answered->pdata[i];
        SkyDiscovered **known = find_known(found, device->endpoint, address);
        if (known && !is_better(*known, address))
            continue;
        if (!known && found->devices->len >= SKY_DISCOVERY_DEVICES_MAX) {
            found->left_out++;
            continue;
        }
        device->address = g_strdup(address);
        answered->pdata[i] = known ? *known : NULL;
        if (known)
            *known = device;
        else
            g_ptr_array_add(found->devices, device);
    }
}

static void take(Round *round, const char *text, gsize bytes, const char *address) {
    g_autoptr(GPtrArray) answered = g_ptr_array_new_with_free_func((GDestroyNotify)sky_discovered_free);
    guint left_out;
    switch (sky_discovery_read(text, bytes, round->questions, answered, &left_out)) {
    case SKY_DISCOVERY_FINE:
        round->found->left_out += left_out;
        sky_discovery_keep(round->found, answered, address);
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
    struct sockaddr_storage from;
    socklen_t from_bytes = sizeof from;
    char address[INET6_ADDRSTRLEN + IF_NAMESIZE];
    ssize_t bytes = recvfrom(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &from_bytes);
    if (bytes < 0 || getnameinfo((const struct sockaddr *)&from, from_bytes, address, sizeof address, NULL, 0, NI_NUMERICHOST) != 0)
        return;
    if (++round->datagrams > SKY_DISCOVERY_DATAGRAMS_MAX)
        round->found->left_out++;
    else
        take(round, datagram, (gsize)bytes, address);
}

static void listen_until(Round *round, int64_t until_ns) {
    struct pollfd waits[SOCKETS_MAX];
    for (guint i = 0; i < round->count; i++)
        waits[i] = (struct pollfd){.fd = round->ways[i].fd, .events = POLLIN};
    for (int64_t left_ns; (left_ns = until_ns - sky_clock_monotonic_ns()) > 0;) {
        if (poll(waits, round->count, (int)(left_ns / SKY_NS_PER_MS) + 1) <= 0)
            continue;
        for (guint i = 0; i < round->count; i++)
            if (waits[i].revents)
                receive(round, waits[i].fd);
    }
}

/* ---- the round ---- */

/* IPv4 before IPv6, each by number. */
static gint by_address(gconstpointer a, gconstpointer b) {
    const SkyDiscovered *one = *(SkyDiscovered *const *)a, *two = *(SkyDiscovered *const *)b;
    if (is_six(one->address) != is_six(two->address))
        return is_six(one->address) ? 1 : -1;
    struct in_addr first, second;
    gboolean four = inet_pton(AF_INET, one->address, &first) == 1 && inet_pton(AF_INET, two->address, &second) == 1;
    uint32_t x = four ? ntohl(first.s_addr) : 0, y = four ? ntohl(second.s_addr) : 0;
    int order = x != y ? (x < y ? -1 : 1) : strcmp(one->address, two->address);
    return order ? order : strcmp(one->endpoint, two->endpoint);
}

gboolean sky_discovery_run(const char *interface, int64_t limit_ns, SkyDiscovery *ret_discovery, char **ret_why) {
    *ret_discovery = (SkyDiscovery){.devices = g_ptr_array_new_with_free_func((GDestroyNotify)sky_discovered_free),
                                    .asked = g_ptr_array_new_with_free_func(g_free)};
    g_autoptr(GHashTable) questions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Round round = {.questions = questions, .found = ret_discovery};
    int64_t begun_ns = sky_clock_monotonic_ns();
    add_ways(&round, interface, ret_why);
    if (round.count == 0)
        return FALSE;
    listen_until(&round, begun_ns + MIN(AGAIN_NS, limit_ns / 2));
    for (guint i = 0; i < round.count; i++)
        ask(&round, &round.ways[i]);
    listen_until(&round, begun_ns + limit_ns);
    for (guint i = 0; i < round.count; i++)
        sky_close_fd(&round.ways[i].fd);
    g_ptr_array_sort(ret_discovery->devices, by_address);
    return TRUE;
}

void sky_discovery_clear(SkyDiscovery *discovery) {
    g_clear_pointer(&discovery->devices, g_ptr_array_unref);
    g_clear_pointer(&discovery->asked, g_ptr_array_unref);
}
