#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""While deploy/install-packages runs, no package starts its service; afterwards each may again, however the script ended. With an apt-get
that only waits, in a mount namespace of its own."""
import contextlib
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # pylint: disable=wrong-import-position
from tap import SOURCE, Skip, until  # pylint: disable=wrong-import-position

STAGE = """mount -t tmpfs none /usr/sbin || exit 77
echo mounted
while read -r line; do
    "$0" no-such-package >/dev/null 2>&1 & echo $!
    wait $!
    echo ended
done"""


class Box:
    """Where it runs, and an apt-get that waits until the file `go` is there, or nothing any more."""

    def __init__(self, folder):
        self.go, self.logs = os.path.join(folder, "go"), os.path.join(folder, "tmp")
        apt = os.path.join(folder, "apt-get")
        with open(apt, "w", encoding="utf-8") as out:
            out.write(f"#!/bin/sh\nwhile [ -d {folder} ] && [ ! -e {self.go} ]; do sleep 0.1; done\n")
        os.chmod(apt, 0o755)
        os.mkdir(self.logs)
        self.stage = subprocess.Popen(["unshare", "-m", "sh", "-c", STAGE, os.path.join(SOURCE, "deploy/install-packages")],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL,
                                      env={**os.environ, "PATH": f"{folder}:/usr/bin:/bin", "TMPDIR": self.logs})
        self.policy = f"/proc/{self.stage.pid}/root/usr/sbin/policy-rc.d"
        if not self.stage.stdout.readline():
            raise Skip("no file system can be mounted here (needs root)")

    def answer(self):
        """What policy-rc.d says; None: there is none."""
        return subprocess.run(["sh", self.policy], check=False).returncode if os.path.exists(self.policy) else None

    def begin(self):
        """Its process, once no package may start its service."""
        self.stage.stdin.write("run\n")
        self.stage.stdin.flush()
        process = int(self.stage.stdout.readline())
        until("it keeps services from starting", lambda: self.answer() == 101)
        return process

    def end(self):
        """apt-get is done, and so is whatever is left of it."""
        with open(self.go, "w", encoding="utf-8"):
            pass
        assert self.stage.stdout.readline() == "ended\n"
        os.unlink(self.go)

    def close(self):
        with open(self.go, "w", encoding="utf-8"):
            pass
        self.stage.stdin.close()
        self.stage.wait(timeout=60)


@contextlib.contextmanager
def box(folder):
    made = Box(folder)
    try:
        yield made
    finally:
        made.close()


def test_the_line_to_the_terminal_breaks(folder):
    with box(folder) as one:
        os.kill(one.begin(), signal.SIGHUP)
        one.end()
        assert one.answer() is None


def test_power_goes(folder):
    """Killed, and all of /tmp gone: services start again. Run once more, it keeps them from that as ever, and leaves nothing."""
    with box(folder) as one:
        os.kill(one.begin(), signal.SIGKILL)
        one.end()
        for log in os.listdir(one.logs):
            os.unlink(os.path.join(one.logs, log))
        assert one.answer() == 0
        one.begin()
        one.end()
        assert one.answer() is None


tap.main(globals())
