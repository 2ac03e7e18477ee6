/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/view_memory.h"

#include <string.h>

#include "base/clock.h"

#define URL "rtsp://viewer:secret@192.0.2.1/sub"
#define NOTED_NS (1000 * SKY_NS_PER_S)

static void keep(const char *id, const char *body, gpointer user) {
    g_assert_null(body ? strstr(body, "192.0") : NULL);
    g_assert_null(body ? strstr(body, "secret") : NULL);
    g_hash_table_insert(user, g_strdup(id), g_strdup(body ? body : "gone"));
}

static GHashTable *changes(SkyViewMemory *memory) {
    GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    sky_view_memory_take_changes(memory, keep, found);
    return found;
}

static SkyViewMemory *restarted(GHashTable *kept) {
    SkyViewMemory *memory = sky_view_memory_new();
    GHashTableIter iter;
    gpointer id, body;
    g_hash_table_iter_init(&iter, kept);
    while (g_hash_table_iter_next(&iter, &id, &body))
        sky_view_memory_restore(memory, id, body);
    return memory;
}

static void test_restart(void) {
    g_autoptr(SkyViewMemory) before = sky_view_memory_new();
    g_assert_null(sky_view_memory_recall(before, "gate", URL, NOTED_NS));
    sky_view_memory_note(before, "gate", URL, "320 180 1 old", NOTED_NS - 3600 * SKY_NS_PER_S);
    sky_view_memory_note(before, "gate", URL, "320 180 1 abc", NOTED_NS);
    sky_view_memory_note(before, "yard", URL, "320 180 1 def", NOTED_NS);
    g_autoptr(GHashTable) kept = changes(before);
    g_assert_cmpuint(g_hash_table_size(kept), ==, 2);
    g_autoptr(GHashTable) none = changes(before);
    g_assert_cmpuint(g_hash_table_size(none), ==, 0);

    g_autoptr(SkyViewMemory) after = restarted(kept);
    g_assert_cmpstr(sky_view_memory_recall(after, "gate", URL, NOTED_NS), ==, "320 180 1 abc");
    g_assert_cmpstr(sky_view_memory_recall(after, "yard", "rtsp://192.0.2.1/sub", NOTED_NS), ==, "320 180 1 def"); /* whatever the account */
    g_assert_null(sky_view_memory_recall(after, "yard", "rtsp://192.0.2.2/sub", NOTED_NS));
    g_autoptr(GHashTable) known = changes(after);
    g_assert_cmpuint(g_hash_table_size(known), ==, 0); /* the store has it */
    sky_view_memory_forget(after, "gate");
    g_assert_null(sky_view_memory_recall(after, "gate", URL, NOTED_NS));
    g_autoptr(GHashTable) gone = changes(after);
    g_assert_cmpstr(g_hash_table_lookup(gone, "gate"), ==, "gone");
    sky_view_memory_forget(after, "gate");
    g_autoptr(GHashTable) long_gone = changes(after);
    g_assert_cmpuint(g_hash_table_size(long_gone), ==, 0);
}

static void test_grows_old(void) {
    g_autoptr(SkyViewMemory) memory = sky_view_memory_new();
    sky_view_memory_note(memory, "gate", URL, "view", NOTED_NS);
    g_assert_nonnull(sky_view_memory_recall(memory, "gate", URL, NOTED_NS + SKY_VIEW_MEMORY_NS));
    g_assert_null(sky_view_memory_recall(memory, "gate", URL, NOTED_NS + SKY_VIEW_MEMORY_NS + SKY_NS_PER_S));
    g_assert_nonnull(sky_view_memory_recall(memory, "gate", URL, 0)); /* a box whose clock begins anew */
}

static void test_bad_bodies(void) {
    static const char *const bodies[] = {"", "1", "1 2"};
    g_autoptr(SkyViewMemory) memory = sky_view_memory_new();
    for (unsigned i = 0; i < G_N_ELEMENTS(bodies); i++) {
        sky_view_memory_restore(memory, "gate", bodies[i]);
        g_assert_null(sky_view_memory_recall(memory, "gate", URL, 0));
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/view-memory/restart", test_restart);
    g_test_add_func("/view-memory/grows-old", test_grows_old);
    g_test_add_func("/view-memory/bad-bodies", test_bad_bodies);
    return g_test_run();
}
