/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "base/cleanup.h"
#include "base/clock.h"
#include "support/broker.h"
#include "support/free_port.h"
#include "support/mqtt_client.h"

/* What the transport costs while nothing works, and while nothing happens. libmosquitto spins where it is let. */

#define FAULT_US (3 * G_USEC_PER_SEC)

static char *directory;

static int64_t cpu_ns(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec * SKY_NS_PER_S + used.tv_nsec;
}

/* Voluntary switches of the MQTT thread: each is a wake-up. */
static guint64 wake_ups(void) {
    g_autoptr(GDir) tasks = g_dir_open("/proc/self/task", 0, NULL);
    const char *id;
    while (tasks && (id = g_dir_read_name(tasks))) {
        g_autofree char *path = g_strdup_printf("/proc/self/task/%s/status", id), *text = NULL;
        if (!g_file_get_contents(path, &text, NULL, NULL) || !strstr(text, "Name:\tsky-mqtt")) continue;
        const char *count = strstr(text, "\nvoluntary_ctxt_switches:");
        return count ? g_ascii_strtoull(strchr(count, ':') + 1, NULL, 10) : 0;
    }
    return 0;
}

static gboolean has_come_to(SkyMqtt *mqtt, guint64 connects, const char *why) {
    SkyMqttNumbers numbers = sky_mqtt_numbers(mqtt);
    return numbers.connects >= connects && strstr(numbers.why, why);
}

static void measure_fault(const char *name, const SkyMqttParams *params, guint64 connects, const char *why) {
    MqttClient client;
    mqtt_client_start(&client, params, NULL);
    int64_t before_ns = cpu_ns();
    g_usleep(FAULT_US);
    double percent = 100.0 * (double)(cpu_ns() - before_ns) / (FAULT_US * 1000.0);
    /* On a busy machine the first try may still be on its way. */
    for (int i = 0; i < 6000 && !has_come_to(client.mqtt, connects, why); i++) g_usleep(10000);
    SkyMqttNumbers numbers = sky_mqtt_numbers(client.mqtt);
    g_test_message("%s: %.2f %% of a core, state %d %s", name, percent, (int)numbers.state, numbers.why);
    g_assert_cmpfloat(percent, <, 5);
    g_assert_cmpuint(numbers.connects, ==, connects);
    g_assert_nonnull(strstr(numbers.why, why));
    int64_t stop_ns = sky_clock_monotonic_ns();
    mqtt_client_stop(&client);
    g_assert_cmpint(sky_clock_monotonic_ns() - stop_ns, <, 5 * SKY_NS_PER_S);
}

static SkyMqttParams params_for(int port, gboolean tls, const char *ca) {
    return (SkyMqttParams){.client_id = "gateway",
                           .host = "127.0.0.1",
                           .port = port,
                           .tls = tls,
                           .verify = TRUE,
                           .ca_file = tls ? ca : NULL,
                           .keep_alive_s = 5};
}

/* Accepts (the kernel does) and never says a word. */
static int silent_listener(int *ret_port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, bytes), ==, 0);
    g_assert_cmpint(listen(fd, 16), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &bytes), ==, 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

/* Not even the handshake of TCP is answered: the queue of a listener that nobody serves is full. */
static int black_hole(int *ret_port, int *ret_filler, guint fillers) {
    int fd = silent_listener(ret_port);
    listen(fd, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)*ret_port)};
    for (guint i = 0; i < fillers; i++) {
        ret_filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        connect(ret_filler[i], (struct sockaddr *)&address, sizeof address);
    }
    return fd;
}

static void test_faults(void) {
    g_autofree char *ca = g_build_filename(directory, "ca.pem", NULL);
    for (int tls = 0; tls <= 1; tls++) {
        SkyMqttParams params = params_for(free_port(), tls, ca);
        measure_fault(tls ? "refused, TLS" : "refused", &params, 0, "Connection refused");
        int port = 0, fillers[4];
        int fd = silent_listener(&port);
        params = params_for(port, tls, ca);
        measure_fault(tls ? "silent, TLS" : "silent", &params, 0, "");
        sky_close_fd(&fd);
        fd = black_hole(&port, fillers, G_N_ELEMENTS(fillers));
        params = params_for(port, tls, ca);
        measure_fault(tls ? "black hole, TLS" : "black hole", &params, 0, "");
        for (guint i = 0; i < G_N_ELEMENTS(fillers); i++) sky_close_fd(&fillers[i]);
        sky_close_fd(&fd);
    }
}

