/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lock.h"

#include <errno.h>
#include <glib.h>
#include <time.h>

#include "base/clock.h"

void sky_lock_init(SkyLock *lock) {
    pthread_condattr_t attributes;
    int failed = pthread_mutex_init(&lock->mutex, NULL) | pthread_condattr_init(&attributes);
    failed |= pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) | pthread_cond_init(&lock->changed, &attributes);
    g_assert(failed == 0);
    pthread_condattr_destroy(&attributes);
}

void sky_lock_clear(SkyLock *lock) {
    pthread_cond_destroy(&lock->changed);
    pthread_mutex_destroy(&lock->mutex);
}

void sky_lock_enter(SkyLock *lock) {
    int failed = pthread_mutex_lock(&lock->mutex);
    g_assert(failed == 0);
}

void sky_lock_leave(SkyLock *lock) {
    int failed = pthread_mutex_unlock(&lock->mutex);
    g_assert(failed == 0);
}

_Bool sky_lock_wait_until(SkyLock *lock, int64_t deadline_ns) {
    if (deadline_ns == INT64_MAX) {
        pthread_cond_wait(&lock->changed, &lock->mutex);
        return 1;
    }
    struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / SKY_NS_PER_S),
        .tv_nsec = (long)(deadline_ns % SKY_NS_PER_S),
    };
    return pthread_cond_timedwait(&lock->changed, &lock->mutex, &deadline) != ETIMEDOUT;
}

void sky_lock_leave_and_wake_one(SkyLock *lock) {
    sky_lock_leave(lock);
    pthread_cond_signal(&lock->changed);
}

void sky_lock_wake(SkyLock *lock) {
    pthread_cond_broadcast(&lock->changed);
}
