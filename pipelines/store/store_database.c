/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_database.h"

#include <errno.h>
#include "store/store_sum.h"

#define BUSY_MS 2000

static SkyErrorCode code_of(int result) {
    switch (result & 0xff) {
    case SQLITE_CONSTRAINT: case SQLITE_MISMATCH: case SQLITE_TOOBIG: return SKY_ERR_DATA;
    case SQLITE_ERROR: case SQLITE_MISUSE: case SQLITE_RANGE: case SQLITE_INTERNAL: return SKY_ERR_FATAL;
    default: return SKY_ERR_RESOURCE; /* FULL, IOERR, READONLY, CANTOPEN, BUSY, CORRUPT, NOTADB, PERM, NOMEM ... */
    }
}

static void set_error(SkyDatabase *database, int result, GError **error) {
    int primary = result & 0xff;
    /* Our statements are right for our schema: a file that does not understand one has another, which SQLite's check does not see. */
    gboolean estranged = database->file && primary == SQLITE_ERROR;
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || estranged) database->corrupt = TRUE;
    int system = database->handle && primary != SQLITE_FULL ? sqlite3_system_errno(database->handle) : 0;
    database->full = primary == SQLITE_FULL || (primary == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT));
    const char *text = database->handle ? sqlite3_errmsg(database->handle) : sqlite3_errstr(result);
    g_set_error(error, SKY_ERROR, estranged ? SKY_ERR_RESOURCE : code_of(result), "store: %s (%d)", text, result);
}

void sky_database_set_untrue(SkyDatabase *database, GError **error) {
    database->corrupt = TRUE;
    g_set_error(error, SKY_ERROR, SKY_ERR_RESOURCE, "store: the database is damaged: a row is not as it was written");
}

/* Why each is what it is; tests/integration/test_store_power.c cuts the power before every operation on the disk and holds them to it:
 * journal_mode WAL: one fsync a commit, and a reader (sqlite3 on the box) never blocks the daemon. A checkpoint, each 1,000 pages, adds
 *   three: the log, the database, the head of the log that begins anew. The folder is synced by SQLite, with the first sync of a log.
 * synchronous FULL: in WAL mode NORMAL would not sync on commit, and "stored before sent" would be a lie after a power cut.
 * auto_vacuum INCREMENTAL: the file shrinks again in small steps, never by a VACUUM that needs twice the room on a full disk.
 *   It works only when set before the first table, so it stands first.
 *   Set again it writes the file's head, so each start is a commit: its sync makes last what a process that was killed before its own
 *   had written, and only then is anything read and shown.
 * journal_size_limit: after a burst the WAL is cut back instead of keeping its largest size for ever.
 * temp_store MEMORY: no temporary file can fail on a full disk or be left behind.
 * cell_size_check: a damaged page is found when it is read, not when it has spread.
 * trusted_schema OFF: a tampered file can not make our statements call functions. */
static const char file_pragmas[] =
    "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=4194304;"
    "PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF;";

static void finalize(gpointer statement) {
    sqlite3_finalize(statement);
}

static SkyDatabase *open_handle(const char *path, int flags, int *ret_result) {
    SkyDatabase *database = g_new0(SkyDatabase, 1);
    database->statements = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, finalize);
    *ret_result = sqlite3_open_v2(path, &database->handle, flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                                  NULL);
    if (database->handle) {
        sqlite3_extended_result_codes(database->handle, 1);
        if (*ret_result == SQLITE_OK) *ret_result = sky_sum_register(database->handle);
        sqlite3_busy_timeout(database->handle, BUSY_MS);
    }
    return database;
}

SkyDatabase *sky_database_open_file(const char *path, gboolean *ret_corrupt, GError **error) {
    int result = SQLITE_OK;
    g_autoptr(SkyDatabase) database = open_handle(path, 0, &result);
    database->file = TRUE;
    gboolean ok = result == SQLITE_OK;
    if (!ok) set_error(database, result, error);
    ok = ok && sky_database_execute(database, file_pragmas, error) && sky_database_migrate(database, error);
    if (ret_corrupt) *ret_corrupt = database->corrupt;
    return ok ? g_steal_pointer(&database) : NULL;
}

