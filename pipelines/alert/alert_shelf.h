/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "alert/alert.h"

/* The shelf behind the book: who is open, who is closed but remembered, and how each is found in O(1): by alert, by a running
 * event, and the newest open one of a camera. Thread: main. Owner: the book. */
typedef struct {
    SkyAlert alert;
    GHashTable *events;  /* ids of events still going on in it (set of char *); NULL where none */
    GList order_link;    /* in the shelf's open or closed queue */
    GList camera_link;   /* in its camera's queue, while open */
    const char *owed;    /* static: cause of a revision that waits, so that a flood of events is no flood of revisions; NULL */
    int64_t joined_ns;   /* UTC of the last revision that told of further events; 0: none did */
    int64_t due_ns;      /* UTC: an open one expires, a closed one is forgotten */
} SkyAlertEntry;

typedef struct {
    GHashTable *by_id;     /* alert id -> SkyAlertEntry *, which it owns */
    GHashTable *by_event;  /* event id -> SkyAlertEntry *, of an open alert or of one closed meanwhile */
    GHashTable *by_camera; /* camera -> GQueue * of its open ones, oldest first */
    GQueue open, closed;   /* oldest first */
} SkyAlertShelf;

void sky_alert_shelf_init(SkyAlertShelf *shelf);
void sky_alert_shelf_clear(SkyAlertShelf *shelf);
/* Copies; open or closed by its state. The id must be new. */
SkyAlertEntry *sky_alert_shelf_add(SkyAlertShelf *shelf, const SkyAlert *alert);
/* Moves from open to closed: evidence and the ends of its events can still find it. The alert's state is already a closed one. */
void sky_alert_shelf_close(SkyAlertShelf *shelf, SkyAlertEntry *entry);
/* A closed one goes for good. */
void sky_alert_shelf_forget(SkyAlertShelf *shelf, SkyAlertEntry *entry);
/* "" is no event and is ignored. */
void sky_alert_shelf_event_begins(SkyAlertShelf *shelf, SkyAlertEntry *entry, const char *event_id);
void sky_alert_shelf_event_ends(SkyAlertShelf *shelf, SkyAlertEntry *entry, const char *event_id);
void sky_alert_shelf_events_end(SkyAlertShelf *shelf, SkyAlertEntry *entry);
gboolean sky_alert_entry_goes_on(const SkyAlertEntry *entry);
SkyAlertEntry *sky_alert_shelf_newest_of(const SkyAlertShelf *shelf, const char *camera);
const GQueue *sky_alert_shelf_of(const SkyAlertShelf *shelf, const char *camera); /* SkyAlertEntry *, oldest first; NULL: none */
