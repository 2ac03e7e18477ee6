/* SPDX-License-Identifier: Apache-2.0 */
#include "support/mqtt_client.h"

#include <string.h>
#include "base/clock.h"

#define PATIENCE_MS 60000 /* a busy machine may need some seconds for anything */

typedef struct {
    char *topic, *payload;
    gboolean retain;
} MqttOrder;

static void order_free(gpointer item) {
    MqttOrder *order = item;
    g_free(order->topic);
    g_free(order->payload);
    g_free(order);
}

void mqtt_heard_free(MqttHeard *heard) {
    if (!heard) return;
    g_free(heard->topic);
    g_free(heard->payload);
    g_free(heard);
}

static void on_connected(const SkyTransportOps *ops, gboolean v5, gpointer user) {
    MqttClient *client = user;
    client->ops = *ops;
    client->up = TRUE;
    for (guint i = 0; client->filters && client->filters[i]; i++) {
        g_assert_true(ops->subscribe(ops->transport, client->filters[i], 1, NULL));
    }
}

static void on_disconnected(const GError *error, gpointer user) {
    ((MqttClient *)user)->up = FALSE;
}

static void on_acknowledged(uint32_t token, uint32_t reason_code, gpointer user) {
    MqttClient *client = user;
    sky_queue_push(client->reasons, GUINT_TO_POINTER(reason_code + 1));
}

static void on_received(const SkyTransportIncoming *message, gpointer user) {
    MqttClient *client = user;
    MqttHeard *heard = g_new0(MqttHeard, 1);
    *heard = (MqttHeard){.topic = g_strdup(message->topic),
                         .payload = g_strndup((const char *)message->payload, message->payload_bytes),
                         .bytes = message->payload_bytes,
                         .retained = message->retained,
                         .at_ns = sky_clock_monotonic_ns()};
    if (sky_queue_push(client->heard, heard) != SKY_QUEUE_OK) mqtt_heard_free(heard);
}

static void on_turn(int64_t now_ns, gpointer user) {
    MqttClient *client = user;
    MqttOrder *order;
    while (client->up && (order = sky_mailbox_take(client->orders)) != NULL) {
        const SkyTransportMessage message = {.topic = order->topic,
                                             .payload = order->payload,
                                             .payload_bytes = strlen(order->payload),
                                             .qos = 1,
                                             .retain = order->retain,
                                             .content_type = "text/plain",
                                             .expiry_s = 60};
        uint32_t token = 0;
        if (!client->ops.publish(client->ops.transport, &message, &token, NULL))
            sky_queue_push(client->reasons, GUINT_TO_POINTER(1000));
        order_free(order);
    }
}

void mqtt_client_start(MqttClient *client, const SkyMqttParams *params, const char *const *filters) {
    memset(client, 0, sizeof *client);
    client->filters = filters;
    client->orders = sky_mailbox_new(1024, order_free);
    client->heard = sky_queue_new(1 << 18, (GDestroyNotify)mqtt_heard_free);
    client->reasons = sky_queue_new(1 << 12, NULL);
    const SkyTransportEvents events = {on_connected, on_disconnected, on_acknowledged, on_received, on_turn,
                                       sky_mailbox_fd(client->orders), client};
    client->mqtt = sky_mqtt_new(params, &events);
    g_assert_true(sky_mqtt_start(client->mqtt, NULL));
}

void mqtt_client_stop(MqttClient *client) {
    sky_mqtt_free(client->mqtt);
    sky_mailbox_free(client->orders);
    sky_queue_free(client->heard);
    sky_queue_free(client->reasons);
}

void mqtt_client_publish(MqttClient *client, const char *topic, const char *payload, gboolean retain) {
    MqttOrder *order = g_new0(MqttOrder, 1);
    *order = (MqttOrder){g_strdup(topic), g_strdup(payload), retain};
    g_assert_cmpint(sky_mailbox_post(client->orders, order), ==, SKY_QUEUE_OK);
}

MqttHeard *mqtt_client_overhear(MqttClient *client, int limit_ms) {
    gpointer item = NULL;
    sky_queue_pop(client->heard, sky_clock_monotonic_ns() + limit_ms * SKY_NS_PER_MS, &item);
    return item;
}

MqttHeard *mqtt_client_hear(MqttClient *client) {
    return mqtt_client_overhear(client, PATIENCE_MS);
}

int mqtt_client_reason(MqttClient *client) {
    gpointer item = NULL;
    sky_queue_pop(client->reasons, sky_clock_monotonic_ns() + PATIENCE_MS * SKY_NS_PER_MS, &item);
    return (int)GPOINTER_TO_UINT(item) - 1;
}

gboolean mqtt_await_state(SkyMqtt *mqtt, SkyBrokerState state) {
    for (int64_t end_ns = sky_clock_monotonic_ns() + PATIENCE_MS * SKY_NS_PER_MS; sky_clock_monotonic_ns() < end_ns; g_usleep(5000)) {
        if (sky_mqtt_numbers(mqtt).state == state) return TRUE;
    }
    g_test_message("state %d: %s", (int)sky_mqtt_numbers(mqtt).state, sky_mqtt_numbers(mqtt).why);
    return FALSE;
}
