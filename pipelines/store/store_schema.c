/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_database.h"

#define VERSION_MAX 1000 /* nobody's: damage */

/* Each entry brings the schema from the version of its place to the next. Add at the end; never change one that was released. */
static const char *const migrations[] = {
    /* meta: epoch, last_utc (the latest time seen), age_utc (when age last counted). */
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"

    /* The next LOG seq; kept apart from the messages because those are pruned. */
    "CREATE TABLE sequence(epoch TEXT NOT NULL, audience TEXT NOT NULL, next INTEGER NOT NULL,"
    "  PRIMARY KEY(epoch, audience)) WITHOUT ROWID;"

    "CREATE TABLE revision(alert TEXT NOT NULL, rev INTEGER NOT NULL, newest INTEGER NOT NULL, open INTEGER NOT NULL,"
    "  updated INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY(alert, rev)) WITHOUT ROWID;"
    "CREATE INDEX revision_newest ON revision(open, updated) WHERE newest;"

    /* What makes a request_id work once. */
    "CREATE TABLE audit(id INTEGER PRIMARY KEY, audience TEXT NOT NULL, client TEXT NOT NULL, request_id TEXT NOT NULL,"
    "  verb TEXT NOT NULL, alert TEXT NOT NULL, utc INTEGER NOT NULL, ok INTEGER NOT NULL, reply TEXT NOT NULL,"
    "  UNIQUE(audience, client, request_id));"
    "CREATE INDEX audit_utc ON audit(utc);"

    /* AUTOINCREMENT: a row number is never given twice, even when the last rows are gone: the outbox remembers numbers.
     * class is SkyMessageClass. delivered: UTC of the PUBACK; dead: the broker's reason; both NULL: still to be sent. */
    "CREATE TABLE message(row INTEGER PRIMARY KEY AUTOINCREMENT, class INTEGER NOT NULL, epoch TEXT NOT NULL, audience TEXT NOT NULL,"
    "  seq INTEGER NOT NULL, alert TEXT NOT NULL, topic TEXT NOT NULL, json INTEGER NOT NULL, created INTEGER NOT NULL,"
    "  delivered INTEGER, dead INTEGER, payload BLOB NOT NULL);"
    "CREATE INDEX message_waiting ON message(row) WHERE delivered IS NULL AND dead IS NULL;"
    "CREATE INDEX message_victim ON message(class, row) WHERE delivered IS NULL AND dead IS NULL;"
    "CREATE INDEX message_kept ON message(delivered) WHERE delivered IS NOT NULL AND class = 1;"
    "CREATE INDEX message_dead ON message(created) WHERE dead IS NOT NULL;"
    /* One STATE row a topic: the newest. */
    "CREATE UNIQUE INDEX message_state ON message(topic) WHERE class = 0;"
    "CREATE UNIQUE INDEX message_log ON message(epoch, audience, seq) WHERE seq > 0;"

    /* The numbers that bounds and status need at every commit, kept by the same transaction that changes them. */
    "CREATE TABLE tally(waiting INTEGER NOT NULL, dead INTEGER NOT NULL, bytes INTEGER NOT NULL);"
    "INSERT INTO tally VALUES(0, 0, 0);"
    "CREATE TRIGGER message_added AFTER INSERT ON message BEGIN UPDATE tally SET"
    "  waiting = waiting + (NEW.delivered IS NULL AND NEW.dead IS NULL), dead = dead + (NEW.dead IS NOT NULL),"
    "  bytes = bytes + length(NEW.payload); END;"
    "CREATE TRIGGER message_gone AFTER DELETE ON message BEGIN UPDATE tally SET"
    "  waiting = waiting - (OLD.delivered IS NULL AND OLD.dead IS NULL), dead = dead - (OLD.dead IS NOT NULL),"
    "  bytes = bytes - length(OLD.payload); END;"
    "CREATE TRIGGER message_changed AFTER UPDATE OF delivered, dead, payload ON message BEGIN UPDATE tally SET"
    "  waiting = waiting + (NEW.delivered IS NULL AND NEW.dead IS NULL) - (OLD.delivered IS NULL AND OLD.dead IS NULL),"
    "  dead = dead + (NEW.dead IS NOT NULL) - (OLD.dead IS NOT NULL),"
    "  bytes = bytes + length(NEW.payload) - length(OLD.payload); END;",

    /* To walk the retained topics by row, and to find an audience's gap note. */
    "CREATE INDEX message_retained ON message(row) WHERE class = 0;"
    "CREATE INDEX message_gap ON message(audience) WHERE class = 1 AND seq = 0;",

    /* kind is SkyStandingKind. A body of NULL is there only in memory: see sky_store_write_standing(). */
    "CREATE TABLE standing(kind INTEGER NOT NULL, id TEXT NOT NULL, alert TEXT NOT NULL, body TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;",

    /* What a salvage believes: row_sum() of the columns that never change (store_sum.h). */
    "ALTER TABLE message ADD COLUMN sum INTEGER; ALTER TABLE revision ADD COLUMN sum INTEGER; ALTER TABLE audit ADD COLUMN sum INTEGER;"
    "ALTER TABLE standing ADD COLUMN sum INTEGER;"
    "UPDATE message SET sum = row_sum('message', row, class, epoch, audience, seq, alert, topic, json, created, payload);"
    "UPDATE revision SET sum = row_sum('revision', alert, rev, open, updated, body);"
    "UPDATE audit SET sum = row_sum('audit', audience, client, request_id, verb, alert, utc, ok, reply);"
    "UPDATE standing SET sum = row_sum('standing', kind, id, alert, body);",
};

gint64 sky_database_schema_version(void) {
    return G_N_ELEMENTS(migrations);
}

static gboolean migrate_from(SkyDatabase *database, gint64 version, GError **error) {
    if (!sky_database_begin(database, error)) return FALSE;
    g_autofree char *mark = g_strdup_printf("PRAGMA user_version=%" G_GINT64_FORMAT, version + 1);
    if (sky_database_execute(database, migrations[version], error) && sky_database_execute(database, mark, error)) {
        return sky_database_commit(database, error);
    }
    sky_database_rollback(database);
    return FALSE;
}

gboolean sky_database_migrate(SkyDatabase *database, GError **error) {
    gint64 version = 0;
    if (!sky_database_number(database, "PRAGMA user_version", 0, &version, error)) return FALSE;
    if (version < 0 || version > VERSION_MAX) {
        sky_database_set_untrue(database, error);
        return FALSE;
    }
    if (version > sky_database_schema_version()) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "store: the database was written by a newer skynetd (schema %" G_GINT64_FORMAT
                    ", this one knows %" G_GINT64_FORMAT ")", version, sky_database_schema_version());
        return FALSE;
    }
    for (; version < sky_database_schema_version(); version++) {
        if (!migrate_from(database, version, error)) return FALSE;
    }
    return TRUE;
}
