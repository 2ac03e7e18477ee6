/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>
#include "base/lock.h"
#include "base/thread.h"
#include "source/source.h"

/* What an engine is to the rest: a name for its thread, and one call that runs until the stream ends. Internal to
 * pipelines/source. */
typedef struct {
    const char *name;
    /* On the source's thread. TRUE: it was told to stop, or a replay reached its end. */
    gboolean (*run)(SkySource *source, GError **error);
} SkySourceEngine;

struct SkySource {
    const SkySourceEngine *engine;
    SkySourceParams params; /* its texts are ours */
    SkySourceSink sink;
    SkySourceNumbers numbers;
    SkyThread *thread;
    SkyLock lock; /* for who waits for `stop` */
    atomic_bool stop;
};

SkySource *sky_source_new(const SkySourceEngine *engine, const SkySourceParams *params, const SkySourceSink *sink);
static inline gboolean sky_source_must_stop(const SkySource *source) {
    return atomic_load_explicit(&((SkySource *)source)->stop, memory_order_relaxed);
}
/* Waits until the monotonic time. FALSE at once when told to stop. */
gboolean sky_source_wait_until(SkySource *source, int64_t due_ns);