SkyDatabase *sky_database_open_memory(guint64 bytes_max, GError **error) {
    int result = SQLITE_OK;
    /* URI: sky_failover attaches the file by one, read-only. */
    g_autoptr(SkyDatabase) database = open_handle(":memory:", SQLITE_OPEN_URI, &result);
    gboolean ok = result == SQLITE_OK;
    if (!ok) set_error(database, result, error);
    g_autofree char *fuse = g_strdup_printf("PRAGMA max_page_count=%" G_GUINT64_FORMAT ";", bytes_max / SKY_DATABASE_PAGE_BYTES);
    ok = ok && sky_database_execute(database, "PRAGMA temp_store=MEMORY;", error) && sky_database_execute(database, fuse, error) &&
         sky_database_migrate(database, error);
    return ok ? g_steal_pointer(&database) : NULL;
}

void sky_database_free(SkyDatabase *database) {
    if (!database) return;
    g_hash_table_unref(database->statements);
    sqlite3_close(database->handle);
    g_free(database);
}

sqlite3_stmt *sky_database_prepare(SkyDatabase *database, const char *text, GError **error) {
    sqlite3_stmt *statement = g_hash_table_lookup(database->statements, text);
    if (statement) {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
        return statement;
    }
    int result = sqlite3_prepare_v3(database->handle, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (result != SQLITE_OK) {
        set_error(database, result, error);
        return NULL;
    }
    g_hash_table_insert(database->statements, (gpointer)text, statement);
    return statement;
}

gboolean sky_database_step(SkyDatabase *database, sqlite3_stmt *statement, gboolean *ret_row, GError **error) {
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        *ret_row = TRUE;
        return TRUE;
    }
    if (result != SQLITE_DONE) set_error(database, result, error);
    else *ret_row = FALSE;
    sqlite3_reset(statement);
    return result == SQLITE_DONE;
}

gboolean sky_database_run(SkyDatabase *database, sqlite3_stmt *statement, GError **error) {
    gboolean row = FALSE;
    gboolean ok = sky_database_step(database, statement, &row, error);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement); /* what was bound without a copy may go now */
    return ok;
}

gboolean sky_database_execute(SkyDatabase *database, const char *text, GError **error) {
    int result = sqlite3_exec(database->handle, text, NULL, NULL, NULL);
    if (result != SQLITE_OK) set_error(database, result, error);
    return result == SQLITE_OK;
}

gboolean sky_database_number(SkyDatabase *database, const char *text, gint64 otherwise, gint64 *ret_number, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(database, text, error);
    gboolean row = FALSE;
    if (!statement || !sky_database_step(database, statement, &row, error)) return FALSE;
    *ret_number = row && sqlite3_column_type(statement, 0) != SQLITE_NULL ? sqlite3_column_int64(statement, 0) : otherwise;
    sqlite3_reset(statement);
    return TRUE;
}

/* IMMEDIATE: the write lock is asked for now, where waiting for it is harmless, and not in the middle. */
gboolean sky_database_begin(SkyDatabase *database, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(database, "BEGIN IMMEDIATE", error);
    return statement && sky_database_run(database, statement, error);
}

gboolean sky_database_commit(SkyDatabase *database, GError **error) {
    sqlite3_stmt *statement = sky_database_prepare(database, "COMMIT", error);
    if (statement && sky_database_run(database, statement, error)) return TRUE;
    sky_database_rollback(database);
    return FALSE;
}

void sky_database_rollback(SkyDatabase *database) {
    /* Some errors (FULL, IOERR) have rolled back already. */
    if (!sqlite3_get_autocommit(database->handle)) sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}
