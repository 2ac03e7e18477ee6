/* SPDX-License-Identifier: Apache-2.0 */
#include "support/power_disk_trace.h"

#include <string.h>

static void op_free(gpointer item) {
    PowerOp *op = item;
    g_free(op->data);
    g_free(op->name);
    g_free(op->to);
    g_free(op);
}

PowerTrace *power_trace_new(void) {
    PowerTrace *trace = g_new0(PowerTrace, 1);
    sky_lock_init(&trace->lock);
    trace->ops = g_ptr_array_new_with_free_func(op_free);
    trace->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return trace;
}

void power_trace_free(PowerTrace *trace) {
    if (!trace) return;
    g_ptr_array_unref(trace->ops);
    g_hash_table_unref(trace->names);
    sky_lock_clear(&trace->lock);
    g_free(trace);
}

PowerTrace *power_trace_copy(PowerTrace *trace, guint n) {
    PowerTrace *copy = power_trace_new();
    for (guint i = 0; i < n; i++) {
        const PowerOp *op = power_trace_op(trace, i);
        PowerOp *again = g_memdup2(op, sizeof *op);
        again->data = g_memdup2(op->data, op->bytes);
        again->name = g_strdup(op->name);
        again->to = g_strdup(op->to);
        g_ptr_array_add(copy->ops, again);
        copy->files = MAX(copy->files, op->file);
        power_names_apply(copy->names, again);
    }
    return copy;
}

void power_names_apply(GHashTable *names, const PowerOp *op) {
    gpointer file = GUINT_TO_POINTER(op->file);
    if (op->verb == POWER_CREATE || op->verb == POWER_MKDIR) {
        g_hash_table_replace(names, g_strdup(op->name), file);
    } else if (op->verb == POWER_RENAME) {
        if (g_hash_table_lookup(names, op->name) == file) g_hash_table_remove(names, op->name);
        g_hash_table_replace(names, g_strdup(op->to), file);
    } else if (op->verb == POWER_REMOVE && g_hash_table_lookup(names, op->name) == file) {
        g_hash_table_remove(names, op->name);
    }
}

static guint number_of(PowerTrace *trace, const char *name) {
    return GPOINTER_TO_UINT(g_hash_table_lookup(trace->names, name));
}

/* Inside the lock. */
static void add(PowerTrace *trace, PowerOp op) {
    op.name = g_strdup(op.name);
    op.to = g_strdup(op.to);
    op.data = g_memdup2(op.data, op.data ? op.bytes : 0);
    g_ptr_array_add(trace->ops, g_memdup2(&op, sizeof op));
    power_names_apply(trace->names, &op);
}

static void add_locked(PowerTrace *trace, PowerOp op) {
    sky_lock_enter(&trace->lock);
    add(trace, op);
    sky_lock_leave(&trace->lock);
}

guint power_trace_open(PowerTrace *trace, const char *name, gboolean created, gboolean truncated) {
    sky_lock_enter(&trace->lock);
    if (created) add(trace, (PowerOp){.verb = POWER_CREATE, .file = ++trace->files, .name = (char *)name});
    guint file = number_of(trace, name);
    if (truncated && file) add(trace, (PowerOp){.verb = POWER_TRUNCATE, .file = file, .name = (char *)name});
    sky_lock_leave(&trace->lock);
    return file;
}

void power_trace_write(PowerTrace *trace, guint file, const char *name, uint64_t at, const void *data, gsize bytes) {
    add_locked(trace, (PowerOp){.verb = POWER_WRITE, .file = file, .name = (char *)name, .at = at, .data = (uint8_t *)data,
                                .bytes = bytes});
}

void power_trace_truncate(PowerTrace *trace, guint file, const char *name, uint64_t bytes) {
    add_locked(trace, (PowerOp){.verb = POWER_TRUNCATE, .file = file, .name = (char *)name, .at = bytes});
}

void power_trace_sync(PowerTrace *trace, guint file, const char *name, gboolean directory) {
    add_locked(trace, (PowerOp){.verb = directory ? POWER_SYNC_DIRECTORY : POWER_SYNC, .file = file, .name = (char *)name});
}

void power_trace_mkdir(PowerTrace *trace, const char *name) {
    sky_lock_enter(&trace->lock);
    add(trace, (PowerOp){.verb = POWER_MKDIR, .file = ++trace->files, .name = (char *)name});
    sky_lock_leave(&trace->lock);
}

void power_trace_rename(PowerTrace *trace, const char *name, const char *to) {
    sky_lock_enter(&trace->lock);
    guint file = number_of(trace, name);
    if (file) add(trace, (PowerOp){.verb = POWER_RENAME, .file = file, .name = (char *)name, .to = (char *)to});
    sky_lock_leave(&trace->lock);
}

void power_trace_remove(PowerTrace *trace, const char *name) {
    sky_lock_enter(&trace->lock);
    guint file = number_of(trace, name);
    if (file) add(trace, (PowerOp){.verb = POWER_REMOVE, .file = file, .name = (char *)name});
    sky_lock_leave(&trace->lock);
}

guint power_trace_length(PowerTrace *trace) {
    sky_lock_enter(&trace->lock);
    guint length = trace->ops->len;
    sky_lock_leave(&trace->lock);
    return length;
}

const PowerOp *power_trace_op(PowerTrace *trace, guint n) {
    sky_lock_enter(&trace->lock);
    g_assert_cmpuint(n, <, trace->ops->len);
    const PowerOp *op = trace->ops->pdata[n];
    sky_lock_leave(&trace->lock);
    return op;
}

static gboolean is_sync_of(const PowerOp *op, const char *ending) {
    if (op->verb == POWER_SYNC_DIRECTORY) return strcmp(ending, "/") == 0 || !ending[0];
    return op->verb == POWER_SYNC && g_str_has_suffix(op->name, ending);
}

guint power_trace_syncs(PowerTrace *trace, const char *ending, guint from, guint to) {
    guint syncs = 0;
    for (guint n = from; n < to; n++) syncs += is_sync_of(power_trace_op(trace, n), ending);
    return syncs;
}

void power_trace_forget_syncs(PowerTrace *trace, const char *ending) {
    for (guint n = 0; n < trace->ops->len; n++) {
        PowerOp *op = trace->ops->pdata[n];
        if (is_sync_of(op, ending)) op->verb = POWER_NOTHING;
    }
}

guint power_trace_find(PowerTrace *trace, const char *ending, guint from) {
    for (guint n = from; n < power_trace_length(trace); n++) {
        if (g_str_has_suffix(power_trace_op(trace, n)->name, ending)) return n;
    }
    return G_MAXUINT;
}

char *power_trace_say(PowerTrace *trace, guint n) {
    static const char *const verbs[] = {"write", "truncate", "sync", "create", "mkdir", "rename", "remove", "sync folder",
                                        "nothing"};
    if (n >= power_trace_length(trace)) return g_strdup("the end");
    const PowerOp *op = power_trace_op(trace, n);
    return g_strdup_printf("%s %s %" G_GUINT64_FORMAT "+%" G_GSIZE_FORMAT "%s%s", verbs[op->verb], op->name, op->at, op->bytes,
                           op->to ? " to " : "", op->to ? op->to : "");
}
