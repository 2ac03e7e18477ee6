/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "daemon/app_internal.h"
#include "message/message.h"

#define TESTS_MAX 16

/* Somebody at the local socket waits for a test alert to reach the broker. */
typedef struct {
    uint64_t call;
    char audience[SKY_ID_BYTES], alert[SKY_ULID_BYTES];
} SkyTestCall;

static const char *text_of(GHashTable *request, const char *name) {
    const char *text = g_hash_table_lookup(request, name);
    return text ? text : "";
}

void sky_app_answer(SkyApp *app, uint64_t call, const SkyTable *table) {
    sky_control_answer(app->control, call, (const char *const *)table->names->pdata, (const char *const *)table->values->pdata,
                       table->names->len);
}

static void answer_status(SkyApp *app, uint64_t call) {
    g_auto(SkyTable) table;
    sky_table_init(&table);
    sky_app_report(app, &table);
    sky_app_answer(app, call, &table);
}

/* ---- test alerts ---- */

static void start_test(SkyApp *app, uint64_t call, const char *audience) {
    if (!sky_config_audience(app->config, audience)) {
        sky_control_fail(app->control, call, "bad-value", "there is no such audience in the configuration");
        return;
    }
    if (app->tests->len >= TESTS_MAX) {
        sky_control_fail(app->control, call, "busy", "other test alerts wait for the broker");
        return;
    }
    SkyTestCall *test = g_new0(SkyTestCall, 1);
    test->call = call;
    g_strlcpy(test->audience, audience, sizeof test->audience);
    g_ptr_array_add(app->tests, test);
    atomic_fetch_add(&app->tests_waiting, 1); /* before it can be delivered */
    sky_desk_test(app->desk, audience, test->alert);
}

/* What a broker refuses it may also take, and give to nobody: in MQTT 3.1.1 it has no word for it. */
static gboolean is_swallowed(SkyApp *app, const char *audience) {
    SkyOutboxNumbers numbers = sky_outbox_numbers(app->outbox);
    g_auto(GStrv) refused = g_strsplit(numbers.refused_audiences, ",", -1);
    return g_strv_contains((const char *const *)refused, audience);
}

static void answer_test(SkyApp *app, const SkyTestCall *test, uint32_t reason_code, int64_t since_ns) {
    g_autofree char *refused =
        g_strdup_printf("the broker refuses it for good (reason 0x%02x): skynetctl queue says why, and sends it again", reason_code);
    if (reason_code >= 0x80) {
        sky_control_fail(app->control, test->call, "refused", refused);
    } else if (is_swallowed(app, test->audience)) {
        sky_control_fail(app->control, test->call, "refused",
                         "the broker took it, but gives us nothing of this audience back: look at its access list");
    } else {
        g_auto(SkyTable) table;
        sky_table_init(&table);
        sky_table_add(&table, "ok", "yes");
        sky_table_add(&table, "alert", test->alert);
        sky_table_add_format(&table, "ms", "%" G_GINT64_FORMAT, (sky_clock_monotonic_ns() - since_ns) / SKY_NS_PER_MS);
        sky_app_answer(app, test->call, &table);
    }
}

void sky_app_take_landed(SkyApp *app, const SkyNotice *notice) {
    for (guint i = 0; i < app->tests->len; i++) {
        SkyTestCall *test = app->tests->pdata[i];
        int64_t since_ns;
        if (strcmp(test->alert, notice->alert) != 0)
            continue;
        if (sky_control_waits(app->control, test->call, &since_ns))
            answer_test(app, test, notice->reason_code, since_ns);
        g_ptr_array_remove_index(app->tests, i);
        atomic_fetch_sub(&app->tests_waiting, 1);
        return;
    }
}

void sky_app_tests_turn(SkyApp *app, int64_t now_ns) {
    for (guint i = app->tests->len; i-- > 0;) {
        SkyTestCall *test = app->tests->pdata[i];
        int64_t since_ns = 0;
        gboolean waits = sky_control_waits(app->control, test->call, &since_ns);
        if (waits && now_ns - since_ns < SKY_APP_TEST_NS)
            continue;
        if (waits)
            sky_control_fail(app->control, test->call, "busy",
                             "the broker has not acknowledged it within 30 s; it waits, and is sent later: see skynetctl status");
        g_ptr_array_remove_index(app->tests, i);
        atomic_fetch_sub(&app->tests_waiting, 1);
    }
}

/* ---- commands on alerts, by whoever may write to the socket ---- */

typedef struct {
    SkyApp *app;
    uint64_t call;
    uint32_t rev;
} LocalCommand;

