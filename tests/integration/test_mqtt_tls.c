/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "support/broker.h"
#include "support/mqtt_client.h"

/* The address is looked up first and connected to as a number; the certificate has to be for the NAME all the same. */

static char *directory;

static char *in_directory(const char *name) {
    return g_build_filename(directory, name, NULL);
}

typedef struct {
    const char *name, *server, *host; /* certificate of the broker; what we call it */
    gboolean ca, no_verify, wants_certificate, certificate, wrong_key;
    const char *why;                  /* NULL: works */
} Case;

static const Case cases[] = {
    {.name = "name", .server = "server", .host = "localhost", .ca = TRUE},
    {.name = "address", .server = "server", .host = "127.0.0.1", .ca = TRUE},
    {.name = "other-name", .server = "other", .host = "localhost", .ca = TRUE, .why = "hostname mismatch"},
    {.name = "other-address", .server = "other", .host = "127.0.0.1", .ca = TRUE, .why = "IP address mismatch"},
    {.name = "expired", .server = "expired", .host = "localhost", .ca = TRUE, .why = "certificate has expired"},
    {.name = "not-yet", .server = "future", .host = "localhost", .ca = TRUE, .why = "certificate is not yet valid"},
    {.name = "unknown-authority", .server = "server", .host = "localhost", .why = "certificate"},
    {.name = "not-verified", .server = "other", .host = "localhost", .no_verify = TRUE},
    {.name = "client-certificate",
     .server = "server",
     .host = "localhost",
     .ca = TRUE,
     .wants_certificate = TRUE,
     .certificate = TRUE},
    {.name = "no-client-certificate",
     .server = "server",
     .host = "localhost",
     .ca = TRUE,
     .wants_certificate = TRUE,
     .why = "certificate"},
    {.name = "wrong-key",
     .server = "server",
     .host = "localhost",
     .ca = TRUE,
     .certificate = TRUE,
     .wrong_key = TRUE,
     .why = "key file"},
};

static SkyMqttNumbers await_failure(SkyMqtt *mqtt) {
    SkyMqttNumbers numbers = {0};
    for (int i = 0; i < 12000 && numbers.failures == 0; i++, g_usleep(5000)) numbers = sky_mqtt_numbers(mqtt);
    return numbers;
}

static void test_case(gconstpointer data) {
    const Case *c = data;
    static const char *const filters[] = {"#", NULL};
    g_autofree char *ca = in_directory("ca.pem"), *certificate = in_directory("client.pem");
    g_autofree char *key = in_directory(c->wrong_key ? "other.key" : "client.key");
    Broker broker;
    broker_init(&broker, FALSE);
    broker_listen_tls(&broker, directory, c->server, c->wants_certificate);
    broker_start(&broker);
    const SkyMqttParams params = {.client_id = "gateway",
                                  .host = c->host,
                                  .port = broker.tls_port,
                                  .tls = TRUE,
                                  .verify = !c->no_verify,
                                  .ca_file = c->ca ? ca : NULL,
                                  .certificate_file = c->certificate ? certificate : NULL,
                                  .key_file = c->certificate ? key : NULL,
                                  .keep_alive_s = 30};
    MqttClient client;
    mqtt_client_start(&client, &params, filters);
    if (c->why) {
        SkyMqttNumbers numbers = await_failure(client.mqtt);
        /* Whether the broker's alert arrives before its reset is a matter of luck: DOWN with a hint, where it does not. */
        g_assert_true(numbers.state == SKY_BROKER_REFUSED || (c->wants_certificate && numbers.state == SKY_BROKER_DOWN));
        g_test_message("%s", numbers.why);
        g_assert_nonnull(strstr(numbers.why, c->why));
        g_assert_cmpuint(numbers.connects, ==, 0);
    } else {
        g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
        g_autofree char *large = g_strnfill(200000, 'x'); /* many TLS records, each way */
        for (int i = 0; i < 20; i++) mqtt_client_publish(&client, "a", large, FALSE);
        for (int i = 0; i < 20; i++) {
            g_autoptr(MqttHeard) heard = mqtt_client_hear(&client);
            g_assert_nonnull(heard);
            g_assert_cmpuint(heard->bytes, ==, 200000);
            g_assert_cmpint(mqtt_client_reason(&client), <, 0x80);
        }
    }
    mqtt_client_stop(&client);
    broker_clear(&broker);
}

/* The box without a clock: refused until the certificate becomes valid (here: until the broker gets another), then by itself. */
static void test_comes_good(void) {
    g_autofree char *ca = in_directory("ca.pem");
    Broker broker;
    broker_init(&broker, FALSE);
    broker_listen_tls(&broker, directory, "future", FALSE);
    broker_start(&broker);
    const SkyMqttParams params = {.client_id = "gateway", .host = "localhost", .port = broker.tls_port, .tls = TRUE, .verify = TRUE,
                                  .ca_file = ca, .keep_alive_s = 30};
    MqttClient client;
    mqtt_client_start(&client, &params, NULL);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_REFUSED));
    broker_kill(&broker);
    g_string_replace(broker.config, "future", "server", 0);
    broker_start(&broker);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
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
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/mqtt-tls/", cases[i].name, NULL);
        g_test_add_data_func(path, &cases[i], test_case);
    }
    g_test_add_func("/mqtt-tls/comes-good", test_comes_good);
    int failed = g_test_run();
    sky_mqtt_library_cleanup();
    certificates_remove(directory);
    g_free(directory);
    return failed;
}
