/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "outbox/outbox.h"
#include "support/broker.h"
#include "support/mqtt_client.h"
#include "support/relay.h"
#include "support/store_fixture.h"

/* Store, outbox and transport together, against a real broker; a second client hears what arrives. */
typedef struct {
    Broker broker;
    Relay *relay;
    StoreFixture store;
    SkyOutbox *outbox;
    SkyMqtt *mqtt;
    MqttClient reader;
    SkyQueue *commands; /* char *: topics */
} Road;

#ifndef __has_feature /* gcc */
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) ||                           \
    __has_feature(thread_sanitizer)
#define SANITIZED 1 /* what was freed is kept for a while */
#else
#define SANITIZED 0
#endif

static const char *const everything[] = {"#", NULL};

static char *finish(const SkyMessageRecord *record, gboolean replayed, int64_t queued_ms, gpointer user) {
    return g_strdup_printf("%.*s,%s,%d", (int)record->payload_bytes, (const char *)record->payload, replayed ? "again" : "first",
                           queued_ms >= 0);
}

static char *probe(const char *audience, gpointer user) {
    return g_strdup_printf("probe %s %d", audience, (int)g_random_int());
}

static void on_command(const SkyTransportIncoming *message, gpointer user) {
    sky_queue_push(((Road *)user)->commands, g_strdup(message->topic));
}

static SkyMqttParams params_of(const Road *road, const char *id) {
    return (SkyMqttParams){
        .client_id = id, .host = "127.0.0.1", .port = road->broker.port, .keep_alive_s = 10, .user = id, .password = "pw"};
}

static void road_init(Road *road, const char *acl) {
    memset(road, 0, sizeof *road);
    broker_init(&road->broker, TRUE);
    broker_listen_tcp(&road->broker);
    broker_account(&road->broker, "gateway", "pw");
    broker_account(&road->broker, "reader", "pw");
    broker_acl(&road->broker, acl ? acl : "pattern readwrite #\n");
    g_string_append(road->broker.config,
                    "max_queued_messages 1000000\n"); /* not 0: mosquitto 2.0.11 then hangs up on a denied publish */
    store_fixture_init(&road->store);
    road->store.params.rows_max = 200000;
    road->store.params.bytes_max = 512 << 20;
    road->commands = sky_queue_new(100, g_free);
}

static void road_start(Road *road, gboolean old_version) {
    broker_start(&road->broker);
    store_fixture_open(&road->store);
    const SkyOutboxParams params = {
        .window = 20, .command_filter = "cmd/+", .finish = finish, .probe = probe, .received = on_command, .user = road};
    road->outbox = sky_outbox_new(&params, road->store.store);
    SkyMqttParams line = params_of(road, "reader");
    mqtt_client_start(&road->reader, &line, everything);
    g_assert_true(mqtt_await_state(road->reader.mqtt, SKY_BROKER_CONNECTED));
    line = params_of(road, "gateway");
    if (old_version) {
        road->relay = relay_new(road->broker.port);
        relay_set_mode(road->relay, RELAY_REFUSE_V5);
        line.port = relay_port(road->relay);
    }
    SkyTransportEvents events = sky_outbox_events(road->outbox);
    road->mqtt = sky_mqtt_new(&line, &events);
}

static void road_clear(Road *road) {
    sky_mqtt_free(road->mqtt);
    store_fixture_close(&road->store);
    sky_outbox_free(road->outbox);
    mqtt_client_stop(&road->reader);
    if (road->relay) relay_free(road->relay);
    broker_clear(&road->broker);
    store_fixture_clear(&road->store);
    sky_queue_free(road->commands);
}

/* Log rows in big commits: each is one fsync. */
static void put_log(Road *road, guint from, guint to) {
    for (guint next = from; next <= to;) {
        SkyStoreCommit *commit = sky_store_commit_new();
        for (guint i = 0; i < 1000 && next <= to; i++, next++) {
            char text[400];
            g_snprintf(text, sizeof text, "%u,%0380d", next, 0);
            SkyMessageRecord *record = sky_message_record_new(SKY_MESSAGE_LOG, "duty", "alert-log/duty", text, strlen(text));
            record->seq = next;
            record->created_utc_ns = sky_clock_utc_ns();
            g_ptr_array_add(commit->messages, record);
        }
        g_assert_true(store_fixture_commit(&road->store, commit, NULL));
    }
    sky_outbox_poke(road->outbox);
}

