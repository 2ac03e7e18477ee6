/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_salvage.h"

#include <string.h>
#include "store/store_pages.h"
#include "store/store_sum.h"

#define BATCH_ROWS 256

/* What a table's rows look like on a page, which of their columns the sum holds, and how they are put in again. Rows are known by their
 * sum alone: it holds the table's name, so that neither the trees nor the schema of the damaged file are needed. Freed pages and
 * cells can not bring back what was deleted: SQLite is built or told to overwrite them (secure_delete). */
typedef struct {
    const char *name, *summed; /* summed: one digit (hexadecimal) a column, in the order of the sum */
    gboolean keyed;
    uint32_t columns;
    const char *insert; /* ?1.. are the columns as they stood */
} Table;

enum { REVISION, STANDING, AUDIT, MESSAGE, TABLES };
enum { MESSAGE_ROW, MESSAGE_CLASS, MESSAGE_EPOCH, MESSAGE_AUDIENCE, MESSAGE_SEQ, MESSAGE_ALERT, MESSAGE_TOPIC, MESSAGE_JSON, MESSAGE_CREATED,
       MESSAGE_DELIVERED, MESSAGE_DEAD, MESSAGE_PAYLOAD };

/* A salvage that was cut short (no room, no power) is done again later, when newer rows are there: those stand. */
static const Table tables[TABLES] = {
    [REVISION] = {"revision", "01345", FALSE, 7,
                  "INSERT OR IGNORE INTO revision(alert, rev, newest, open, updated, body, sum) SELECT ?1, ?2,"
                  " ?3 AND NOT EXISTS (SELECT 1 FROM revision WHERE alert = ?1 AND rev > ?2), ?4, ?5, ?6, ?7"},
    [STANDING] = {"standing", "0123", FALSE, 5, "INSERT OR IGNORE INTO standing(kind, id, alert, body, sum) VALUES(?1, ?2, ?3, ?4, ?5)"},
    /* Their own numbers are nothing to keep; ?1 is there only to be bound. */
    [AUDIT] = {"audit", "12345678", TRUE, 10,
               "INSERT OR IGNORE INTO audit(audience, client, request_id, verb, alert, utc, ok, reply, sum)"
               " SELECT ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE ?1 IS ?1"},
    [MESSAGE] = {"message", "012345678b", TRUE, 13,
                 "INSERT OR IGNORE INTO message(row, class, epoch, audience, seq, alert, topic, json, created, delivered, dead, payload, sum)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"},
};

typedef struct {
    SkyDatabase *into;
    const char *epoch; /* whose delivered LOG rows are wanted as well: they can be asked for again. "": nobody's */
    uint64_t bytes_max;
    uint32_t in_batch;
    SkySalvage *result;
    GError *error;
} Work;

static uint64_t sum_of(const Table *table, const SkyRow *row) {
    uint64_t sum = sky_sum_begin(table->name);
    for (const char *digit = table->summed; *digit; digit++) {
        uint32_t column = (uint32_t)g_ascii_xdigit_value(*digit);
        const SkyCell *cell = &row->cells[column];
        if (column == 0 && table->keyed) sum = sky_sum_number(sum, row->rowid);
        else if (cell->type == SKY_CELL_NUMBER) sum = sky_sum_number(sum, cell->number);
        else if (cell->type == SKY_CELL_TEXT || cell->type == SKY_CELL_BLOB) sum = sky_sum_bytes(sum, cell->bytes, cell->count);
        else sum = sky_sum_null(sum);
    }
    return sum;
}

static int table_of(const SkyRow *row, gboolean *ret_true) {
    for (int i = 0; i < TABLES; i++) {
        const Table *table = &tables[i];
        if (table->keyed != row->keyed || table->columns != row->count) continue;
        const SkyCell *sum = &row->cells[row->count - 1];
        *ret_true = sum->type == SKY_CELL_NUMBER && (uint64_t)sum->number == sum_of(table, row);
        return i;
    }
    return TABLES;
}

static void bind(sqlite3_stmt *statement, const Table *table, const SkyRow *row) {
    for (uint32_t i = 0; i < row->count; i++) {
        const SkyCell *cell = &row->cells[i];
        int at = (int)i + 1;
        if (i == 0 && table->keyed) sqlite3_bind_int64(statement, at, row->rowid);
        else if (cell->type == SKY_CELL_NUMBER) sqlite3_bind_int64(statement, at, cell->number);
        else if (cell->type == SKY_CELL_TEXT) sqlite3_bind_text(statement, at, (const char *)cell->bytes, (int)cell->count, SQLITE_STATIC);
        else if (cell->type == SKY_CELL_BLOB) sqlite3_bind_blob(statement, at, cell->bytes, (int)cell->count, SQLITE_STATIC);
        else sqlite3_bind_null(statement, at);
    }
}

static gboolean is_null(const SkyRow *row, uint32_t column) {
    return row->cells[column].type == SKY_CELL_NULL;
}

static gboolean is_waiting(const SkyRow *row) {
    return is_null(row, MESSAGE_DELIVERED) && is_null(row, MESSAGE_DEAD);
}

