/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include <stdint.h>

/* The analysis threads. Each claims one job at a time, does a slice of it and puts it back behind the others: a busy camera is no
 * reason for another to wait. A job never runs on two threads at once. */
typedef struct SkyWorkers SkyWorkers;

/* Embedded in what is worked on. Thread: wake from any. */
typedef struct {
    gboolean (*run)(gpointer user); /* a slice of at most some 10 ms; TRUE: there is more */
    void (*ref)(gpointer user);     /* held while it waits or runs */
    void (*unref)(gpointer user);
    gpointer user;
    _Atomic int state;
} SkyJob;

#define SKY_JOBS_MAX 256 /* at once in a SkyWorkers */

/* count 0: as many as there are cores; at most 64. */
SkyWorkers *sky_workers_new(uint32_t count);
gboolean sky_workers_start(SkyWorkers *workers, GError **error);
void sky_workers_stop(SkyWorkers *workers); /* finishes the slices under way and what still waits, joins */
void sky_workers_free(SkyWorkers *workers);
void sky_workers_wake(SkyWorkers *workers, SkyJob *job);
uint32_t sky_workers_count(const SkyWorkers *workers);
/* Share of the time in which a worker had something to do, 0 to 1, over the last half of a second or longer. Any thread. */
double sky_workers_load(SkyWorkers *workers);
/* Since when the slowest slice under way, or the longest waiting job, has been at it; SKY_TIME_NONE where idle. For the watchdog.
 */
int64_t sky_workers_oldest_ns(SkyWorkers *workers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyWorkers, sky_workers_free)
