#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What twelve cameras cost in memory: 640x360 analysed, 1920x1080 at 4 Mbit/s in pre-roll, 25 pictures a second, events all the time.

    SKYNET_BUILD=build tests/bench/memory.py [SECONDS]      two minutes; prints "name value unit" every 15 s
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import stage  # noqa: E402

CAMERAS = 12


def of_process(pid):
    """Resident MB, CPU seconds so far, descriptors, threads."""
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        resident = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
    with open(f"/proc/{pid}/stat", encoding="ascii") as line:
        words = line.read().rsplit(")", 1)[1].split()
    seconds = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return resident, seconds, len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task"))


def main(seconds):
    with stage.staged("test_memory") as s:
        sub = stage.scene("storm", 60)
        large = stage.scene("storm", 20, size="1920x1080", kbit=4000)
        s.start_broker()
        rtsp = stage.Cameras(s, {f"{kind}{i}": path for i in range(CAMERAS) for kind, path in (("sub", sub), ("main", large))})
        s.cameras = [{"id": f"c{i}", "main": rtsp.url(f"main{i}"), "sub": rtsp.url(f"sub{i}")} for i in range(CAMERAS)]
        s.options = {"storage": {"pre_roll": "5s"}, "top": {"alert_burst": 0}}
        s.start_daemon()
        begun, before = time.monotonic(), 0
        while time.monotonic() - begun < seconds:
            time.sleep(15)
            resident, used, files, threads = of_process(s.daemon.pid)
            state = s.status()
            well = sum(state[f"camera.c{i}.state"] == "ok" for i in range(CAMERAS))
            dropped = sum(int(state[f"camera.c{i}.dropped_packets"]) for i in range(CAMERAS))
            print(f"at {time.monotonic() - begun:.0f} s: resident {resident:.0f} MB, cpu {(used - before) / 15 * 100:.0f} %, descriptors "
                  f"{files}, "
                  f"threads {threads}, cameras_ok {well}, dropped_packets {dropped}, open_alerts {state['alerts.open']}", flush=True)
            before = used


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120)
