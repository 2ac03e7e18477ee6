/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "base/clock.h"
#include "support/broker.h"
#include "support/mqtt_client.h"
#include "support/relay.h"

#ifndef __has_feature /* gcc */
#define __has_feature(feature) 0
#endif

static const char *const everything[] = {"#", NULL};

static SkyMqttParams params_of(const Broker *broker) {
    SkyMqttParams params = {.client_id = "gateway", .verify = TRUE, .keep_alive_s = 30};
    if (broker->socket_path) params.socket_path = broker->socket_path;
    else params.host = "127.0.0.1";
    params.port = broker->port;
    return params;
}

/* Connects, publishes, hears itself, and was acknowledged. */
static void assert_works(const SkyMqttParams *params, gboolean v5) {
    MqttClient client;
    mqtt_client_start(&client, params, everything);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
    g_assert_cmpint(sky_mqtt_numbers(client.mqtt).v5, ==, v5);
    mqtt_client_publish(&client, "a/b", "text", FALSE);
    g_assert_cmpint(mqtt_client_reason(&client), <, 0x80);
    g_autoptr(MqttHeard) heard = mqtt_client_hear(&client);
    g_assert_nonnull(heard);
    g_assert_cmpstr(heard->topic, ==, "a/b");
    g_assert_cmpstr(heard->payload, ==, "text");
    mqtt_client_stop(&client);
}

/* A look-up that is waited for takes 5 s. */
static void stop_in_time(MqttClient *client) {
    int64_t before_ns = sky_clock_monotonic_ns();
    mqtt_client_stop(client);
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, <, 4 * SKY_NS_PER_S);
}

/* Comes to nothing, and says why. */
static void assert_fails(const SkyMqttParams *params, SkyBrokerState state, const char *why) {
    MqttClient client;
    int64_t begun_ns = sky_clock_monotonic_ns();
    mqtt_client_start(&client, params, NULL);
    g_assert_true(mqtt_await_state(client.mqtt, state));
    SkyMqttNumbers numbers = sky_mqtt_numbers(client.mqtt);
    g_test_message("%s", numbers.why);
    g_assert_nonnull(strstr(numbers.why, why));
    g_assert_cmpuint(numbers.connects, ==, 0);
    g_assert_cmpint(numbers.next_try_ns, >, begun_ns);
    stop_in_time(&client);
}

static void test_tcp(void) {
    Broker broker;
    broker_init(&broker, FALSE);
    broker_listen_tcp(&broker);
    broker_start(&broker);
    SkyMqttParams params = params_of(&broker);
    assert_works(&params, TRUE);
    params.host = "localhost"; /* ::1 too, where nobody listens */
    assert_works(&params, TRUE);
    broker_clear(&broker);
    assert_fails(&params, SKY_BROKER_DOWN, "refused");
}

static void test_unix(void) {
    Broker broker;
    broker_init(&broker, FALSE);
    broker_listen_unix(&broker);
    broker_start(&broker);
    SkyMqttParams params = params_of(&broker);
    assert_works(&params, TRUE);
    broker_stop(&broker);
    assert_fails(&params, SKY_BROKER_DOWN, "");
    g_autofree char *long_path = g_strnfill(200, 'x');
    params.socket_path = long_path;
    assert_fails(&params, SKY_BROKER_REFUSED, "address");
    broker_clear(&broker);
}

static void test_account(void) {
    Broker broker;
    broker_init(&broker, TRUE);
    broker_listen_tcp(&broker);
    broker_account(&broker, "gate", "open sesame");
    broker_start(&broker);
    SkyMqttParams params = params_of(&broker);
    assert_fails(&params, SKY_BROKER_REFUSED, "anonymous");
    params.user = "gate";
    params.password = "open sesame";
    assert_works(&params, TRUE);
    params.password = "wrong secret";
    assert_fails(&params, SKY_BROKER_REFUSED, "gate");
    broker_clear(&broker);
}

static void test_will(void) {
    Broker broker;
    broker_init(&broker, FALSE);
    broker_listen_tcp(&broker);
    broker_start(&broker);
    Relay *relay = relay_new(broker.port);
    MqttClient watcher, client;
    SkyMqttParams params = params_of(&broker);
    params.client_id = "watcher";
    mqtt_client_start(&watcher, &params, everything);
    g_assert_true(mqtt_await_state(watcher.mqtt, SKY_BROKER_CONNECTED));
    params = params_of(&broker);
    params.port = relay_port(relay);
    params.will_topic = "status";
    params.will_payload = "offline";
    mqtt_client_start(&client, &params, NULL);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
    mqtt_client_stop(&client); /* clean: no will */
    g_assert_null(mqtt_client_overhear(&watcher, 500));
    mqtt_client_start(&client, &params, NULL);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
    relay_cut(relay);
    g_autoptr(MqttHeard) heard = mqtt_client_hear(&watcher);
    g_assert_nonnull(heard);
    g_assert_cmpstr(heard->payload, ==, "offline");
    mqtt_client_stop(&client);
    mqtt_client_stop(&watcher);
    relay_free(relay);
    broker_clear(&broker);
}

