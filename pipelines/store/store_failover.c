/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

#include <glib/gstdio.h>
#include "base/log.h"
#include "store/store_salvage.h"

/* In memory, `file` is the database on the disk, attached. */

static gboolean attach(const SkyStore *store, SkyDatabase *memory, const char *mode, GError **error) {
    g_autofree char *uri = g_filename_to_uri(store->path, NULL, error);
    if (!uri) return FALSE;
    g_autofree char *target = g_strconcat(uri, "?mode=", mode, NULL);
    sqlite3_stmt *statement = sky_database_prepare(memory, "ATTACH ? AS file", error);
    if (!statement) return FALSE;
    sqlite3_bind_text(statement, 1, target, -1, SQLITE_STATIC);
    return sky_database_run(memory, statement, error);
}

static void detach(SkyDatabase *memory) {
    sqlite3_exec(memory->handle, "DETACH file", NULL, NULL, NULL);
}

/* On a read-only disk SQLite can not make the shared memory that WAL mode wants; where no WAL is left (after a clean stop) the file may
 * be called immutable instead. With a WAL it may not: the newest commits, and their numbers, would be overlooked. */
static gboolean attach_to_read(const SkyStore *store, SkyDatabase *memory, GError **error) {
    g_autoptr(GError) refused = NULL;
    int64_t version = 0;
    if (attach(store, memory, "ro", &refused)) {
        if (sky_database_number(memory, "PRAGMA file.user_version", 0, &version, &refused)) return version == sky_database_schema_version();
        g_hash_table_remove_all(memory->statements);
        detach(memory);
    }
    g_autofree char *wal = g_strconcat(store->path, "-wal", NULL);
    GStatBuf status;
    if (g_stat(wal, &status) == 0 && status.st_size > 0) {
        g_propagate_error(error, g_steal_pointer(&refused));
        return FALSE;
    }
    return attach(store, memory, "ro&immutable=1", error) &&
           sky_database_number(memory, "PRAGMA file.user_version", 0, &version, error) && version == sky_database_schema_version();
}

/* What goes on without the disk: numbers, open alerts, the last request ids, and what still has to be sent, oldest first, as far as
 * half the room reaches. Up to the first that a damaged file will not give; `sequence` stands before `meta`, so that an epoch is never
 * taken over without its numbers. `loaded` remembers what came from the file. */
static const char *const loads[] = {
    "INSERT INTO main.sequence SELECT * FROM file.sequence",
    "INSERT INTO main.meta SELECT * FROM file.meta",
    "INSERT INTO main.revision SELECT * FROM file.revision WHERE newest AND open",
    "INSERT OR IGNORE INTO main.revision SELECT * FROM file.revision WHERE newest AND alert IN (SELECT alert FROM file.standing)",
    "INSERT INTO main.standing SELECT * FROM file.standing",
    "INSERT INTO main.audit SELECT * FROM file.audit ORDER BY id DESC LIMIT 1000",
    "INSERT INTO main.message SELECT * FROM file.message WHERE class = 0",
    "INSERT INTO main.message SELECT * FROM file.message WHERE row IN (SELECT row FROM (SELECT row, sum(length(payload))"
    " OVER (ORDER BY row) AS total FROM file.message WHERE delivered IS NULL AND dead IS NULL AND class > 0) WHERE total < 25165824)",
    /* Row numbers go on after the file's, also where its last rows are gone already. */
    "UPDATE main.sqlite_sequence SET seq = (SELECT seq FROM file.sqlite_sequence WHERE name = 'message') WHERE name = 'message'"
    " AND seq < (SELECT seq FROM file.sqlite_sequence WHERE name = 'message')",
    "INSERT INTO main.sqlite_sequence SELECT name, seq FROM file.sqlite_sequence WHERE name = 'message'"
    " AND NOT EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = 'message')",
};

static gboolean load(const SkyStore *store, SkyDatabase *memory) {
    g_autoptr(GError) refused = NULL;
    gboolean whole = attach_to_read(store, memory, &refused);
    for (size_t i = 0; whole && i < G_N_ELEMENTS(loads); i++) {
        g_autoptr(GError) unread = NULL;
        if (!sky_database_execute(memory, loads[i], &unread)) {
            sky_log(SKY_LOG_DEBUG, "store", NULL, "falling back to memory: %s", unread->message);
            whole = FALSE;
        }
    }
    if (refused) sky_log(SKY_LOG_DEBUG, "store", NULL, "falling back to memory: %s", refused->message);
    return whole;
}

static const char loaded_tables[] =
    "CREATE TABLE loaded(row INTEGER PRIMARY KEY);"
    "CREATE TABLE loaded_standing(kind INTEGER, id TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;";

