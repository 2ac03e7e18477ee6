/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "store/store_database.h"
#include "store/store_internal.h"

/* What could be taken out of a damaged database. */
typedef struct {
    uint32_t pages, unread;                 /* of the file; those that the disk would not give */
    uint64_t revisions, open_alerts, standing, audits, messages, waiting; /* saved; open_alerts and waiting are parts of others */
    uint64_t older;                         /* alerts that stand as they were before their newest revision */
    uint64_t untrue;                        /* found, but not as they were written: left out */
    uint64_t bytes;                         /* of the messages' payloads */
    int64_t last_row, last_utc_ns;
} SkySalvage;

/* Copies every row of `from` that is true and still of use: revisions, what stands, audits, states, what was not delivered, dead letters,
 * and of `epoch` ("" = none) what was delivered; messages beyond bytes_max are left. Rows keep their numbers. What is there already
 * stays as it is, so it may be done again.
 * *ret_result is written where the file could be opened at all. RESOURCE. */
gboolean sky_salvage_run(SkyDatabase *into, const char *from, const char *epoch, uint64_t bytes_max, SkySalvage *ret_result, GError **error);

/* ---- store_salvage_report.c ---- */
/* Salvages what was set aside (PATH.corrupt-<utc>) and has no report (.txt) yet; *ret_waits: something could not be finished now and
 * has to be tried again. Says in `trouble` what came of it. Old ones are removed: at most two are kept. */
void sky_store_salvage_aside(SkyStore *store, SkyDatabase *into, gboolean *ret_waits);
/* In memory: what can be had for now, without a report. */
void sky_store_salvage_to_memory(SkyStore *store, SkyDatabase *memory);
