#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/demo: alerts with picture and clip, Ctrl-C leaves nothing, and one clear line where it can not go on."""
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import stage
from stage import until

DEMO = os.path.join(stage.SOURCE, "deploy/demo")


class Demo:
    """The demo as a terminal would run it: a process group of its own."""

    def __init__(self, *arguments):
        for name in ("daemon/skynetd", "tests/support/skynet-camera", "tests/support/skynet-scene"):
            stage.program(name)
        stage.tool("mosquitto")
        self.lines = []
        self.process = subprocess.Popen([DEMO, "--no-install", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        stdin=subprocess.DEVNULL, start_new_session=True,
                                        env={**os.environ, "SKYNET_BUILDDIR": stage.BUILD})
        self.reader = threading.Thread(target=lambda: self.lines.extend(iter(self.process.stdout.readline, "")), daemon=True)
        self.reader.start()

    def find(self, pattern):
        return next((found for found in (re.search(pattern, line) for line in list(self.lines)) if found), None)

    def wait(self, pattern, seconds):
        return until(pattern, lambda: self.find(pattern) or self.process.poll() is not None and self.ended(), seconds)

    def ended(self):
        raise AssertionError("the demo ended: " + "".join(self.lines)[-1000:])

    def interrupt(self):
        """Ctrl-C: the whole group hears it. The exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.finish(30)

    def finish(self, seconds):
        try:
            code = self.process.wait(timeout=seconds * stage.PATIENCE)
            self.reader.join(timeout=5)
            return code
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def members(self):
        """Processes of its session that still live; zombies are gone."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as text:
                    fields = text.read().rsplit(")", 1)[1].split()
                if int(fields[3]) == self.process.pid and fields[0] != "Z":
                    found.append(int(pid))
            except (FileNotFoundError, ProcessLookupError):
                pass
        return found


def children_named(demo, name):
    found = []
    for pid in demo.members():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended since
            with open(f"/proc/{pid}/comm", encoding="utf-8") as text:
                if text.read().strip() == name:
                    found.append(pid)
    return found


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_alert_with_picture_and_clip_then_nothing_left(s):
    video = stage.scene("crossing")
    demo = Demo("--cameras", "2", video)
    try:
        clip = demo.wait(r"clip +(/\S+\.mp4)$", 90)[1]
        picture = demo.wait(r"picture +(/\S+\.jpg)$", 5)[1]
        assert stage.plays(clip) > 2
        with open(picture, "rb") as data:
            assert data.read(3) == b"\xff\xd8\xff"
        assert demo.find("东门") and demo.find("院子")
        ports = [int(demo.find(pattern)[1]) for pattern in (r"mosquitto on 127.0.0.1:(\d+)", r"rtsp://127.0.0.1:(\d+)")]
        assert all(is_open(port) for port in ports)
        folder = demo.find(r"--config (\S+)/skynetd.yaml")[1]
        code = demo.interrupt()
        assert code == 130, (code, demo.lines[-5:])
    finally:
        demo.finish(1 if demo.process.poll() is None else 0)
    assert until("no process is left", lambda: not demo.members(), 5)
    assert not any(is_open(port) for port in ports) and not os.path.exists(folder)


def test_ended_while_it_makes_scenes(s):
    demo = Demo("--cameras", "3")
    demo.wait("making 3 scenes", 60)
    until("it makes them", lambda: children_named(demo, "skynet-scene"), 10)
    os.kill(demo.process.pid, signal.SIGTERM)  # to it alone: what it began is its to end
    assert demo.finish(30) == 143
    until("no process is left", lambda: not demo.members(), 10)  # an encoder ends once its pipe has closed


def test_ends_when_it_was_told_to(s):
    demo = Demo("--cameras", "1", "--seconds", "2", "--keep", stage.scene("crossing"))
    assert demo.finish(120) == 0, demo.lines[-5:]
    until("no process is left", lambda: not demo.members(), 10)
    kept = demo.find(r"the state stays in (\S+)")[1]
    assert os.path.exists(os.path.join(kept, "state/skynetd.db"))
    shutil.rmtree(kept)


def test_a_program_that_ends_is_named(s):
    demo = Demo("--cameras", "1", stage.scene("crossing"))
    demo.wait("live from the broker", 90)
    time.sleep(0.5)
    os.kill(children_named(demo, "skynet-camera")[0], signal.SIGKILL)
    assert demo.finish(40) == 1
    assert demo.find("demo: cameras has ended by itself, with 137"), demo.lines[-5:]
    until("no process is left", lambda: not demo.members(), 5)


def test_one_clear_line(s):
    for arguments, code, words in ((["/no/such.mp4"], 1, "demo: /no/such.mp4: no such file"),
                                   (["--cameras", "0"], 2, "demo: --cameras takes 1 to 32"),
                                   (["--cameras"], 2, "demo: --cameras needs a number"),
                                   (["--colour"], 2, "demo: there is no option --colour")):
        done = subprocess.run([DEMO, "--no-install", *arguments], capture_output=True, text=True, timeout=60 * stage.PATIENCE,
                              check=False)
        assert done.returncode == code and done.stderr.startswith(words) and done.stderr.count("\n") == 1, (arguments, done)
        assert not done.stdout, (arguments, done)
    not_a_video = s.file("notes.mp4")
    with open(not_a_video, "w", encoding="utf-8") as out:
        out.write("no video\n")
    demo = Demo("--cameras", "1", not_a_video)
    assert demo.finish(90) == 1
    assert demo.find("demo: cameras did not start") and demo.find(re.escape(not_a_video)), demo.lines


stage.main(globals())
