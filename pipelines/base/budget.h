/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include <stdint.h>

/* Memory that one camera may hold, so that none can grow another: a charge is taken before the bytes are kept and
 * given back with them. Thread: any. Owner: the camera; every charge holds a reference by contract of its owner. */
typedef struct {
    _Atomic uint64_t used_bytes;
    uint64_t limit_bytes;
} SkyBudget;

void sky_budget_init(SkyBudget *budget, uint64_t limit_bytes);
gboolean sky_budget_charge(SkyBudget *budget, uint64_t bytes); /* FALSE: over the limit, nothing charged */
void sky_budget_release(SkyBudget *budget, uint64_t bytes);
uint64_t sky_budget_used(const SkyBudget *budget);
