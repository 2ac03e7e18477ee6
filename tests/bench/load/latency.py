# SPDX-License-Identifier: Apache-2.0
"""Onset in the stream to message at the broker: scenes in which it is known to the picture when somebody appears."""
import time

import meter
import stage


def measure(s, count):
    """([seconds], packets dropped)"""
    s.start_broker()
    video = stage.scene("onset", 60, size="640x360")
    onsets = [start for start, _ in stage.truth(video)]
    cameras = stage.Cameras(s, {f"c{i}": video for i in range(count)})
    s.cameras = [{"id": f"c{i}", "main": cameras.url(f"c{i}")} for i in range(count)]
    s.options["top"]["alert_burst"] = 0
    seen = s.subscribe()
    s.start_daemon()
    for camera in s.cameras:
        s.wait_camera(camera["id"], "ok", 60)
    time.sleep(62)
    delays = []
    for camera in s.cameras:
        name = camera["id"]
        begun = next(at for loop, _, at in cameras.loops if loop == name)
        for message, _ in seen.json(f"/event/{name}/motion", phase="begin"):
            since = [message.at - begun - onset for onset in onsets if -0.2 < message.at - begun - onset < 10]
            delays += [min(since)] if since else []
    state = s.status()
    return delays, sum(meter.lost_packets(state, camera["id"]) for camera in s.cameras)
