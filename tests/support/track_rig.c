/* SPDX-License-Identifier: Apache-2.0 */
#include "support/track_rig.h"

void track_rig_init(TrackRig *rig) {
    *rig = (TrackRig){.now_ns = 10 * SKY_NS_PER_S};
    sky_tracker_init(&rig->tracker, NULL);
}

void track_rig_put(TrackRig *rig, float x, float y, float w, float h) {
    rig->result.blobs[rig->result.blob_count++] = (SkyBlob){.box = {x, y, w, h}, .area = w * h * 0.7f, .contrast = 4};
}

void track_rig_step(TrackRig *rig) {
    rig->result.scene = SKY_SCENE_OK;
    rig->result.arrival_ns = rig->now_ns;
    sky_tracker_process(&rig->tracker, &rig->result, TRACK_RIG_LEAST_NS, TRACK_RIG_FORGET_NS);
    rig->result.blob_count = rig->result.dim_count = 0;
    rig->now_ns += TRACK_RIG_DT_NS;
}

void track_rig_nothing(TrackRig *rig, unsigned pictures) {
    for (unsigned i = 0; i < pictures; i++)
        track_rig_step(rig);
}

const SkyTrack *track_rig_only(const TrackRig *rig) {
    const SkyTrack *found = NULL;
    for (unsigned i = 0; i < SKY_TRACKS_MAX; i++)
        if (rig->tracker.tracks[i].number) {
            g_assert_null(found);
            found = &rig->tracker.tracks[i];
        }
    return found;
}
