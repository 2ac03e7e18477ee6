/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/queue.h"
#include "daemon/ctl/doctor.h"
#include "daemon/ctl/doctor_judge.h"
#include "message/message.h"
#include "message/topic.h"
#include "mqtt/mqtt.h"

/* One message to each audience's probe topic, and one to that of commands, the last, read back: in MQTT 3.1.1 a broker says of nothing that it was refused. */

#define CONNECT_NS (20 * SKY_NS_PER_S)
#define ECHO_NS (10 * SKY_NS_PER_S)

typedef struct {
    char *topic, *payload;
    char *filter; /* by which the daemon hears of it */
    uint32_t token;
    gboolean sent;
    SkyEcho echo;
} Probe;

/* The lock guards all of it but `waker` and ops, which is the MQTT thread's. */
typedef struct {
    SkyLock lock;
    SkyTransportOps ops;
    Probe *probes;
    guint count, next; /* next: to be sent */
    gboolean up, v5;
    SkyQueue *waker; /* something changed */
} Trial;

static void wake(Trial *trial) {
    sky_queue_push(trial->waker, trial); /* full: it is awake */
}

/* One after the other: a broker has its own window. */
static void send_next(Trial *trial) {
    if (trial->next >= trial->count)
        return;
    Probe *probe = &trial->probes[trial->next++];
    const SkyTransportMessage message = {.topic = probe->topic, .payload = probe->payload, .payload_bytes = strlen(probe->payload),
                                         .qos = 1, .content_type = "application/json"};
    trial->ops.subscribe(trial->ops.transport, probe->filter, 1, NULL);
    probe->sent = trial->ops.publish(trial->ops.transport, &message, &probe->token, NULL);
}

static void on_connected(const SkyTransportOps *ops, gboolean v5, gpointer user) {
    Trial *trial = user;
    sky_lock_enter(&trial->lock);
    if (!trial->up) { /* once is enough */
        trial->ops = *ops;
        trial->up = TRUE;
        trial->v5 = v5;
        for (guint i = 0; i < trial->count; i++)
            trial->probes[i].echo = SKY_ECHO_MISSING;
        send_next(trial);
    }
    sky_lock_leave(&trial->lock);
    wake(trial);
}

static void on_acknowledged(uint32_t token, uint32_t reason_code, gpointer user) {
    Trial *trial = user;
    sky_lock_enter(&trial->lock);
    for (guint i = 0; i < trial->count; i++) {
        Probe *probe = &trial->probes[i];
        if (probe->sent && probe->token == token && reason_code >= 0x80)
            probe->echo = SKY_ECHO_REFUSED;
    }
    send_next(trial);
    sky_lock_leave(&trial->lock);
    wake(trial);
}

static void on_received(const SkyTransportIncoming *message, gpointer user) {
    Trial *trial = user;
    sky_lock_enter(&trial->lock);
    for (guint i = 0; i < trial->count; i++) {
        Probe *probe = &trial->probes[i];
        if (strcmp(probe->topic, message->topic) == 0 && message->payload_bytes == strlen(probe->payload) &&
            memcmp(message->payload, probe->payload, message->payload_bytes) == 0)
            probe->echo = SKY_ECHO_CAME;
    }
    sky_lock_leave(&trial->lock);
    wake(trial);
}

static gboolean is_over(Trial *trial, gboolean *ret_up) {
    sky_lock_enter(&trial->lock);
    gboolean over = trial->up && trial->next == trial->count;
    for (guint i = 0; i < trial->count; i++)
        over &= trial->probes[i].echo != SKY_ECHO_MISSING;
    *ret_up = trial->up;
    sky_lock_leave(&trial->lock);
    return over;
}

/* Until every probe has its verdict, the broker says no, or time is up. */
static void wait_for(Trial *trial, SkyMqtt *mqtt) {
    int64_t until_ns = sky_clock_monotonic_ns() + CONNECT_NS;
    gboolean up = FALSE, was_up = FALSE;
    while (!is_over(trial, &up) && sky_clock_monotonic_ns() < until_ns) {
        gpointer item;
        if (up && !was_up)
            until_ns = sky_clock_monotonic_ns() + ECHO_NS;
        was_up = up;
        if (sky_mqtt_numbers(mqtt).failures > 0)
            return;
        sky_queue_pop(trial->waker, sky_clock_monotonic_ns() + 100 * SKY_NS_PER_MS, &item);
    }
}

