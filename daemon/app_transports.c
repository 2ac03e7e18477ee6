/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "daemon/app_internal.h"

void sky_app_transports_restore(SkyApp *app, const SkyStoreStart *start) {
    for (guint i = 0; i < start->standing->len; i++) {
        const SkyStandingRecord *record = start->standing->pdata[i];
        if (record->kind == SKY_STANDING_BY_UDP)
            sky_transports_recall(app->transports, record->id, record->body);
    }
}

typedef struct {
    SkyApp *app;
    guint count;
} Keep;

static void keep(const char *id, const char *body, gpointer user) {
    Keep *kept = user;
    sky_desk_stand(kept->app->desk, SKY_STANDING_BY_UDP, id, body);
    kept->count++;
}

void sky_app_transports_turn(SkyApp *app) {
    Keep kept = {.app = app};
    sky_transports_take_changes(app->transports, keep, &kept);
    if (kept.count > 0)
        sky_desk_settle(app->desk, NULL, NULL, NULL);
}
