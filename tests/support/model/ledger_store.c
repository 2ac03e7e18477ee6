/* SPDX-License-Identifier: Apache-2.0 */
#include "support/model/ledger.h"

#include <string.h>
#include "base/clock.h"

char *ledger_field(const char *text, const char *name) {
    g_autofree char *key = g_strdup_printf("\"%s\":", name);
    const char *at = strstr(text, key);
    if (!at) return g_strdup("");
    at += strlen(key);
    if (*at == '"') return g_strndup(at + 1, strcspn(at + 1, "\""));
    return g_strndup(at, strcspn(at, ",}"));
}

static char *payload_of(const SkyMessageRecord *message) {
    return g_strndup((const char *)message->payload, message->payload_bytes);
}

/* ---- one commit ---- */

/* No new revision: somebody new is told of the last one. */
static void take_again(Ledger *ledger, const SkyMessageRecord *message, guint audience) {
    LedgerAlert *alert = g_hash_table_lookup(ledger->alerts, message->alert);
    g_autofree char *text = payload_of(message), *rev = ledger_field(text, "rev");
    if (!alert || !(alert->again >> audience & 1) || g_ascii_strtoull(rev, NULL, 10) != alert->stored)
        ledger_find(ledger, "%s is told of alert %s, revision %s, once more", message->audience, message->alert, rev);
    else
        g_array_index(alert->chain, LedgerRevision, alert->stored - 1).heard |= 1u << audience;
}

static void take_log(Ledger *ledger, const LedgerAlert *alert, const SkyMessageRecord *message, guint *heard) {
    gint audience = ledger_audience(message->audience);
    if (audience < 0) {
        ledger_find(ledger, "a log row for %s, an audience that there is not", message->audience);
        return;
    }
    if (message->seq != ledger->next_seq[audience])
        ledger_find(ledger, "%s: seq %" G_GUINT64_FORMAT " is committed where %" G_GUINT64_FORMAT " is next", message->audience,
                    message->seq, ledger->next_seq[audience]);
    ledger->next_seq[audience] = message->seq + 1;
    *heard |= 1u << audience;
    if (!alert) take_again(ledger, message, (guint)audience);
}

static void take_event(Ledger *ledger, const SkyMessageRecord *message) {
    g_autofree char *text = payload_of(message), *id = ledger_field(text, "event"), *phase = ledger_field(text, "phase");
    g_autofree char *interrupted = ledger_field(text, "interrupted");
    LedgerEvent *event = g_hash_table_lookup(ledger->events, id);
    if (!event) {
        ledger_find(ledger, "event %s was never told of", id);
        return;
    }
    gboolean *done = strcmp(phase, "begin") == 0 ? &event->begun : &event->ended;
    if (*done) ledger_find(ledger, "event %s: its %s is committed twice", id, phase);
    *done = TRUE;
    if (event->ended && !event->begun) ledger_find(ledger, "event %s ends before it begins", id);
    if (event->ended && event->interrupted != (strcmp(interrupted, "true") == 0))
        ledger_find(ledger, "event %s ends with interrupted: %s", id, interrupted);
}

static void take_alert(Ledger *ledger, const SkyAlertRecord *record, guint heard) {
    LedgerAlert *alert = g_hash_table_lookup(ledger->alerts, record->alert);
    if (!alert || record->rev != alert->stored + 1 || record->rev > alert->chain->len) {
        g_autofree char *cause = ledger_field(record->body, "cause");
        ledger_find(ledger, "alert %s: revision %u (%s) is committed after %u of %u", record->alert, record->rev, cause,
                    alert ? alert->stored : 0, alert ? alert->chain->len : 0);
        return;
    }
    const LedgerRevision *revision = &g_array_index(alert->chain, LedgerRevision, alert->stored++);
    g_autofree char *state = ledger_field(record->body, "state");
    if (strcmp(state, revision->state) != 0)
        ledger_find(ledger, "alert %s revision %u is %s and has to be %s", record->alert, record->rev, state, revision->state);
    if (heard != revision->heard)
        ledger_find(ledger, "alert %s revision %u is told to audiences %x and has to be to %x", record->alert, record->rev, heard,
                    revision->heard);
}

