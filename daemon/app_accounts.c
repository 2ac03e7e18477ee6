/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/app_internal.h"

#define TEXT_BYTES_MAX 300

void sky_app_accounts_restore(SkyApp *app, const SkyStoreStart *start) {
    for (guint i = 0; i < start->standing->len; i++) {
        const SkyStandingRecord *record = start->standing->pdata[i];
        if (record->kind == SKY_STANDING_REFUSED)
            sky_accounts_recall(app->accounts, record->id, record->body, sky_clock_monotonic_ns(), sky_clock_utc_ns());
    }
}

typedef struct {
    SkyApp *app;
    SkyTable *table;
    GString *ids;
    int64_t now_ns;
    guint count;
} Look;

static void keep(const SkyAccountView *view, gpointer user) {
    Look *look = user;
    if (!view->changed && !view->gone)
        return;
    g_autofree char *body = view->gone ? NULL : sky_account_body(view, look->now_ns, sky_clock_utc_ns());
    sky_desk_stand(look->app->desk, SKY_STANDING_REFUSED, view->id, body);
    look->count++;
}

void sky_app_accounts_turn(SkyApp *app, int64_t now_ns) {
    Look look = {.app = app, .now_ns = now_ns};
    sky_accounts_each(app->accounts, now_ns, keep, &look);
    sky_accounts_tidy(app->accounts, now_ns);
    if (look.count > 0)
        sky_desk_settle(app->desk, NULL, NULL, NULL);
}

static void report(const SkyAccountView *view, gpointer user) {
    Look *look = user;
    if (view->next_ns == SKY_TIME_NONE || view->gone || !view->place[0])
        return;
    char id[16];
    g_snprintf(id, sizeof id, "%u", look->count++);
    g_string_append_printf(look->ids, "%s%s", look->ids->len > 0 ? "," : "", id);
    sky_table_add_of(look->table, "account", id, "place", "%s", view->place);
    sky_table_add_of(look->table, "account", id, "user", "%s", view->user);
    sky_table_add_of(look->table, "account", id, "camera", "%s", view->camera);
    sky_table_add_of(look->table, "account", id, "next_try_s", "%" G_GINT64_FORMAT,
                     MAX(view->next_ns - look->now_ns, 0) / SKY_NS_PER_S);
}

void sky_app_accounts_report(SkyApp *app, SkyTable *table, int64_t now_ns) {
    g_autoptr(GString) ids = g_string_new(NULL);
    Look look = {.app = app, .table = table, .ids = ids, .now_ns = now_ns};
    sky_accounts_each(app->accounts, now_ns, report, &look);
    sky_table_add(table, "accounts_refused", ids->str);
}

/* ---- what skynetctl tried ---- */

static const char *text_of(GHashTable *request, const char *name) {
    const char *text = g_hash_table_lookup(request, name);
    return text && strlen(text) <= TEXT_BYTES_MAX ? text : "";
}

static gboolean is_account_id(const char *id) {
    return id[0] && strlen(id) < SKY_ID_BYTES && strspn(id, "0123456789abcdef-") == strlen(id);
}

typedef struct {
    const char *id;
    SkyTable *table;
    int64_t now_ns;
} Question;

static void answer_if_refused(const SkyAccountView *view, gpointer user) {
    Question *question = user;
    if (strcmp(view->id, question->id) != 0 || view->next_ns == SKY_TIME_NONE || view->gone || !view->place[0])
        return;
    sky_table_add(question->table, "refused", "yes");
    sky_table_add(question->table, "place", view->place);
    sky_table_add(question->table, "user", view->user);
    sky_table_add(question->table, "camera", view->camera);
    sky_table_add_format(question->table, "next_try_s", "%" G_GINT64_FORMAT, MAX(view->next_ns - question->now_ns, 0) / SKY_NS_PER_S);
}

/* Asked for by its id, and not told to whoever reads the status: the id has some bits of the password's checksum. */
void sky_app_on_account(SkyApp *app, uint64_t call, GHashTable *request) {
    int64_t now_ns = sky_clock_monotonic_ns();
    g_auto(SkyTable) table;
    sky_table_init(&table);
    sky_accounts_each(app->accounts, now_ns, answer_if_refused,
                      &(Question){.id = text_of(request, "id"), .table = &table, .now_ns = now_ns});
    if (table.names->len == 0)
        sky_table_add(&table, "refused", "no");
    sky_app_answer(app, call, &table);
}

void sky_app_on_let_in(SkyApp *app, uint64_t call, GHashTable *request) {
    const char *id = text_of(request, "id");
    if (!is_account_id(id)) {
        sky_control_fail(app->control, call, "bad-value", "the id of an account is wanted");
        return;
    }
    gboolean waited = sky_accounts_tell_let_in(app->accounts, id);
    if (waited) {
        sky_log(SKY_LOG_NOTICE, "camera", NULL, "an account that was refused was let in for skynetctl: its streams try again");
        for (guint i = 0; i < app->cameras->len; i++)
            sky_camera_retry(app->cameras->pdata[i], id);
    }
    g_auto(SkyTable) table;
    sky_table_init(&table);
    sky_table_add(&table, "waited", waited ? "yes" : "no");
    sky_app_answer(app, call, &table);
}

void sky_app_on_refused(SkyApp *app, uint64_t call, GHashTable *request) {
    const char *id = text_of(request, "id"), *place = text_of(request, "place"), *user = text_of(request, "user");
    const char *camera = text_of(request, "camera");
    if (!is_account_id(id) || !place[0] || !user[0] || (camera[0] && !sky_id_is_valid(camera))) {
        sky_control_fail(app->control, call, "bad-value", "id, place and user of an account are wanted, and the camera's id or nothing");
        return;
    }
    SkyAccountTold told = sky_accounts_tell_refused(app->accounts, id, place, user, camera, sky_clock_monotonic_ns());
    if (told == SKY_ACCOUNT_TOO_MANY) {
        sky_control_fail(app->control, call, "busy", "too many accounts that no camera has were refused");
        return;
    }
    if (told == SKY_ACCOUNT_WAITS)
        sky_log(SKY_LOG_NOTICE, "camera", camera[0] ? camera : NULL,
                "account %s at %s was refused to skynetctl: no stream tries it for a while", user, place);
    g_auto(SkyTable) table;
    sky_table_init(&table);
    sky_table_add(&table, "waits", told == SKY_ACCOUNT_WAITS ? "yes" : "no");
    sky_app_answer(app, call, &table);
}