static void on_stored(const GError *error, gpointer user) {
    g_autofree LocalCommand *command = user;
    SkyNotice *notice = g_new0(SkyNotice, 1);
    *notice = (SkyNotice){.kind = SKY_NOTICE_STORED, .call = command->call, .rev = command->rev, .ok = error == NULL};
    sky_app_notify(command->app, notice);
}

void sky_app_take_stored(SkyApp *app, const SkyNotice *notice) {
    if (!notice->ok) {
        sky_control_fail(app->control, notice->call, "busy", "it could not be stored: see skynetctl status");
        return;
    }
    g_auto(SkyTable) table;
    sky_table_init(&table);
    sky_table_add(&table, "ok", "yes");
    sky_table_add_format(&table, "rev", "%u", notice->rev);
    sky_app_answer(app, notice->call, &table);
}

static const char *why_not(SkyAlertAnswer answer, const char **ret_code) {
    switch (answer) {
    case SKY_ALERT_DONE:
        *ret_code = NULL;
        return NULL;
    case SKY_ALERT_UNKNOWN:
        *ret_code = "unknown-alert";
        return "no open alert has this id: skynetctl status lists the open ones";
    case SKY_ALERT_NOT_ALLOWED:
        *ret_code = "not-allowed";
        return "the alert's state does not allow this: acknowledge before resolve, and nothing once it is closed";
    case SKY_ALERT_BAD_VALUE:
        *ret_code = "bad-value";
        return "assignee and actor have to be ids ([a-z0-9-]), note UTF-8 of at most 511 bytes";
    }
    g_assert_not_reached();
}

static SkyAuditRecord *audit_of(const SkyAlertCommand *command, const char *verb) {
    SkyAuditRecord *audit = g_new0(SkyAuditRecord, 1);
    char request_id[SKY_ULID_BYTES];
    sky_ulid_make(sky_clock_utc_ns(), request_id);
    g_strlcpy(audit->audience, "local", sizeof audit->audience);
    g_strlcpy(audit->client, command->actor, sizeof audit->client);
    g_strlcpy(audit->request_id, request_id, sizeof audit->request_id);
    g_strlcpy(audit->verb, verb, sizeof audit->verb);
    g_strlcpy(audit->alert, command->alert, sizeof audit->alert);
    audit->utc_ns = sky_clock_utc_ns();
    audit->ok = TRUE;
    audit->reply = g_strdup("");
    return audit;
}

static void change_alert(SkyApp *app, uint64_t call, GHashTable *request, const char *verb, SkyAlertVerb what) {
    const char *actor = text_of(request, "actor");
    SkyAlertCommand command = {.verb = what, .alert = text_of(request, "alert"), .actor = actor[0] ? actor : "local",
                               .assignee = text_of(request, "assignee"), .note = text_of(request, "note")};
    uint32_t rev = 0;
    SkyAlertAnswer answer = sky_desk_command(app->desk, &command, &rev);
    const char *code = NULL, *why = why_not(answer, &code);
    if (code) {
        sky_control_fail(app->control, call, code, why);
        return;
    }
    LocalCommand *local = g_new(LocalCommand, 1);
    *local = (LocalCommand){.app = app, .call = call, .rev = rev};
    sky_desk_settle(app->desk, audit_of(&command, verb), on_stored, local);
}

void sky_app_on_request(uint64_t call, GHashTable *request, gpointer user) {
    static const struct {
        const char *name;
        SkyAlertVerb verb;
    } changes[] = {
        {"acknowledge", SKY_COMMAND_ACKNOWLEDGE}, {"assign", SKY_COMMAND_ASSIGN},   {"resolve", SKY_COMMAND_RESOLVE},
        {"dismiss", SKY_COMMAND_DISMISS},         {"comment", SKY_COMMAND_COMMENT},
    };
    static const struct {
        const char *name;
        void (*handle)(SkyApp *app, uint64_t call, GHashTable *request);
    } handlers[] = {
        {"queue", sky_app_on_queue},
        {"account", sky_app_on_account},
        {"account-refused", sky_app_on_refused},
        {"account-let-in", sky_app_on_let_in},
    };
    SkyApp *app = user;
    const char *verb = text_of(request, "verb");
    if (strcmp(verb, "status") == 0) {
        answer_status(app, call);
        return;
    }
    if (strcmp(verb, "test-alert") == 0) {
        start_test(app, call, text_of(request, "audience"));
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(handlers); i++) {
        if (strcmp(verb, handlers[i].name) == 0) {
            handlers[i].handle(app, call, request);
            return;
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
        if (strcmp(verb, changes[i].name) == 0) {
            change_alert(app, call, request, verb, changes[i].verb);
            return;
        }
    }
    sky_control_fail(app->control, call, "unknown-verb",
                     "this daemon does not know that request: is skynetctl of another version?");
}
