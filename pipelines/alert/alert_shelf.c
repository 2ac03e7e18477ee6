/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/alert_shelf.h"

static void entry_free(gpointer data) {
    SkyAlertEntry *entry = data;
    g_clear_pointer(&entry->events, g_hash_table_unref);
    g_free(entry);
}

static void queue_free(gpointer data) {
    /* The links live in the entries: there is nothing in a queue to free. */
    g_free(data);
}

void sky_alert_shelf_init(SkyAlertShelf *shelf) {
    *shelf = (SkyAlertShelf){
        .by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free),
        .by_event = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .by_camera = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, queue_free),
    };
    g_queue_init(&shelf->open);
    g_queue_init(&shelf->closed);
}

void sky_alert_shelf_clear(SkyAlertShelf *shelf) {
    g_clear_pointer(&shelf->by_event, g_hash_table_unref);
    g_clear_pointer(&shelf->by_camera, g_hash_table_unref);
    g_clear_pointer(&shelf->by_id, g_hash_table_unref);
}

static void camera_join(SkyAlertShelf *shelf, SkyAlertEntry *entry) {
    GQueue *queue = g_hash_table_lookup(shelf->by_camera, entry->alert.camera);
    if (!queue) {
        queue = g_new0(GQueue, 1);
        g_queue_init(queue);
        g_hash_table_insert(shelf->by_camera, g_strdup(entry->alert.camera), queue);
    }
    g_queue_push_tail_link(queue, &entry->camera_link);
}

static void camera_leave(SkyAlertShelf *shelf, SkyAlertEntry *entry) {
    GQueue *queue = g_hash_table_lookup(shelf->by_camera, entry->alert.camera);
    g_queue_unlink(queue, &entry->camera_link);
    if (g_queue_is_empty(queue))
        g_hash_table_remove(shelf->by_camera, entry->alert.camera);
}

SkyAlertEntry *sky_alert_shelf_add(SkyAlertShelf *shelf, const SkyAlert *alert) {
    g_assert(!g_hash_table_contains(shelf->by_id, alert->id));
    SkyAlertEntry *entry = g_new0(SkyAlertEntry, 1);
    entry->alert = *alert;
    entry->order_link.data = entry;
    entry->camera_link.data = entry;
    g_hash_table_insert(shelf->by_id, entry->alert.id, entry);
    if (sky_alert_is_open(alert)) {
        g_queue_push_tail_link(&shelf->open, &entry->order_link);
        camera_join(shelf, entry);
    } else {
        g_queue_push_tail_link(&shelf->closed, &entry->order_link);
    }
    return entry;
}

void sky_alert_shelf_close(SkyAlertShelf *shelf, SkyAlertEntry *entry) {
    camera_leave(shelf, entry);
    g_queue_unlink(&shelf->open, &entry->order_link);
    g_queue_push_tail_link(&shelf->closed, &entry->order_link);
}

void sky_alert_shelf_forget(SkyAlertShelf *shelf, SkyAlertEntry *entry) {
    sky_alert_shelf_events_end(shelf, entry);
    g_queue_unlink(&shelf->closed, &entry->order_link);
    g_hash_table_remove(shelf->by_id, entry->alert.id);
}

void sky_alert_shelf_event_begins(SkyAlertShelf *shelf, SkyAlertEntry *entry, const char *event_id) {
    if (!event_id[0])
        return;
    if (!entry->events)
        entry->events = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add(entry->events, g_strdup(event_id));
    g_hash_table_insert(shelf->by_event, g_strdup(event_id), entry);
}

void sky_alert_shelf_event_ends(SkyAlertShelf *shelf, SkyAlertEntry *entry, const char *event_id) {
    g_hash_table_remove(shelf->by_event, event_id);
    if (entry->events)
        g_hash_table_remove(entry->events, event_id);
}

void sky_alert_shelf_events_end(SkyAlertShelf *shelf, SkyAlertEntry *entry) {
    if (!entry->events)
        return;
    GHashTableIter iter;
    gpointer event_id;
    g_hash_table_iter_init(&iter, entry->events);
    while (g_hash_table_iter_next(&iter, &event_id, NULL))
        g_hash_table_remove(shelf->by_event, event_id);
    g_clear_pointer(&entry->events, g_hash_table_unref);
}

gboolean sky_alert_entry_goes_on(const SkyAlertEntry *entry) {
    return entry->events && g_hash_table_size(entry->events) > 0;
}

const GQueue *sky_alert_shelf_of(const SkyAlertShelf *shelf, const char *camera) {
    return g_hash_table_lookup(shelf->by_camera, camera);
}

SkyAlertEntry *sky_alert_shelf_newest_of(const SkyAlertShelf *shelf, const char *camera) {
    GQueue *queue = g_hash_table_lookup(shelf->by_camera, camera);
    return queue ? g_queue_peek_tail(queue) : NULL;
}