static void judge(const Trial *trial, const SkyMqttNumbers *numbers, const SkyConfigValues *values, SkySheet *sheet) {
    sky_judge_account(&(SkyAccountFacts){.connected = trial->up, .mqtt = trial->v5 ? "5" : "3.1.1", .account = values->broker.user,
                                         .why = trial->up ? "" : numbers->why[0] ? numbers->why : "no answer within 20 s"},
                      sheet);
    for (guint i = 0; i < trial->count; i++)
        sky_judge_echo(i < values->audience_count ? values->audiences[i].id : NULL, trial->probes[i].echo, sheet);
}

static void run(Trial *trial, const SkyMqttParams *params, const SkyConfigValues *values, SkySheet *sheet) {
    const SkyTransportEvents events = {.connected = on_connected, .acknowledged = on_acknowledged, .received = on_received,
                                       .wake_fd = -1, .user = trial};
    g_autoptr(GError) error = NULL;
    sky_mqtt_library_init();
    SkyMqtt *mqtt = sky_mqtt_new(params, &events);
    if (sky_mqtt_start(mqtt, &error)) {
        wait_for(trial, mqtt);
        SkyMqttNumbers numbers = sky_mqtt_numbers(mqtt);
        sky_mqtt_stop(mqtt); /* nobody else has the trial now */
        judge(trial, &numbers, values, sheet);
    } else {
        sky_sheet_add(sheet, "account", "", SKY_DOCTOR_UNCHECKED, NULL, "%s", error->message);
    }
    sky_mqtt_free(mqtt);
    sky_mqtt_library_cleanup();
}

static void make_probes(Trial *trial, const SkyConfigValues *values) {
    const SkyMessageContext names = {.site = values->site.id, .site_name = values->site.name, .grid = values->site.grid,
                                     .clock_synced = sky_clock_is_synced()};
    trial->count = values->audience_count + 1;
    trial->probes = g_new0(Probe, trial->count);
    for (guint i = 0; i < trial->count; i++) {
        const char *audience = i < values->audience_count ? values->audiences[i].id : NULL;
        trial->probes[i].topic = audience ? sky_topic_probe(values->site.id, audience) : sky_topic_command_probe(values->site.id);
        trial->probes[i].filter = audience ? g_strdup(trial->probes[i].topic) : sky_topic_command_filter(values->site.id);
        trial->probes[i].payload = sky_message_probe(&names, audience ? audience : "probe", sky_clock_utc_ns());
        trial->probes[i].echo = SKY_ECHO_UNKNOWN;
    }
}

void sky_doctor_try_broker(const SkyDoctor *doctor, SkySheet *sheet) {
    const SkyConfigValues *values = sky_config_values(doctor->config);
    const SkyBrokerConfig *broker = &values->broker;
    g_autofree char *client_id = g_strdup_printf("skynetctl-%d-%08x", (int)getpid(), g_random_int());
    const SkyMqttParams params = {.client_id = client_id, .socket_path = broker->socket_path, .host = broker->host,
                                  .port = broker->port, .tls = broker->tls, .verify = broker->verify, .ca_file = broker->ca_file,
                                  .certificate_file = broker->certificate_file, .key_file = broker->key_file, .user = broker->user,
                                  .password = broker->password, .keep_alive_s = broker->keep_alive_s};
    Trial trial = {.waker = sky_queue_new(1, NULL)};
    sky_lock_init(&trial.lock);
    make_probes(&trial, values);
    run(&trial, &params, values, sheet);
    for (guint i = 0; i < trial.count; i++) {
        g_free(trial.probes[i].topic);
        g_free(trial.probes[i].filter);
        g_free(trial.probes[i].payload);
    }
    g_free(trial.probes);
    sky_queue_free(trial.waker);
    sky_lock_clear(&trial.lock);
}
