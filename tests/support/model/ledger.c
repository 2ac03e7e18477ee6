/* SPDX-License-Identifier: Apache-2.0 */
#include "support/model/ledger.h"

#include <stdarg.h>
#include <string.h>
#include "base/clock.h"

#define CLOCK_STEP_NS (300 * SKY_NS_PER_S) /* a longer one is the clock being set, and moves what is due along */

const char *const ledger_audiences[LEDGER_AUDIENCES] = {"duty", "police", "resident", "resident-2"};

static void alert_free(gpointer item) {
    g_array_unref(((LedgerAlert *)item)->chain);
    g_free(item);
}

static void request_free(gpointer item) {
    LedgerRequest *request = item;
    g_free(request->topic);
    g_free(request->payload);
    g_free(request->reply);
    g_free(request);
}

void ledger_init(Ledger *ledger) {
    *ledger = (Ledger){.alerts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, alert_free),
                       .events = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
                       .requests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, request_free),
                       .disarmed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                       .ticked_ns = SKY_TIME_NONE};
    for (guint i = 0; i < LEDGER_AUDIENCES; i++) ledger->next_seq[i] = 1;
}

void ledger_clear(Ledger *ledger) {
    g_hash_table_unref(ledger->alerts);
    g_hash_table_unref(ledger->events);
    g_hash_table_unref(ledger->requests);
    g_hash_table_unref(ledger->disarmed);
    sky_config_unref(ledger->config);
    g_free(ledger->finding);
}

void ledger_find(Ledger *ledger, const char *format, ...) {
    if (ledger->finding) return;
    va_list arguments;
    va_start(arguments, format);
    ledger->finding = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

void ledger_set_config(Ledger *ledger, SkyConfig *config) {
    g_autoptr(SkyConfig) before = ledger->config;
    ledger->config = sky_config_ref(config);
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, ledger->alerts);
    while (before && g_hash_table_iter_next(&iter, NULL, &item)) {
        LedgerAlert *alert = item;
        for (guint i = 0; i < LEDGER_AUDIENCES; i++) {
            const SkyAudienceConfig *was = sky_config_audience(before, ledger_audiences[i]);
            if (ledger_hears(ledger, i, alert->kind) && !(was && was->kinds >> alert->kind & 1)) alert->again |= 1u << i;
        }
    }
}

gint ledger_audience(const char *id) {
    for (guint i = 0; i < LEDGER_AUDIENCES; i++) {
        if (strcmp(ledger_audiences[i], id) == 0) return (gint)i;
    }
    return -1;
}

gboolean ledger_hears(const Ledger *ledger, guint audience, SkyEventKind kind) {
    const SkyAudienceConfig *config = sky_config_audience(ledger->config, ledger_audiences[audience]);
    return config && (config->kinds >> kind & 1);
}

static const LedgerRevision *newest(const LedgerAlert *alert) {
    return &g_array_index(alert->chain, LedgerRevision, alert->chain->len - 1);
}

const char *ledger_state(const LedgerAlert *alert) {
    return newest(alert)->state;
}

static gboolean is_open_state(const char *state) {
    return strcmp(state, "raised") == 0 || strcmp(state, "acknowledged") == 0 || strcmp(state, "assigned") == 0;
}

gboolean ledger_is_open(const LedgerAlert *alert) {
    return is_open_state(ledger_state(alert));
}

/* ---- what happens ---- */

static void revise(Ledger *ledger, LedgerAlert *alert, const char *state, const char *cause, const char *actor) {
    LedgerRevision revision = {.state = state, .cause = cause};
    g_strlcpy(revision.actor, actor, sizeof revision.actor);
    for (guint i = 0; i < LEDGER_AUDIENCES; i++) revision.heard |= ledger_hears(ledger, i, alert->kind) ? 1u << i : 0;
    g_array_append_val(alert->chain, revision);
}

