/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>
#include "base/clock.h"
#include "base/lock.h"
#include "base/queue.h"
#include "base/thread.h"
#include "store/store.h"
#include "store/store_dead.h"
#include "store/store_database.h"

/* How much the store keeps while the disk refuses: enough for hours of alerts, nothing that hurts a small box. */
#define SKY_STORE_MEMORY_BYTES_MAX (UINT64_C(48) << 20)
#define SKY_STORE_COMMITS_MAX 256
#define SKY_STORE_DISK_RETRY_NS (10 * SKY_NS_PER_S)

/* The inside of the store, shared by store*.c only. Everything but `requests`, the atomics and `numbers` belongs to the store
 * thread (before it starts and after it ended: to whoever opens and stops it). */
struct SkyStore {
    char *path;
    int64_t log_age_max_ns;
    uint64_t rows_max, bytes_max;

    SkyDatabase *database;       /* the file, or memory while the disk refuses; never NULL once open */
    char epoch[SKY_ULID_BYTES];
    int64_t next_row;
    GHashTable *next_seq;        /* audience -> uint64_t *: what `sequence` holds; survives a file that can not be read any more */
    gboolean damaged;            /* the file is known to be corrupt: set it aside before it is used again */
    gboolean salvage_waits;      /* what was set aside has not given everything yet */
    uint64_t ballast_bytes;      /* 0: none is wanted */
    gboolean ballast;            /* it is there */
    int64_t ballast_retry_ns;    /* when to look whether it can be made again */
    int64_t disk_retry_ns;       /* in memory: when to try the disk again */
    int64_t tidy_ns;             /* when to prune next */
    int64_t last_utc_due_ns;     /* when to write down the time next: quiet days count too */
    GHashTable *acknowledged;    /* int64_t * rows whose PUBACK came and that are not marked on the disk yet */
    int64_t acknowledged_by_ns;  /* when they have to be, at the latest; INT64_MAX where there are none */
    uint64_t evicted, forgotten, commits, failures, ballast_given_up, set_aside;
    char trouble[128];

    SkyQueue *requests;
    SkyThread *thread;
    _Atomic uint32_t commits_waiting;
    _Atomic int64_t busy_since_ns; /* of the request under way; SKY_TIME_NONE */
    SkyLock numbers_lock;
    SkyStoreNumbers numbers;
};

/* store_commit.c: one transaction; nothing has changed where it fails. */
gboolean sky_store_write_commit(SkyStore *store, const SkyStoreCommit *commit, GError **error);
gboolean sky_store_write_sequence(SkyStore *store, const char *audience, uint64_t next_seq, GError **error);
gboolean sky_store_write_last_utc(SkyDatabase *database, int64_t latest_utc_ns, GError **error);
gboolean sky_store_write_age_utc(SkyDatabase *database, int64_t utc_ns, GError **error);
/* Where nothing says when age last counted: longer ago than any gateway runs, so that it counts after a day. */
gboolean sky_store_doubt_age(SkyDatabase *database, GError **error);
/* store_standing.c */
gboolean sky_store_write_standing(SkyStore *store, const SkyStandingRecord *record, GError **error);
gboolean sky_store_read_standing(SkyStore *store, GPtrArray *standing, GError **error);
/* store_fetch.c: SkyMessageRecord * in a new array. */
GPtrArray *sky_store_read_waiting(SkyStore *store, int64_t after_row, uint32_t count, gboolean *ret_more, GError **error);
GPtrArray *sky_store_read_states(SkyStore *store, int64_t after_row, uint32_t count, gboolean *ret_more, GError **error);
GPtrArray *sky_store_read_log(SkyStore *store, const char *audience, uint64_t from_seq, uint32_t count, gboolean *ret_more,
                              GError **error);
