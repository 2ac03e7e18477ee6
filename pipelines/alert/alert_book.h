/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "alert/alert.h"

/* The life cycle of alerts: events, evidence, commands and time go in, revisions come out, in order, one chain an alert. Decides
 * only: time and new ids are arguments. Thread: main. The sink must not call the book. */
typedef struct SkyAlertBook SkyAlertBook;
typedef void (*SkyAlertSink)(const SkyAlert *revision, gpointer user);

typedef enum {
    SKY_COMMAND_ACKNOWLEDGE, /* only a raised one; once */
    SKY_COMMAND_ASSIGN,      /* any open one; implies acknowledged */
    SKY_COMMAND_RESOLVE,     /* an acknowledged or assigned one; closes */
    SKY_COMMAND_DISMISS,     /* any open one; closes */
    SKY_COMMAND_COMMENT,     /* any open one */
} SkyAlertVerb;
typedef enum {
    SKY_ALERT_DONE,
    SKY_ALERT_UNKNOWN,     /* no alert with that id, open or just closed */
    SKY_ALERT_NOT_ALLOWED, /* this state does not allow it: resolve before acknowledge, acknowledge twice, anything when closed */
    SKY_ALERT_BAD_VALUE,   /* assign without assignee, note too long or not UTF-8 */
} SkyAlertAnswer;
typedef struct {
    SkyAlertVerb verb;
    const char *alert, *actor;
    const char *assignee; /* assign */
    const char *note;     /* may be NULL */
} SkyAlertCommand;

typedef struct {
    int64_t expire_ns; /* an open alert closes by itself after so long, 24 h */
    uint32_t open_max; /* 512: further events are joined to the newest open alert of their camera and counted, and those of a camera
                          with as many open as there is room left. At most as many closed ones are remembered */
    uint32_t burst_max; /* open alerts that a camera may have raised within burst_ns; further events join the newest. 0: no limit.
                           An outage or a cover-up is always heard of */
    int64_t burst_ns;
} SkyAlertBookParams;

SkyAlertBook *sky_alert_book_new(const SkyAlertBookParams *params, SkyAlertSink sink, gpointer user);
void sky_alert_book_free(SkyAlertBook *book);
/* At start, from the store; no revision comes out. */
void sky_alert_book_restore(SkyAlertBook *book, const SkyAlert *alert);
/* A begin raises a new alert named alert_id. Template: kind, camera, zone, times, box, path, score, severity, event_id, test
 * fields, evidence_missing where none will come. Where open_max are open it joins the camera's newest open alert (cause "joined")
 * and alert_id is not used. An event that is already borne raises nothing. A test alert comes out twice: raised, resolved. */
void sky_alert_book_raise(SkyAlertBook *book, const char *alert_id, const SkyAlert *template_alert, int64_t now_utc_ns);
/* Would an event of that kind join an alert of the camera now, instead of raising its own? */
gboolean sky_alert_book_joins(const SkyAlertBook *book, const char *camera, SkyEventKind kind, int64_t now_utc_ns);
/* The event's end: a revision with end, path and score (cause "ended"; "joined" while other events of the alert go on).
 * An alert that was closed meanwhile takes it too, in the state that it has. FALSE: no alert bears this event. */
gboolean sky_alert_book_event_end(SkyAlertBook *book, const SkyAlert *template_alert, int64_t now_utc_ns);
/* Evidence came or will not come. image/clip may be NULL. One revision, only if something changed; a closed alert takes it too, in
 * the state that it has, for as long as the book remembers it (10 minutes). FALSE: unknown, or nothing new: no revision. */
gboolean sky_alert_book_evidence(SkyAlertBook *book, const char *alert_id, const SkyAlertImage *image, const SkyAlertClip *clip,
                                 gboolean missing, int64_t now_utc_ns);
SkyAlertAnswer sky_alert_book_command(SkyAlertBook *book, const SkyAlertCommand *command, int64_t now_utc_ns);
/* Revisions of alerts that events join come at most every 10 s; those that wait come now. Before a stop. */
void sky_alert_book_flush(SkyAlertBook *book, int64_t now_utc_ns);
/* Expiry; forgets closed ones; what has waited. At least once a minute: a step of five minutes or more is taken for the wall clock being set, and
 * moves what is due along with it. */
void sky_alert_book_tick(SkyAlertBook *book, int64_t now_utc_ns);
/* After a restart: ends every event that was open as interrupted, at the alert's last update. */
void sky_alert_book_interrupt_all(SkyAlertBook *book, int64_t now_utc_ns);
/* Borrowed, until the next call that changes the book. NULL: unknown. */
const SkyAlert *sky_alert_book_find(const SkyAlertBook *book, const char *alert_id);
const SkyAlert *sky_alert_book_of_event(const SkyAlertBook *book, const char *event_id); /* that bears it while it goes on */
void sky_alert_book_each_open(const SkyAlertBook *book, SkyAlertSink each, gpointer user);
uint32_t sky_alert_book_open_count(const SkyAlertBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyAlertBook, sky_alert_book_free)
