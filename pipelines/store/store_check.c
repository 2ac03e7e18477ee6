/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_check.h"

#include <sqlite3.h>
#include "base/clock.h"
#include "base/error.h"

#define STEPS_BETWEEN_LOOKS 10000

static int is_late(void *user) {
    return sky_clock_monotonic_ns() >= *(const int64_t *)user;
}

static gboolean is_damage(int result) {
    return (result & 0xff) == SQLITE_CORRUPT || (result & 0xff) == SQLITE_NOTADB;
}

/* SQLITE_ROW: the statement stands at its first row. Finalize it in any case. */
static int first_row(sqlite3 *handle, const char *text, sqlite3_stmt **ret_statement) {
    int result = sqlite3_prepare_v2(handle, text, -1, ret_statement, NULL);
    return result == SQLITE_OK ? sqlite3_step(*ret_statement) : result;
}

static int64_t last_utc(sqlite3 *handle) {
    sqlite3_stmt *statement = NULL;
    int64_t last_utc_ns = SKY_TIME_NONE;
    if (first_row(handle, "SELECT value FROM meta WHERE name = 'last_utc'", &statement) == SQLITE_ROW)
        last_utc_ns = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return last_utc_ns;
}

static gboolean check(sqlite3 *handle, SkyStoreCheck *ret_check, GError **error) {
    sqlite3_stmt *statement = NULL;
    int result = first_row(handle, "PRAGMA quick_check(1)", &statement);
    const char *words = result == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : sqlite3_errmsg(handle);
    gboolean late = (result & 0xff) == SQLITE_INTERRUPT, known = result == SQLITE_ROW || late || is_damage(result);
    ret_check->finished = !late;
    ret_check->sound = late || (result == SQLITE_ROW && g_strcmp0(words, "ok") == 0);
    if (!known) g_set_error(error, SKY_ERROR, SKY_ERR_RESOURCE, "%s", words);
    else if (!ret_check->sound) g_strlcpy(ret_check->words, words ? words : "", sizeof ret_check->words);
    sqlite3_finalize(statement);
    return known;
}

gboolean sky_store_check_file(const char *path, int64_t limit_ns, SkyStoreCheck *ret_check, GError **error) {
    sqlite3 *handle = NULL;
    int64_t deadline_ns = sky_clock_monotonic_ns() + limit_ns;
    *ret_check = (SkyStoreCheck){.last_utc_ns = SKY_TIME_NONE};
    int result = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    gboolean done = FALSE;
    if (result == SQLITE_OK) {
        sqlite3_progress_handler(handle, STEPS_BETWEEN_LOOKS, is_late, &deadline_ns);
        done = check(handle, ret_check, error);
        if (done && ret_check->sound && ret_check->finished) ret_check->last_utc_ns = last_utc(handle);
    } else {
        g_set_error(error, SKY_ERROR, SKY_ERR_RESOURCE, "%s", handle ? sqlite3_errmsg(handle) : sqlite3_errstr(result));
    }
    sqlite3_close(handle);
    return done;
}
