/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/view_memory.h"

#include <string.h>

#include "base/clock.h"
#include "base/uri.h"

typedef struct {
    int64_t noted_s;  /* UTC */
    char *stream;     /* see stream_of() */
    char *note;
} Seen;

struct SkyViewMemory {
    GHashTable *seen;    /* camera's id -> Seen */
    GHashTable *changed; /* ids, a set */
};

static void seen_free(Seen *seen) {
    g_free(seen->stream);
    g_free(seen->note);
    g_free(seen);
}

SkyViewMemory *sky_view_memory_new(void) {
    SkyViewMemory *memory = g_new0(SkyViewMemory, 1);
    memory->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)seen_free);
    memory->changed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return memory;
}

void sky_view_memory_free(SkyViewMemory *memory) {
    if (!memory)
        return;
    g_hash_table_unref(memory->seen);
    g_hash_table_unref(memory->changed);
    g_free(memory);
}

static void put(SkyViewMemory *memory, const char *camera, int64_t noted_s, char *stream, const char *note) {
    Seen *seen = g_new(Seen, 1);
    *seen = (Seen){.noted_s = noted_s, .stream = stream, .note = g_strdup(note)};
    g_hash_table_replace(memory->seen, g_strdup(camera), seen);
}

void sky_view_memory_note(SkyViewMemory *memory, const char *camera, const char *url, const char *note, int64_t now_utc_ns) {
    put(memory, camera, now_utc_ns / SKY_NS_PER_S, sky_uri_digest(url), note);
    g_hash_table_add(memory->changed, g_strdup(camera));
}

const char *sky_view_memory_recall(const SkyViewMemory *memory, const char *camera, const char *url, int64_t now_utc_ns) {
    const Seen *seen = g_hash_table_lookup(memory->seen, camera);
    if (!seen || now_utc_ns / SKY_NS_PER_S - seen->noted_s > SKY_VIEW_MEMORY_NS / SKY_NS_PER_S)
        return NULL;
    g_autofree char *stream = sky_uri_digest(url);
    return strcmp(seen->stream, stream) == 0 ? seen->note : NULL;
}

void sky_view_memory_forget(SkyViewMemory *memory, const char *camera) {
    if (g_hash_table_remove(memory->seen, camera))
        g_hash_table_add(memory->changed, g_strdup(camera));
}

void sky_view_memory_take_changes(SkyViewMemory *memory, void (*keep)(const char *id, const char *body, gpointer user), gpointer user) {
    GHashTableIter iter;
    gpointer id;
    g_hash_table_iter_init(&iter, memory->changed);
    while (g_hash_table_iter_next(&iter, &id, NULL)) {
        const Seen *seen = g_hash_table_lookup(memory->seen, id);
        g_autofree char *body =
            seen ? g_strdup_printf("%" G_GINT64_FORMAT " %s %s", seen->noted_s, seen->stream, seen->note) : NULL;
        keep(id, body, user);
    }
    g_hash_table_remove_all(memory->changed);
}

void sky_view_memory_restore(SkyViewMemory *memory, const char *camera, const char *body) {
    g_auto(GStrv) parts = g_strsplit(body, " ", 3);
    if (g_strv_length(parts) == 3)
        put(memory, camera, g_ascii_strtoll(parts[0], NULL, 10), g_strdup(parts[1]), parts[2]);
}
