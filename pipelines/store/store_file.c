/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

#include <errno.h>
#include <stdio.h>
#include "base/log.h"
#include "store/store_salvage.h"

static const char *const endings[] = {"", "-wal", "-shm"};

/* 20261124T030405Z: no colons, it becomes part of a file name. */
static char *stamp(void) {
    char text[SKY_UTC_TEXT_BYTES];
    sky_clock_utc_text(sky_clock_utc_ns(), text);
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);
    return time ? g_date_time_format(time, "%Y%m%dT%H%M%SZ") : g_strdup("undated");
}

/* A box without a clock has the same time at every start: what was set aside before is not overwritten, nor taken for done because of
 * its report. */
static char *aside_path(const SkyStore *store) {
    g_autofree char *when = stamp();
    g_autofree char *plain = g_strconcat(store->path, ".corrupt-", when, NULL);
    for (guint i = 1; i < 1000; i++) {
        g_autofree char *path = i == 1 ? g_strdup(plain) : g_strdup_printf("%s-%u", plain, i);
        g_autofree char *report = g_strconcat(path, ".txt", NULL);
        if (!g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(report, G_FILE_TEST_EXISTS)) return g_steal_pointer(&path);
    }
    return g_steal_pointer(&plain);
}

/* The log and the shared memory go with it: left behind, they would be replayed into the new file. The database goes last: cut short in
 * between, it is still found damaged and set aside again. */
static gboolean set_aside(SkyStore *store, GError **error) {
    g_autofree char *path = aside_path(store);
    for (size_t i = G_N_ELEMENTS(endings); i-- > 0;) {
        g_autofree char *from = g_strconcat(store->path, endings[i], NULL);
        g_autofree char *to = g_strconcat(path, endings[i], NULL);
        if (rename(from, to) != 0 && errno != ENOENT) {
            sky_error_set_errno(error, errno, "store: setting the damaged database aside");
            return FALSE;
        }
    }
    store->damaged = FALSE;
    sky_log(SKY_LOG_DEBUG, "store", NULL, "set the damaged database aside as %s", path);
    return TRUE;
}

/* What was set aside gives what it can to the new file, at once or, where that fails, later: sky_store_keep_house(). */
SkyDatabase *sky_store_open_file(SkyStore *store, GError **error) {
    for (int attempt = 0;; attempt++) {
        if (store->damaged && !set_aside(store, error)) return NULL;
        g_autoptr(GError) refused = NULL;
        gboolean corrupt = FALSE;
        SkyDatabase *database = sky_database_open_file(store->path, &corrupt, &refused);
        if (database) {
            sky_store_salvage_aside(store, database, &store->salvage_waits);
            return database;
        }
        store->damaged = corrupt;
        if (!corrupt && sky_store_is_full(store) && sky_store_give_up_ballast(store)) continue;
        if (!corrupt || attempt > 0) {
            g_propagate_error(error, g_steal_pointer(&refused));
            return NULL;
        }
    }
}

/* Closed before it is renamed: SQLite would remove the new file's log, by its name, when it closes the old one. */
gboolean sky_store_begin_anew(SkyStore *store, GError **error) {
    store->damaged = TRUE;
    g_clear_pointer(&store->database, sky_database_free);
    store->database = sky_store_open_file(store, error);
    if (!store->database) return FALSE;
    store->set_aside++;
    return sky_store_read_counters(store, error) && sky_store_write_counters(store, error) && sky_store_tell_gaps(store, error);
}
