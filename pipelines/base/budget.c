/* SPDX-License-Identifier: Apache-2.0 */
#include "base/budget.h"

void sky_budget_init(SkyBudget *budget, uint64_t limit_bytes) {
    atomic_init(&budget->used_bytes, 0);
    budget->limit_bytes = limit_bytes;
}

gboolean sky_budget_charge(SkyBudget *budget, uint64_t bytes) {
    uint64_t used = atomic_load_explicit(&budget->used_bytes, memory_order_relaxed);
    do {
        if (bytes > budget->limit_bytes || used > budget->limit_bytes - bytes)
            return FALSE;
    } while (!atomic_compare_exchange_weak_explicit(&budget->used_bytes, &used, used + bytes, memory_order_relaxed,
                                                    memory_order_relaxed));
    return TRUE;
}

void sky_budget_release(SkyBudget *budget, uint64_t bytes) {
    uint64_t before = atomic_fetch_sub_explicit(&budget->used_bytes, bytes, memory_order_relaxed);
    g_assert(before >= bytes);
}

uint64_t sky_budget_used(const SkyBudget *budget) {
    return atomic_load_explicit(&((SkyBudget *)budget)->used_bytes, memory_order_relaxed);
}
