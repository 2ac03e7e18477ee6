/* SPDX-License-Identifier: Apache-2.0 */
#include "support/relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include "base/cleanup.h"
#include "base/thread.h"

#define PAIRS_MAX 16
#define SLOW_BYTES 2048
#define SLOW_US (G_USEC_PER_SEC / 4)

typedef struct {
    int client, broker; /* -1: none */
    gboolean known;     /* its CONNECT has been looked at */
} Pair;

struct Relay {
    int listener, port, broker_port;
    atomic_int mode;
    atomic_bool stop, cut;
    atomic_uint connects, v5_connects;
    SkyThread *thread;
    Pair pairs[PAIRS_MAX];
};

static void close_pair(Pair *pair, gboolean reset) {
    struct linger now = {.l_onoff = 1};
    if (reset && pair->client >= 0) setsockopt(pair->client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    sky_close_fd(&pair->client);
    sky_close_fd(&pair->broker);
}

static int dial(int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) sky_close_fd(&fd);
    return fd;
}

static void accept_one(Relay *relay) {
    int fd = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) return;
    atomic_fetch_add(&relay->connects, 1);
    for (guint i = 0; i < PAIRS_MAX; i++) {
        Pair *pair = &relay->pairs[i];
        if (pair->client >= 0) continue;
        *pair = (Pair){fd, atomic_load(&relay->mode) == RELAY_SWALLOW ? -1 : dial(relay->broker_port), FALSE};
        if (pair->broker < 0 && atomic_load(&relay->mode) != RELAY_SWALLOW) close_pair(pair, FALSE);
        return;
    }
    close(fd);
}

/* The level stands behind the fixed header and "MQTT". TRUE: the connection goes no further. */
static gboolean refuse(Relay *relay, Pair *pair, const guint8 *bytes, gssize length) {
    const guint8 *name = memmem(bytes, (size_t)MIN(length, 16), "MQTT", 4);
    gboolean v5 = name && name + 4 < bytes + length && name[4] == 5;
    int mode = atomic_load(&relay->mode);
    if (v5) atomic_fetch_add(&relay->v5_connects, 1);
    pair->known = TRUE;
    if (!v5 || (mode != RELAY_REFUSE_V5 && mode != RELAY_DROP_V5)) return FALSE;
    static const guint8 unacceptable_version[] = {0x20, 2, 0, 1};
    if (mode == RELAY_REFUSE_V5 && send(pair->client, unacceptable_version, 4, MSG_NOSIGNAL) != 4)
        g_test_message("relay: gone already");
    return TRUE;
}

static void pass(Relay *relay, Pair *pair, gboolean upwards) {
    guint8 bytes[16384];
    gboolean slow = upwards && atomic_load(&relay->mode) == RELAY_SLOW;
    if (slow) g_usleep(SLOW_US);
    gssize length = recv(upwards ? pair->client : pair->broker, bytes, slow ? SLOW_BYTES : sizeof bytes, 0);
    if (length <= 0 || (upwards && !pair->known && refuse(relay, pair, bytes, length))) {
        close_pair(pair, FALSE);
        return;
    }
    for (gssize sent = 0; sent < length;) {
        gssize now = send(upwards ? pair->broker : pair->client, bytes + sent, (size_t)(length - sent), MSG_NOSIGNAL);
        if (now <= 0) {
            close_pair(pair, FALSE);
            return;
        }
        sent += now;
    }
}

static void turn(Relay *relay) {
    struct pollfd fds[1 + 2 * PAIRS_MAX] = {{.fd = relay->listener, .events = POLLIN}};
    gboolean swallow = atomic_load(&relay->mode) == RELAY_SWALLOW;
    for (guint i = 0; i < PAIRS_MAX; i++) {
        fds[1 + 2 * i] = (struct pollfd){.fd = swallow ? -1 : relay->pairs[i].client, .events = POLLIN};
        fds[2 + 2 * i] = (struct pollfd){.fd = swallow ? -1 : relay->pairs[i].broker, .events = POLLIN};
    }
    poll(fds, G_N_ELEMENTS(fds), 20);
    for (guint i = 0; i < PAIRS_MAX; i++) {
        if (fds[1 + 2 * i].revents && relay->pairs[i].client >= 0) pass(relay, &relay->pairs[i], TRUE);
        if (fds[2 + 2 * i].revents && relay->pairs[i].broker >= 0) pass(relay, &relay->pairs[i], FALSE);
    }
    if (fds[0].revents) accept_one(relay);
    if (!atomic_exchange(&relay->cut, FALSE)) return;
    for (guint i = 0; i < PAIRS_MAX; i++) close_pair(&relay->pairs[i], TRUE);
}

static void run(gpointer user) {
    Relay *relay = user;
    while (!atomic_load(&relay->stop)) turn(relay);
}

Relay *relay_new(int broker_port) {
    Relay *relay = g_new0(Relay, 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    relay->broker_port = broker_port;
    relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int buffer_bytes = SLOW_BYTES; /* what waits, waits at the client */
    setsockopt(relay->listener, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    g_assert_cmpint(bind(relay->listener, (struct sockaddr *)&address, bytes), ==, 0);
    g_assert_cmpint(listen(relay->listener, 8), ==, 0);
    g_assert_cmpint(getsockname(relay->listener, (struct sockaddr *)&address, &bytes), ==, 0);
    relay->port = ntohs(address.sin_port);
    for (guint i = 0; i < PAIRS_MAX; i++) relay->pairs[i] = (Pair){-1, -1, FALSE};
    relay->thread = sky_thread_start("relay", run, relay, NULL);
    g_assert_nonnull(relay->thread);
    return relay;
}

void relay_free(Relay *relay) {
    atomic_store(&relay->stop, TRUE);
    sky_thread_join(relay->thread);
    for (guint i = 0; i < PAIRS_MAX; i++) close_pair(&relay->pairs[i], FALSE);
    sky_close_fd(&relay->listener);
    g_free(relay);
}

int relay_port(const Relay *relay) {
    return relay->port;
}

void relay_set_mode(Relay *relay, RelayMode mode) {
    atomic_store(&relay->mode, mode);
}

void relay_cut(Relay *relay) {
    atomic_store(&relay->cut, TRUE);
}

guint relay_connects(Relay *relay) {
    return atomic_load(&relay->connects);
}

guint relay_v5_connects(Relay *relay) {
    return atomic_load(&relay->v5_connects);
}
