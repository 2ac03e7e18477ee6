/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "store/store_internal.h"
#include "support/power_disk.h"

/* A store that is worked as the daemon works it while the power disk writes down, and what has to be true of it after a cut: the
 * oracle. Everything is written down as "from operation n on". */
#define HISTORY_AUDIENCES 3

typedef struct {
    guint from, safe;  /* asked for at operation `from`; said to be on the disk at `safe`, G_MAXUINT: never */
    char alert[SKY_ID_BYTES], request_id[SKY_ID_BYTES], stands[SKY_ID_BYTES]; /* "" where none */
    guint rev;
    gboolean open, stands_on; /* the event goes on */
    guint64 seq[HISTORY_AUDIENCES]; /* 0: not told of it */
} HistoryStep;

typedef struct {
    int64_t row;
    SkyMessageClass message_class;
    char audience[SKY_ID_BYTES], *topic;
    guint64 seq;
    guint given;              /* to the outbox */
    guint told, marked;       /* PUBACK told to the store; known to be marked on the disk */
} HistoryRow;

typedef struct {
    char *directory, *path;   /* the real folder, on which the store works */
    PowerTrace *trace;
    SkyStore *store;
    SkyStoreParams params;
    char epoch[SKY_ULID_BYTES];
    guint opened;             /* the store was open, its epoch known */
    guint begun;              /* by this process: an earlier one's acknowledgements may be marked or not */
    guint64 next_seq[HISTORY_AUDIENCES];
    GPtrArray *steps, *rows;
    int64_t last_row;
    gboolean bounded;         /* by age or number: rows may go without anybody's doing, only the tables' digest tells */
} StoreHistory;

extern const char *const history_audiences[HISTORY_AUDIENCES];
void store_history_init(StoreHistory *history); /* and begins to record */
/* No thread: this one carries out each request at once, as the store's thread does. */
void store_history_open(StoreHistory *history);
void store_history_close(StoreHistory *history); /* as a stop does */
void store_history_clear(StoreHistory *history);
/* In place of init and open: the process was killed before operation n and starts again on what the machine still holds. */
void store_history_resume(StoreHistory *history, const StoreHistory *killed, guint n);

typedef struct {
    const char *alert;
    guint rev;
    gboolean open;
    guint audiences;          /* how many of them are told */
    const char *request_id, *event; /* or NULL */
    gboolean event_ends;
    gsize image_bytes;        /* 0: none */
} HistoryCommit;
void store_history_commit(StoreHistory *history, const HistoryCommit *commit);
/* What waits is given out; of it up to count rows that were not told yet are acknowledged. */
void store_history_deliver(StoreHistory *history, guint count);
void store_history_connect(StoreHistory *history); /* a new connection: what was told is marked */

/* Opens what a cut before operation n left in directory with the shipped code. NULL: all is well; else what is not. */
char *store_history_check(const StoreHistory *history, guint n, const char *directory);
/* All that the tables hold, in few bytes; NULL and *ret_wrong where the file is damaged. */
char *store_history_digest(const char *path, char **ret_wrong);
