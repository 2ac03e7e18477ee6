/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/budget.h"
#include "config/config.h"
#include "daemon/account.h"
#include "daemon/bell.h"
#include "daemon/lane.h"
#include "daemon/stream.h"
#include "daemon/verdict.h"
#include "daemon/view_memory.h"
#include "evidence/preroll.h"

/* One camera: its streams, their pre-rolls, its lane through the analysis, the verdict on it. Alone: nothing that it does slows, stops
 * or grows another. Thread: main. Owner: the app. */
typedef struct SkyCamera SkyCamera;

typedef struct {
    /* What was detected, and kind OFFLINE by the camera itself: begin, updates, end. */
    void (*event)(SkyCamera *camera, const SkyEvent *event, gpointer user);
    /* The verdict is another one. */
    void (*verdict)(SkyCamera *camera, gpointer user);
    gpointer user;
} SkyCameraSink;

typedef struct {
    SkyConfig *config;             /* a reference is taken */
    const char *id;                /* of a camera in it */
    SkyBudget *budget;             /* outlives every pre-roll: evidence may hold one longer than the camera lives */
    SkyWorkers *workers;
    SkyAccounts *accounts;         /* shared by all cameras */
    SkyTransports *transports;     /* likewise; NULL: nothing is remembered */
    SkyViewMemory *views;          /* likewise */
    SkyBell *bell;
} SkyCameraParams;

SkyCamera *sky_camera_new(const SkyCameraParams *params, const SkyCameraSink *sink);
/* When the bell rang, and each second. */
void sky_camera_turn(SkyCamera *camera, int64_t now_ns);
/* What waits is tried at once: a person has acted. account: as of sky_stream_retry(). */
void sky_camera_retry(SkyCamera *camera, const char *account);
/* Stops its streams; its open events end. Turn it until it is stopped. */
void sky_camera_request_stop(SkyCamera *camera);
gboolean sky_camera_is_stopped(SkyCamera *camera);
void sky_camera_free(SkyCamera *camera);

const SkyCameraConfig *sky_camera_config(const SkyCamera *camera);
/* What shows at_ns (arrival): the main stream, but the sub stream where main was away then: a small picture beats none. Borrowed. */
SkyPreroll *sky_camera_preroll(SkyCamera *camera, int64_t at_ns);
gboolean sky_camera_is_of_sub(const SkyCamera *camera, const SkyPreroll *preroll);
/* What a clip of that can go on with where it falls silent; NULL: nothing. Borrowed. */
SkyPreroll *sky_camera_spare_preroll(const SkyCamera *camera, const SkyPreroll *preroll);

typedef struct {
    SkyVerdict verdict;
    int64_t since_ns;            /* of the verdict's health */
    SkyStreamNumbers stream;     /* of the analysed one */
    SkyLaneNumbers lane;
    SkyPrerollNumbers preroll;   /* of the main stream; what was dropped, of both */
    double analysis_rate;
    gboolean plain_keys;         /* of either stream: clips begin there, or motion is looked for from there on */
    uint64_t reconnects, memory_bytes;
    SkyOnvifCounts onvif;        /* of both streams */
} SkyCameraStatus;
gboolean sky_camera_is_overloaded(SkyCamera *camera); /* as in its lane's numbers */
void sky_camera_read(SkyCamera *camera, SkyCameraStatus *ret_status);
void sky_camera_status_clear(SkyCameraStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyCamera, sky_camera_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkyCameraStatus, sky_camera_status_clear)
