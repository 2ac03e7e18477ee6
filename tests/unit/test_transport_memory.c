/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/transport_memory.h"

#include <string.h>

#include "base/clock.h"

#define URL "rtsp://192.0.2.1/sub"

static void keep(const char *id, const char *body, gpointer user) {
    g_assert_cmpuint(strlen(id), <, 64);
    g_assert_null(strstr(id, "192.0"));
    g_hash_table_insert(user, g_strdup(id), g_strdup(body ? body : "gone"));
}

static GHashTable *changes(SkyTransports *transports) {
    GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    sky_transports_take_changes(transports, keep, found);
    return found;
}

static void recall_all(SkyTransports *transports, GHashTable *kept) {
    GHashTableIter iter;
    gpointer id, body;
    g_hash_table_iter_init(&iter, kept);
    while (g_hash_table_iter_next(&iter, &id, &body))
        sky_transports_recall(transports, id, body);
}

static void test_restart(void) {
    g_autoptr(SkyTransports) before = sky_transports_new();
    g_assert_cmpint(sky_transports_first(before, URL), ==, SKY_RTSP_TCP);
    sky_transports_worked(before, "rtsp://192.0.2.1/main", SKY_RTSP_TCP, 0);
    sky_transports_worked(before, URL, SKY_RTSP_UDP, 7 * SKY_NS_PER_S);
    g_autoptr(GHashTable) kept = changes(before);
    g_assert_cmpuint(g_hash_table_size(kept), ==, 1);
    sky_transports_worked(before, URL, SKY_RTSP_UDP, 9 * SKY_NS_PER_S); /* nothing new */
    g_autoptr(GHashTable) same = changes(before);
    g_assert_cmpuint(g_hash_table_size(same), ==, 0);

    g_autoptr(SkyTransports) after = sky_transports_new();
    recall_all(after, kept);
    g_assert_cmpint(sky_transports_first(after, "rtsp://viewer:x@192.0.2.1/sub"), ==, SKY_RTSP_UDP); /* whatever the account */
    g_assert_cmpint(sky_transports_first(after, "rtsp://192.0.2.1/main"), ==, SKY_RTSP_TCP);
    sky_transports_worked(after, URL, SKY_RTSP_TCP, 9 * SKY_NS_PER_S); /* the line was mended */
    g_assert_cmpint(sky_transports_first(after, URL), ==, SKY_RTSP_TCP);
    g_autoptr(GHashTable) gone = changes(after);
    GHashTableIter iter;
    gpointer id;
    g_hash_table_iter_init(&iter, kept);
    g_assert_true(g_hash_table_iter_next(&iter, &id, NULL));
    g_assert_cmpstr(g_hash_table_lookup(gone, id), ==, "gone");
}

/* Cameras come and go for years: the oldest proof makes room, in the store too. */
static void test_bounded(void) {
    g_autoptr(SkyTransports) transports = sky_transports_new();
    for (guint i = 0; i < SKY_TRANSPORTS_MAX + 3; i++) {
        g_autofree char *url = g_strdup_printf("rtsp://192.0.2.1/%u", i);
        sky_transports_worked(transports, url, SKY_RTSP_UDP, i * SKY_NS_PER_S);
    }
    g_assert_cmpint(sky_transports_first(transports, "rtsp://192.0.2.1/2"), ==, SKY_RTSP_TCP);
    g_assert_cmpint(sky_transports_first(transports, "rtsp://192.0.2.1/3"), ==, SKY_RTSP_UDP);
    g_autoptr(GHashTable) kept = changes(transports);
    g_autoptr(GList) bodies = g_hash_table_get_values(kept);
    guint gone = 0;
    for (GList *body = bodies; body; body = body->next)
        gone += strcmp(body->data, "gone") == 0;
    g_assert_cmpuint(gone, ==, 3);
    g_assert_cmpuint(g_hash_table_size(kept) - gone, ==, SKY_TRANSPORTS_MAX);
    g_autoptr(SkyTransports) after = sky_transports_new();
    for (guint i = 0; i < SKY_TRANSPORTS_MAX + 3; i++) {
        g_autofree char *id = g_strdup_printf("%u", i);
        sky_transports_recall(after, id, "1");
    }
    sky_transports_worked(after, URL, SKY_RTSP_UDP, SKY_NS_PER_S);
    g_autoptr(GHashTable) changed = changes(after);
    g_assert_cmpuint(g_hash_table_size(changed), ==, 2); /* one came, one went */
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/transport_memory/restart", test_restart);
    g_test_add_func("/transport_memory/bounded", test_bounded);
    return g_test_run();
}