/* FALSE: not after two minutes. */
static gboolean await_delivered(Road *road) {
    for (int i = 0; i < 12000; i++, g_usleep(10000)) {
        if (sky_store_numbers(road->store.store).undelivered == 0) return TRUE;
    }
    return FALSE;
}

static long rss_kib(void) {
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents("/proc/self/status", &text, NULL, NULL));
    return strtol(strstr(text, "VmRSS:") + 6, NULL, 10);
}

static guint seq_of(const MqttHeard *heard) {
    return (guint)strtoul(heard->payload, NULL, 10);
}

static void test_backlog(void) {
    enum { ROWS = 100000 };
    Road road;
    road_init(&road, NULL);
    road_start(&road, FALSE);
    put_log(&road, 1, ROWS);
    long before_kib = rss_kib(), most_kib = 0;
    int64_t begin_ns = sky_clock_monotonic_ns();
    g_assert_true(sky_mqtt_start(road.mqtt, NULL));
    int64_t raised_ns = 0, alert_ns = 0, end_ns = 0;
    uint64_t acknowledged = 0;
    guint before_alert = 0;
    for (guint next = 1; next <= ROWS;) {
        g_autoptr(MqttHeard) heard = mqtt_client_hear(&road.reader);
        g_assert_nonnull(heard);
        if (strcmp(heard->topic, "alert-log/duty") != 0) {
            alert_ns = heard->at_ns;
            before_alert = next - 1;
            continue;
        }
        g_assert_cmpuint(seq_of(heard), ==, next++);
        end_ns = heard->at_ns;
        if (next % 1000 == 0) most_kib = MAX(most_kib, rss_kib());
        if (next != 20000) continue;
        /* An alert in the middle of it does not wait for the 80,000 before it. */
        raised_ns = sky_clock_monotonic_ns();
        g_assert_true(store_fixture_commit(&road.store, store_fixture_revision("fire", 1, TRUE, "fire", ROWS + 1), NULL));
        sky_outbox_poke(road.outbox);
        acknowledged = sky_outbox_numbers(road.outbox).acknowledged;
    }
    double seconds = (double)(end_ns - begin_ns) / 1e9, delay = (double)(alert_ns - raised_ns) / 1e9;
    guint overtaken = before_alert - (guint)MIN(acknowledged, before_alert);
    g_test_message("%.0f rows/s, an alert amid them after %.3f s and %u rows, RSS %ld -> %ld KiB", ROWS / seconds, delay, overtaken,
                   before_kib, most_kib);
    g_assert_cmpint(alert_ns, >, raised_ns);
    g_assert_cmpuint(overtaken, <, 1000); /* what was in flight or in hand */
    if (!SANITIZED) g_assert_cmpint(most_kib - before_kib, <, 20 << 10); /* flat, whatever waits */
    g_assert_true(await_delivered(&road));
    g_assert_cmpuint(sky_outbox_numbers(road.outbox).refused, ==, 0);
    road_clear(&road);
}

/* Marks what comes until the last row, or until it is quiet for limit_ms; within a connection the log never goes back. */
static void hear_all(Road *road, const char *topic, int limit_ms, guint8 *heard_rows, guint rows, guint *ret_jumps_back) {
    guint last = 0;
    *ret_jumps_back = 0;
    while (last < rows) {
        g_autoptr(MqttHeard) heard = mqtt_client_overhear(&road->reader, limit_ms);
        if (!heard) return;
        if (strcmp(heard->topic, topic) != 0) continue;
        guint seq = seq_of(heard);
        g_assert_cmpuint(seq, <=, rows);
        if (seq <= last) ++*ret_jumps_back;
        last = seq;
        heard_rows[seq] = 1;
    }
}

/* The broker is killed in the middle, more than once, and forgets everything. What it did not acknowledge comes again; what it
 * acknowledged and lost, a reader asks for. */
