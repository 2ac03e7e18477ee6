/* SPDX-License-Identifier: Apache-2.0 */
#include "support/slow_disk.h"

#include <glib.h>
#include <sqlite3.h>
#include <stdatomic.h>

/* The unix VFS has a table of calls for each way of locking: one for databases, one for logs. */
typedef struct {
    sqlite3_io_methods methods; /* the real ones but two; first, because a file knows only this */
    const sqlite3_io_methods *real;
} Table;

static struct {
    sqlite3_vfs vfs, *real;
    Table tables[4];
    _Atomic uint32_t write_ms, sync_ms;
    _Atomic int stuck;
    _Atomic uint64_t syncs;
} disk;

void slow_disk_set_delay_ms(uint32_t write_ms, uint32_t sync_ms) {
    atomic_store(&disk.write_ms, write_ms);
    atomic_store(&disk.sync_ms, sync_ms);
}

void slow_disk_stick(void) {
    atomic_store(&disk.stuck, 1);
}

void slow_disk_release(void) {
    atomic_store(&disk.stuck, 0);
}

uint64_t slow_disk_syncs(void) {
    return atomic_load(&disk.syncs);
}

static void take_time(uint32_t ms) {
    if (ms > 0) g_usleep(1000 * (gulong)ms);
    while (atomic_load(&disk.stuck)) g_usleep(1000);
}

static const sqlite3_io_methods *real_of(const sqlite3_file *file) {
    return ((const Table *)file->pMethods)->real;
}

static int slow_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    take_time(atomic_load(&disk.write_ms));
    return real_of(file)->xWrite(file, bytes, count, offset);
}

static int slow_sync(sqlite3_file *file, int flags) {
    atomic_fetch_add(&disk.syncs, 1);
    take_time(atomic_load(&disk.sync_ms));
    return real_of(file)->xSync(file, flags);
}

/* Before threads share a database, the test opens one: the tables are filled then. */
static const sqlite3_io_methods *slow_methods(const sqlite3_io_methods *real) {
    for (guint i = 0; i < G_N_ELEMENTS(disk.tables); i++) {
        Table *table = &disk.tables[i];
        if (table->real == real) return &table->methods;
        if (table->real) continue;
        table->methods = *real;
        table->methods.xWrite = slow_write;
        table->methods.xSync = slow_sync;
        table->real = real;
        return &table->methods;
    }
    g_assert_not_reached();
}

/* The file is the real one's own; only the table that it is called by is another. */
static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags) {
    int result = disk.real->xOpen(disk.real, name, file, flags, ret_flags);
    if (result == SQLITE_OK) file->pMethods = slow_methods(file->pMethods);
    return result;
}

void slow_disk_install(void) {
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real; /* what is not replaced goes to the real one's functions, with its own data */
    disk.vfs.zName = "slow";
    disk.vfs.xOpen = open_file;
    g_assert_cmpint(sqlite3_vfs_register(&disk.vfs, 1), ==, SQLITE_OK);
}
