/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/request_log.h"

struct SkyRequestLog {
    GHashTable *replies; /* "audience/client/request_id", owned here -> SkyRequestReply * */
    GQueue order;        /* the same keys, borrowed, oldest first */
};

SkyRequestReply *sky_request_reply_new(const char *stored, const char *not_stored) {
    SkyRequestReply *reply = g_new0(SkyRequestReply, 1);
    sky_ref_init(&reply->ref);
    reply->stored = g_strdup(stored);
    reply->not_stored = g_strdup(not_stored);
    atomic_init(&reply->fate, not_stored ? SKY_REQUEST_PENDING : SKY_REQUEST_STORED);
    return reply;
}

const char *sky_request_reply_text(const SkyRequestReply *reply) {
    switch (atomic_load(&reply->fate)) {
    case SKY_REQUEST_PENDING:
        return NULL;
    case SKY_REQUEST_STORED:
        return reply->stored;
    case SKY_REQUEST_NOT_STORED:
        return reply->not_stored;
    }
    g_assert_not_reached();
}

void sky_request_reply_unref(SkyRequestReply *reply) {
    if (!reply || !sky_ref_drop(&reply->ref))
        return;
    g_free(reply->stored);
    g_free(reply->not_stored);
    g_free(reply);
}

SkyRequestLog *sky_request_log_new(void) {
    SkyRequestLog *log = g_new0(SkyRequestLog, 1);
    log->replies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)sky_request_reply_unref);
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

void sky_request_log_add(SkyRequestLog *log, const char *audience, const char *client, const char *request_id, SkyRequestReply *reply) {
    char *key = key_of(audience, client, request_id);
    if (g_hash_table_contains(log->replies, key)) {
        g_free(key);
        return;
    }
    sky_ref_take(&reply->ref);
    g_hash_table_insert(log->replies, key, reply);
    g_queue_push_tail(&log->order, key);
    while (g_queue_get_length(&log->order) > SKY_REQUEST_LOG_MAX)
        g_hash_table_remove(log->replies, g_queue_pop_head(&log->order));
}

const SkyRequestReply *sky_request_log_find(const SkyRequestLog *log, const char *audience, const char *client, const char *request_id) {
    g_autofree char *key = key_of(audience, client, request_id);
    return g_hash_table_lookup(log->replies, key);
}
