/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/app_internal.h"

void sky_app_memory_restore(SkyApp *app, const SkyStoreStart *start) {
    for (guint i = 0; i < start->standing->len; i++) {
        const SkyStandingRecord *record = start->standing->pdata[i];
        if (record->kind == SKY_STANDING_BY_UDP)
            sky_transports_recall(app->transports, record->id, record->body);
        if (record->kind != SKY_STANDING_VIEW)
            continue;
        sky_view_memory_restore(app->views, record->id, record->body);
        if (!sky_config_camera(app->config, record->id))
            sky_app_memory_forget(app, record->id);
    }
}

void sky_app_memory_forget(SkyApp *app, const char *id) {
    sky_view_memory_forget(app->views, id);
}

typedef struct {
    SkyApp *app;
    SkyStandingKind kind;
    guint count;
} Keep;

static void keep(const char *id, const char *body, gpointer user) {
    Keep *kept = user;
    sky_desk_stand(kept->app->desk, kept->kind, id, body);
    kept->count++;
}

/* While the disk is stuck what has changed waits where it is known: the last of it is enough. */
void sky_app_memory_turn(SkyApp *app) {
    if (sky_desk_waiting(app->desk) > 0)
        return;
    Keep kept = {.app = app, .kind = SKY_STANDING_BY_UDP};
    sky_transports_take_changes(app->transports, keep, &kept);
    kept.kind = SKY_STANDING_VIEW;
    sky_view_memory_take_changes(app->views, keep, &kept);
    if (kept.count > 0)
        sky_desk_settle(app->desk, NULL, NULL, NULL);
}
