/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/incident.h"

#include <string.h>

#include "base/clock.h"

#define CLEARLY_MORE 1.3f
#define SOON_NS (3 * SKY_NS_PER_S)
#define FIRST_WAITS_NS (1 * SKY_NS_PER_S) /* an event may be silent up to its end, and a short pre-roll forgets the moment before that */

struct SkyIncidents {
    GPtrArray *open; /* SkyIncident *, oldest first; some dozens at most */
};

SkyIncidents *sky_incidents_new(void) {
    SkyIncidents *incidents = g_new0(SkyIncidents, 1);
    incidents->open = g_ptr_array_new_with_free_func(g_free);
    return incidents;
}

void sky_incidents_free(SkyIncidents *incidents) {
    if (!incidents)
        return;
    g_ptr_array_unref(incidents->open);
    g_free(incidents);
}

SkyIncident *sky_incidents_open(SkyIncidents *incidents, const char *camera, const SkyEvent *event, int64_t begin_utc_ns,
                                gboolean clock_synced) {
    SkyIncident *incident = g_new0(SkyIncident, 1);
    g_strlcpy(incident->camera, camera, sizeof incident->camera);
    incident->number = event->number;
    incident->event = *event;
    incident->begin_utc_ns = begin_utc_ns;
    incident->clock_synced = clock_synced;
    sky_ulid_make_lower(begin_utc_ns, incident->event_id);
    sky_ulid_make_lower(begin_utc_ns, incident->alert_id);
    g_ptr_array_add(incidents->open, incident);
    return incident;
}

int64_t sky_incident_end_utc_ns(const SkyIncident *incident) {
    const SkyEvent *event = &incident->event;
    return event->end_ns == SKY_TIME_NONE ? SKY_TIME_NONE : incident->begin_utc_ns + (event->end_ns - event->begin_ns);
}

SkyIncident *sky_incidents_find(SkyIncidents *incidents, const char *camera, uint64_t number) {
    for (guint i = 0; i < incidents->open->len; i++) {
        SkyIncident *incident = incidents->open->pdata[i];
        if (incident->number == number && strcmp(incident->camera, camera) == 0)
            return incident;
    }
    return NULL;
}

guint sky_incidents_count(const SkyIncidents *incidents) {
    return incidents->open->len;
}

SkyIncident *sky_incidents_at(SkyIncidents *incidents, guint i) {
    return incidents->open->pdata[i];
}

void sky_incidents_close(SkyIncidents *incidents, SkyIncident *incident) {
    g_ptr_array_remove(incidents->open, incident);
}

/* A zone has two events at once where somebody stays in it. */
static void add_zone(GPtrArray *zones, char *zone) {
    for (guint i = 0; i < zones->len; i++)
        if (strcmp(zones->pdata[i], zone) == 0)
            return;
    g_ptr_array_add(zones, zone);
}

gboolean sky_incidents_motion(SkyIncidents *incidents, const char *camera, int64_t *ret_since_ns, GPtrArray *ret_zones) {
    gboolean active = FALSE;
    for (guint i = 0; i < incidents->open->len; i++) {
        SkyIncident *incident = incidents->open->pdata[i];
        if (incident->event.kind == SKY_EVENT_OFFLINE || incident->event.kind == SKY_EVENT_TAMPER || strcmp(incident->camera, camera) != 0)
            continue;
        if (!active)
            *ret_since_ns = incident->event.begin_ns;
        active = TRUE;
        if (incident->event.zone[0])
            add_zone(ret_zones, incident->event.zone);
    }
    return active;
}

gboolean sky_incident_wants_picture(const SkyIncident *incident, int64_t preroll_oldest_ns, int64_t now_ns) {
    const SkyEvent *event = &incident->event;
    if (event->kind == SKY_EVENT_OFFLINE || preroll_oldest_ns == SKY_TIME_NONE)
        return FALSE;
    if (incident->picture_value <= 0)
        return event->best_favoured || event->phase != SKY_EVENT_BEGIN || now_ns - event->time_ns >= FIRST_WAITS_NS ||
               event->best_ns - preroll_oldest_ns < SOON_NS;
    if (event->best_ns == incident->picture_ns || event->best_value < incident->picture_value * CLEARLY_MORE)
        return FALSE;
    if (event->best_ns < preroll_oldest_ns)
        return FALSE; /* gone */
    return event->phase == SKY_EVENT_END || event->best_ns - preroll_oldest_ns < SOON_NS;
}

void sky_incident_took_picture(SkyIncident *incident) {
    incident->picture_ns = incident->event.best_ns;
    incident->picture_value = MAX(incident->event.best_value, 1e-6f);
}
