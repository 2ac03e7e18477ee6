# SPDX-License-Identifier: Apache-2.0
"""Onset in the stream to message at the broker: scenes in which it is known to the picture when somebody appears, each camera's begun
elsewhere."""
import time

import meter
import onset
import stage

LOOP, TURNS = 60, 15  # seconds of the scene; how many ways it is turned


def measure(s, count):
    """([seconds], packets dropped)"""
    s.start_broker()
    scenes = {f"c{i}": onset.turned(s, LOOP, i, TURNS, size="640x360") for i in range(count)}
    cameras = stage.Cameras(s, {name: video for name, (video, _) in scenes.items()})
    s.cameras = [{"id": name, "main": cameras.url(name)} for name in scenes]
    s.options["top"]["alert_burst"] = 0
    seen = s.subscribe()
    s.start_daemon()
    for name in scenes:
        s.wait_camera(name, "ok", 60)
    time.sleep(LOOP + 2)
    delays = []
    for name, (_, onsets) in scenes.items():
        begun = next(at for loop, _, at in cameras.loops if loop == name)
        for message, _ in seen.json(f"/event/{name}/motion", phase="begin"):
            since = [message.at - begun - start for start in onsets if -0.2 < message.at - begun - start < 10]
            delays += [min(since)] if since else []
    state = s.status()
    return delays, sum(meter.lost_packets(state, name) for name in scenes)
