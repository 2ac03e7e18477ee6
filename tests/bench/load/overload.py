# SPDX-License-Identifier: Apache-2.0
"""Too many cameras: whether what is told is told in time, whether all get alike, and how soon all is well when most of them have gone."""
import time

import meter
import onset
import stage

LOOP, TURNS = 32, 8  # seconds of the scene; how many ways it is turned
SECONDS, WINDOW = 38, 2
LEARNT = 12  # seconds, before a new camera is judged
RATE = 8     # pictures a second, as shipped
DELAY_MAX = 6 # seconds: one loop of the scene is judged whole


def analysed(s, names):
    state = s.status()
    return time.monotonic(), {name: int(state.get(f"camera.{name}.analysed_pictures", 0)) for name in names}, state


def delays_of(seen, cameras, scenes, begun, ended):
    """([seconds], onsets)"""
    delays, onsets = [], 0
    for name, (_, starts_in_loop) in scenes.items():
        told = [message.at for message, _ in seen.json(f"/event/{name}/motion", phase="begin")]
        starts = [at + start for loop, _, at in cameras.loops if loop == name for start in starts_in_loop]
        for onset in [start for start in starts if begun <= start < ended - DELAY_MAX]:
            onsets += 1
            delays += [at - onset for at in told if -0.2 < at - onset < DELAY_MAX][:1]
    return delays, onsets


def relieved(s, few):
    """Seconds until each that is left is looked at as it should be, or None."""
    begun = time.monotonic()
    before_at, before, _ = analysed(s, few)
    while time.monotonic() - begun < 30:
        time.sleep(WINDOW)
        at, now, state = analysed(s, few)
        slowest = min((now[name] - before[name]) / (at - before_at) for name in few)
        if slowest > 0.9 * RATE and not any(f"camera.{name}.overloaded" in state for name in few):
            return at - WINDOW - begun
        before_at, before = at, now
    return None


def measure(s, count):
    s.start_broker()
    scenes = {f"c{i}": onset.turned(s, LOOP, i, TURNS, size="1280x720", kbit=1500, seed=i % 3 + 1) for i in range(count)}
    few = list(scenes)[:max(count // 4, 1)]
    stay = stage.Cameras(s, {name: scenes[name][0] for name in few})
    go = stage.Cameras(s, {name: scenes[name][0] for name in scenes if name not in few})
    s.cameras = [{"id": name, "main": (stay if name in few else go).url(name)} for name in scenes]
    s.options["top"]["alert_burst"] = 0
    seen = s.subscribe()
    s.start_daemon()
    for name in scenes:
        s.wait_camera(name, "ok", 60)
    time.sleep(LEARNT)
    reading = meter.Reading([s.daemon.pid])
    begun, before, was = analysed(s, scenes)
    time.sleep(SECONDS)
    ended, after, state = analysed(s, scenes)
    used = meter.between(reading, meter.Reading([s.daemon.pid]), ended - begun)
    said = sum(f"camera.{name}.overloaded" in state for name in scenes)
    time.sleep(1)
    rates = sorted((after[name] - before[name]) / (ended - begun) for name in scenes)
    told = [delays_of(seen, cameras, {name: scenes[name] for name in scenes if (name in few) == mine}, begun, ended)
            for cameras, mine in ((stay, True), (go, False))]
    lost = sum(meter.lost_packets(state, name) - meter.lost_packets(was, name) for name in scenes)
    go.kill()
    return {"delays_s": sorted(told[0][0] + told[1][0]), "onsets": told[0][1] + told[1][1], "least_fps": rates[0], "most_fps": rates[-1],
            "said": said, "lost_packets": lost, "cpu_percent": used["cpu_percent"], "normal_after_s": relieved(s, few)}


def text(row, count):
    delays = row["delays_s"]
    times = f"median {delays[len(delays) // 2]:.2f} s, worst {delays[-1]:.2f} s" if delays else "none"
    normal = "never" if row["normal_after_s"] is None else f"{row['normal_after_s']:.0f} s"
    return (f"overload, {count} cameras of 1280x720: {len(delays)} of {row['onsets']} onsets told, {times}; "
            f"analysed {row['least_fps']:.1f} to {row['most_fps']:.1f} pictures a second and camera; "
            f"{row['said']} cameras said so, {row['lost_packets']} packets given up; "
            f"{row['cpu_percent']:.0f} % of a core; normal {normal} after three quarters had gone")
