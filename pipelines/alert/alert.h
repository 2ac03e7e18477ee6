/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/box.h"
#include "base/id.h"
#include "event/event.h"

/* One alert at one revision. A value, copied by assignment. Times are UTC in nanoseconds (the gateway's clock at arrival). */
typedef enum {
    SKY_ALERT_RAISED,
    SKY_ALERT_ACKNOWLEDGED,
    SKY_ALERT_ASSIGNED,
    SKY_ALERT_RESOLVED,  /* closed from here on */
    SKY_ALERT_DISMISSED, /* a false alarm */
    SKY_ALERT_EXPIRED,   /* nobody closed it for 24 h */
} SkyAlertState;

#define SKY_NOTE_BYTES 512
#define SKY_NAME_BYTES 128
#define SKY_CLIP_FURTHER_MAX 7

typedef struct {
    char sha256[65];
    uint64_t bytes;
} SkyAlertImage;
typedef struct {
    char id[SKY_ID_BYTES]; /* "" = none (yet) */
    char sha256[65];
    double seconds;
    char further[SKY_CLIP_FURTHER_MAX][65]; /* SHA-256 of the files behind the first, "" behind the last: the stream changed amid it */
} SkyAlertClip;

typedef struct {
    char id[SKY_ID_BYTES];       /* ULID in lower case: sorts by time, fits a topic level */
    char event_id[SKY_ID_BYTES];
    uint32_t rev;                /* from 1 */
    SkyAlertState state;
    SkyEventKind kind;
    uint32_t severity;           /* 1 (highest) to 4, GB/T 28181 alarm priority */
    gboolean test;               /* made by skynetctl test-alert: closed at once, says so in its note */
    char test_audience[SKY_ID_BYTES]; /* only this audience gets it, where test */
    char camera[SKY_ID_BYTES];
    char zone[SKY_ID_BYTES];     /* "" = none */
    int64_t begin_utc_ns;
    int64_t end_utc_ns;          /* SKY_TIME_NONE while it goes on */
    gboolean clock_synced;       /* begin and end can be believed */
    gboolean interrupted;
    int64_t raised_utc_ns, updated_utc_ns;
    SkyBox box;
    SkyPoint from, to;
    double path_seconds;
    double score;
    uint32_t count;              /* events in it */
    SkyAlertImage image;         /* bytes 0 = none */
    SkyAlertClip clip;
    gboolean evidence_missing;   /* no clip will come */
    char actor[SKY_ID_BYTES];    /* who made this revision, "" = the gateway */
    char assignee[SKY_ID_BYTES];
    char note[SKY_NOTE_BYTES];   /* UTF-8 */
    char cause[24];              /* what made this revision: raised, ended, evidence, acknowledge, ... */
} SkyAlert;

gboolean sky_alert_is_open(const SkyAlert *alert);
const char *sky_alert_state_name(SkyAlertState state);
gboolean sky_alert_state_parse(const char *name, SkyAlertState *ret_state);