static void test_broker_faults(void) {
    g_autofree char *ca = g_build_filename(directory, "ca.pem", NULL);
    Broker broker;
    broker_init(&broker, TRUE);
    broker_listen_tcp(&broker);
    broker_listen_tls(&broker, directory, "server", FALSE);
    broker_account(&broker, "gate", "right");
    broker_start(&broker);
    for (int tls = 0; tls <= 1; tls++) {
        SkyMqttParams params = params_for(tls ? broker.tls_port : broker.port, tls, ca);
        params.user = "gate";
        params.password = "wrong";
        measure_fault(tls ? "wrong password, TLS" : "wrong password", &params, 0, "account");
        params.password = "right";
        measure_fault(tls ? "connected, TLS" : "connected", &params, 1, "");
        broker_pause(&broker);
        measure_fault(tls ? "stopped broker, TLS" : "stopped broker", &params, 0, "");
        broker_resume(&broker);
    }
    broker_clear(&broker);
}

/* The broker stops answering in the middle of a connection, with more to send than the socket takes. */
static void test_stalled(void) {
    Broker broker;
    broker_init(&broker, FALSE);
    broker_listen_tcp(&broker);
    broker_start(&broker);
    SkyMqttParams params = params_for(broker.port, FALSE, NULL);
    MqttClient client;
    mqtt_client_start(&client, &params, NULL);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
    broker_pause(&broker);
    g_autofree char *large = g_strnfill(1 << 20, 'x');
    for (int i = 0; i < 20; i++) mqtt_client_publish(&client, "a", large, FALSE);
    while (sky_mailbox_length(client.orders) > 0) g_usleep(10000);
    g_usleep(500000);
    int64_t before_ns = cpu_ns();
    g_usleep(FAULT_US);
    double percent = 100.0 * (double)(cpu_ns() - before_ns) / (FAULT_US * 1000.0);
    g_test_message("stalled with 20 MiB to send: %.2f %% of a core", percent);
    g_assert_cmpfloat(percent, <, 5);
    int64_t stop_ns = sky_clock_monotonic_ns();
    mqtt_client_stop(&client);
    g_assert_cmpint(sky_clock_monotonic_ns() - stop_ns, <, 5 * SKY_NS_PER_S);
    broker_resume(&broker);
    broker_clear(&broker);
}

static void test_idle(void) {
    Broker broker;
    broker_init(&broker, FALSE);
    broker_listen_tcp(&broker);
    broker_start(&broker);
    SkyMqttParams params = params_for(broker.port, FALSE, NULL);
    params.keep_alive_s = 30;
    MqttClient client;
    mqtt_client_start(&client, &params, NULL);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
    guint64 before = wake_ups();
    int64_t begun_ns = sky_clock_monotonic_ns();
    g_usleep(5 * G_USEC_PER_SEC);
    double rate = (double)(wake_ups() - before) * (double)SKY_NS_PER_S / (double)(sky_clock_monotonic_ns() - begun_ns);
    g_test_message("%.1f wake-ups a second, idle and connected", rate);
    g_assert_cmpfloat(rate, >, 0);
    g_assert_cmpfloat(rate, <=, 2);
    mqtt_client_stop(&client);
    broker_clear(&broker);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    directory = g_dir_make_tmp("sky-tls-XXXXXX", NULL);
    if (!broker_is_there() || !certificates_make(directory)) {
        g_print("1..0 # SKIP no mosquitto or no openssl here\n");
        return 0;
    }
    sky_mqtt_library_init();
    g_test_add_func("/mqtt-load/faults", test_faults);
    g_test_add_func("/mqtt-load/broker-faults", test_broker_faults);
    g_test_add_func("/mqtt-load/stalled", test_stalled);
    g_test_add_func("/mqtt-load/idle", test_idle);
    int failed = g_test_run();
    sky_mqtt_library_cleanup();
    certificates_remove(directory);
    g_free(directory);
    return failed;
}