/* store_deliver.c */
gboolean sky_store_write_delivered(SkyStore *store, GError **error); /* empties `acknowledged` */
gboolean sky_store_write_dead(SkyStore *store, int64_t row, uint32_t reason_code, GError **error);
/* store_dead.c */
SkyStoreQueue *sky_store_read_queue(SkyStore *store, uint32_t count, GError **error);
SkyStoreSettled *sky_store_write_settled(SkyStore *store, SkyStoreSettle what, int64_t after_row, int64_t before_row, GError **error);
/* store_gap.c: inside a transaction: the oldest LOG rows that still wait go, at most count, and a gap note takes their place. */
gboolean sky_store_evict_log(SkyStore *store, uint64_t count, uint64_t *ret_gone, GError **error);
/* Inside a transaction: numbers before this one that never came here, because the commit that bore them was refused, are told as a gap. */
gboolean sky_store_tell_skipped(SkyStore *store, const SkyMessageRecord *log, int64_t *row, GError **error);
/* After a salvage within the epoch: what is missing in an audience's log is told as a gap. */
gboolean sky_store_tell_gaps(SkyStore *store, GError **error);
/* store_bounds.c: inside a transaction; counts what went undelivered. */
gboolean sky_store_enforce_bounds(SkyStore *store, uint64_t *ret_evicted, GError **error);
/* Age, and bounds in number of what no queue bounds: one small step in a transaction of its own. */
gboolean sky_store_prune(SkyStore *store, int64_t before_utc_ns, gboolean *ret_more, GError **error);
typedef struct {
    uint64_t waiting, dead, bytes;
} SkyStoreTally;
gboolean sky_store_read_tally(SkyStore *store, SkyStoreTally *ret_tally, GError **error);
/* store_begin.c: epoch and counters, and what SkyStoreStart tells, from whatever database is open. */
gboolean sky_store_read_counters(SkyStore *store, GError **error);
/* Writes what the store knows of epoch and counters into its database. */
gboolean sky_store_write_counters(SkyStore *store, GError **error);
gboolean sky_store_read_start(SkyStore *store, SkyStoreStart *ret_start, GError **error);
/* store_file.c: opens the file; a damaged one is set aside first, gives what is true in it to the new one, and is said in `trouble`. */
SkyDatabase *sky_store_open_file(SkyStore *store, GError **error);
/* Damage while running: the same on the spot, within the epoch: its numbers are known. FALSE: `database` may be NULL, fall back. */
gboolean sky_store_begin_anew(SkyStore *store, GError **error);
/* store_mark.c: whether the file, as it was read at the start, lacks numbers that were given; where nothing vouches for it, it does. */
gboolean sky_store_is_copy(const SkyStore *store);
void sky_store_make_mark(const SkyStore *store);  /* at start and stop, and back on the disk: the file lacks none */
void sky_store_raise_mark(const SkyStore *store); /* numbers were given */
/* store_ballast.c: a file that is there only to be given up when the disk is full, so that there is room for alerts while somebody comes. */
void sky_store_keep_ballast(SkyStore *store); /* makes it where there is room */
gboolean sky_store_give_up_ballast(SkyStore *store); /* FALSE: there is none */
gboolean sky_store_is_full(const SkyStore *store);
/* store_failover.c */
/* The disk refused, `why` says how: the same schema in memory, with what can still be read of the file. */
gboolean sky_store_fall_back(SkyStore *store, const GError *why, GError **error);
/* In memory: copies everything back to the file and goes on there. FALSE: still in memory. */
gboolean sky_store_return_to_disk(SkyStore *store, GError **error);

/* store_request.c: what the thread is asked to do. */
typedef enum {
    SKY_STORE_COMMIT, SKY_STORE_WAITING, SKY_STORE_STATES, SKY_STORE_LOG, SKY_STORE_DELIVERED, SKY_STORE_DEAD, SKY_STORE_QUEUE,
    SKY_STORE_SETTLE
} SkyStoreVerb;
typedef struct {
    SkyStoreVerb verb;
    SkyStoreCommit *commit;
    SkyStoreDone done;
    SkyStoreRows rows;
    gpointer user;
    SkyStoreQueueDone queue;
    SkyStoreSettledDone settled;
    SkyStoreSettle settle;
    int64_t row, before_row;   /* after_row, or the dead row */
    uint64_t from_seq;
    uint32_t count, reason_code;
    char audience[SKY_ID_BYTES];
    GArray *delivered;         /* int64_t */
} SkyStoreRequest;
void sky_store_request_free(SkyStoreRequest *request);
void sky_store_request_run(SkyStore *store, SkyStoreRequest *request);
/* What falls due without being asked for: marks, pruning, the way back to the disk. And when to look again. */
void sky_store_keep_house(SkyStore *store, int64_t now_ns);
int64_t sky_store_due_ns(const SkyStore *store);
void sky_store_last_will(SkyStore *store); /* before the thread ends: marks, way back, checkpoint */
void sky_store_publish_numbers(SkyStore *store);
