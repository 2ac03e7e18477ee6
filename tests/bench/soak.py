#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A day of a bad life in an hour: many cameras, a fault a minute, a reader that mends what it missed, and the account of it at the
end.

    SKYNET_BUILD=build tests/bench/soak.py [--minutes 60] [--cameras 12] [--every 60] [--seed 1]

Faults, one at a time, by the dice of the seed: cameras killed, frozen, talking nonsense, cut off; the broker restarted, and killed
without its memory; skynetd killed, stopped, reloaded; as root its disk full. Prints a line a minute, then the verdict: nothing
lost, nothing grown.
"""
import argparse
import collections
import os
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import stage  # noqa: E402
from memory import of_process  # noqa: E402
from soak_account import Account  # noqa: E402
from stage import until  # noqa: E402

GROUPS = 3       # processes of cameras: a fault hits one of them
DISK_MB = 192
SIZE = "480x272"
BROKER = "listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 100000\npersistence true\n" \
         "persistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true\nuser root\n"


class Soak:
    def __init__(self, s, options):
        self.s, self.options, self.dice = s, options, random.Random(options.seed)
        self.account, self.faults, self.samples = Account(), collections.Counter(), []
        self.requests, self.reloads = 0, 0

    # ---- the place ----
    def begin(self):
        s, count = self.s, self.options.cameras
        os.makedirs(s.file("state"))
        os.makedirs(s.file("broker"))
        self.small_disk = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", s.file("state")], check=False).returncode == 0
        s.options["storage"]["evidence_max"] = "64MB"
        s.options["top"]["offline_hold"] = "3s"
        self.start_broker()
        calm, wild = stage.scene("crossing", 60, size=SIZE), stage.scene("storm", 60, size=SIZE)
        self.videos = [{f"c{i}": wild if i == 0 else calm for i in range(group, count, GROUPS)} for group in range(GROUPS)]
        self.groups = [stage.Cameras(s, videos) for videos in self.videos]
        s.cameras = [{"id": f"c{i}", "main": self.groups[i % GROUPS].url(f"c{i}"), "hold": "1s"} for i in range(count)]
        self.subscribe()
        s.start_daemon()
        self.well(90)

    def start_broker(self):
        self.s.start_broker(BROKER.format(port=self.s.port, folder=self.s.file("broker")))

    def subscribe(self):
        """One reader, for whom the broker keeps what comes while he is away; as long as it remembers him."""
        s, site = self.s, f"skynet/v1/{self.s.site}"
        self.seen = stage.Subscriber(s, [f"{site}/event/#", f"{site}/alert-log/duty", f"{site}/replay/duty/soak"],
                                     ["-h", "127.0.0.1", "-p", str(s.port), "-V", "5", "-c", "-x", "3600", "-i", "soak"])

    def well(self, seconds):
        """Every camera is looked at, and nothing waits."""
        def is_well():
            state = self.s.status()
            states = [state.get(f"camera.c{i}.state") for i in range(self.options.cameras)]
            return states == ["ok"] * len(states) and state["broker.state"] == "connected" and state["disk.durable"] == "yes"
        until("all is well again", is_well, seconds)

    # ---- faults: each does, waits, and undoes ----
    def lasts(self, least=2, most=15):
        end = time.monotonic() + self.dice.uniform(least, most)
        while time.monotonic() < end:
            self.turn()

    def group(self):
        return self.dice.randrange(GROUPS)

    def cameras_killed(self):
        at = self.group()
        self.groups[at].kill()
        self.lasts()
        self.groups[at] = stage.Cameras(self.s, self.videos[at], port=self.groups[at].port)

    def cameras_frozen(self):
        at = self.group()
        self.groups[at].signal(stage.signal.SIGSTOP)
        self.lasts()
        self.groups[at].signal(stage.signal.SIGCONT)

    def camera_talks_nonsense(self):
        at = self.group()
        name = self.dice.choice(sorted(self.videos[at]))
        self.groups[at].tell(f"garbage {name} on")
        self.lasts()
        self.groups[at].tell(f"garbage {name} off")

    def camera_cut_off(self):
        at = self.group()
        self.groups[at].tell(f"disconnect {self.dice.choice(sorted(self.videos[at]))}")

    def broker_restarted(self):
        self.s.broker.terminate()
        self.s.broker.wait()
        self.lasts()
        self.start_broker()

    def broker_forgets(self):
        """Killed, and its disk gone: sessions, what was queued for the reader, retained states."""
        self.account.forgets(time.time())
        self.s.kill_broker()
        shutil.rmtree(self.s.file("broker"))
        os.makedirs(self.s.file("broker"))
        self.lasts()
        self.start_broker()
        self.account.forgot(time.time())

    def daemon_killed(self):
        self.account.killed(time.time())
        self.s.kill_daemon()
        self.lasts(0, 5)
        self.s.start_daemon()

    def daemon_stopped(self):
        assert self.s.stop_daemon(20) == 0
        self.s.start_daemon()

    def reload(self):
        self.reloads += 1
        self.s.cameras[-1]["name"] = f"摄像头{self.reloads}"
        self.s.write_config()
        self.s.daemon.send_signal(stage.signal.SIGHUP)

    def disk_full(self):
        path = os.path.join(self.s.file("state"), "filler")
        free = os.statvfs(self.s.file("state"))
        try:
            with open(path, "wb", buffering=0) as filler:
                for _ in range(free.f_bavail * free.f_frsize // 65536 + 1):
                    filler.write(bytes(65536))
        except OSError:
            pass  # it is full now
        self.lasts(5, 15)
        if os.path.exists(path):
            os.remove(path)

    def one_fault(self):
        choice = [self.cameras_killed, self.cameras_frozen, self.camera_talks_nonsense, self.camera_cut_off, self.broker_restarted,
                  self.broker_forgets, self.daemon_killed, self.daemon_stopped, self.reload] + [self.disk_full] * self.small_disk
        fault = self.dice.choice(choice)
        self.faults[fault.__name__] += 1
        begun = time.monotonic()
        print(f"  {time.monotonic() - self.begun:6.0f} s  {fault.__name__.replace('_', ' ')}", flush=True)
        fault()
        self.well(120)
        print(f"  {time.monotonic() - self.begun:6.0f} s  well again, {time.monotonic() - begun:.1f} s after it began", flush=True)

    # ---- the reader, and the duty officer ----
    def turn(self):
        """A second of it."""
        self.account.read(self.seen.messages)
        time.sleep(1)
        if self.s.daemon.poll() is None and self.s.broker.poll() is None:
            for alert in self.account.to_close(30):
                self.s.ctl("--socket", self.s.file("control.sock"), "dismiss", alert)
        if time.monotonic() >= self.sample_at:
            self.sample()

    def mend(self):
        epoch, hole = self.account.hole()
        if hole:
            self.requests += 1
            self.s.publish("cmd/duty/soak/replay", {"request_id": f"mend{self.requests}", "epoch": epoch, "from_seq": hole})

    def sample(self):
        self.sample_at += 60
        if self.s.daemon.poll() is not None or not self.s.daemon_answers():
            return
        state = self.s.status()
        if not state:
            return
        resident, cpu, files, threads = of_process(self.s.daemon.pid)
        row = {"at_s": round(time.monotonic() - self.begun), "faults": sum(self.faults.values()), "resident_mb": round(resident),
               "descriptors": files, "threads": threads, "database_kb": int(state["disk.database_bytes"]) // 1024,
               "evidence_mb": int(state["disk.evidence_bytes"]) >> 20, "undelivered": int(state["queue.undelivered"]),
               "open": int(state["alerts.open"]), "events": len(self.account.begun), "revisions": len(self.account.log)}
        if not self.samples:
            print(" ".join(f"{name:>11}" for name in row))
        self.samples.append(row)
        print(" ".join(f"{value:11}" for value in row.values()), flush=True)

    # ---- the run ----
    def run(self):
        self.begun = time.monotonic()
        self.sample_at = self.begun + 30
        end, next_fault = self.begun + self.options.minutes * 60, self.begun + self.options.every / 2
        while time.monotonic() < end:
            self.turn()
            if time.monotonic() >= next_fault:
                self.one_fault()
                self.mend()
                next_fault += self.dice.uniform(0.5, 1.5) * self.options.every
        self.settle()

    def settle(self):
        """All well, stopped in order, started once more: what an end is owed to has it by then, and the reader is whole."""
        self.well(120)
        assert self.s.stop_daemon(20) == 0
        self.s.cameras = [{**camera, "enabled": False} for camera in self.s.cameras]
        self.s.start_daemon()
        until("nothing waits", lambda: self.s.status().get("queue.undelivered") == "0", 120)
        self.account.read(self.seen.messages)
        for _ in range(20):
            if not self.account.hole()[1]:
                break
            self.mend()
            for _ in range(3):
                self.turn()
        assert self.s.stop_daemon(20) == 0
        time.sleep(1)
        self.account.read(self.seen.messages)

    def grown(self):
        """What grew: the last third of the samples against the first, which already bears every kind of buffer."""
        third = max(len(self.samples) // 3, 1)
        first, last = self.samples[:third], self.samples[-third:]
        slack = {"resident_mb": 24, "descriptors": self.options.cameras + 4, "threads": 4}  # each camera may have a clip open

        def most(rows, name):
            return max(row[name] for row in rows)
        findings = [f"{name} grew from {most(first, name)} to {most(last, name)}" for name, more in slack.items()
                    if most(last, name) > most(first, name) * 1.1 + more]
        per = [(row["database_kb"], row["revisions"]) for row in (self.samples[third - 1], self.samples[-1])]
        if per[1][1] - per[0][1] > 200:  # the log is kept for replay: it may grow by what it holds, and by nothing else
            rate = (per[1][0] - per[0][0]) / (per[1][1] - per[0][1])
            print(f"database: {rate:.1f} KB a revision")
            findings += [f"the database takes {rate:.1f} KB a revision"] if rate > 16 else []
        return findings

    def verdict(self):
        print("faults: " + ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in sorted(self.faults.items())))
        findings = self.account.findings() + self.grown()
        print(self.account.summary())
        for finding in findings:
            print("FINDING " + finding)
        verdict = f"{len(findings)} findings" if findings else "nothing lost, nothing grown"
        print(f"verdict: {verdict} (seed {self.options.seed})")
        return 1 if findings else 0

    def end(self):
        if getattr(self, "small_disk", False):
            subprocess.run(["umount", "-l", self.s.file("state")], check=False)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--cameras", type=int, default=12)
    options.add_argument("--every", type=float, default=60, help="seconds from fault to fault, on average")
    options.add_argument("--seed", type=int, default=1)
    with stage.staged("test_soak") as s:
        soak = Soak(s, options.parse_args())
        try:
            soak.begin()
            soak.run()
            return soak.verdict()
        finally:
            s.close(False)
            soak.end()


if __name__ == "__main__":
    sys.exit(main())
