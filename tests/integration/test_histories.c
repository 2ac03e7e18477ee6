/* SPDX-License-Identifier: Apache-2.0 */
/* Random histories of the gateway, from the desk to the outbox, against a small reference: events, revisions, commands valid and
 * hostile, reloads, clock steps, a broker that is lost, forgets or refuses, kills and power cuts at any operation of the disk, a
 * full disk. SKYNET_HISTORIES=N runs N of them, SKYNET_HISTORY=S begins with seed S: a failure says its own. */
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "support/model/gateway.h"
#include "support/model/sim_machine.h"

#define HISTORIES 60
#define STEPS_MIN 40
#define STEPS_MAX 160

static guint number_of(const char *name, guint otherwise) {
    const char *text = g_getenv(name);
    return text ? (guint)g_ascii_strtoull(text, NULL, 10) : otherwise;
}

typedef struct {
    Gateway gateway;
    GString *told; /* the steps so far */
} History;

static gint pick(History *history, gint count) {
    return g_rand_int_range(history->gateway.rand, 0, count);
}

/* ---- steps ---- */

static void step_begin(History *history) {
    gateway_begin(&history->gateway, pick(history, 2) ? "gate" : "yard", pick(history, 2) ? SKY_EVENT_MOTION : SKY_EVENT_INTRUSION);
}

static void step_end(History *history) {
    guint count = history->gateway.incidents->len;
    if (count > 0) gateway_end(&history->gateway, (guint)pick(history, (gint)count));
}

/* Any alert that there is, open where open_only; NULL: none. */
static LedgerAlert *any_alert(History *history, gboolean open_only) {
    g_autoptr(GPtrArray) some = g_ptr_array_new();
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, history->gateway.ledger.alerts);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        if (!open_only || ledger_is_open(item)) g_ptr_array_add(some, item);
    }
    return some->len > 0 ? some->pdata[pick(history, (gint)some->len)] : NULL;
}

static void step_evidence(History *history) {
    LedgerAlert *alert = any_alert(history, TRUE);
    if (!alert) return;
    SkyAlertImage image = {.bytes = 4};
    g_snprintf(image.sha256, sizeof image.sha256, "%08x%08x", g_rand_int(history->gateway.rand), g_rand_int(history->gateway.rand));
    g_autoptr(GBytes) picture = g_bytes_new("jpeg", 4);
    ledger_evidence(&history->gateway.ledger, alert->id);
    sky_desk_evidence(history->gateway.desk, alert->id, &image, NULL, FALSE, picture);
}

typedef struct {
    const char *audience, *client;
    gboolean command, arm;
} Person;
static const Person people[] = {{"duty", "phone-1", TRUE, TRUE}, {"duty", "phone-2", TRUE, TRUE}, {"police", "officer", TRUE, FALSE},
                                {"resident", "flat-3", FALSE, FALSE}};

static LedgerRequest *new_request(History *history, const Person *person, const char *fixed) {
    g_autofree char *id = g_strdup_printf("r%08x", g_rand_int(history->gateway.rand));
    LedgerRequest *request = ledger_request(&history->gateway.ledger, person->audience, person->client, id);
    request->fixed = fixed;
    return request;
}

static void send(History *history, const Person *person, const char *verb, const char *payload, LedgerRequest *request, gboolean retained) {
    g_autofree char *topic = g_strdup_printf("skynet/v1/s/cmd/%s/%s/%s", person->audience, person->client, verb);
    g_string_append_printf(history->told, " %s by %s", verb, person->client);
    if (request && !request->verb) {
        request->verb = verb;
        request->topic = g_strdup(topic);
        request->payload = retained ? NULL : g_strdup(payload); /* not retained, it would be another command */
    }
    gateway_ask(&history->gateway, topic, payload, retained, request);
}

static void step_command(History *history) {
    static const char *const verbs[] = {"acknowledge", "assign", "resolve", "dismiss", "comment"};
    const Person *person = &people[pick(history, G_N_ELEMENTS(people))];
    const LedgerAlert *alert = any_alert(history, pick(history, 4) > 0);
    LedgerRequest *request = new_request(history, person, person->command ? NULL : "not-permitted");
    g_strlcpy(request->alert, alert ? alert->id : "01jd0000000000000000000000", sizeof request->alert);
    g_autofree char *payload = g_strdup_printf("{\"request_id\":\"%s\",\"alert\":\"%s\",\"assignee\":\"li\",\"note\":\"n\"}",
                                               request->id, request->alert);
    const char *verb = verbs[pick(history, G_N_ELEMENTS(verbs))];
    send(history, person, verb, payload, request, FALSE);
    if (pick(history, 4) == 0) send(history, person, verb, payload, request, FALSE); /* impatient */
}

