#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""While deploy/install-packages runs, no package starts its service; afterwards each may again, however the script ended. With an apt-get
that only waits, in a mount namespace of its own."""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # pylint: disable=wrong-import-position
from tap import SOURCE, Skip, until  # pylint: disable=wrong-import-position

STAGE = """mount -t tmpfs none /usr/sbin || exit 77
"$0" no-such-package >/dev/null 2>&1 & echo $!
wait $!
cat"""


def policy(folder, number):
    """What policy-rc.d says while it runs, and after it was ended by a signal; None: there is none."""
    apt = os.path.join(folder, "apt-get")
    with open(apt, "w", encoding="utf-8") as out:
        out.write("#!/bin/sh\nsleep 1\n")
    os.chmod(apt, 0o755)
    logs = os.path.join(folder, f"tmp{number}")
    os.mkdir(logs)
    stage = subprocess.Popen(["unshare", "-m", "sh", "-c", STAGE, os.path.join(SOURCE, "deploy/install-packages")],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL,
                             env={**os.environ, "PATH": f"{folder}:/usr/bin:/bin", "TMPDIR": logs})
    try:
        first = stage.stdout.readline()
        if not first:
            raise Skip("no file system can be mounted here (needs root)")
        path = f"/proc/{stage.pid}/root/usr/sbin/policy-rc.d"

        def answer():
            return subprocess.run(["sh", path], check=False).returncode if os.path.exists(path) else None
        until("it keeps services from starting", lambda: answer() == 101)
        os.kill(int(first), number)
        until("it has ended", lambda: not os.path.exists(f"/proc/{int(first)}"))
        for log in os.listdir(logs):
            os.unlink(os.path.join(logs, log))  # as after the next start of the box
        return answer()
    finally:
        stage.stdin.close()
        stage.wait(timeout=60)


def test_the_line_to_the_terminal_breaks(folder):
    said = policy(folder, signal.SIGHUP)
    assert said is None, said


def test_it_is_killed(folder):
    said = policy(folder, signal.SIGKILL)
    assert said == 0, said


tap.main(globals())
