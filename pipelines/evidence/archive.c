/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/archive.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "evidence/evidence_path.h"

#define STAT_BLOCK_BYTES 512u

static void close_directory(DIR *directory) {
    closedir(directory);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, close_directory)

static SkyRetentionItem *item_of(GHashTable *by_alert, GPtrArray *items, const char *camera, const char *alert) {
    SkyRetentionItem *item = g_hash_table_lookup(by_alert, alert);
    if (item != NULL)
        return item;
    item = g_new0(SkyRetentionItem, 1);
    g_strlcpy(item->camera, camera, sizeof item->camera);
    g_strlcpy(item->alert, alert, sizeof item->alert);
    item->changed_ns = INT64_MIN;
    g_hash_table_insert(by_alert, item->alert, item);
    g_ptr_array_add(items, item);
    return item;
}

static void look_at_camera(const char *directory, const char *camera, GPtrArray *items) {
    g_autofree char *path = g_build_filename(directory, camera, NULL);
    g_autoptr(DIR) dir = opendir(path);
    g_autoptr(GHashTable) by_alert = g_hash_table_new(g_str_hash, g_str_equal);
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        SkyEvidenceName name;
        struct stat file;
        if (!sky_evidence_name_parse(entry->d_name, &name) ||
            fstatat(dirfd(dir), entry->d_name, &file, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(file.st_mode))
            continue;
        SkyRetentionItem *item = item_of(by_alert, items, camera, name.alert);
        int64_t changed_ns = (int64_t)file.st_mtim.tv_sec * SKY_NS_PER_S + file.st_mtim.tv_nsec;
        item->bytes += (uint64_t)file.st_blocks * STAT_BLOCK_BYTES;
        item->changed_ns = MAX(item->changed_ns, changed_ns);
        item->files++;
    }
}

GPtrArray *sky_archive_look(const char *directory, SkyRetentionState *ret_state) {
    GPtrArray *items = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(DIR) dir = opendir(directory);
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (sky_id_is_valid(entry->d_name))
            look_at_camera(directory, entry->d_name, items);
    struct statvfs disk;
    gboolean told = statvfs(directory, &disk) == 0;
    ret_state->free_bytes = told ? (uint64_t)disk.f_bavail * disk.f_frsize : SKY_RETENTION_FREE_UNKNOWN;
    ret_state->bytes = 0;
    for (guint i = 0; i < items->len; i++)
        ret_state->bytes += ((SkyRetentionItem *)items->pdata[i])->bytes;
    return items;
}

uint32_t sky_archive_remove(const char *directory, const SkyRetentionItem *item) {
    g_autofree char *path = g_build_filename(directory, item->camera, NULL);
    g_autoptr(DIR) dir = opendir(path);
    uint32_t removed = 0;
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        SkyEvidenceName name;
        if (sky_evidence_name_parse(entry->d_name, &name) && strcmp(name.alert, item->alert) == 0)
            removed += unlinkat(dirfd(dir), entry->d_name, 0) == 0;
    }
    rmdir(path); /* refused while something is in it */
    return removed;
}