/* Killed and back: by itself, within the delay. And a reload leads to another broker at once. */
static void test_reconnect(void) {
    Broker broker, other;
    broker_init(&broker, FALSE);
    broker_listen_tcp(&broker);
    broker_start(&broker);
    broker_init(&other, FALSE);
    broker_listen_unix(&other);
    broker_start(&other);
    MqttClient client;
    SkyMqttParams params = params_of(&broker);
    mqtt_client_start(&client, &params, everything);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
    broker_kill(&broker);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_DOWN));
    broker_start(&broker);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
    g_assert_cmpuint(sky_mqtt_numbers(client.mqtt).connects, ==, 2);
    broker_kill(&broker);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_DOWN));
    params = params_of(&other);
    sky_mqtt_set_params(client.mqtt, &params);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
    mqtt_client_publish(&client, "x", "y", FALSE);
    g_autoptr(MqttHeard) heard = mqtt_client_hear(&client);
    g_assert_nonnull(heard);
    mqtt_client_stop(&client);
    broker_clear(&broker);
    broker_clear(&other);
}

/* Two gateways with one id: both are told, and neither storms the broker. */
static void test_stolen(void) {
    Broker broker;
    broker_init(&broker, FALSE);
    broker_listen_tcp(&broker);
    broker_start(&broker);
    SkyMqttParams params = params_of(&broker);
    MqttClient first, second;
    mqtt_client_start(&first, &params, NULL);
    g_assert_true(mqtt_await_state(first.mqtt, SKY_BROKER_CONNECTED));
    mqtt_client_start(&second, &params, NULL);
    g_assert_true(mqtt_await_state(first.mqtt, SKY_BROKER_DOWN));
    int64_t begun_ns = sky_clock_monotonic_ns();
    uint64_t connects = 0;
    do {
        g_usleep(10 * G_USEC_PER_SEC);
        connects = sky_mqtt_numbers(first.mqtt).connects + sky_mqtt_numbers(second.mqtt).connects;
    } while (connects < 3 && sky_clock_monotonic_ns() < begun_ns + 60 * SKY_NS_PER_S);
    int64_t seconds = (sky_clock_monotonic_ns() - begun_ns) / SKY_NS_PER_S;
    g_test_message("%" G_GUINT64_FORMAT " connects in %d s", connects, (int)seconds);
    g_assert_cmpuint(connects, >=, 3);
    g_assert_cmpint((int64_t)connects, <=, 8 + (seconds - 10) / 4); /* 1, 2, 4, 8 s each; without the growing delay one a second and more */
    gboolean said = FALSE;
    for (int i = 0; i < 12000 && !said; i++, g_usleep(5000)) {
        said = strstr(sky_mqtt_numbers(first.mqtt).why, "another client") && strstr(sky_mqtt_numbers(first.mqtt).why, "gateway");
    }
    g_test_message("%s", sky_mqtt_numbers(first.mqtt).why);
    g_assert_true(said);
    mqtt_client_stop(&first);
    mqtt_client_stop(&second);
    broker_clear(&broker);
}

/* A client whose line to the broker is to be spoilt. */
typedef struct {
    Broker broker;
    Relay *relay;
    SkyMqttParams params;
    MqttClient client;
} Line;

static void line_init(Line *line) {
    broker_init(&line->broker, FALSE);
    broker_listen_tcp(&line->broker);
    broker_start(&line->broker);
    line->relay = relay_new(line->broker.port);
    line->params = params_of(&line->broker);
    line->params.port = relay_port(line->relay);
    line->params.keep_alive_s = 5;
    mqtt_client_start(&line->client, &line->params, NULL);
    g_assert_true(mqtt_await_state(line->client.mqtt, SKY_BROKER_CONNECTED));
}

static void line_clear(Line *line) {
    mqtt_client_stop(&line->client);
    relay_free(line->relay);
    broker_clear(&line->broker);
}

static void test_half_open(void) {
    Line line;
    line_init(&line);
    relay_set_mode(line.relay, RELAY_SWALLOW);
    g_assert_true(mqtt_await_state(line.client.mqtt, SKY_BROKER_DOWN));
    g_assert_nonnull(strstr(sky_mqtt_numbers(line.client.mqtt).why, "no answer"));
    relay_cut(line.relay);
    relay_set_mode(line.relay, RELAY_PASS);
    g_assert_true(mqtt_await_state(line.client.mqtt, SKY_BROKER_CONNECTED));
    line_clear(&line);
}

