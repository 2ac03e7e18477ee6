/* SPDX-License-Identifier: Apache-2.0 */
#include "support/model/listener.h"

#include <stdlib.h>
#include <string.h>

#define ROOT "skynet/v1/s/"

void listeners_init(Listeners *listeners, Ledger *ledger, SimBroker *broker) {
    *listeners = (Listeners){.ledger = ledger, .broker = broker};
    for (guint i = 0; i < LEDGER_AUDIENCES; i++) {
        listeners->each[i] = (Listener){.audience = i, .online = TRUE,
                                        .known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                                        .seqs = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                                        .refused = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                                        .state_rev = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    }
}

void listeners_clear(Listeners *listeners) {
    for (guint i = 0; i < LEDGER_AUDIENCES; i++) {
        Listener *listener = &listeners->each[i];
        g_queue_clear_full(&listener->session, g_free);
        g_hash_table_unref(listener->known);
        g_hash_table_unref(listener->seqs);
        g_hash_table_unref(listener->refused);
        g_hash_table_unref(listener->state_rev);
    }
}

static guint64 number(const char *text, const char *name) {
    g_autofree char *value = ledger_field(text, name);
    return g_ascii_strtoull(value, NULL, 10);
}

/* ---- what any message has to be ---- */

static gboolean bears(const char *text, const char *name) {
    g_autofree char *key = g_strdup_printf("\"%s\":", name);
    return strstr(text, key) != NULL;
}

/* Nothing beyond an audience's rights; nothing that is not committed; each revision as it has to be. */
static const LedgerRevision *check_revision(Listeners *listeners, const Listener *listener, const char *text) {
    Ledger *ledger = listeners->ledger;
    const char *audience = ledger_audiences[listener->audience];
    g_autofree char *id = ledger_field(text, "alert"), *state = ledger_field(text, "state"), *cause = ledger_field(text, "cause");
    const LedgerAlert *alert = g_hash_table_lookup(ledger->alerts, id);
    guint rev = (guint)number(text, "rev");
    if (!alert || rev < 1 || rev > alert->stored) {
        ledger_find(ledger, "%s is told of alert %s revision %u, and %u are committed", audience, id, rev, alert ? alert->stored : 0);
        return NULL;
    }
    const LedgerRevision *revision = &g_array_index(alert->chain, LedgerRevision, rev - 1);
    if (strcmp(state, revision->state) != 0 || strcmp(cause, revision->cause) != 0)
        ledger_find(ledger, "alert %s revision %u is told as %s/%s and is %s/%s", id, rev, state, cause, revision->state,
                    revision->cause);
    if (!(revision->heard >> listener->audience & 1)) ledger_find(ledger, "%s hears of alert %s, which is not for it", audience, id);
    if (listener->audience >= 2 && (bears(text, "image") || bears(text, "box") || bears(text, "actor") || bears(text, "path")))
        ledger_find(ledger, "%s sees what it may not: %s", audience, text);
    g_autofree char *actor = ledger_field(text, "actor");
    if (listener->audience < 2 && strcmp(actor, revision->actor[0] ? revision->actor : "null") != 0)
        ledger_find(ledger, "alert %s revision %u is said to be by %s and is by %s", id, rev, actor, revision->actor);
    return revision;
}

/* ---- at the broker ---- */

static void check_order(Listeners *listeners, Listener *listener, const char *text, gboolean denied) {
    Ledger *ledger = listeners->ledger;
    const char *audience = ledger_audiences[listener->audience];
    guint64 seq = number(text, "seq");
    if (g_hash_table_contains(listener->refused, &seq)) { /* somebody said: again */
        if (!denied) g_hash_table_remove(listener->refused, &seq);
        return;
    }
    if (denied) g_hash_table_add(listener->refused, g_memdup2(&seq, sizeof seq));
    gboolean same = listener->connection == listeners->broker->connection;
    if (same && seq <= listener->last_seq)
        ledger_find(ledger, "%s: seq %" G_GUINT64_FORMAT " comes after %" G_GUINT64_FORMAT " in one connection", audience, seq,
                    listener->last_seq);
    if (seq > listener->most_seq + 1)
        ledger_find(ledger, "%s: seq %" G_GUINT64_FORMAT " comes after %" G_GUINT64_FORMAT ", a hole that nothing names", audience,
                    seq, listener->most_seq);
    listener->connection = listeners->broker->connection;
    listener->last_seq = seq;
    listener->most_seq = MAX(listener->most_seq, seq);
}

static void check_state(Listeners *listeners, Listener *listener, const char *alert_id, const char *text) {
    Ledger *ledger = listeners->ledger;
    guint before = GPOINTER_TO_UINT(g_hash_table_lookup(listener->state_rev, alert_id));
    if (!text[0]) {
        const LedgerAlert *alert = g_hash_table_lookup(ledger->alerts, alert_id);
        if (alert && !ledger_is_open(alert) && alert->stored == alert->chain->len)
            g_hash_table_insert(listener->state_rev, g_strdup(alert_id), GUINT_TO_POINTER(alert->stored));
        return;
    }
    guint rev = (guint)number(text, "rev");
    const LedgerRevision *revision = check_revision(listeners, listener, text);
    if (!revision) return;
    if (rev < before)
        ledger_find(ledger, "%s: revision %u of alert %s is retained after %u", ledger_audiences[listener->audience], rev, alert_id,
                    before);
    g_hash_table_insert(listener->state_rev, g_strdup(alert_id), GUINT_TO_POINTER(rev));
}

static void check_event(Listeners *listeners, const char *text) {
    Ledger *ledger = listeners->ledger;
    g_autofree char *id = ledger_field(text, "event"), *phase = ledger_field(text, "phase");
    LedgerEvent *event = g_hash_table_lookup(ledger->events, id);
    gboolean begin = strcmp(phase, "begin") == 0;
    if (!event || !(begin ? event->begun : event->ended)) {
        ledger_find(ledger, "the %s of event %s is told and not committed", phase, id);
        return;
    }
    if (begin) event->told_begun = TRUE;
    else event->told_ended = TRUE;
    if (!event->told_begun) ledger_find(ledger, "event %s ends before it begins", id);
}

static void check_reply(Listeners *listeners, const char *audience, const char *client, const char *text) {
    Ledger *ledger = listeners->ledger;
    g_autofree char *id = ledger_field(text, "request_id"), *code = ledger_field(text, "code");
    if (strcmp(id, "null") == 0) return;
    LedgerRequest *request = ledger_request(ledger, audience, client, id);
    if (!request->stored) ledger_find(ledger, "request %s is answered with %s before that is stored", id, code);
    else if (strcmp(code, request->code) != 0 && g_strcmp0(code, request->also) != 0)
        ledger_find(ledger, "request %s is answered with %s and not %s", id, code, request->code);
    if (request->reply && strcmp(request->reply, text) != 0) ledger_find(ledger, "request %s has two answers", id);
    if (!request->reply) request->reply = g_strdup(text);
}

static void on_published(const SimPublish *publish, gboolean denied, gpointer user) {
    Listeners *listeners = user;
    g_auto(GStrv) levels = g_strsplit(publish->topic + strlen(ROOT), "/", 3);
    listeners->messages++;
    if (strcmp(levels[0], "event") == 0) {
        check_event(listeners, publish->payload);
        return;
    }
    gint audience = levels[1] ? ledger_audience(levels[1]) : -1;
    if (audience < 0) return;
    Listener *listener = &listeners->each[audience];
    if (strcmp(levels[0], "alert-log") == 0) check_order(listeners, listener, publish->payload, denied);
    if (denied) return;
    if (strcmp(levels[0], "alert") == 0) check_state(listeners, listener, levels[2], publish->payload);
    else if (strcmp(levels[0], "reply") == 0) check_reply(listeners, levels[1], levels[2], publish->payload);
    else if (strcmp(levels[0], "alert-log") == 0 || strcmp(levels[0], "replay") == 0)
        g_queue_push_tail(&listener->session, g_strdup(publish->payload));
}

static void on_forgot(gpointer user) {
    Listeners *listeners = user;
    for (guint i = 0; i < LEDGER_AUDIENCES; i++) g_queue_clear_full(&listeners->each[i].session, g_free);
}

SimBrokerSink listeners_sink(Listeners *listeners) {
    return (SimBrokerSink){on_published, on_forgot, listeners};
}

/* ---- at the client ---- */

static void take(Listeners *listeners, Listener *listener, const char *text) {
    const char *audience = ledger_audiences[listener->audience];
    guint64 seq = number(text, "seq");
    if (!check_revision(listeners, listener, text)) return;
    g_autofree char *alert = ledger_field(text, "alert"), *rev = ledger_field(text, "rev");
    g_autofree char *key = g_strconcat(alert, "-", rev, NULL);
    const guint64 *known = g_hash_table_lookup(listener->known, key);
    const LedgerAlert *of = g_hash_table_lookup(listeners->ledger->alerts, alert);
    if (known) {
        listeners->doubles++;
        if (*known != seq && !(of->again >> listener->audience & 1))
            ledger_find(listeners->ledger, "%s: %s comes as seq %" G_GUINT64_FORMAT " and again as %" G_GUINT64_FORMAT, audience, key,
                        *known, seq);
        g_hash_table_add(listener->seqs, g_memdup2(&seq, sizeof seq));
        return;
    }
    if (g_hash_table_contains(listener->seqs, &seq))
        ledger_find(listeners->ledger, "%s: seq %" G_GUINT64_FORMAT " is given twice, now to %s", audience, seq, key);
    g_hash_table_insert(listener->known, g_steal_pointer(&key), g_memdup2(&seq, sizeof seq));
    g_hash_table_add(listener->seqs, g_memdup2(&seq, sizeof seq));
}

void listeners_take(Listeners *listeners) {
    for (guint i = 0; i < LEDGER_AUDIENCES; i++) {
        Listener *listener = &listeners->each[i];
        while (listener->online && listener->session.length > 0) {
            g_autofree char *text = g_queue_pop_head(&listener->session);
            take(listeners, listener, text);
        }
    }
}

guint64 listener_missing(const Listener *listener, guint64 up_to_seq) {
    for (guint64 seq = 1; seq <= up_to_seq; seq++) {
        if (!g_hash_table_contains(listener->seqs, &seq)) return seq;
    }
    return 0;
}

/* ---- at the end ---- */

static void final_alert(Listeners *listeners, const Listener *listener, const LedgerAlert *alert) {
    Ledger *ledger = listeners->ledger;
    const char *audience = ledger_audiences[listener->audience];
    for (guint rev = 1; rev <= alert->chain->len; rev++) {
        g_autofree char *key = g_strdup_printf("%s-%u", alert->id, rev);
        gboolean heard = g_array_index(alert->chain, LedgerRevision, rev - 1).heard >> listener->audience & 1;
        if (heard && !g_hash_table_contains(listener->known, key)) ledger_find(ledger, "%s was never told %s", audience, key);
    }
    g_autofree char *topic = g_strconcat(ROOT "alert/", audience, "/", alert->id, NULL);
    const char *retained = g_hash_table_lookup(listeners->broker->retained, topic);
    gboolean wanted = ledger_is_open(alert) && ledger_hears(ledger, listener->audience, alert->kind);
    if (wanted && !retained) ledger_find(ledger, "%s: alert %s is open and not retained", audience, alert->id);
    if (!wanted && retained) ledger_find(ledger, "%s: alert %s is still retained (%s)", audience, alert->id, ledger_state(alert));
    if (wanted && retained && number(retained, "rev") != alert->chain->len)
        ledger_find(ledger, "%s: alert %s is retained at revision %u of %u", audience, alert->id, (guint)number(retained, "rev"),
                    alert->chain->len);
}

void listeners_final(Listeners *listeners) {
    Ledger *ledger = listeners->ledger;
    GHashTableIter iter;
    gpointer item;
    for (guint i = 0; i < LEDGER_AUDIENCES; i++) {
        const Listener *listener = &listeners->each[i];
        if (!sky_config_audience(ledger->config, ledger_audiences[i])) continue;
        guint64 missing = listener_missing(listener, ledger->next_seq[i] - 1);
        if (g_hash_table_size(listener->refused) > 0)
            ledger_find(ledger, "%s: what the broker refused is in no dead letter", ledger_audiences[i]);
        if (missing) ledger_find(ledger, "%s never had seq %" G_GUINT64_FORMAT, ledger_audiences[i], missing);
        g_hash_table_iter_init(&iter, ledger->alerts);
        while (g_hash_table_iter_next(&iter, NULL, &item)) final_alert(listeners, listener, item);
    }
    g_hash_table_iter_init(&iter, ledger->alerts);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        const LedgerAlert *alert = item;
        if (alert->stored != alert->chain->len) ledger_find(ledger, "alert %s: %u of %u revisions are committed", alert->id,
                                                            alert->stored, alert->chain->len);
    }
    g_hash_table_iter_init(&iter, ledger->events);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        const LedgerEvent *event = item;
        if (!event->told_begun || event->told_ended != event->ended)
            ledger_find(ledger, "event %s: the broker was told its begin %d, its end %d of %d", event->id, event->told_begun,
                        event->told_ended, event->ended);
    }
    g_hash_table_iter_init(&iter, ledger->requests);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        const LedgerRequest *request = item;
        if (!request->reply && request->payload && sky_config_audience(ledger->config, request->audience))
            ledger_find(ledger, "request %s of %s was never answered", request->id, request->client);
    }
}