/* What was delivered is of use only where somebody can still ask for it: retained state, and the log of this very epoch. */
static gboolean is_wanted(const Work *work, const SkyRow *row) {
    int64_t class = row->cells[MESSAGE_CLASS].number;
    const SkyCell *epoch = &row->cells[MESSAGE_EPOCH];
    return class == SKY_MESSAGE_STATE || is_null(row, MESSAGE_DELIVERED) ||
           (class == SKY_MESSAGE_LOG && strlen(work->epoch) == epoch->count && memcmp(work->epoch, epoch->bytes, epoch->count) == 0);
}

static gboolean put(Work *work, const Table *table, const SkyRow *row) {
    if (work->in_batch == 0 && !sky_database_begin(work->into, &work->error)) return FALSE;
    sqlite3_stmt *statement = sky_database_prepare(work->into, table->insert, &work->error);
    if (!statement) return FALSE;
    bind(statement, table, row);
    if (!sky_database_run(work->into, statement, &work->error)) return FALSE;
    if (++work->in_batch < BATCH_ROWS) return TRUE;
    work->in_batch = 0;
    return sky_database_commit(work->into, &work->error);
}

static void count(Work *work, int table, const SkyRow *row) {
    SkySalvage *result = work->result;
    static const uint8_t time_columns[TABLES] = {[REVISION] = 4, [AUDIT] = 6, [MESSAGE] = MESSAGE_CREATED};
    if (time_columns[table]) result->last_utc_ns = MAX(result->last_utc_ns, row->cells[time_columns[table]].number);
    switch (table) {
    case REVISION:
        result->revisions++;
        result->open_alerts += row->cells[2].number && row->cells[3].number;
        return;
    case STANDING: result->standing++; return;
    case AUDIT: result->audits++; return;
    default:
        result->messages++;
        result->waiting += is_waiting(row);
        result->bytes += row->cells[MESSAGE_PAYLOAD].count;
        result->last_row = MAX(result->last_row, row->rowid);
    }
}

/* The marks are in no sum. One flipped bit makes a 0 of a NULL, and what waits would never be sent: 0 is neither a time nor a reason. */
static void mend_marks(SkyRow *row) {
    for (uint32_t column = MESSAGE_DELIVERED; column <= MESSAGE_DEAD; column++) {
        SkyCell *cell = &row->cells[column];
        if (cell->type != SKY_CELL_NUMBER || cell->number <= 1) *cell = (SkyCell){.type = SKY_CELL_NULL};
    }
}

static gboolean on_row(const SkyRow *found, gpointer user) {
    Work *work = user;
    SkyRow copy = *found, *row = &copy;
    gboolean is_true = FALSE;
    int table = table_of(row, &is_true);
    if (table == TABLES) return TRUE;
    if (!is_true) {
        work->result->untrue++;
        return TRUE;
    }
    if (table == MESSAGE) mend_marks(row);
    if (table == MESSAGE && !is_wanted(work, row)) return TRUE;
    if (table == MESSAGE && work->result->bytes > work->bytes_max) return TRUE;
    if (!put(work, &tables[table], row)) return FALSE;
    count(work, table, row);
    return TRUE;
}

/* Where the newest revision of an alert is lost, the newest that there is stands: an alert that somebody has closed may be open again,
 * which is better than an open one that nobody hears of. No state of an alert that is known to be closed. The last known time by what
 * is true. */
static gboolean finish(Work *work) {
    if (work->in_batch > 0 && !sky_database_commit(work->into, &work->error)) return FALSE;
    work->in_batch = 0;
    if (!sky_database_execute(work->into, "UPDATE revision SET newest = 1 WHERE NOT newest AND rev = (SELECT max(r.rev) FROM revision AS r"
                              " WHERE r.alert = revision.alert) AND NOT EXISTS (SELECT 1 FROM revision AS r WHERE r.alert = revision.alert"
                              " AND r.newest)", &work->error)) return FALSE;
    work->result->older = (uint64_t)sqlite3_changes(work->into->handle);
    g_autofree char *text = g_strdup_printf(
        "DELETE FROM message WHERE class = 0 AND length(payload) > 0 AND EXISTS"
        " (SELECT 1 FROM revision AS r WHERE r.alert = message.alert AND r.newest AND r.open = 0);"
        "INSERT INTO meta(name, value) VALUES('last_utc', %" G_GINT64_FORMAT ") ON CONFLICT(name) DO UPDATE SET value = max(value, excluded.value)",
        work->result->last_utc_ns);
    return sky_database_execute(work->into, text, &work->error);
}

gboolean sky_salvage_run(SkyDatabase *into, const char *from, const char *epoch, uint64_t bytes_max, SkySalvage *ret_result, GError **error) {
    g_autoptr(SkyPages) pages = sky_pages_open(from, error);
    if (!pages) return FALSE;
    SkySalvage result = {.pages = sky_pages_count(pages)};
    Work work = {.into = into, .epoch = epoch, .bytes_max = bytes_max, .result = &result};
    gboolean ok = TRUE;
    for (uint32_t number = 1; ok && number <= result.pages; number++) ok = sky_pages_rows(pages, number, on_row, &work);
    ok = ok && finish(&work);
    sky_database_rollback(into);
    result.unread = sky_pages_unread(pages);
    *ret_result = result;
    if (!ok) g_propagate_error(error, work.error);
    return ok;
}