/* What is on its way for longer than two keep-alives comes all the same: whose end of the line takes it, lives. */
static void test_slow_line(void) {
    Line line;
    line_init(&line);
    relay_set_mode(line.relay, RELAY_SLOW);
    g_autofree char *picture = g_strnfill(120000, 'x');
    mqtt_client_publish(&line.client, "a/b", picture, FALSE);
    g_assert_cmpint(mqtt_client_reason(&line.client), ==, 0x10); /* it came, and nobody has subscribed to it */
    g_assert_cmpuint(sky_mqtt_numbers(line.client.mqtt).connects, ==, 1);
    relay_set_mode(line.relay, RELAY_PASS);
    line_clear(&line);
}

/* A broker of 3.1.1 only: found out once, then remembered. */
static void test_old_version(gconstpointer data) {
    Broker broker;
    broker_init(&broker, FALSE);
    broker_listen_tcp(&broker);
    broker_start(&broker);
    Relay *relay = relay_new(broker.port);
    relay_set_mode(relay, (RelayMode)GPOINTER_TO_INT(data));
    SkyMqttParams params = params_of(&broker);
    params.port = relay_port(relay);
    assert_works(&params, FALSE);
    MqttClient client;
    mqtt_client_start(&client, &params, NULL);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
    g_assert_cmpuint(sky_mqtt_numbers(client.mqtt).failures, ==, 0); /* the second try comes without a rest */
    guint v5_before = relay_v5_connects(relay);
    relay_cut(relay);
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_DOWN));
    g_assert_true(mqtt_await_state(client.mqtt, SKY_BROKER_CONNECTED));
    g_assert_cmpuint(relay_v5_connects(relay), ==, v5_before);
    mqtt_client_stop(&client);
    relay_free(relay);
    broker_clear(&broker);
}

/* What the access list denies: MQTT 5 says so, 3.1.1 acknowledges it like anything else. */
static void test_denied(void) {
    Broker broker;
    broker_init(&broker, TRUE);
    broker_listen_tcp(&broker);
    broker_account(&broker, "gate", "pw");
    broker_acl(&broker, "user gate\ntopic readwrite ours/#\n");
    broker_start(&broker);
    Relay *relay = relay_new(broker.port);
    SkyMqttParams params = params_of(&broker);
    params.user = "gate";
    params.password = "pw";
    MqttClient client;
    mqtt_client_start(&client, &params, NULL);
    mqtt_client_publish(&client, "ours/x", "1", FALSE);
    g_assert_cmpint(mqtt_client_reason(&client), <, 0x80);
    mqtt_client_publish(&client, "theirs/x", "1", FALSE);
    g_assert_cmpint(mqtt_client_reason(&client), ==, 0x87);
    mqtt_client_publish(&client, "not/a/#/topic", "1", FALSE);
    g_assert_cmpint(mqtt_client_reason(&client), ==, 999); /* not handed over */
    mqtt_client_stop(&client);
    relay_set_mode(relay, RELAY_REFUSE_V5);
    params.port = relay_port(relay);
    mqtt_client_start(&client, &params, NULL);
    mqtt_client_publish(&client, "theirs/x", "1", FALSE);
    g_assert_cmpint(mqtt_client_reason(&client), ==, 0);
    mqtt_client_stop(&client);
    relay_free(relay);
    broker_clear(&broker);
}

static void test_look_up(void) {
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
    g_test_skip("glibc's resolver threads crash under ThreadSanitizer, which does not know them");
    return;
#endif
    SkyMqttParams params = {.client_id = "gateway", .host = "no-such-broker.invalid", .port = 1883, .keep_alive_s = 30};
    MqttClient client;
    mqtt_client_start(&client, &params, NULL);
    g_usleep(100000); /* whether the name server answers or not */
    stop_in_time(&client);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    if (!broker_is_there()) {
        g_print("1..0 # SKIP no mosquitto here\n");
        return 0;
    }
    sky_mqtt_library_init();
    g_test_add_func("/mqtt/tcp", test_tcp);
    g_test_add_func("/mqtt/unix", test_unix);
    g_test_add_func("/mqtt/account", test_account);
    g_test_add_func("/mqtt/will", test_will);
    g_test_add_func("/mqtt/reconnect", test_reconnect);
    g_test_add_func("/mqtt/stolen", test_stolen);
    g_test_add_func("/mqtt/half-open", test_half_open);
    g_test_add_func("/mqtt/slow-line", test_slow_line);
    g_test_add_data_func("/mqtt/old-version/refused", GINT_TO_POINTER(RELAY_REFUSE_V5), test_old_version);
    g_test_add_data_func("/mqtt/old-version/dropped", GINT_TO_POINTER(RELAY_DROP_V5), test_old_version);
    g_test_add_func("/mqtt/denied", test_denied);
    g_test_add_func("/mqtt/look-up", test_look_up);
    int failed = g_test_run();
    sky_mqtt_library_cleanup();
    return failed;
}