static LedgerRequest *request_of(Ledger *ledger, const SkyAuditRecord *audit) {
    return audit->request_id[0] == '?' ? NULL : ledger_request(ledger, audit->audience, audit->client, audit->request_id);
}

static void take_audit(Ledger *ledger, const SkyAuditRecord *audit) {
    LedgerRequest *request = request_of(ledger, audit);
    if (!request) return;
    if (request->stored) ledger_find(ledger, "request %s of %s is in the trail twice", audit->request_id, audit->client);
    request->stored = TRUE;
}

void ledger_committed(Ledger *ledger, const SkyStoreCommit *commit) {
    guint heard = 0;
    const LedgerAlert *alert = commit->alert ? g_hash_table_lookup(ledger->alerts, commit->alert->alert) : NULL;
    for (guint i = 0; i < commit->messages->len; i++) {
        const SkyMessageRecord *message = commit->messages->pdata[i];
        if (message->message_class == SKY_MESSAGE_LOG) take_log(ledger, alert, message, &heard);
        if (message->message_class == SKY_MESSAGE_EVENT) take_event(ledger, message);
    }
    if (commit->alert) take_alert(ledger, commit->alert, heard);
    if (commit->audit) take_audit(ledger, commit->audit);
    for (guint i = 0; i < commit->standing->len; i++) {
        const SkyStandingRecord *record = commit->standing->pdata[i];
        if (record->kind != SKY_STANDING_DISARMED) continue;
        if (record->body) g_hash_table_add(ledger->disarmed, g_strdup(record->id));
        else g_hash_table_remove(ledger->disarmed, record->id);
    }
}

/* ---- a new start ---- */

static gboolean stands(const SkyStoreStart *start, SkyStandingKind kind, const char *id) {
    for (guint i = 0; i < start->standing->len; i++) {
        const SkyStandingRecord *record = start->standing->pdata[i];
        if (record->kind == kind && strcmp(record->id, id) == 0) return TRUE;
    }
    return FALSE;
}

static gboolean in_trail(const SkyStoreStart *start, const SkyAuditRecord *audit) {
    for (guint i = 0; i < start->audits->len; i++) {
        const SkyAuditRecord *known = start->audits->pdata[i];
        if (!strcmp(known->audience, audit->audience) && !strcmp(known->client, audit->client) &&
            !strcmp(known->request_id, audit->request_id)) return TRUE;
    }
    return FALSE;
}

/* Any of its traces tells; the comparison that follows holds the others to it. */
static gboolean was_committed(const SkyStoreCommit *cut, const SkyStoreStart *start) {
    for (guint i = 0; i < cut->messages->len; i++) {
        const SkyMessageRecord *message = cut->messages->pdata[i];
        const guint64 *next = message->seq ? g_hash_table_lookup(start->next_seq, message->audience) : NULL;
        if (message->seq) return next && *next > message->seq;
    }
    if (cut->audit) return in_trail(start, cut->audit);
    for (guint i = 0; i < cut->standing->len; i++) {
        const SkyStandingRecord *record = cut->standing->pdata[i];
        return stands(start, record->kind, record->id) == (record->body != NULL);
    }
    return TRUE; /* a word to an audience that is gone: it makes no difference */
}