static void test_killed(void) {
    enum { ROWS = 20000 };
    Road road;
    road_init(&road, NULL);
    road_start(&road, FALSE);
    put_log(&road, 1, ROWS);
    sky_outbox_set_state(road.outbox, "status", "online", 0);
    g_assert_true(sky_mqtt_start(road.mqtt, NULL));
    for (int i = 0; i < 3; i++) {
        uint64_t until = sky_outbox_numbers(road.outbox).acknowledged + 2000;
        while (sky_outbox_numbers(road.outbox).acknowledged < until) g_usleep(1000);
        broker_kill(&road.broker);
        broker_start(&road.broker);
    }
    g_assert_true(await_delivered(&road));
    g_assert_true(mqtt_await_state(road.reader.mqtt, SKY_BROKER_CONNECTED));
    g_autofree guint8 *heard_rows = g_malloc0(ROWS + 2);
    guint jumps_back = 0, missing = 1;
    hear_all(&road, "alert-log/duty", 1000, heard_rows, ROWS, &jumps_back);
    while (heard_rows[missing]) missing++;
    SkyOutboxNumbers numbers = sky_outbox_numbers(road.outbox);
    g_test_message("%" G_GUINT64_FORMAT " handed over for %d rows, %u jumps back, heard up to %u", numbers.published, ROWS,
                   jumps_back, missing - 1);
    g_assert_cmpuint(jumps_back, <=, 3);
    g_assert_cmpuint(numbers.published, <=, ROWS + 3 * 20 + 4);
    sky_outbox_replay(road.outbox, "duty", missing, "replay/duty/reader");
    hear_all(&road, "replay/duty/reader", 20000, heard_rows, ROWS, &jumps_back);
    g_assert_cmpuint(jumps_back, ==, 0);
    while (heard_rows[missing]) missing++;
    g_assert_cmpuint(missing, ==, ROWS + 1);
    road_clear(&road);
}

/* MQTT 5: a refusal is a dead letter at once. 3.1.1: only the missing echo tells. */
static void test_denied(gconstpointer data) {
    gboolean old_version = GPOINTER_TO_INT(data);
    Road road;
    road_init(
        &road,
        "user reader\ntopic read #\nuser gateway\ntopic readwrite alert-log/duty\ntopic readwrite p/duty\ntopic read cmd/+\n");
    road_start(&road, old_version);
    static const char *const audiences[] = {"duty", "resident"}, *const topics[] = {"p/duty", "p/resident"};
    sky_outbox_set_probes(road.outbox, audiences, topics, 2);
    put_log(&road, 1, 10);
    g_assert_true(store_fixture_put(&road.store, SKY_MESSAGE_EVENT, "event/c/motion", "denied", 0));
    g_assert_true(sky_mqtt_start(road.mqtt, NULL));
    g_assert_true(await_delivered(&road));
    for (int i = 0; i < 6000 && !sky_outbox_numbers(road.outbox).refused_audiences[0]; i++) g_usleep(10000);
    g_assert_cmpstr(sky_outbox_numbers(road.outbox).refused_audiences, ==, "resident");
    g_assert_cmpint(sky_mqtt_numbers(road.mqtt).v5, ==, !old_version);
    g_assert_cmpuint(sky_store_numbers(road.store.store).dead, ==, old_version ? 0 : 1);
    g_assert_cmpuint(sky_outbox_numbers(road.outbox).refused, ==, old_version ? 0 : 2); /* the event, and a probe */
    for (guint logs = 0;;) {
        g_autoptr(MqttHeard) heard = logs < 10 ? mqtt_client_hear(&road.reader) : mqtt_client_overhear(&road.reader, 300);
        if (!heard && logs == 10) break;
        g_assert_nonnull(heard);
        g_assert_true(strcmp(heard->topic, "alert-log/duty") == 0 || strcmp(heard->topic, "p/duty") == 0);
        logs += strcmp(heard->topic, "alert-log/duty") == 0;
    }
    road_clear(&road);
}

/* Larger than the broker takes: MQTT 5 tells the limit, 3.1.1 hangs up. The rest must get through. */
static void test_too_large(gconstpointer data) {
    gboolean old_version = GPOINTER_TO_INT(data);
    Road road;
    road_init(&road, NULL);
    g_string_append(road.broker.config, "max_packet_size 3000\n");
    road_start(&road, old_version);
    g_autofree char *large = g_strnfill(5000, 'x');
    put_log(&road, 1, 3);
    g_assert_true(store_fixture_put(&road.store, SKY_MESSAGE_IMAGE, "image/duty/a1", large, 0));
    put_log(&road, 4, 6);
    g_assert_true(sky_mqtt_start(road.mqtt, NULL));
    /* 3.1.1: until the row has been first in flight often enough, by the back-off of 1 s doubling. */
    if (old_version) {
        for (int i = 0; i < 9000 && sky_outbox_numbers(road.outbox).refused == 0; i++) g_usleep(10000);
    }
    g_assert_true(await_delivered(&road));
    g_assert_cmpuint(sky_store_numbers(road.store.store).dead, ==, 1);
    for (guint i = 1; i <= 6; i++) {
        g_autoptr(MqttHeard) heard = mqtt_client_hear(&road.reader);
        g_assert_nonnull(heard);
        if (seq_of(heard) < i) i--; /* once more after a lost connection */
        else g_assert_cmpuint(seq_of(heard), ==, i);
    }
    road_clear(&road);
}

