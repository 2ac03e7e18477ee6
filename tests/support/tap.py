# SPDX-License-Identifier: Apache-2.0
"""Tests in Python without a stage: functions test_*(folder), each given an empty folder of its own; TAP on stdout."""
import os
import shutil
import socket
import sys
import tempfile
import time
import traceback

SOURCE = os.environ.get("SKYNET_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.environ.get("SKYNET_BUILD", "build")
PATIENCE = float(os.environ.get("SKYNET_E2E_PATIENCE", "1"))


class Skip(Exception):
    """Raised with the reason."""


def tool(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        raise Skip(f"{name} is not installed")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, test, seconds=20):
    """Waits for test() to give something true. Generous: a slow machine is no failure."""
    deadline = time.monotonic() + seconds * PATIENCE
    while not test():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def main(names):
    tests = [(name, test) for name, test in names.items() if name.startswith("test_") and (len(sys.argv) < 2 or name in sys.argv[1:])]
    print(f"1..{len(tests)}")
    bad = False
    for number, (name, test) in enumerate(tests, 1):
        folder = tempfile.mkdtemp(prefix="skynet-test-")
        try:
            test(folder)
            print(f"ok {number} {name}", flush=True)
        except Skip as skip:
            print(f"ok {number} {name} # SKIP {skip}", flush=True)
        except Exception:  # pylint: disable=broad-except
            print("# " + traceback.format_exc().rstrip().replace("\n", "\n# "))
            print(f"not ok {number} {name}", flush=True)
            bad = True
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(bad)
