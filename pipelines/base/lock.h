/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <pthread.h>
#include <stdint.h>

/* A mutex and a condition on CLOCK_MONOTONIC, on pthread and not GLib: ThreadSanitizer sees these.
 * Only what threads MEET at (queue, mailbox, packet queue, pre-roll) owns one. */
typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
} SkyLock;

void sky_lock_init(SkyLock *lock);
void sky_lock_clear(SkyLock *lock);
void sky_lock_enter(SkyLock *lock);
void sky_lock_leave(SkyLock *lock);
/* Inside: wait for sky_lock_wake() until the monotonic deadline (INT64_MAX: for ever). False: the deadline passed. */
_Bool sky_lock_wait_until(SkyLock *lock, int64_t deadline_ns);
void sky_lock_wake(SkyLock *lock); /* inside: wakes every waiter */
/* Leaves, then wakes one waiter, for whom the lock is free by then: where any of them will do, and each looks again before it waits. */
void sky_lock_leave_and_wake_one(SkyLock *lock);
