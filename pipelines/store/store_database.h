/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <sqlite3.h>
#include "base/error.h"

#define SKY_DATABASE_PAGE_BYTES 4096

/* One SQLite connection and its prepared statements. SQLite's codes stop here: RESOURCE = the disk (or memory) refuses,
 * DATA = what was asked breaks a rule of the schema, FATAL = a bug in our own SQL.
 * Thread: one at a time (opened without SQLite's mutexes). */
typedef struct {
    sqlite3 *handle;
    GHashTable *statements; /* text -> sqlite3_stmt *: prepared once */
    gboolean file;          /* else in memory */
    gboolean corrupt;       /* some call was answered with SQLITE_CORRUPT or SQLITE_NOTADB */
    gboolean full;          /* what failed last failed for want of room */
} SkyDatabase;

/* Opens or makes the file and brings its schema up to date. A damaged file fails with *ret_corrupt set. */
SkyDatabase *sky_database_open_file(const char *path, gboolean *ret_corrupt, GError **error);
/* The same schema, at most bytes_max large. */
SkyDatabase *sky_database_open_memory(guint64 bytes_max, GError **error);
void sky_database_free(SkyDatabase *database);
/* A row was read whose sum is wrong, or a number that can not be: damage that SQLite does not see. RESOURCE, and corrupt. */
void sky_database_set_untrue(SkyDatabase *database, GError **error);

/* Borrowed, reset and without bindings. Never NULL without an error. */
sqlite3_stmt *sky_database_prepare(SkyDatabase *database, const char *text, GError **error);
/* Carries out a statement that returns no rows; resets it. */
gboolean sky_database_run(SkyDatabase *database, sqlite3_stmt *statement, GError **error);
/* The next row; at the end (*ret_row FALSE) and on an error the statement is reset. */
gboolean sky_database_step(SkyDatabase *database, sqlite3_stmt *statement, gboolean *ret_row, GError **error);
/* Several statements without parameters, not kept. */
gboolean sky_database_execute(SkyDatabase *database, const char *text, GError **error);
/* One number: the first column of the first row, or otherwise where there is none. */
gboolean sky_database_number(SkyDatabase *database, const char *text, gint64 otherwise, gint64 *ret_number, GError **error);
/* begin, then commit or rollback. A failed commit has rolled back. */
gboolean sky_database_begin(SkyDatabase *database, GError **error);
gboolean sky_database_commit(SkyDatabase *database, GError **error);
void sky_database_rollback(SkyDatabase *database);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyDatabase, sky_database_free)

/* In store_schema.c: creates or migrates, by PRAGMA user_version. */
gboolean sky_database_migrate(SkyDatabase *database, GError **error);
gint64 sky_database_schema_version(void);
