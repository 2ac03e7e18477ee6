/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/workers.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/queue.h"
#include "base/thread.h"

#define WORKERS_MAX 64 /* as many as the configuration may ask for */
#define LOAD_WINDOW_NS (500 * SKY_NS_PER_MS)

typedef enum { IDLE, QUEUED, RUNNING, RUNNING_WOKEN } JobState;

typedef struct {
    SkyWorkers *workers;
    SkyThread *thread;
    _Atomic int64_t busy_since_ns; /* SKY_TIME_NONE */
    _Atomic int64_t busy_ns;       /* so far */
} Worker;

struct SkyWorkers {
    SkyQueue *ready; /* SkyJob *, each with a reference */
    uint32_t count;
    SkyLock lock;      /* of the load */
    int64_t load_at_ns, load_busy_ns;
    double load;
    Worker workers[WORKERS_MAX];
};

SkyWorkers *sky_workers_new(uint32_t count) {
    SkyWorkers *workers = g_new0(SkyWorkers, 1);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    workers->count = CLAMP(count ? count : (uint32_t)MAX(cores, 1), 1, WORKERS_MAX);
    workers->ready = sky_queue_new(SKY_JOBS_MAX, NULL);
    sky_lock_init(&workers->lock);
    workers->load_at_ns = sky_clock_monotonic_ns();
    for (uint32_t i = 0; i < workers->count; i++) {
        workers->workers[i].workers = workers;
        atomic_init(&workers->workers[i].busy_since_ns, SKY_TIME_NONE);
    }
    return workers;
}

/* The job's reference goes with it; a closed queue gives it back. */
static void enqueue(SkyWorkers *workers, SkyJob *job) {
    SkyQueueStatus status = sky_queue_push(workers->ready, job);
    g_assert(status != SKY_QUEUE_FULL); /* more than SKY_JOBS_MAX jobs is a bug: configuration bounds the cameras */
    if (status == SKY_QUEUE_CLOSED) {
        atomic_store(&job->state, IDLE);
        job->unref(job->user);
    }
}

void sky_workers_wake(SkyWorkers *workers, SkyJob *job) {
    int state = atomic_load(&job->state);
    for (;;) {
        if (state == QUEUED || state == RUNNING_WOKEN)
            return;
        int next = state == IDLE ? QUEUED : RUNNING_WOKEN;
        if (!atomic_compare_exchange_weak(&job->state, &state, next))
            continue;
        if (next == QUEUED) {
            job->ref(job->user);
            enqueue(workers, job);
        }
        return;
    }
}

static void run_job(SkyWorkers *workers, SkyJob *job) {
    atomic_store(&job->state, RUNNING);
    gboolean more = job->run(job->user);
    int state = RUNNING;
    if (!more && atomic_compare_exchange_strong(&job->state, &state, IDLE)) {
        job->unref(job->user);
        return;
    }
    atomic_store(&job->state, QUEUED);
    enqueue(workers, job);
}

static void run(gpointer user) {
    Worker *worker = user;
    gpointer job;
    while (sky_queue_pop(worker->workers->ready, INT64_MAX, &job) == SKY_QUEUE_OK) {
        int64_t since_ns = sky_clock_monotonic_ns();
        atomic_store(&worker->busy_since_ns, since_ns);
        run_job(worker->workers, job);
        atomic_store(&worker->busy_since_ns, SKY_TIME_NONE);
        atomic_fetch_add_explicit(&worker->busy_ns, sky_clock_monotonic_ns() - since_ns, memory_order_relaxed);
    }
}

gboolean sky_workers_start(SkyWorkers *workers, GError **error) {
    for (uint32_t i = 0; i < workers->count; i++) {
        g_autofree char *name = g_strdup_printf("sky-worker-%u", i);
        workers->workers[i].thread = sky_thread_start(name, run, &workers->workers[i], error);
        if (!workers->workers[i].thread)
            return FALSE;
    }
    return TRUE;
}

void sky_workers_stop(SkyWorkers *workers) {
    sky_queue_close(workers->ready);
    for (uint32_t i = 0; i < workers->count; i++)
        sky_thread_join(g_steal_pointer(&workers->workers[i].thread));
}

void sky_workers_free(SkyWorkers *workers) {
    if (!workers)
        return;
    sky_workers_stop(workers);
    sky_queue_free(workers->ready);
    sky_lock_clear(&workers->lock);
    g_free(workers);
}

uint32_t sky_workers_count(const SkyWorkers *workers) {
    return workers->count;
}

double sky_workers_load(SkyWorkers *workers) {
    int64_t busy_ns = 0, now_ns = sky_clock_monotonic_ns();
    for (uint32_t i = 0; i < workers->count; i++)
        busy_ns += atomic_load_explicit(&workers->workers[i].busy_ns, memory_order_relaxed);
    sky_lock_enter(&workers->lock);
    if (now_ns - workers->load_at_ns >= LOAD_WINDOW_NS) {
        double could_ns = (double)(now_ns - workers->load_at_ns) * workers->count;
        workers->load = CLAMP((double)(busy_ns - workers->load_busy_ns) / could_ns, 0, 1);
        workers->load_at_ns = now_ns;
        workers->load_busy_ns = busy_ns;
    }
    double load = workers->load;
    sky_lock_leave(&workers->lock);
    return load;
}

int64_t sky_workers_oldest_ns(SkyWorkers *workers) {
    int64_t oldest_ns = sky_queue_oldest_ns(workers->ready);
    for (uint32_t i = 0; i < workers->count; i++) {
        int64_t since_ns = atomic_load(&workers->workers[i].busy_since_ns);
        if (since_ns != SKY_TIME_NONE && (oldest_ns == SKY_TIME_NONE || since_ns < oldest_ns))
            oldest_ns = since_ns;
    }
    return oldest_ns;
}
