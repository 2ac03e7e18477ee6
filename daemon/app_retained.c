/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/app_internal.h"

/* Which cameras the broker may hold states of. They stand in the store, so that one that is taken out of the configuration is cleared
 * there also where that was done over a restart, or while the broker was away. */

void sky_app_retained_restore(SkyApp *app, const SkyStoreStart *start) {
    for (guint i = 0; i < start->standing->len; i++) {
        const SkyStandingRecord *record = start->standing->pdata[i];
        if (record->kind != SKY_STANDING_RETAINED)
            continue;
        g_hash_table_add(app->retained, g_strdup(record->id));
        if (!sky_config_camera(app->config, record->id))
            sky_app_forget_camera(app, record->id);
    }
}

void sky_app_retained_add(SkyApp *app, const char *camera) {
    if (!g_hash_table_add(app->retained, g_strdup(camera)))
        return;
    sky_desk_stand(app->desk, SKY_STANDING_RETAINED, camera, "");
    sky_desk_settle(app->desk, NULL, NULL, NULL);
}

static gboolean is_cleared(gpointer camera, gpointer value, gpointer user) {
    SkyApp *app = user;
    if (sky_config_camera(app->config, camera))
        return FALSE;
    sky_desk_stand(app->desk, SKY_STANDING_RETAINED, camera, NULL);
    return TRUE;
}

void sky_app_retained_are_out(SkyApp *app) {
    if (g_hash_table_foreach_remove(app->retained, is_cleared, app) > 0)
        sky_desk_settle(app->desk, NULL, NULL, NULL);
}
