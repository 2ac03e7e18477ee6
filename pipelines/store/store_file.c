/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

#include <errno.h>
#include <stdio.h>
#include "base/log.h"

/* 20261124T030405Z: no colons, it becomes part of a file name. */
static char *stamp(void) {
    char text[SKY_UTC_TEXT_BYTES];
    sky_clock_utc_text(sky_clock_utc_ns(), text);
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);
    return time ? g_date_time_format(time, "%Y%m%dT%H%M%SZ") : g_strdup("undated");
}

/* The log and the shared memory go with it: left behind, they would be replayed into the new file. */
static gboolean set_aside(SkyStore *store, GError **error) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    g_autofree char *when = stamp();
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *from = g_strconcat(store->path, endings[i], NULL);
        g_autofree char *to = g_strconcat(store->path, ".corrupt-", when, endings[i], NULL);
        if (rename(from, to) != 0 && errno != ENOENT) {
            sky_error_set_errno(error, errno, "store: setting the damaged database aside");
            return FALSE;
        }
    }
    store->damaged = FALSE;
    g_strlcpy(store->trouble, "the database was damaged: it has been set aside and a new one begun", sizeof store->trouble);
    sky_log(SKY_LOG_DEBUG, "store", NULL, "set the damaged database aside as %s.corrupt-%s", store->path, when);
    return TRUE;
}

SkyDatabase *sky_store_open_file(SkyStore *store, GError **error) {
    for (int attempt = 0;; attempt++) {
        if (store->damaged && !set_aside(store, error)) return NULL;
        g_autoptr(GError) refused = NULL;
        gboolean corrupt = FALSE;
        SkyDatabase *database = sky_database_open_file(store->path, &corrupt, &refused);
        if (database) return database;
        store->damaged = corrupt;
        if (!corrupt || attempt > 0) {
            g_propagate_error(error, g_steal_pointer(&refused));
            return NULL;
        }
    }
}
