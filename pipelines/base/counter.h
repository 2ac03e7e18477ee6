/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

/* A number that one thread raises and any thread reads: drops, reconnects, frames. Every limit has one. */
typedef struct {
    _Atomic uint64_t value;
} SkyCounter;

static inline void sky_counter_add(SkyCounter *counter, uint64_t by) {
    atomic_fetch_add_explicit(&counter->value, by, memory_order_relaxed);
}
static inline uint64_t sky_counter_get(const SkyCounter *counter) {
    return atomic_load_explicit(&((SkyCounter *)counter)->value, memory_order_relaxed);
}
