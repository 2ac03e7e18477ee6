/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/id.h"
#include "event/event.h"

/* Events under way, each with the ids that it goes by outside, and when its picture is worth taking (again). Decides only.
 * Thread: main. */
typedef struct {
    char camera[SKY_ID_BYTES];
    uint64_t number;                   /* of the event, at that camera */
    char event_id[SKY_ULID_BYTES];
    char alert_id[SKY_ULID_BYTES];
    SkyEvent event;                    /* as last heard */
    int64_t begin_utc_ns;              /* as the wall clock said at its begin: a step of it moves no event that is under way */
    gboolean clock_synced;             /* it could be believed then */
    float picture_value;               /* of the moment whose picture was asked for last; 0: none yet */
    int64_t picture_ns;                /* that moment */
    gboolean clip;                     /* one is being made */
    gboolean joined;                   /* counted in another's alert: no evidence of its own */
    gboolean disarmed;                 /* a fact so far, and no alert: somebody had disarmed its camera */
} SkyIncident;

typedef struct SkyIncidents SkyIncidents;
SkyIncidents *sky_incidents_new(void);
void sky_incidents_free(SkyIncidents *incidents);
/* Borrowed until it is closed. The ids are made from the time of its begin. */
SkyIncident *sky_incidents_open(SkyIncidents *incidents, const char *camera, const SkyEvent *event, int64_t begin_utc_ns,
                                gboolean clock_synced);
int64_t sky_incident_end_utc_ns(const SkyIncident *incident); /* SKY_TIME_NONE while it goes on */
SkyIncident *sky_incidents_find(SkyIncidents *incidents, const char *camera, uint64_t number);
guint sky_incidents_count(const SkyIncidents *incidents);
SkyIncident *sky_incidents_at(SkyIncidents *incidents, guint i); /* borrowed, oldest first */
void sky_incidents_close(SkyIncidents *incidents, SkyIncident *incident);
/* Is something but an outage under way at the camera? Since when (the oldest), and in which zones (ids, borrowed). */
gboolean sky_incidents_motion(SkyIncidents *incidents, const char *camera, int64_t *ret_since_ns, GPtrArray *ret_zones);

/* TRUE: take the picture of event.best_ns. At the begin where it costs little or would soon leave the pre-roll, else with the next word
 * of the event, or without one a second later: until then a moment that costs little may come, and who had only just come in shows
 * more. Then where the best moment shows clearly more than the one taken and would soon leave the pre-roll, or the event is over. */
gboolean sky_incident_wants_picture(const SkyIncident *incident, int64_t preroll_oldest_ns, int64_t now_ns);
void sky_incident_took_picture(SkyIncident *incident);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyIncidents, sky_incidents_free)
