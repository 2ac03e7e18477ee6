/* SPDX-License-Identifier: Apache-2.0 */
#include "config/sources.h"

#include "base/text_file.h"

typedef struct {
    SkySourceText source;
    char *name, *directory, *text;
} File;

struct SkySources {
    GPtrArray *files;
    gsize bytes; /* of all, one more each: an end is nobody else's begin */
};

static void file_free(File *file) {
    sky_text_wipe(file->text);
    g_free(file->text);
    g_free(file->name);
    g_free(file->directory);
    g_free(file);
}

SkySources *sky_sources_new(void) {
    SkySources *sources = g_new0(SkySources, 1);
    sources->files = g_ptr_array_new_with_free_func((GDestroyNotify)file_free);
    return sources;
}

void sky_sources_free(SkySources *sources) {
    if (!sources)
        return;
    g_ptr_array_unref(sources->files);
    g_free(sources);
}

void sky_sources_add(SkySources *sources, const char *name, const char *directory, char *text, gsize bytes) {
    File *file = g_new0(File, 1);
    file->name = g_strdup(name);
    file->directory = g_strdup(directory);
    file->text = text;
    file->source = sky_source_text(file->name, text, bytes);
    file->source.directory = file->directory;
    file->source.base = sources->bytes;
    sources->bytes += bytes + 1;
    g_ptr_array_add(sources->files, file);
}

guint sky_sources_count(const SkySources *sources) {
    return sources->files->len;
}

const SkySourceText *sky_sources_nth(const SkySources *sources, guint index) {
    const File *file = sources->files->pdata[index];
    return &file->source;
}

const SkySourceText *sky_sources_find(const SkySources *sources, gsize at) {
    guint index = at == SKY_SOURCE_END ? 1 : sources->files->len;
    while (index > 1 && sky_sources_nth(sources, index - 1)->base > at)
        index--;
    return sky_sources_nth(sources, index - 1);
}
