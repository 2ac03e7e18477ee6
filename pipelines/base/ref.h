/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>

/* An atomic reference count for immutable values that cross threads. */
typedef struct {
    _Atomic unsigned count;
} SkyRef;

static inline void sky_ref_init(SkyRef *ref) {
    atomic_init(&ref->count, 1);
}
static inline void sky_ref_take(SkyRef *ref) {
    unsigned before = atomic_fetch_add_explicit(&ref->count, 1, memory_order_relaxed);
    g_assert(before > 0);
}
/* True: that was the last one, free it. */
static inline gboolean sky_ref_drop(SkyRef *ref) {
    unsigned before = atomic_fetch_sub_explicit(&ref->count, 1, memory_order_acq_rel);
    g_assert(before > 0);
    return before == 1;
}
