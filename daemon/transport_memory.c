/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/transport_memory.h"

#include "base/clock.h"
#include "base/uri.h"

struct SkyTransports {
    GHashTable *proven;  /* id -> int64_t *: when UDP first brought packets, UTC seconds */
    GHashTable *changed; /* ids, a set */
};

SkyTransports *sky_transports_new(void) {
    SkyTransports *transports = g_new0(SkyTransports, 1);
    transports->proven = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    transports->changed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return transports;
}

void sky_transports_free(SkyTransports *transports) {
    if (!transports)
        return;
    g_hash_table_unref(transports->proven);
    g_hash_table_unref(transports->changed);
    g_free(transports);
}

SkyRtspTransport sky_transports_first(SkyTransports *transports, const char *url) {
    g_autofree char *id = sky_uri_digest(url);
    return g_hash_table_contains(transports->proven, id) ? SKY_RTSP_UDP : SKY_RTSP_TCP;
}

static void put(SkyTransports *transports, const char *id, int64_t utc_s) {
    int64_t *proven_s = g_new(int64_t, 1);
    *proven_s = utc_s;
    g_hash_table_replace(transports->proven, g_strdup(id), proven_s);
}

static void forget(SkyTransports *transports, const char *id) {
    g_hash_table_add(transports->changed, g_strdup(id));
    g_hash_table_remove(transports->proven, id);
}

static void make_room(SkyTransports *transports) {
    GHashTableIter iter;
    gpointer id, proven_s, oldest = NULL;
    int64_t oldest_s = G_MAXINT64;
    g_hash_table_iter_init(&iter, transports->proven);
    while (g_hash_table_iter_next(&iter, &id, &proven_s)) {
        if (*(int64_t *)proven_s > oldest_s)
            continue;
        oldest = id;
        oldest_s = *(int64_t *)proven_s;
    }
    if (g_hash_table_size(transports->proven) >= SKY_TRANSPORTS_MAX)
        forget(transports, oldest);
}

void sky_transports_worked(SkyTransports *transports, const char *url, SkyRtspTransport transport, int64_t now_utc_ns) {
    g_autofree char *id = sky_uri_digest(url);
    gboolean known = g_hash_table_contains(transports->proven, id);
    if (transport != SKY_RTSP_UDP && known)
        forget(transports, id);
    if (transport != SKY_RTSP_UDP || known)
        return;
    make_room(transports);
    put(transports, id, now_utc_ns / SKY_NS_PER_S);
    g_hash_table_add(transports->changed, g_strdup(id));
}

void sky_transports_take_changes(SkyTransports *transports, void (*keep)(const char *id, const char *body, gpointer user), gpointer user) {
    GHashTableIter iter;
    gpointer id;
    g_hash_table_iter_init(&iter, transports->changed);
    while (g_hash_table_iter_next(&iter, &id, NULL)) {
        const int64_t *proven_s = g_hash_table_lookup(transports->proven, id);
        g_autofree char *body = proven_s ? g_strdup_printf("%" G_GINT64_FORMAT, *proven_s) : NULL;
        keep(id, body, user);
    }
    g_hash_table_remove_all(transports->changed);
}

void sky_transports_recall(SkyTransports *transports, const char *id, const char *body) {
    if (g_hash_table_size(transports->proven) < SKY_TRANSPORTS_MAX)
        put(transports, id, g_ascii_strtoll(body, NULL, 10));
}
