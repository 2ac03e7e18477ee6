/* SPDX-License-Identifier: Apache-2.0 */
#include "support/model/gateway.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include "base/clock.h"
#include "store/store_dead.h"
#include "store/store_internal.h"
#include "support/model/gateway_life.h"
#include "support/model/sim_machine.h"

#define HEAD "site: {id: s}\nbroker: {host: h}\nalert_expire: 2h\nalert_burst: 0\n" \
    "cameras:\n - {id: gate, main: 'rtsp://h/1'}\n - {id: yard, main: 'rtsp://h/2'}\naudiences:\n" \
    " - {id: duty, pictures: true, path: true, notes: true, command: true, arm: true}\n" \
    " - {id: police, pictures: true, path: true, notes: true, command: true}\n"

static const char *const configs[] = {
    HEAD " - {id: resident, kinds: [intrusion]}\n",
    HEAD " - {id: resident, kinds: [intrusion]}\n - {id: resident-2}\n",
    HEAD " - {id: resident, kinds: [motion]}\n",
    HEAD " - {id: resident-2, kinds: [intrusion, motion]}\n",
};

SkyConfig *gateway_config(guint variant) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    const char *text = configs[variant % G_N_ELEMENTS(configs)];
    SkyConfig *config = sky_config_parse(text, strlen(text), "s.yaml", ".", errors);
    if (!config) g_error("%s", (const char *)errors->pdata[0]);
    return config;
}

void gateway_init(Gateway *gateway, guint32 seed) {
    memset(gateway, 0, sizeof *gateway);
    signal(SIGXFSZ, SIG_IGN);
    sim_machine_start(INT64_C(1795500000) * SKY_NS_PER_S, seed);
    gateway->rand = g_rand_new_with_seed(seed);
    ledger_init(&gateway->ledger);
    listeners_init(&gateway->listeners, &gateway->ledger, &gateway->broker);
    SimBrokerSink sink = listeners_sink(&gateway->listeners);
    sim_broker_init(&gateway->broker, &sink);
    gateway->incidents = g_ptr_array_new_with_free_func(g_free);
    gateway->disarmed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gateway->config = gateway_config(0);
    ledger_set_config(&gateway->ledger, gateway->config);
    gateway_start(gateway, NULL, NULL);
}

void gateway_clear(Gateway *gateway) {
    gateway_heal(gateway);
    gateway_end_life(gateway);
    gateway_remove_directory(gateway);
    g_queue_clear(&gateway->asked);
    sim_broker_clear(&gateway->broker);
    listeners_clear(&gateway->listeners);
    ledger_clear(&gateway->ledger);
    g_ptr_array_unref(gateway->incidents);
    g_hash_table_unref(gateway->disarmed);
    sky_config_unref(gateway->config);
    g_rand_free(gateway->rand);
    sim_machine_stop();
}

void gateway_reload(Gateway *gateway, guint variant) {
    SkyConfig *before = gateway->config;
    gateway->config = gateway_config(variant);
    ledger_set_config(&gateway->ledger, gateway->config);
    sky_desk_set_config(gateway->desk, gateway->config);
    sky_commands_set_config(gateway->commands, gateway->config);
    sky_config_unref(before);
}

/* ---- the store and time ---- */

gboolean gateway_store_run(Gateway *gateway) {
    gpointer item = NULL;
    SkyStore *store = gateway->store;
    if (sky_queue_pop(store->requests, 0, &item) != SKY_QUEUE_OK) return FALSE;
    SkyStoreRequest *request = item;
    if (request->verb == SKY_STORE_COMMIT) {
        atomic_fetch_sub(&store->commits_waiting, 1);
        ledger_committed(&gateway->ledger, request->commit); /* before the answer: that may be told at once */
    }
    sky_store_request_run(store, request);
    sky_store_request_free(request);
    sky_store_keep_house(store, sky_clock_monotonic_ns());
    return TRUE;
}

void gateway_outbox_turn(Gateway *gateway) {
    gateway->broker.events.turn(sky_clock_monotonic_ns(), gateway->broker.events.user);
}

