/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_salvage.h"

#include <glib/gstdio.h>
#include <string.h>
#include "base/log.h"

#define KEPT_MAX 2
#define MEMORY_PAYLOAD_BYTES_MAX (UINT64_C(24) << 20)

static gboolean is_aside(const char *name, const char *prefix) {
    return g_str_has_prefix(name, prefix) && !g_str_has_suffix(name, "-wal") && !g_str_has_suffix(name, "-shm") &&
           !g_str_has_suffix(name, ".txt");
}

static gint compare_text(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Paths of what was set aside, oldest first: their names are times. */
static GPtrArray *find_aside(const SkyStore *store) {
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *directory = g_path_get_dirname(store->path), *base = g_path_get_basename(store->path);
    g_autofree char *prefix = g_strconcat(base, ".corrupt-", NULL);
    g_autoptr(GDir) entries = g_dir_open(directory, 0, NULL);
    for (const char *name; entries && (name = g_dir_read_name(entries));) {
        if (is_aside(name, prefix)) g_ptr_array_add(paths, g_build_filename(directory, name, NULL));
    }
    g_ptr_array_sort(paths, compare_text);
    return paths;
}

static gboolean has_report(const char *path) {
    g_autofree char *report = g_strconcat(path, ".txt", NULL);
    return g_file_test(report, G_FILE_TEST_EXISTS);
}

static void remove_oldest(const SkyStore *store) {
    static const char *const endings[] = {"-wal", "-shm", "", ".txt"}; /* the report last: without it, it would be salvaged again */
    g_autoptr(GPtrArray) paths = find_aside(store);
    for (guint i = 0; i + KEPT_MAX < paths->len; i++) {
        for (size_t k = 0; has_report(paths->pdata[i]) && k < G_N_ELEMENTS(endings); k++) {
            g_autofree char *path = g_strconcat(paths->pdata[i], endings[k], NULL);
            g_unlink(path);
        }
    }
}

/* ---- the report ---- */

static void add_holes(SkyStore *store, SkyDatabase *database, GString *text) {
    sqlite3_stmt *statement = sky_database_prepare(
        database, "SELECT audience, prev + 1, seq - 1 FROM (SELECT audience, seq, lag(seq) OVER (PARTITION BY audience ORDER BY seq) AS prev"
        " FROM message WHERE epoch = ? AND seq > 0) WHERE seq > prev + 1 ORDER BY audience, seq LIMIT 200", NULL);
    gboolean row = FALSE;
    if (statement) sqlite3_bind_text(statement, 1, store->epoch, -1, SQLITE_STATIC);
    while (statement && sky_database_step(database, statement, &row, NULL) && row) {
        g_string_append_printf(text, "missing in the log of %s: seq %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "\n",
                               (const char *)sqlite3_column_text(statement, 0), (gint64)sqlite3_column_int64(statement, 1),
                               (gint64)sqlite3_column_int64(statement, 2));
    }
}

static char *report_text(SkyStore *store, SkyDatabase *into, const char *path, const SkySalvage *result) {
    g_autofree char *name = g_path_get_basename(path);
    char now[SKY_UTC_TEXT_BYTES];
    sky_clock_utc_text(sky_clock_utc_ns(), now);
    GString *text = g_string_new("skynetd: what could be taken out of a damaged database\n");
    g_string_append_printf(text, "file: %s\nwhen: %s\nepoch: %s\n", name, now, store->epoch[0] ? "goes on" : "a new one");
    g_string_append_printf(text, "pages: %u, of which the disk did not give %u\n", result->pages, result->unread);
    g_string_append_printf(text, "saved: %" G_GUINT64_FORMAT " revisions (%" G_GUINT64_FORMAT " alerts are open), %" G_GUINT64_FORMAT
                           " that stand, %" G_GUINT64_FORMAT " audits\n", result->revisions, result->open_alerts, result->standing, result->audits);
    g_string_append_printf(text, "saved: %" G_GUINT64_FORMAT " messages (%" G_GUINT64_FORMAT " still to be sent)\n", result->messages, result->waiting);
    g_string_append_printf(text, "not saved: %" G_GUINT64_FORMAT " rows that are not as they were written\n", result->untrue);
    if (result->older) g_string_append_printf(text, "not saved: the newest revision of %" G_GUINT64_FORMAT " alerts\n", result->older);
    if (store->epoch[0]) add_holes(store, into, text);
    g_string_append(text, "Rows on pages that bear no mark of a table any more are in no number.\n");
    return g_string_free(text, FALSE);
}

static void say(SkyStore *store, const SkySalvage *result) {
    g_snprintf(store->trouble, sizeof store->trouble, "the database was damaged%s: saved %" G_GUINT64_FORMAT " open alerts, %" G_GUINT64_FORMAT
               " messages to send; %" G_GUINT64_FORMAT " rows are damaged", store->epoch[0] ? "" : ", a new epoch begins", result->open_alerts,
               result->waiting, result->untrue);
}

static gboolean salvage_one(SkyStore *store, SkyDatabase *into, const char *path, GError **error) {
    SkySalvage result = {0};
    g_autofree char *report = g_strconcat(path, ".txt", NULL);
    if (!sky_store_doubt_age(into, error) || !sky_salvage_run(into, path, store->epoch, UINT64_MAX, &result, error)) return FALSE;
    g_autofree char *text = report_text(store, into, path, &result);
    say(store, &result);
    sky_log(SKY_LOG_DEBUG, "store", NULL, "%s", text);
    return g_file_set_contents_full(report, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0640, error);
}

void sky_store_salvage_aside(SkyStore *store, SkyDatabase *into, gboolean *ret_waits) {
    g_autoptr(GPtrArray) paths = find_aside(store);
    gboolean waits = FALSE, any = FALSE;
    for (guint i = 0; i < paths->len; i++) {
        if (has_report(paths->pdata[i])) continue;
        g_autoptr(GError) error = NULL;
        any = TRUE;
        if (salvage_one(store, into, paths->pdata[i], &error)) continue;
        g_clear_error(&error);
        if (into->full && sky_store_give_up_ballast(store) && salvage_one(store, into, paths->pdata[i], &error)) continue;
        waits = TRUE;
        g_strlcpy(store->trouble, "the database was damaged: set aside, a new one runs; saving what it held is tried again", sizeof store->trouble);
    }
    if (any && !waits) remove_oldest(store);
    *ret_waits = waits;
}

void sky_store_salvage_to_memory(SkyStore *store, SkyDatabase *memory) {
    g_autoptr(GPtrArray) paths = find_aside(store);
    SkySalvage result = {0};
    if (store->damaged || paths->len > 0) sky_store_doubt_age(memory, NULL);
    if (store->damaged) sky_salvage_run(memory, store->path, store->epoch, MEMORY_PAYLOAD_BYTES_MAX, &result, NULL);
    for (guint i = 0; i < paths->len; i++) {
        if (!has_report(paths->pdata[i])) sky_salvage_run(memory, paths->pdata[i], store->epoch, MEMORY_PAYLOAD_BYTES_MAX, &result, NULL);
    }
}
