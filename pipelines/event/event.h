/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/box.h"
#include "base/id.h"
#include "base/polygon.h"
#include "event/path.h"

/* One happening at one camera. A value. Begin, any number of updates and the end bear the same number. Of several things that
 * move in it one carries it: boxes, best moment and path are that one's. Another takes over when it is gone, or clearly smaller.
 * Times are arrival_ns of the pictures (CLOCK_MONOTONIC live, media time in a flat-out file). */
typedef enum {
    SKY_EVENT_MOTION,
    SKY_EVENT_INTRUSION,  /* motion in an include zone that has a name */
    SKY_EVENT_LINE_CROSS, /* later */
    SKY_EVENT_DWELL,      /* somebody who stays in such a zone for as long as it says; from when he came into it */
    SKY_EVENT_TAMPER,     /* the camera was covered, blurred or turned; no box, no path */
    SKY_EVENT_OFFLINE,    /* made by the camera's state machine, not by the detector */
    SKY_EVENT_RECOVERED,
} SkyEventKind;
typedef enum { SKY_EVENT_BEGIN, SKY_EVENT_UPDATE, SKY_EVENT_END } SkyEventPhase;

typedef struct {
    uint64_t number; /* per detector, from 1 */
    SkyEventKind kind;
    SkyEventPhase phase;
    int64_t begin_ns;    /* when the object was first seen moving */
    int64_t detected_ns; /* when we were sure (the BEGIN's moment) */
    int64_t end_ns;      /* END: when it was last seen; else SKY_TIME_NONE */
    int64_t time_ns;     /* of the picture that made this phase */
    int64_t best_ns;     /* the moment that shows it best so far: largest, whole in the picture; of two nearly alike the favoured one */
    gboolean best_favoured; /* as sky_event_detector_favour */
    SkyBox box;          /* now */
    SkyBox best_box;     /* at best_ns */
    float best_value;    /* how much that shows: to compare it with a later one */
    SkyPoint from, to;   /* path: foot points first and last */
    SkyPath path;        /* since begin_ns */
    int64_t inside_ns;   /* for how long it has been in the zone, or the picture */
    float score;         /* 0..1 */
    char zone[SKY_ID_BYTES]; /* id or "" */
    uint32_t objects;    /* most at once */
    gboolean interrupted; /* END without an end having been seen: stream lost, stop, crash */
} SkyEvent;

const char *sky_event_kind_name(SkyEventKind kind);    /* "motion", "line-cross", ... as in the topics */
gboolean sky_event_kind_parse(const char *name, SkyEventKind *ret_kind);
const char *sky_event_phase_name(SkyEventPhase phase); /* "begin", "update", "end" */