void ledger_raise(Ledger *ledger, const char *event, const char *camera, SkyEventKind kind, const char *alert_id, int64_t now_ns) {
    LedgerAlert *alert = g_new0(LedgerAlert, 1);
    *alert = (LedgerAlert){.kind = kind, .chain = g_array_new(FALSE, TRUE, sizeof(LedgerRevision)), .goes_on = TRUE,
                           .raised_ns = now_ns,
                           .due_ns = now_ns + sky_config_values(ledger->config)->alert_expire_ns};
    g_strlcpy(alert->id, alert_id, sizeof alert->id);
    g_strlcpy(alert->event, event, sizeof alert->event);
    g_strlcpy(alert->camera, camera, sizeof alert->camera);
    g_hash_table_insert(ledger->alerts, alert->id, alert);
    g_strlcpy(((LedgerEvent *)g_hash_table_lookup(ledger->events, event))->alert, alert_id, SKY_ID_BYTES);
    revise(ledger, alert, "raised", "raised", "");
}

void ledger_begin(Ledger *ledger, const char *event_id, const char *camera, SkyEventKind kind, const char *alert, int64_t now_ns) {
    LedgerEvent *event = g_new0(LedgerEvent, 1);
    g_strlcpy(event->id, event_id, sizeof event->id);
    g_hash_table_insert(ledger->events, event->id, event);
    if (alert) ledger_raise(ledger, event_id, camera, kind, alert, now_ns);
}

void ledger_end(Ledger *ledger, const char *event_id) {
    const LedgerEvent *event = g_hash_table_lookup(ledger->events, event_id);
    LedgerAlert *alert = g_hash_table_lookup(ledger->alerts, event->alert);
    if (!alert) return;
    alert->goes_on = FALSE;
    revise(ledger, alert, ledger_state(alert), "ended", "");
}

void ledger_evidence(Ledger *ledger, const char *alert_id) {
    LedgerAlert *alert = g_hash_table_lookup(ledger->alerts, alert_id);
    revise(ledger, alert, ledger_state(alert), "evidence", "");
}

void ledger_tick(Ledger *ledger, int64_t now_ns) {
    int64_t step_ns = ledger->ticked_ns == SKY_TIME_NONE ? 0 : now_ns - ledger->ticked_ns;
    ledger->ticked_ns = now_ns;
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, ledger->alerts);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        LedgerAlert *alert = item;
        if (!ledger_is_open(alert)) continue;
        if (ABS(step_ns) >= CLOCK_STEP_NS) alert->due_ns += step_ns;
        if (now_ns >= alert->due_ns) revise(ledger, alert, "expired", "expired", "");
    }
}

/* ---- commands ---- */

static const char *next_state(const char *verb, const char *state) {
    gboolean raised = strcmp(state, "raised") == 0;
    if (strcmp(verb, "acknowledge") == 0) return raised ? "acknowledged" : NULL;
    if (strcmp(verb, "resolve") == 0) return raised ? NULL : "resolved";
    if (strcmp(verb, "assign") == 0) return "assigned";
    if (strcmp(verb, "dismiss") == 0) return "dismissed";
    return state; /* comment */
}

const char *ledger_command(Ledger *ledger, const char *verb, const char *alert_id, const char *actor, const char **ret_also) {
    LedgerAlert *alert = g_hash_table_lookup(ledger->alerts, alert_id);
    if (!alert) return "unknown-alert";
    if (!ledger_is_open(alert)) { /* a closed one is remembered for a while */
        *ret_also = "not-allowed";
        return "unknown-alert";
    }
    const char *state = next_state(verb, ledger_state(alert));
    if (!state) return "not-allowed";
    revise(ledger, alert, state, g_intern_string(verb), actor);
    return "ok";
}

LedgerRequest *ledger_request(Ledger *ledger, const char *audience, const char *client, const char *id) {
    g_autofree char *key = g_strjoin("/", audience, client, id, NULL);
    LedgerRequest *request = g_hash_table_lookup(ledger->requests, key);
    if (request) return request;
    request = g_new0(LedgerRequest, 1);
    g_strlcpy(request->audience, audience, sizeof request->audience);
    g_strlcpy(request->client, client, sizeof request->client);
    g_strlcpy(request->id, id, sizeof request->id);
    g_hash_table_insert(ledger->requests, g_steal_pointer(&key), request);
    return request;
}
