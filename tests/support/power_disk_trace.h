/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include "base/lock.h"
#include "support/power_disk.h"

/* The inside of the disk, shared by power_disk*.c only. */
typedef enum {
    POWER_WRITE, POWER_TRUNCATE, POWER_SYNC,          /* of a file */
    POWER_CREATE, POWER_MKDIR, POWER_RENAME, POWER_REMOVE, /* of a name */
    POWER_SYNC_DIRECTORY, POWER_NOTHING,
} PowerVerb;

typedef struct {
    PowerVerb verb;
    guint file;       /* which one, whatever its name is by now; folders have a number too */
    uint64_t at;      /* WRITE; TRUNCATE: the new length */
    uint8_t *data;
    gsize bytes;
    char *name, *to;  /* below the folder: "cam1/a1.mp4"; "" is the folder itself */
} PowerOp;

struct PowerTrace {
    SkyLock lock;
    GPtrArray *ops;     /* PowerOp * */
    GHashTable *names;  /* name -> file number: as the running process sees it */
    guint files;        /* numbers given so far */
};

PowerTrace *power_trace_new(void);

const PowerOp *power_trace_op(PowerTrace *trace, guint n);
/* What the door writes down. Each returns the file's number where there is one. */
guint power_trace_open(PowerTrace *trace, const char *name, gboolean created, gboolean truncated);
void power_trace_write(PowerTrace *trace, guint file, const char *name, uint64_t at, const void *data, gsize bytes);
void power_trace_truncate(PowerTrace *trace, guint file, const char *name, uint64_t bytes);
void power_trace_sync(PowerTrace *trace, guint file, const char *name, gboolean directory);
void power_trace_mkdir(PowerTrace *trace, const char *name);
void power_trace_rename(PowerTrace *trace, const char *name, const char *to);
void power_trace_remove(PowerTrace *trace, const char *name);
void power_names_apply(GHashTable *names, const PowerOp *op); /* what an operation on a name does to them */