/* As the app does: what goes on at a camera that is armed again raises its alert now. */
static void raise_again(Gateway *gateway) {
    for (guint i = 0; i < gateway->incidents->len; i++) {
        SkyIncident *incident = gateway->incidents->pdata[i];
        if (!incident->disarmed || g_hash_table_contains(gateway->disarmed, incident->camera)) continue;
        incident->disarmed = FALSE;
        ledger_raise(&gateway->ledger, incident->event_id, incident->camera, incident->event.kind, incident->alert_id,
                     sky_clock_utc_ns());
        sky_desk_raise(gateway->desk, sky_config_camera(gateway->config, incident->camera), incident, TRUE);
    }
}

void gateway_tick(Gateway *gateway, int64_t pass_ns) {
    sim_machine_pass(pass_ns);
    ledger_tick(&gateway->ledger, sky_clock_utc_ns());
    sky_desk_turn(gateway->desk);
    raise_again(gateway);
    sky_store_keep_house(gateway->store, sky_clock_monotonic_ns());
}

/* ---- events ---- */

void gateway_begin(Gateway *gateway, const char *camera, SkyEventKind kind) {
    SkyIncident *incident = g_new0(SkyIncident, 1);
    int64_t now_ns = sky_clock_monotonic_ns(), utc_ns = sky_clock_utc_ns();
    g_strlcpy(incident->camera, camera, sizeof incident->camera);
    incident->begin_utc_ns = utc_ns;
    sky_ulid_make_lower(utc_ns, incident->event_id);
    sky_ulid_make_lower(utc_ns, incident->alert_id);
    incident->event = (SkyEvent){.kind = kind, .phase = SKY_EVENT_BEGIN, .begin_ns = now_ns, .detected_ns = now_ns, .time_ns = now_ns,
                                 .end_ns = SKY_TIME_NONE, .box = {0.1f, 0.1f, 0.2f, 0.3f}, .score = 0.5f, .objects = 1};
    incident->disarmed = g_hash_table_contains(gateway->disarmed, camera);
    g_ptr_array_add(gateway->incidents, incident);
    ledger_begin(&gateway->ledger, incident->event_id, camera, kind, incident->disarmed ? NULL : incident->alert_id, utc_ns);
    sky_desk_begin(gateway->desk, sky_config_camera(gateway->config, camera), incident, TRUE);
}

void gateway_end(Gateway *gateway, guint i) {
    SkyIncident *incident = gateway->incidents->pdata[i];
    incident->event.phase = SKY_EVENT_END;
    incident->event.end_ns = incident->event.time_ns = sky_clock_monotonic_ns();
    ledger_end(&gateway->ledger, incident->event_id);
    sky_desk_end(gateway->desk, sky_config_camera(gateway->config, incident->camera), incident);
    g_ptr_array_remove_index(gateway->incidents, i);
}

/* ---- commands ---- */

void gateway_ask(Gateway *gateway, const char *topic, const char *payload, gboolean retained, LedgerRequest *request) {
    if (!sim_broker_send(&gateway->broker, topic, payload, strlen(payload), retained)) return;
    if (request) g_queue_push_tail(&gateway->asked, request);
}

static void expect(Gateway *gateway, LedgerRequest *request) {
    if (request->done) return; /* once */
    request->done = TRUE;
    request->also = NULL;
    gboolean unread = g_strcmp0(request->verb, "replay") == 0 && g_strcmp0(request->fixed, "ok") == 0 && !sky_desk_is_durable(gateway->desk);
    if (!sky_config_audience(gateway->config, request->audience)) request->code = "not-permitted";
    else if (request->fixed) request->code = unread ? "busy" : request->fixed;
    else request->code = ledger_command(&gateway->ledger, request->verb, request->alert, request->client, &request->also);
}

void gateway_carry_out(Gateway *gateway) {
    while (gateway->asked.length > 0) expect(gateway, g_queue_pop_head(&gateway->asked));
    sky_commands_turn(gateway->commands);
}

/* ---- the disk ---- */