/* A phone that had no answer asks again, and one that had one too. */
static void step_again(History *history) {
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, history->gateway.ledger.requests);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        LedgerRequest *request = item;
        if (!request->payload || pick(history, 3) > 0) continue;
        gateway_ask(&history->gateway, request->topic, request->payload, FALSE, request);
        return;
    }
}

static void step_hostile(History *history) {
    static const struct {
        const char *verb, *members, *code;
        gboolean retained;
    } attacks[] = {
        {"explode", "\"alert\":\"x\"", "unknown-verb", FALSE},  {"dismiss", "\"alert\":\"x\"", "retained", TRUE},
        {"resolve", "\"alert\":\"../x\"", "bad-value", FALSE},  {"comment", "\"alert\":\"x\"", "bad-value", FALSE},
        {"dismiss", "\"alert\":\"x\",\"deadline\":\"2020-01-01T00:00:00Z\"", "late", FALSE},
        {"replay", "\"epoch\":\"01JD0000000000000000000000\",\"from_seq\":1", "bad-value", FALSE},
    };
    const Person *person = &people[pick(history, G_N_ELEMENTS(people))];
    guint i = (guint)pick(history, G_N_ELEMENTS(attacks) + 2);
    if (i >= G_N_ELEMENTS(attacks)) {
        send(history, person, "comment", i % 2 ? "{{{" : "{\"alert\":\"x\"}", NULL, FALSE);
        return;
    }
    LedgerRequest *request = new_request(history, person, attacks[i].code);
    g_autofree char *payload = g_strdup_printf("{\"request_id\":\"%s\",%s}", request->id, attacks[i].members);
    send(history, person, attacks[i].verb, payload, request, attacks[i].retained);
}

static void step_arm(History *history) {
    const Person *person = &people[pick(history, G_N_ELEMENTS(people))];
    LedgerRequest *request = new_request(history, person, person->arm ? "ok" : "not-permitted");
    g_autofree char *payload = g_strdup_printf("{\"request_id\":\"%s\",\"camera\":\"%s\"}", request->id,
                                               pick(history, 2) ? "gate" : "yard");
    send(history, person, pick(history, 2) ? "arm" : "disarm", payload, request, FALSE);
}

static void step_reload(History *history) {
    gateway_carry_out(&history->gateway);
    gateway_reload(&history->gateway, (guint)pick(history, 4));
}

static void step_clock(History *history) {
    static const int64_t steps_s[] = {400, 86400, -400, -86400, 3 * 86400, 2, -2};
    sim_machine_step(steps_s[pick(history, G_N_ELEMENTS(steps_s))] * SKY_NS_PER_S);
    gateway_tick(&history->gateway, SKY_NS_PER_S);
}

static void step_tick(History *history) {
    gint many = pick(history, 6) == 0 ? 1 + pick(history, 20) : 1;
    for (gint i = 0; i < many; i++) gateway_tick(&history->gateway, many > 1 ? 240 * SKY_NS_PER_S : SKY_NS_PER_S);
}

static void step_store(History *history) {
    for (gint i = pick(history, 12); i >= 0 && gateway_store_run(&history->gateway); i--) continue;
}

static void step_turns(History *history) {
    Gateway *gateway = &history->gateway;
    gateway_outbox_turn(gateway);
    for (gint i = pick(history, 20); i > 0; i--) {
        if (pick(history, 2)) sim_broker_take(&gateway->broker);
        else sim_broker_puback(&gateway->broker);
    }
    gateway_outbox_turn(gateway);
}

static void step_connect(History *history) {
    sim_broker_connect(&history->gateway.broker);
}

static void step_lose(History *history) {
    history->gateway.losses += history->gateway.broker.connected;
    sim_broker_lose(&history->gateway.broker);
}

static void step_stall(History *history) {
    history->gateway.broker.stalled = history->gateway.broker.connected;
}

static void step_forget(History *history) {
    history->gateway.losses++;
    sim_broker_forget(&history->gateway.broker);
}

static void step_listen(History *history) {
    Listener *listener = &history->gateway.listeners.each[pick(history, LEDGER_AUDIENCES)];
    listener->online = pick(history, 4) > 0;
    listeners_take(&history->gateway.listeners);
}

