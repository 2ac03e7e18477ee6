/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "alert/alert_record.h"
#include "store/message_record.h"
#include "store/standing_record.h"
#include "store/store_params.h"

/* The only truth: SQLite in WAL mode, synchronous=FULL, one owner thread. Alert, audit and outgoing messages commit in ONE transaction.
 * Every request is asynchronous: it is queued, carried out in order on the store thread, and answered by its callback ON THAT
 * THREAD (copy, post, return). Where the disk refuses, the same schema runs bounded in memory (`durable` false) and is copied
 * back when the disk returns (tried every 10 s).
 * Thread: requests from any. Owner: the app. */
typedef struct SkyStore SkyStore;

/* What a start needs to know; read by sky_store_open() before the thread runs. */
typedef struct {
    char epoch[SKY_ULID_BYTES];  /* new when the database is new, or a copy */
    gboolean copy;               /* it lacked numbers that were given */
    GHashTable *next_seq;        /* audience (char *) -> uint64_t * : the next LOG seq */
    GPtrArray *alerts;           /* SkyAlertRecord *, oldest first: the open ones, and closed ones whose events stand */
    GPtrArray *audits;           /* SkyAuditRecord *, newest first, at most 10,000 */
    GPtrArray *standing;         /* SkyStandingRecord *: what has not been taken back */
    GHashTable *told;            /* set of retained topics that hold an open alert */
    int64_t last_utc_ns;         /* latest time in the store: the last known time across boots */
    /* when age last counted (sky_clock_tells_age()), to an hour; last_utc_ns where nobody has noted it, long ago after a salvage */
    int64_t age_utc_ns;
} SkyStoreStart;
void sky_store_start_clear(SkyStoreStart *start);
void sky_alert_record_free(SkyAlertRecord *record);
void sky_audit_record_free(SkyAuditRecord *record);

typedef struct {
    SkyAlertRecord *alert;  /* or NULL */
    SkyAuditRecord *audit;  /* or NULL */
    GPtrArray *messages;    /* SkyMessageRecord *, may be empty; never NULL */
    GPtrArray *standing;    /* SkyStandingRecord *, may be empty; never NULL */
} SkyStoreCommit;
SkyStoreCommit *sky_store_commit_new(void);
void sky_store_commit_free(SkyStoreCommit *commit);

/* error NULL: it is in the store (on the disk, unless durable is FALSE). Else it is gone, and a gap note tells of its LOG numbers. */
typedef void (*SkyStoreDone)(const GError *error, gboolean durable, gpointer user);
/* rows: SkyMessageRecord *, the callee's from now on: g_ptr_array_unref() on whichever thread, the store has let go of them; fewer than asked for
 * where their payloads pass 1 MiB; more: there are further ones. */
typedef void (*SkyStoreRows)(GPtrArray *rows, gboolean more, gpointer user);

typedef struct {
    gboolean durable;
    uint64_t undelivered;      /* rows not acknowledged */
    uint64_t dead;             /* dead letters */
    uint64_t evicted;          /* rows that a bound pushed out undelivered */
    uint64_t forgotten;        /* revisions of closed alerts, and audits, that went because there were too many */
    uint64_t bytes;            /* of the database file */
    uint64_t commits, failures;
    uint64_t ballast_bytes;    /* held in reserve; 0: it was given up, or there was no room for it */
    uint64_t ballast_given_up; /* how often */
    uint64_t set_aside;        /* how often a damaged database was replaced while running */
    int64_t oldest_request_ns; /* monotonic, SKY_TIME_NONE where idle: the watchdog */
    char trouble[128];         /* why not durable, or what else is wrong with the disk, in words; "" */
} SkyStoreNumbers;

/* Opens, migrates, reads the start. A corrupt file is set aside (NAME.corrupt-<utc>) and gives what is true in it to a new one: alerts, what
 * stands, audits, what was not delivered; a report lies beside it (.txt), `trouble` says it. Damage found at the start begins a new epoch,
 * because the numbers of the old one can not be trusted: its undelivered LOG rows keep their epoch and seq and are still sent, before
 * any of the new one; what was delivered of it can no longer be asked for. Damage found while running goes on in the epoch, the numbers
 * being known; delivered LOG rows are saved too, and a gap note names what is missing.
 * A file that lacks numbers which were given (an older one put back, or one that was killed while kept in memory) begins a new epoch as
 * well: NAME.highwater tells, and where there is none, the file is taken for such a one.
 * FATAL only where not even memory can be had. Blocks. */
SkyStore *sky_store_open(const SkyStoreParams *params, SkyStoreStart *ret_start, GError **error);
gboolean sky_store_start(SkyStore *store, GError **error);
void sky_store_stop(SkyStore *store); /* carries out what is queued, checkpoints, joins; within 5 s on a live disk */
void sky_store_free(SkyStore *store);

/* FALSE: 256 requests wait (the disk is stuck); the caller keeps the commit and offers it, or its newest successor, again. */
gboolean sky_store_commit(SkyStore *store, SkyStoreCommit *commit, SkyStoreDone done, gpointer user);
/* Undelivered rows with row > after_row, ascending, at most count; STATE rows only if newest of their topic. */
gboolean sky_store_fetch(SkyStore *store, int64_t after_row, uint32_t count, SkyStoreRows rows, gpointer user);
/* What the retained topics have to hold: STATE rows with row > after_row, ascending, at most count. Of an open alert the newest,
 * delivered or not (sent on every connect); of others what is undelivered. A change of a topic is a new, higher row. */
gboolean sky_store_fetch_states(SkyStore *store, int64_t after_row, uint32_t count, SkyStoreRows rows, gpointer user);
/* LOG rows of one audience with seq >= from_seq, at most count; delivered or not. None while the store is kept in memory: a row that is
 * not there would look as if it had been evicted. */
gboolean sky_store_fetch_log(SkyStore *store, const char *audience, uint64_t from_seq, uint32_t count, SkyStoreRows rows, gpointer user);
/* PUBACK came for these rows. Batches are merged: at most one fsync a 64 acknowledgements or a second. */
void sky_store_delivered(SkyStore *store, const int64_t *rows, uint32_t count);
void sky_store_dead_letter(SkyStore *store, int64_t row, uint32_t reason_code);
SkyStoreNumbers sky_store_numbers(SkyStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyStore, sky_store_free)
