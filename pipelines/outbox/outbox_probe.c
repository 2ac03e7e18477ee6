/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox/outbox_internal.h"

#include <string.h>

static void probe_free(gpointer item) {
    SkyOutboxProbe *probe = item;
    g_free(probe->audience);
    g_free(probe->topic);
    g_free(probe->payload);
    g_free(probe);
}

static void list_refused(SkyOutbox *outbox) {
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < outbox->probes->len; i++) {
        const SkyOutboxProbe *probe = outbox->probes->pdata[i];
        if (!probe->audience) outbox->numbers.commands_refused = probe->refused;
        else if (probe->refused) g_string_append_printf(names, "%s%s", names->len ? "," : "", probe->audience);
    }
    g_strlcpy(outbox->numbers.refused_audiences, names->str, sizeof outbox->numbers.refused_audiences);
}

static SkyOutboxProbe *find(GPtrArray *probes, const char *topic) {
    for (guint i = 0; probes && i < probes->len; i++) {
        SkyOutboxProbe *probe = probes->pdata[i];
        if (strcmp(probe->topic, topic) == 0) return probe;
    }
    return NULL;
}

static void subscribe(SkyOutbox *outbox, const SkyOutboxProbe *probe) {
    /* Refused: no echo will come, and that is the verdict. A command's comes the way that commands do, or not at all. */
    if (outbox->connected && probe->audience) outbox->ops.subscribe(outbox->ops.transport, probe->topic, 1, NULL);
}

static void add(SkyOutbox *outbox, GPtrArray *before, const char *audience, const char *topic) {
    SkyOutboxProbe *probe = g_new0(SkyOutboxProbe, 1), *known = find(before, topic);
    probe->audience = g_strdup(audience);
    probe->topic = g_strdup(topic);
    probe->passed_ns = SKY_TIME_NONE;
    g_ptr_array_add(outbox->probes, probe);
    if (known) {
        probe->refused = known->refused;
        probe->phase = known->phase == SKY_PROBE_DONE ? SKY_PROBE_DONE : SKY_PROBE_WAITING;
    } else {
        subscribe(outbox, probe);
    }
}

void sky_outbox_probes_change(SkyOutbox *outbox, char **audiences, char **topics) {
    GPtrArray *before = outbox->probes;
    outbox->probes = g_ptr_array_new_with_free_func(probe_free);
    for (guint i = 0; audiences[i]; i++) add(outbox, before, audiences[i], topics[i]);
    if (outbox->command_probe) add(outbox, before, NULL, outbox->command_probe);
    for (uint32_t i = 0; i < outbox->in_flight; i++) outbox->flights[i].probe = NULL;
    if (before) g_ptr_array_unref(before);
    list_refused(outbox);
}

void sky_outbox_probes_begin(SkyOutbox *outbox) {
    for (guint i = 0; i < outbox->probes->len; i++) {
        SkyOutboxProbe *probe = outbox->probes->pdata[i];
        probe->phase = SKY_PROBE_WAITING; /* the verdict stands until there is a new one */
        probe->passed_ns = SKY_TIME_NONE;
        g_clear_pointer(&probe->payload, g_free);
        subscribe(outbox, probe);
    }
}

SkyOutboxProbe *sky_outbox_probes_next(SkyOutbox *outbox) {
    for (guint i = 0; i < outbox->probes->len; i++) {
        SkyOutboxProbe *probe = outbox->probes->pdata[i];
        if (probe->phase == SKY_PROBE_WAITING) return probe;
    }
    return NULL;
}

static void decide(SkyOutbox *outbox, SkyOutboxProbe *probe, gboolean refused) {
    probe->phase = SKY_PROBE_DONE;
    probe->refused = refused;
    list_refused(outbox);
}

SkyHandOver sky_outbox_probes_send(SkyOutbox *outbox, SkyOutboxProbe *probe) {
    g_free(probe->payload);
    probe->payload = outbox->params.probe ? outbox->params.probe(probe->audience, outbox->params.user) : g_strdup("{}");
    const SkyTransportMessage message = {.topic = probe->topic, .payload = probe->payload, .payload_bytes = strlen(probe->payload),
                                         .qos = 1, .content_type = "application/json"};
    const SkyOutboxFlight flight = {.kind = SKY_FLIGHT_PROBE, .probe = probe};
    SkyHandOver handed = sky_outbox_hand_over(outbox, &message, &flight);
    if (handed == SKY_HANDED_OVER) probe->phase = SKY_PROBE_SENT;
    else if (handed == SKY_HAND_OVER_NEVER) decide(outbox, probe, TRUE);
    return handed;
}

void sky_outbox_probes_landed(SkyOutbox *outbox, SkyOutboxProbe *probe, uint32_t reason_code) {
    if (!probe || probe->phase != SKY_PROBE_SENT) return;
    if (reason_code >= 0x80) decide(outbox, probe, TRUE);
    else probe->passed_ns = outbox->now_ns;
}

gboolean sky_outbox_probes_received(SkyOutbox *outbox, const SkyTransportIncoming *message) {
    SkyOutboxProbe *probe = find(outbox->probes, message->topic);
    if (!probe) return FALSE;
    /* Ours and not somebody's: only the very text of this connection counts. Late is fine: it does get through. */
    if (probe->payload && message->payload_bytes == strlen(probe->payload) &&
        memcmp(message->payload, probe->payload, message->payload_bytes) == 0) {
        decide(outbox, probe, FALSE);
    }
    return TRUE;
}

void sky_outbox_probes_check(SkyOutbox *outbox) {
    for (guint i = 0; i < outbox->probes->len; i++) {
        SkyOutboxProbe *probe = outbox->probes->pdata[i];
        /* From the PUBACK on: a broker that hangs is no broker that refuses. */
        gboolean passed = probe->phase == SKY_PROBE_SENT && probe->passed_ns != SKY_TIME_NONE;
        if (passed && outbox->now_ns - probe->passed_ns >= SKY_OUTBOX_ECHO_NS) decide(outbox, probe, TRUE);
    }
}