static void limit_files(rlim_t bytes) {
    const struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

void gateway_set_full(Gateway *gateway, gboolean full) {
    gateway->full = full;
    limit_files(full ? 4096 : RLIM_INFINITY);
}

void gateway_heal(Gateway *gateway) {
    gateway_set_full(gateway, FALSE);
    for (guint i = 0; i < 5 && !gateway->store->database->file; i++) {
        sim_machine_pass(SKY_STORE_DISK_RETRY_NS + SKY_NS_PER_S);
        sky_store_keep_house(gateway->store, sky_clock_monotonic_ns());
    }
    if (!gateway->store->database->file) ledger_find(&gateway->ledger, "the disk is back, and the store stays in memory: %s",
                                                     gateway->store->trouble);
}

/* ---- until all is said ---- */

static gboolean move(Gateway *gateway) {
    gboolean moved = FALSE;
    gateway_carry_out(gateway);
    while (gateway_store_run(gateway)) moved = TRUE;
    gateway_outbox_turn(gateway);
    while (sim_broker_take(&gateway->broker)) moved = TRUE;
    while (sim_broker_puback(&gateway->broker)) moved = TRUE;
    listeners_take(&gateway->listeners);
    return moved;
}

static void on_settled(const GError *error, SkyStoreSettled *settled, gpointer user) {
    sky_store_settled_free(settled);
}

static void settle_down(Gateway *gateway) {
    for (guint quiet = 0; quiet < 15 && !gateway->ledger.finding;) {
        gateway_tick(gateway, SKY_NS_PER_S);
        quiet = move(gateway) ? 0 : quiet + 1;
    }
}

/* The line breaks while it comes: it goes on from there, unasked. */
static void break_off(Gateway *gateway) {
    gateway_carry_out(gateway);
    while (gateway_store_run(gateway)) continue;
    gateway_outbox_turn(gateway);
    while (gateway_store_run(gateway)) continue;
    gateway_outbox_turn(gateway);
    for (gint i = g_rand_int_range(gateway->rand, 0, 12); i > 0; i--) sim_broker_take(&gateway->broker);
    for (gint i = g_rand_int_range(gateway->rand, 0, 6); i > 0; i--) sim_broker_puback(&gateway->broker);
    sim_broker_lose(&gateway->broker);
    sim_broker_connect(&gateway->broker);
}

void gateway_mend(Gateway *gateway) {
    for (guint i = 0; i < LEDGER_AUDIENCES; i++) {
        guint64 from_seq = listener_missing(&gateway->listeners.each[i], gateway->ledger.next_seq[i] - 1);
        if (!from_seq || !sky_config_audience(gateway->config, ledger_audiences[i])) continue;
        gateway_ask_replay(gateway, i, from_seq);
    }
}

static void ask_again(Gateway *gateway) {
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, gateway->ledger.requests);
    while (g_hash_table_iter_next(&iter, NULL, &item)) { /* nothing that is done meanwhile makes a new one */
        LedgerRequest *request = item;
        if (request->reply || !request->payload) continue;
        gateway_ask(gateway, request->topic, request->payload, FALSE, request);
        if (gateway->asked.length >= SKY_COMMANDS_MAX / 2) settle_down(gateway);
    }
}

void gateway_drain(Gateway *gateway) {
    gateway_heal(gateway);
    g_clear_pointer(&gateway->broker.denied, g_free);
    for (guint i = 0; i < LEDGER_AUDIENCES; i++) gateway->listeners.each[i].online = TRUE;
    sim_broker_connect(&gateway->broker);
    settle_down(gateway);
    sky_store_settle_dead(gateway->store, SKY_STORE_RESEND, 0, 0, on_settled, NULL);
    sky_outbox_poke(gateway->outbox);
    settle_down(gateway);
    sky_outbox_poke(gateway->outbox);
    gateway_mend(gateway);
    break_off(gateway);
    settle_down(gateway);
    ask_again(gateway);
    settle_down(gateway);
    uint64_t undelivered = sky_store_numbers(gateway->store).undelivered;
    if (undelivered > 0) ledger_find(&gateway->ledger, "%" G_GUINT64_FORMAT " messages are never sent", undelivered);
}
