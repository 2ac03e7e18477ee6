/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/clock.h"
#include "event/track.h"

/* A tracker and the next picture's blobs: eight pictures a second, as shipped. */
#define TRACK_RIG_DT_NS (SKY_NS_PER_S / 8)
#define TRACK_RIG_LEAST_NS (SKY_NS_PER_S / 2)
#define TRACK_RIG_FORGET_NS SKY_NS_PER_S

typedef struct {
    SkyTracker tracker;
    int64_t now_ns; /* of the next picture; the first is at 10 s */
    SkyMotionResult result;
} TrackRig;

void track_rig_init(TrackRig *rig);
/* Into the next picture. */
void track_rig_put(TrackRig *rig, float x, float y, float w, float h);
void track_rig_step(TrackRig *rig);
void track_rig_nothing(TrackRig *rig, unsigned pictures);
/* What is followed; NULL: nothing. Fails the test where it is more than one. */
const SkyTrack *track_rig_only(const TrackRig *rig);
