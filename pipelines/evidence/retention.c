/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/retention.h"

#include <string.h>

#include "base/clock.h"

#define KEEP_FREE_BYTES_MAX (UINT64_C(16) << 20)

typedef struct {
    const SkyEvidenceParams *params;
    SkyRetentionState state; /* as it will be */
    GPtrArray *plan;
} Planner;

static gint compare(gconstpointer a, gconstpointer b) {
    const SkyRetentionItem *x = *(const SkyRetentionItem *const *)a, *y = *(const SkyRetentionItem *const *)b;
    if (x->changed_ns != y->changed_ns)
        return x->changed_ns < y->changed_ns ? -1 : 1;
    return strcmp(x->alert, y->alert); /* ULIDs sort by time as well */
}

static gboolean lacks_space(const Planner *planner) {
    const SkyEvidenceParams *params = planner->params;
    return (params->total_bytes_max > 0 && planner->state.bytes > params->total_bytes_max) ||
           planner->state.free_bytes < params->free_bytes_min;
}

/* What was written before the clock was first set has no age: it is not to go at the moment in which somebody sets it. And a clock that
 * nobody vouches for may stand a month ahead: it would take all there is at once. */
static gboolean is_too_old(const Planner *planner, const SkyRetentionItem *item) {
    return planner->state.age_counts && planner->params->age_max_ns > 0 && item->changed_ns >= SKY_CLOCK_EARLIEST_UTC_NS &&
           planner->state.now_utc_ns - item->changed_ns > planner->params->age_max_ns;
}

static void add(Planner *planner, SkyRetentionItem *item) {
    planner->state.bytes -= item->bytes;
    planner->state.free_bytes += item->bytes;
    g_ptr_array_add(planner->plan, item);
}

static gboolean would_help(const Planner *planner, const GPtrArray *items) {
    uint64_t bytes = planner->state.free_bytes;
    if (planner->params->total_bytes_max > 0 && planner->state.bytes > planner->params->total_bytes_max)
        return TRUE;
    for (guint i = 0; i < items->len; i++) {
        const SkyRetentionItem *item = items->pdata[i];
        bytes += item->open && !item->busy ? item->bytes : 0;
    }
    return bytes >= planner->params->free_bytes_min;
}

uint64_t sky_retention_keep_free(const SkyEvidenceParams *params) {
    return MIN(params->free_bytes_min / 2, KEEP_FREE_BYTES_MAX);
}

GPtrArray *sky_retention_plan(const SkyEvidenceParams *params, const SkyRetentionState *state, GPtrArray *items) {
    Planner planner = {.params = params, .state = *state, .plan = g_ptr_array_new()};
    g_ptr_array_sort(items, compare);
    for (guint i = 0; i < items->len; i++) {
        SkyRetentionItem *item = items->pdata[i];
        if (!item->open && !item->busy && (lacks_space(&planner) || is_too_old(&planner, item)))
            add(&planner, item);
    }
    for (guint i = 0; i < items->len && lacks_space(&planner) && would_help(&planner, items); i++) {
        SkyRetentionItem *item = items->pdata[i];
        if (item->open && !item->busy)
            add(&planner, item);
    }
    return planner.plan;
}
