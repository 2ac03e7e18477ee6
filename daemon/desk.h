/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "alert/alert_book.h"
#include "config/config.h"
#include "daemon/drafts.h"
#include "daemon/incident.h"
#include "store/store.h"

/* The alert desk: what happens becomes revisions of alerts (the book), each revision becomes messages, one view an audience, and
 * both go to the store in one commit. While the store can not take them (256 wait: the disk is stuck) the newest revision of each
 * alert is kept here and offered again, with those that a person made and up to 1024 begins and ends of events.
 * Thread: main, but for the sink's `stored`. Owner: the app. */
typedef struct SkyDesk SkyDesk;

typedef struct {
    /* Something was committed; on the store's thread. */
    void (*stored)(gpointer user);
    /* An alert was opened or closed. */
    void (*opened)(const char *alert, gboolean open, gpointer user);
    gpointer user;
} SkyDeskSink;

/* start: what the store held; its open alerts are taken up, and events that stood open, cut by whatever ended the last run, end as
 * interrupted. */
SkyDesk *sky_desk_new(SkyConfig *config, SkyStore *store, const SkyStoreStart *start, const SkyDeskSink *sink);
void sky_desk_free(SkyDesk *desk);
void sky_desk_set_config(SkyDesk *desk, SkyConfig *config);

/* evidence_missing: no clip will come. An incident of a disarmed camera is told as a fact only; */
void sky_desk_begin(SkyDesk *desk, const SkyCameraConfig *camera, const SkyIncident *incident, gboolean evidence_missing);
/* this raises its alert after all: the camera was armed again while it went on. */
void sky_desk_raise(SkyDesk *desk, const SkyCameraConfig *camera, const SkyIncident *incident, gboolean evidence_missing);
void sky_desk_end(SkyDesk *desk, const SkyCameraConfig *camera, const SkyIncident *incident);
/* A fact that raises no alert (recovered): its begin and its end. */
void sky_desk_fact(SkyDesk *desk, const SkyCameraConfig *camera, const SkyEvent *event);
/* picture: the JPEG behind image, for audiences that may see it; may be NULL. */
void sky_desk_evidence(SkyDesk *desk, const char *alert, const SkyAlertImage *image, const SkyAlertClip *clip, gboolean missing,
                       GBytes *picture);
/* A test alert for one audience; returns its id (ret_alert). */
void sky_desk_test(SkyDesk *desk, const char *audience, char ret_alert[SKY_ULID_BYTES]);

/* What stands from now on, or no longer (body NULL): goes with the next commit, so a settle has to follow. */
void sky_desk_stand(SkyDesk *desk, SkyStandingKind kind, const char *id, const char *body);

/* A person's command, in two steps, so that the reply can bear the revision and go into the same commit: this changes the book; */
SkyAlertAnswer sky_desk_command(SkyDesk *desk, const SkyAlertCommand *command, uint32_t *ret_rev);
/* this commits it, with its audit record (taken; also alone, for what was refused). stored may be NULL. */
void sky_desk_settle(SkyDesk *desk, SkyAuditRecord *audit, SkyDraftStored stored, gpointer user);

/* Time passes: expiry, and what is still to be offered to the store. Each second. */
void sky_desk_turn(SkyDesk *desk);
/* Would an event of that kind be counted in one of the camera's open alerts, instead of raising its own? */
gboolean sky_desk_joins(const SkyDesk *desk, const char *camera, SkyEventKind kind);
void sky_desk_flush(SkyDesk *desk); /* what is told only every some seconds, now: before a stop */
const SkyAlert *sky_desk_find(const SkyDesk *desk, const char *alert); /* borrowed until the next change; NULL: unknown */
void sky_desk_each_open(const SkyDesk *desk, SkyAlertSink each, gpointer user);
uint32_t sky_desk_open_count(const SkyDesk *desk);
uint32_t sky_desk_waiting(const SkyDesk *desk);      /* revisions that the store has not taken */
uint64_t sky_desk_facts_dropped(const SkyDesk *desk); /* begins and ends of events, while the store took nothing */
gboolean sky_desk_is_durable(const SkyDesk *desk);   /* FALSE: the store is kept in memory, and the log on the disk can not be read */
/* FALSE: the disk refuses, or did when this run began, or an alert on it could not be read: it may have open ones that are not known here,
 * until the next start. */
gboolean sky_desk_knows_all(const SkyDesk *desk);
const char *sky_desk_epoch(const SkyDesk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyDesk, sky_desk_free)
