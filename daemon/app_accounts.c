/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "daemon/app_internal.h"

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
    sky_accounts_each(app->accounts, keep, &look);
    sky_accounts_tidy(app->accounts);
    if (look.count > 0)
        sky_desk_settle(app->desk, NULL, NULL, NULL);
}

static void report(const SkyAccountView *view, gpointer user) {
    Look *look = user;
    if (view->next_ns == SKY_TIME_NONE || view->gone)
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
    sky_accounts_each(app->accounts, report, &look);
    sky_table_add(table, "accounts_refused", ids->str);
}