static void step_deny(History *history) {
    SimBroker *broker = &history->gateway.broker;
    g_free(broker->denied);
    broker->denied = pick(history, 2) ? g_strdup_printf("skynet/v1/s/alert-log/%s", pick(history, 2) ? "police" : "duty") : NULL;
}

static void step_carry_out(History *history) {
    gateway_carry_out(&history->gateway);
}

static void step_mend(History *history) {
    gateway_carry_out(&history->gateway); /* one at a time: more than wait here are answered with busy */
    gateway_mend(&history->gateway);
}

static void step_full(History *history) {
    if (history->gateway.full) gateway_heal(&history->gateway);
    else gateway_set_full(&history->gateway, TRUE);
}

static void step_kill(History *history) {
    gateway_kill(&history->gateway, FALSE);
}

static void step_power(History *history) {
    gateway_kill(&history->gateway, TRUE);
}

static void step_stop(History *history) {
    gateway_stop(&history->gateway);
}

typedef struct {
    const char *name;
    void (*run)(History *history);
    gint weight;
} Step;
static const Step steps[] = {
    {"begin", step_begin, 12},   {"end", step_end, 8},         {"evidence", step_evidence, 5}, {"command", step_command, 12},
    {"again", step_again, 4},    {"hostile", step_hostile, 3}, {"arm", step_arm, 3},           {"reload", step_reload, 2},
    {"clock", step_clock, 2},    {"tick", step_tick, 6},       {"store", step_store, 24},      {"turns", step_turns, 24},
    {"connect", step_connect, 8}, {"lose", step_lose, 3},      {"forget", step_forget, 1},     {"listen", step_listen, 5},
    {"deny", step_deny, 2},      {"carry-out", step_carry_out, 10}, {"full", step_full, 2},    {"kill", step_kill, 2},
    {"power", step_power, 2},    {"stop", step_stop, 1},      {"mend", step_mend, 2},    {"stall", step_stall, 2},
};

static const Step *any_step(History *history) {
    gint all = 0;
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) all += steps[i].weight;
    gint at = pick(history, all);
    guint i = 0;
    while (at >= steps[i].weight) at -= steps[i++].weight;
    return &steps[i];
}

/* ---- histories ---- */

static guint total_steps, total_kills, total_cuts, total_losses;

/* NULL, or what was found; new memory. */
static char *run_history(guint32 seed) {
    History history = {.told = g_string_new(NULL)};
    Gateway *gateway = &history.gateway;
    gateway_init(gateway, seed);
    gint count = STEPS_MIN + pick(&history, STEPS_MAX - STEPS_MIN);
    for (; gateway->steps < (guint)count && !gateway->ledger.finding; gateway->steps++) {
        sim_machine_pass(3 * SKY_NS_PER_MS);
        const Step *step = any_step(&history);
        g_string_append_printf(history.told, "\n%u %s", gateway->steps, step->name);
        step->run(&history);
    }
    g_string_append(history.told, "\ndrain");
    if (!gateway->ledger.finding) gateway_drain(gateway);
    if (!gateway->ledger.finding) listeners_final(&gateway->listeners);
    char *found = NULL;
    if (gateway->ledger.finding)
        found = g_strdup_printf("seed %u, step %u: %s%s", seed, gateway->steps, gateway->ledger.finding, history.told->str);
    total_steps += gateway->steps;
    total_kills += gateway->kills;
    total_cuts += gateway->cuts;
    total_losses += gateway->losses;
    gateway_clear(gateway);
    g_string_free(history.told, TRUE);
    return found;
}

static void say_nothing(SkyLogLevel level, const char *stage, const char *camera, const char *text, gpointer user) {
}

static void test_histories(void) {
    guint count = number_of("SKYNET_HISTORIES", HISTORIES), first = number_of("SKYNET_HISTORY", 1);
    sky_log_set_sink(say_nothing, NULL);
    for (guint i = 0; i < count; i++) {
        g_autofree char *found = run_history(first + i);
        if (!found) continue;
        g_test_message("after %u histories, %s", i + 1, found);
        g_test_fail();
        break;
    }
    g_test_message("histories %u steps %u kills %u power cuts %u broker losses %u", count, total_steps, total_kills, total_cuts,
                   total_losses);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/histories/random", test_histories);
    return g_test_run();
}
