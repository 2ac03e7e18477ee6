#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Live against flat out: real clips as RTSP cameras give the events that `analyze` gives; and how long an alert takes."""
import datetime
import glob
import json
import os
import statistics
import time

import stage
from stage import until


CLIP_MAX = 120


def monotonic_of(utc_text):
    utc = datetime.datetime.fromisoformat(utc_text.replace("Z", "+00:00")).timestamp()
    return utc - time.time() + time.monotonic()


def footage():
    folder = os.environ.get("SKYNET_FOOTAGE") or os.path.join(stage.SOURCE, "..", "shared", "footage")
    clips = sorted(glob.glob(os.path.join(folder, "*.mp4")))
    if not clips:
        raise stage.Skip("no real clips: set SKYNET_FOOTAGE")
    return {os.path.basename(path)[:-4]: os.path.realpath(path) for path in clips}


def analyze(s, clips):
    s.ctl("analyze", *clips.values(), "--events", s.file("events.jsonl"), check=0)
    events = {name: [] for name in clips}
    for line in open(s.file("events.jsonl"), encoding="utf-8"):
        event = json.loads(line)
        events[event["clip"]].append(event)
    return events


def seconds_of(path):
    import subprocess
    return float(subprocess.run([stage.tool("ffprobe"), "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path],
                                capture_output=True, text=True, check=True).stdout)


def check_clips(s, seen):
    """What the last revision of each alert says of its clip is so."""
    last = {envelope["data"]["alert"]: envelope["data"] for _, envelope in seen.json("/alert-log/duty")}
    clips = [data for data in last.values() if data.get("clip")]
    assert clips
    short = []
    for data in clips:
        path = s.evidence(data["cameras"][0]["id"], data["alert"] + ".mp4")
        assert stage.sha256(path) == data["clip"]["sha256"], data
        event = monotonic_of(data["end"]) - monotonic_of(data["begin"])
        plays = stage.plays(path)
        if plays < min(event, CLIP_MAX) - 0.5:
            short.append(f"{data['cameras'][0]['id']}: {plays:.1f} s of an event of {event:.1f} s")
    assert not short, short
    return len(clips)


def test_footage_live_as_flat_out(s):
    if not os.environ.get("SKYNET_LONG"):
        raise stage.Skip("takes four minutes of a machine of its own: SKYNET_LONG=1 runs it")
    clips = footage()
    s.options["top"]["alert_burst"] = 0  # clips are of single events
    s.start_broker()
    s.cameras = [{"id": "none", "main": "rtsp://127.0.0.1:9/", "enabled": False}]
    s.write_config()
    flat = analyze(s, clips)
    lengths = {name: seconds_of(path) for name, path in clips.items()}
    cameras = stage.Cameras(s, clips)
    s.cameras = [{"id": name, "main": cameras.url(name)} for name in clips]
    seen = s.subscribe()
    s.start_daemon()
    for name in clips:
        s.wait_camera(name, "ok")
    time.sleep(max(lengths.values()) + 8)
    start = {}
    for name, number, at in cameras.loops:
        start.setdefault(name, at)
    wrong, matched = [], 0
    for name in clips:
        live = [monotonic_of(e["data"]["begin"]) - start[name] for _, e in seen.json(f"/event/{name}/motion", phase="begin")]
        live = [at for at in live if at < lengths[name] - 1]
        print(f"# {name}: flat out {[round(e['start'], 1) for e in flat[name]]}, live {[round(at, 1) for at in live]}")
        for event in flat[name]:
            near = [at for at in live if abs(at - event["start"]) <= 1]
            matched += bool(near)
            if not near:
                wrong.append(f"{name}: {event['start']:.1f} s only flat out")
        wrong += [f"{name}: {at:.1f} s only live" for at in live if not any(abs(at - e["start"]) <= 1 for e in flat[name])]
    print(f"# {matched} of {sum(map(len, flat.values()))} events begin within 1 s; differences: {wrong}")
    assert not wrong, wrong
    assert s.stop_daemon() == 0
    time.sleep(1)
    messages = stage.check_schemas(seen.messages)
    print(f"# {messages} messages are valid, {check_clips(s, seen)} clips are true and play from before the event to its end")


def test_onset_to_broker(s):
    """From the picture in which something appears to the message at the broker."""
    s.start_broker()
    video = stage.scene("onset", 60)
    cameras = stage.Cameras(s, {"gate": video})
    s.cameras = [{"id": "gate", "main": cameras.url("gate")}]
    seen = s.subscribe()
    s.start_daemon()
    s.wait_camera("gate", "ok")
    onsets = [start for start, _ in stage.truth(video)]
    until("as many alerts as onsets", lambda: len(seen.json("/alert-log/duty", cause="raised")) >= len(onsets), 100)
    begun = next(at for name, _, at in cameras.loops if name == "gate")
    delays = []
    for message, _ in seen.json("/alert-log/duty", cause="raised")[:len(onsets)]:
        delays.append(min(message.at - begun - onset for onset in onsets if message.at - begun - onset > -0.2))
    print(f"# onset to broker, seconds: {[round(delay, 2) for delay in delays]}, median {statistics.median(delays):.2f}")
    assert statistics.median(delays) < 3 * stage.PATIENCE  # a slow machine is no failure; the figure is what counts


stage.main(globals())