static void test_round(void) {
    Road road;
    road_init(&road, NULL);
    road_start(&road, FALSE);
    sky_outbox_set_state(road.outbox, "status", "online", 0);
    put_log(&road, 1, 100);
    g_assert_true(sky_mqtt_start(road.mqtt, NULL));
    g_assert_true(await_delivered(&road));
    guint next = 1;
    gboolean online = FALSE;
    while (next <= 100) {
        g_autoptr(MqttHeard) heard = mqtt_client_hear(&road.reader);
        g_assert_nonnull(heard);
        if (strcmp(heard->topic, "status") == 0) {
            g_assert_cmpuint(next, ==, 1); /* before the log */
            online = TRUE;
        } else {
            g_assert_true(g_str_has_suffix(heard->payload, ",again,1"));
            g_assert_cmpuint(seq_of(heard), ==, next++);
        }
    }
    g_assert_true(online);
    /* A command comes in; a replay goes out. */
    mqtt_client_publish(&road.reader, "cmd/replay", "{}", FALSE);
    gpointer command = NULL;
    g_assert_cmpint(sky_queue_pop(road.commands, sky_clock_monotonic_ns() + 60 * SKY_NS_PER_S, &command), ==, SKY_QUEUE_OK);
    g_assert_cmpstr(command, ==, "cmd/replay");
    g_free(command);
    sky_outbox_replay(road.outbox, "duty", 31, "replay/duty/li");
    for (next = 31; next <= 100;) {
        g_autoptr(MqttHeard) heard = mqtt_client_hear(&road.reader);
        g_assert_nonnull(heard);
        if (strcmp(heard->topic, "replay/duty/li") == 0) g_assert_cmpuint(seq_of(heard), ==, next++);
    }
    /* What is raised now is there in a moment, and was not waiting. */
    int64_t raised_ns = sky_clock_monotonic_ns();
    g_assert_true(store_fixture_commit(&road.store, store_fixture_revision("a1", 1, TRUE, "fire", 101), NULL));
    sky_outbox_poke(road.outbox);
    g_autoptr(MqttHeard) alert = mqtt_client_hear(&road.reader);
    g_assert_cmpstr(alert->topic, ==, "skynet/v1/s/alert/duty/a1");
    g_assert_cmpstr(alert->payload, ==, "fire,first,1");
    g_test_message("raised to heard: %.1f ms", (double)(alert->at_ns - raised_ns) / 1e6);
    /* A clean stop: the last word is out before the line is closed. */
    sky_outbox_set_state(road.outbox, "status", "stopping", 0);
    g_assert_true(sky_outbox_flush(road.outbox, 60 * SKY_NS_PER_S));
    sky_mqtt_stop(road.mqtt);
    for (gboolean stopping = FALSE; !stopping;) {
        g_autoptr(MqttHeard) heard = mqtt_client_hear(&road.reader);
        g_assert_nonnull(heard);
        stopping = strcmp(heard->payload, "stopping") == 0;
    }
    road_clear(&road);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    if (!broker_is_there()) {
        g_print("1..0 # SKIP no mosquitto here\n");
        return 0;
    }
    sky_mqtt_library_init();
    g_test_add_func("/delivery/round", test_round);
    g_test_add_func("/delivery/killed", test_killed);
    g_test_add_data_func("/delivery/denied/5", GINT_TO_POINTER(FALSE), test_denied);
    g_test_add_data_func("/delivery/denied/3.1.1", GINT_TO_POINTER(TRUE), test_denied);
    g_test_add_data_func("/delivery/too-large/5", GINT_TO_POINTER(FALSE), test_too_large);
    g_test_add_data_func("/delivery/too-large/3.1.1", GINT_TO_POINTER(TRUE), test_too_large);
    g_test_add_func("/delivery/backlog", test_backlog);
    int failed = g_test_run();
    sky_mqtt_library_cleanup();
    return failed;
}
