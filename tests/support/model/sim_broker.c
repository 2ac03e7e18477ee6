/* SPDX-License-Identifier: Apache-2.0 */
#include "support/model/sim_broker.h"

#include <string.h>
#include "base/error.h"

#define NOT_AUTHORIZED 0x87

static void publish_free(gpointer item) {
    SimPublish *publish = item;
    g_free(publish->topic);
    g_free(publish->payload);
    g_free(publish);
}

void sim_broker_init(SimBroker *broker, const SimBrokerSink *sink) {
    *broker = (SimBroker){.sink = *sink, .retained = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
}

void sim_broker_clear(SimBroker *broker) {
    sim_broker_detach(broker);
    g_hash_table_unref(broker->retained);
    g_free(broker->denied);
}

/* What was on the wire or on its way back is gone. */
static void cut(SimBroker *broker) {
    g_queue_clear_full(&broker->wire, publish_free);
    g_queue_clear_full(&broker->pubacks, publish_free);
    g_clear_pointer(&broker->filter, g_free);
    broker->connected = broker->stalled = FALSE;
}

void sim_broker_attach(SimBroker *broker, const SkyTransportEvents *events) {
    broker->events = *events;
}

void sim_broker_detach(SimBroker *broker) {
    cut(broker);
    broker->events = (SkyTransportEvents){.wake_fd = -1};
}

static gboolean publish(gpointer transport, const SkyTransportMessage *message, uint32_t *ret_token, GError **error) {
    SimBroker *broker = transport;
    g_assert(broker->connected && message->qos == 1);
    if (broker->stalled) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_RETRY, "not connected");
        return FALSE;
    }
    SimPublish *item = g_new0(SimPublish, 1);
    *item = (SimPublish){.token = ++broker->next_token, .topic = g_strdup(message->topic), .retain = message->retain,
                         .payload = g_strndup(message->payload ? message->payload : "", message->payload_bytes)};
    *ret_token = item->token;
    g_queue_push_tail(&broker->wire, item);
    return TRUE;
}

static gboolean subscribe(gpointer transport, const char *topic_filter, int qos, GError **error) {
    SimBroker *broker = transport;
    g_free(broker->filter);
    broker->filter = g_strdup(topic_filter);
    return TRUE;
}

static gboolean is_sending(gpointer transport) {
    return ((SimBroker *)transport)->wire.length > 0;
}

/* The end is told at the next connect, as after a stall. */
static void hang_up(gpointer transport, const char *why) {
    ((SimBroker *)transport)->stalled = TRUE;
}

void sim_broker_connect(SimBroker *broker) {
    if (broker->stalled) sim_broker_lose(broker);
    if (broker->connected) return;
    broker->connected = TRUE;
    broker->connection++;
    const SkyTransportOps ops = {publish, subscribe, NULL, is_sending, hang_up, broker};
    broker->events.connected(&ops, TRUE, broker->events.user);
}

void sim_broker_lose(SimBroker *broker) {
    if (!broker->connected) return;
    cut(broker);
    g_autoptr(GError) error = g_error_new_literal(SKY_ERROR, SKY_ERR_RETRY, "the line broke");
    broker->events.disconnected(error, broker->events.user);
}

void sim_broker_forget(SimBroker *broker) {
    sim_broker_lose(broker);
    g_hash_table_remove_all(broker->retained);
    broker->sink.forgot(broker->sink.user);
}

gboolean sim_broker_take(SimBroker *broker) {
    SimPublish *item = broker->stalled ? NULL : g_queue_pop_head(&broker->wire);
    if (!item) return FALSE;
    gboolean denied = broker->denied && g_str_has_prefix(item->topic, broker->denied);
    item->reason = denied ? NOT_AUTHORIZED : 0;
    if (!denied && item->retain) {
        if (item->payload[0]) g_hash_table_insert(broker->retained, g_strdup(item->topic), g_strdup(item->payload));
        else g_hash_table_remove(broker->retained, item->topic);
    }
    broker->sink.published(item, denied, broker->sink.user);
    g_queue_push_tail(&broker->pubacks, item);
    return TRUE;
}

gboolean sim_broker_puback(SimBroker *broker) {
    SimPublish *item = broker->stalled ? NULL : g_queue_pop_head(&broker->pubacks);
    if (!item) return FALSE;
    broker->events.acknowledged(item->token, item->reason, broker->events.user);
    publish_free(item);
    return TRUE;
}

gboolean sim_broker_send(SimBroker *broker, const char *topic, const char *payload, gsize bytes, gboolean retained) {
    if (!broker->connected || broker->stalled || !broker->filter) return FALSE;
    broker->events.received(&(SkyTransportIncoming){topic, (const uint8_t *)payload, bytes, retained}, broker->events.user);
    return TRUE;
}
