/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/request_log.h"

struct SkyRequestLog {
    GHashTable *replies; /* "audience/client/request_id", owned here -> reply */
    GQueue order;        /* the same keys, borrowed, oldest first */
};

SkyRequestLog *sky_request_log_new(void) {
    SkyRequestLog *log = g_new0(SkyRequestLog, 1);
    log->replies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_queue_init(&log->order);
    return log;
}

void sky_request_log_free(SkyRequestLog *log) {
    if (!log)
        return;
    g_queue_clear(&log->order);
    g_hash_table_unref(log->replies);
    g_free(log);
}

static char *key_of(const char *audience, const char *client, const char *request_id) {
    return g_strjoin("/", audience, client, request_id, NULL); /* no id holds a slash */
}

void sky_request_log_add(SkyRequestLog *log, const char *audience, const char *client, const char *request_id, const char *reply) {
    char *key = key_of(audience, client, request_id);
    if (g_hash_table_contains(log->replies, key)) {
        g_free(key);
        return;
    }
    g_hash_table_insert(log->replies, key, g_strdup(reply));
    g_queue_push_tail(&log->order, key);
    while (g_queue_get_length(&log->order) > SKY_REQUEST_LOG_MAX)
        g_hash_table_remove(log->replies, g_queue_pop_head(&log->order));
}

const char *sky_request_log_find(const SkyRequestLog *log, const char *audience, const char *client, const char *request_id) {
    g_autofree char *key = key_of(audience, client, request_id);
    return g_hash_table_lookup(log->replies, key);
}
