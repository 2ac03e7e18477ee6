/* SPDX-License-Identifier: Apache-2.0 */
#include "source/gst_life.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/lock.h"
#include "base/thread.h"

struct SkyGstLife {
    GstElement *pipeline;
    SkyThread *thread;
    SkyLock lock;
    gboolean closing, closed; /* inside the lock */
    SkyGstLife *next;         /* of those that hang */
};

/* Those that did not close in time: pushed one by one, taken all at once, so it needs no lock. */
static _Atomic(SkyGstLife *) hanging_list;
static _Atomic guint hanging_count;

static void run(gpointer user) {
    SkyGstLife *life = user;
    gst_element_set_state(life->pipeline, GST_STATE_PLAYING); /* why it fails stands on the bus */
    sky_lock_enter(&life->lock);
    while (!life->closing)
        sky_lock_wait_until(&life->lock, INT64_MAX);
    sky_lock_leave(&life->lock);
    gst_element_set_state(life->pipeline, GST_STATE_NULL);
    sky_lock_enter(&life->lock);
    life->closed = TRUE;
    sky_lock_wake(&life->lock);
    sky_lock_leave(&life->lock);
}

static void bury(SkyGstLife *life) {
    sky_thread_join(life->thread);
    gst_object_unref(life->pipeline);
    sky_lock_clear(&life->lock);
    g_free(life);
}

static gboolean is_closed(SkyGstLife *life, int64_t until_ns) {
    sky_lock_enter(&life->lock);
    while (!life->closed && sky_lock_wait_until(&life->lock, until_ns))
        ;
    gboolean closed = life->closed;
    sky_lock_leave(&life->lock);
    return closed;
}

static void leave_hanging(SkyGstLife *life) {
    life->next = atomic_load(&hanging_list);
    while (!atomic_compare_exchange_weak(&hanging_list, &life->next, life))
        ;
}

static void sweep(void) {
    SkyGstLife *life = atomic_exchange(&hanging_list, NULL);
    while (life != NULL) {
        SkyGstLife *next = life->next;
        if (is_closed(life, 0)) {
            bury(life);
            atomic_fetch_sub(&hanging_count, 1);
        } else {
            leave_hanging(life);
        }
        life = next;
    }
}

guint sky_gst_life_hanging(void) {
    sweep();
    return atomic_load(&hanging_count);
}

SkyGstLife *sky_gst_life_new(GstElement *pipeline, GError **error) {
    guint hanging = sky_gst_life_hanging();
    if (hanging >= SKY_GST_HANGING_MAX) {
        g_set_error(error, SKY_ERROR, SKY_ERR_RESOURCE, "pipeline: %u earlier ones hang and do not close: restart skynetd",
                    hanging);
        return NULL;
    }
    SkyGstLife *life = g_new0(SkyGstLife, 1);
    life->pipeline = gst_object_ref(pipeline);
    sky_lock_init(&life->lock);
    life->thread = sky_thread_start("gst-life", run, life, error);
    if (life->thread != NULL)
        return life;
    bury(life);
    return NULL;
}

void sky_gst_life_end(SkyGstLife *life, int64_t limit_ns) {
    if (life == NULL)
        return;
    sky_lock_enter(&life->lock);
    life->closing = TRUE;
    sky_lock_wake(&life->lock);
    sky_lock_leave(&life->lock);
    if (is_closed(life, sky_clock_monotonic_ns() + limit_ns)) {
        bury(life);
    } else {
        atomic_fetch_add(&hanging_count, 1);
        leave_hanging(life);
    }
    sweep();
}
