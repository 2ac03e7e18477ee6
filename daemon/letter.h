/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "alert/alert.h"
#include "config/config.h"
#include "daemon/incident.h"
#include "store/store.h"

/* From values to records: what the store keeps and the broker gets. Pure but for the clock. Thread: main. */

/* The next LOG number of each audience within the store's epoch. */
typedef struct {
    const char *epoch;
    GHashTable *next_seq; /* audience -> uint64_t * */
    gboolean durable;
} SkyLetterHead;

/* The alert that an incident raises, without an id. */
SkyAlert sky_letter_alert(const SkyCameraConfig *camera, const SkyIncident *incident);
/* The state and the log of one revision, for each audience that hears of it, appended to messages. Takes numbers from head. */
void sky_letter_revision(const SkyConfig *config, const SkyAlert *alert, SkyLetterHead *head, GPtrArray *messages);
gboolean sky_letter_hears(const SkyConfig *config, const char *audience, const SkyAlert *alert);
/* The same for one audience, which has not heard of the alert so far. Nothing where it does not hear of it. */
void sky_letter_again(const SkyConfig *config, const char *audience, const SkyAlert *alert, SkyLetterHead *head, GPtrArray *messages);
/* Takes the retained state of an open alert, at this topic, away from an audience. */
SkyMessageRecord *sky_letter_cleared(const char *topic, const char *audience, const char *alert);
/* The snapshot, for each audience that may see it. */
void sky_letter_picture(const SkyConfig *config, const SkyAlert *alert, GBytes *picture, GPtrArray *messages);
SkyAlertRecord *sky_letter_record(const SkyAlert *alert);
/* event/<camera>/<kind>. */
SkyMessageRecord *sky_letter_event(const SkyConfig *config, const SkyCameraConfig *camera, const SkyIncident *incident,
                                   SkyEventPhase phase);
/* The end of an event that was open when the last run ended; alert: what was known of it at its begin. */
SkyMessageRecord *sky_letter_interrupted(const SkyConfig *config, const SkyAlert *alert, int64_t end_utc_ns);