static void compare_start(Ledger *ledger, const SkyStoreStart *start) {
    guint open = 0;
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, ledger->alerts);
    while (g_hash_table_iter_next(&iter, NULL, &item)) open += ledger_is_open(item) ? 1 : 0;
    for (guint i = 0; i < start->alerts->len; i++) {
        const SkyAlertRecord *record = start->alerts->pdata[i];
        const LedgerAlert *alert = g_hash_table_lookup(ledger->alerts, record->alert);
        if (!alert || alert->stored != record->rev || ledger_is_open(alert) != record->open)
            ledger_find(ledger, "the start has alert %s at revision %u, and %u were committed", record->alert, record->rev,
                        alert ? alert->stored : 0);
        open -= record->open ? 1 : 0;
    }
    if (open != 0) ledger_find(ledger, "the start lacks %u open alerts", open);
    for (guint i = 0; i < LEDGER_AUDIENCES; i++) {
        const guint64 *next = g_hash_table_lookup(start->next_seq, ledger_audiences[i]);
        if ((next ? *next : 1) != ledger->next_seq[i])
            ledger_find(ledger, "%s: the start goes on at seq %" G_GUINT64_FORMAT " and not %" G_GUINT64_FORMAT,
                        ledger_audiences[i], next ? *next : 1, ledger->next_seq[i]);
    }
    g_hash_table_iter_init(&iter, ledger->events);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        const LedgerEvent *event = item;
        if (stands(start, SKY_STANDING_EVENT, event->id) != (event->begun && !event->ended))
            ledger_find(ledger, "event %s: begun %d, ended %d, and the start says otherwise", event->id, event->begun, event->ended);
    }
    static const char *const cameras[] = {"gate", "yard"};
    for (guint i = 0; i < G_N_ELEMENTS(cameras); i++) {
        if (stands(start, SKY_STANDING_DISARMED, cameras[i]) != g_hash_table_contains(ledger->disarmed, cameras[i]))
            ledger_find(ledger, "%s: disarmed or not, the start says otherwise", cameras[i]);
    }
    if (ledger->epoch[0] && strcmp(ledger->epoch, start->epoch) != 0) ledger_find(ledger, "a new epoch without damage");
    g_strlcpy(ledger->epoch, start->epoch, sizeof ledger->epoch);
}

static void forget_unstored(Ledger *ledger) {
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, ledger->alerts);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        LedgerAlert *alert = item;
        g_array_set_size(alert->chain, alert->stored);
        if (alert->stored == 0) g_hash_table_iter_remove(&iter);
    }
    g_hash_table_iter_init(&iter, ledger->events);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        if (!((LedgerEvent *)item)->begun) g_hash_table_iter_remove(&iter);
    }
    g_hash_table_iter_init(&iter, ledger->requests);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        LedgerRequest *request = item;
        if (!request->stored) request->done = FALSE;
    }
}

/* Its own end, not its event's: after a kill between the two the one may be told of and the other not. */
static gboolean has_ended(const LedgerAlert *alert) {
    for (guint i = 0; i < alert->chain->len; i++) {
        const char *cause = g_array_index(alert->chain, LedgerRevision, i).cause;
        if (strcmp(cause, "ended") == 0 || strcmp(cause, "interrupted") == 0) return TRUE;
    }
    return FALSE;
}

static void interrupt(Ledger *ledger, int64_t expire_ns) {
    GHashTableIter iter;
    gpointer item;
    g_hash_table_iter_init(&iter, ledger->events);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        LedgerEvent *event = item;
        if (!event->ended) event->interrupted = TRUE;
    }
    g_hash_table_iter_init(&iter, ledger->alerts);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        LedgerAlert *alert = item;
        alert->due_ns = alert->raised_ns + expire_ns;
        if (has_ended(alert)) continue;
        LedgerRevision revision = {.state = ledger_state(alert), .cause = "interrupted"};
        for (guint i = 0; i < LEDGER_AUDIENCES; i++) revision.heard |= ledger_hears(ledger, i, alert->kind) ? 1u << i : 0;
        g_array_append_val(alert->chain, revision);
    }
}

void ledger_restart(Ledger *ledger, const SkyStoreCommit *cut, const SkyStoreStart *start, int64_t expire_ns) {
    if (cut && was_committed(cut, start)) ledger_committed(ledger, cut);
    forget_unstored(ledger);
    compare_start(ledger, start);
    interrupt(ledger, expire_ns);
    ledger->ticked_ns = SKY_TIME_NONE;
}
