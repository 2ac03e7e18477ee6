/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "daemon/stream_state.h"
#include "motion/motion_result.h"

/* One health verdict on a camera, from what its streams and its analysis say. Decides only. */
typedef enum {
    SKY_CAMERA_OK,
    SKY_CAMERA_CONNECTING,
    SKY_CAMERA_OFFLINE,
    SKY_CAMERA_STALLED,
    SKY_CAMERA_BLIND,
    SKY_CAMERA_MISCONFIGURED,
    SKY_CAMERA_DISABLED,
} SkyCameraHealth;
const char *sky_camera_health_name(SkyCameraHealth health); /* "ok", ... as in the contract */

typedef struct {
    gboolean enabled;
    const SkyStreamState *analysed; /* the stream that motion is looked for in */
    const SkyStreamState *main;     /* the other one, that clips come from; NULL where there is one stream */
    const char *trouble;            /* why the analysed stream can not be decoded at all; NULL */
    SkyViewState view;              /* of the last picture */
    gboolean turns;                 /* by itself: it may look at anything, but not at one picture for ever */
    int64_t last_picture_ns;        /* arrival of the last picture analysed, SKY_TIME_NONE */
    int64_t keyless_ns;             /* for how long packets have come since the last key frame */
    int64_t waiting_since_ns;       /* of the oldest packet that no worker has taken yet, SKY_TIME_NONE */
    gboolean nowhere;               /* all that could be looked at is ignored, by the configuration */
    gboolean few;                   /* so few pictures come to be looked at that nobody can be followed */
} SkyVerdictInput;

typedef struct {
    SkyCameraHealth health;
    char why[360];                  /* where OK: what should be changed all the same, or "" */
    int64_t next_try_ns;            /* SKY_TIME_NONE: not waiting */
} SkyVerdict;

/* A live stream without a picture for so long shows nothing, whatever it sends. */
#define SKY_VERDICT_PICTURE_NS (8 * INT64_C(1000000000))

SkyVerdict sky_verdict(const SkyVerdictInput *input, int64_t now_ns);

/* When an outage is worth an event: after a hold-off, so that a blip wakes nobody. */
typedef enum { SKY_OUTAGE_NOTHING, SKY_OUTAGE_BEGINS, SKY_OUTAGE_ENDS } SkyOutageStep;
typedef struct {
    int64_t bad_since_ns; /* SKY_TIME_NONE while well */
    gboolean told;
} SkyOutage;
/* A blind camera is none: it has an event of its own, if anybody made it blind. */
void sky_outage_init(SkyOutage *outage);
SkyOutageStep sky_outage_step(SkyOutage *outage, SkyCameraHealth health, int64_t hold_ns, int64_t now_ns);
