# SPDX-License-Identifier: Apache-2.0
"""What processes use, read off /proc."""
import os
import time


def read(path):
    try:
        with open(path, encoding="ascii", errors="replace") as text:
            return text.read()
    except OSError:  # it ended meanwhile
        return ""


def value(text, name):
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith(name + ":")), 0)


def memory_mb(pids):
    return sum(value(read(f"/proc/{pid}/smaps_rollup"), "Pss") for pid in pids) / 1024


def most_memory_mb(pids, seconds):
    """Looked at each second: rings fill and empty by whole GOPs, and one look at the end would tell anything."""
    until, most = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        time.sleep(max(0, min(1, until - time.monotonic())))
        most = max(most, memory_mb(pids))
    return most


class Reading:
    def __init__(self, pids):
        self.cpu_s = self.wakeups = self.threads = 0
        for pid in pids:
            words = read(f"/proc/{pid}/stat").rsplit(")", 1)[-1].split()
            self.cpu_s += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK") if len(words) > 12 else 0
            tasks = os.listdir(f"/proc/{pid}/task") if os.path.exists(f"/proc/{pid}/task") else []
            self.threads += len(tasks)
            self.wakeups += sum(value(read(f"/proc/{pid}/task/{task}/status"), "voluntary_ctxt_switches") for task in tasks)


def between(before, after, seconds):
    return {"cpu_percent": 100 * (after.cpu_s - before.cpu_s) / seconds, "wakeups_s": (after.wakeups - before.wakeups) / seconds,
            "threads": after.threads}


def lost_packets(state, camera):
    """What the queue dropped and what a late lane gave up, by the daemon's status."""
    return sum(int(state[f"camera.{camera}.{key}"]) for key in ("dropped_packets", "late_packets"))