gboolean sky_store_fall_back(SkyStore *store, const GError *why, GError **error) {
    SkyDatabase *memory = sky_database_open_memory(2 * SKY_STORE_MEMORY_BYTES_MAX, error);
    if (!memory) return FALSE;
    if (!sky_database_execute(memory, loaded_tables, error)) {
        sky_database_free(memory);
        return FALSE;
    }
    if (store->database && store->database->corrupt) store->damaged = TRUE;
    /* Numbers out of a damaged file are not to be trusted: without them, an epoch is not taken over. */
    gboolean whole = !store->damaged && load(store, memory);
    if (!whole) sky_store_salvage_to_memory(store, memory);
    sky_database_execute(memory, "INSERT INTO loaded SELECT row FROM main.message;"
                                 "INSERT INTO loaded_standing SELECT kind, id FROM main.standing", NULL);
    g_hash_table_remove_all(memory->statements); /* they may hold the attached file */
    detach(memory);
    /* A first start on a disk that can not even be read: numbers that lie above whatever it holds. */
    if (!whole && !store->epoch[0]) store->next_row = MAX(sky_clock_utc_ns() / 1000, 1);
    sky_database_free(store->database);
    store->database = memory;
    store->disk_retry_ns = sky_clock_monotonic_ns() + SKY_STORE_DISK_RETRY_NS;
    g_snprintf(store->trouble, sizeof store->trouble, "the disk refuses, kept in memory: %s", why->message);
    return sky_store_read_counters(store, error) && sky_store_write_counters(store, error);
}

/* One transaction on the file. Rows keep their numbers. */
static const char copy_back[] =
    "BEGIN;"
    /* What came from the file comes back as it is now, or not at all where it was delivered or superseded meanwhile. */
    "DELETE FROM file.message WHERE row IN (SELECT row FROM main.loaded);"
    "DELETE FROM file.message WHERE class = 0 AND topic IN (SELECT topic FROM main.message WHERE class = 0);"
    /* What a transaction whose fsync failed may have left behind: its numbers were used again. Other epochs' rows are not touched:
     * should numbers clash with those, the copy fails and we stay in memory. */
    "DELETE FROM file.message WHERE row IN (SELECT row FROM main.message)"
    "  AND epoch = (SELECT value FROM main.meta WHERE name = 'epoch');"
    "INSERT INTO file.message SELECT * FROM main.message;"
    "DELETE FROM file.message WHERE class = 0 AND delivered IS NOT NULL AND length(payload) = 0;"
    "UPDATE file.revision SET newest = 0 WHERE newest AND alert IN (SELECT alert FROM main.revision);"
    "INSERT OR REPLACE INTO file.revision SELECT * FROM main.revision;"
    "DELETE FROM file.standing WHERE (kind, id) IN (SELECT kind, id FROM main.loaded_standing);"
    "INSERT OR REPLACE INTO file.standing SELECT * FROM main.standing;"
    "DELETE FROM file.standing WHERE body IS NULL;"
    "INSERT OR IGNORE INTO file.audit(audience, client, request_id, verb, alert, utc, ok, reply, sum)"
    "  SELECT audience, client, request_id, verb, alert, utc, ok, reply, sum FROM main.audit ORDER BY id;"
    "INSERT INTO file.sequence SELECT * FROM main.sequence WHERE TRUE"
    "  ON CONFLICT(epoch, audience) DO UPDATE SET next = max(next, excluded.next);"
    "INSERT INTO file.meta SELECT * FROM main.meta WHERE TRUE ON CONFLICT(name) DO UPDATE SET value = excluded.value"
    "  WHERE name = 'epoch' OR excluded.value > value;"
    "COMMIT;";

gboolean sky_store_return_to_disk(SkyStore *store, GError **error) {
    store->disk_retry_ns = sky_clock_monotonic_ns() + SKY_STORE_DISK_RETRY_NS;
    char trouble_before[sizeof store->trouble];
    g_strlcpy(trouble_before, store->trouble, sizeof trouble_before);
    store->trouble[0] = '\0';
    g_autoptr(SkyDatabase) file = sky_store_open_file(store, error); /* kept open: the schema is current, nothing checkpoints */
    gboolean ok = file && attach(store, store->database, "rw", error);
    if (ok) {
        ok = sky_database_execute(store->database, "PRAGMA file.synchronous=FULL;", error) &&
             sky_database_execute(store->database, copy_back, error);
        sky_database_rollback(store->database);
        detach(store->database);
    }
    if (!ok) {
        if (store->database->corrupt) store->damaged = TRUE;
        store->database->corrupt = FALSE;
        g_strlcpy(store->trouble, trouble_before, sizeof store->trouble);
        return FALSE;
    }
    sky_database_free(store->database);
    store->database = g_steal_pointer(&file);
    return sky_store_read_counters(store, error);
}
