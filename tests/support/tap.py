# SPDX-License-Identifier: Apache-2.0
"""Tests in Python: functions test_*, each given an empty folder of its own, or what else `around` makes; TAP on stdout."""
import contextlib
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback

SOURCE = os.environ.get("SKYNET_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.environ.get("SKYNET_BUILD", "build")
PATIENCE = float(os.environ.get("SKYNET_TEST_PATIENCE", "1"))

# In the background of a script SIGINT is ignored, and all that a test starts would inherit that: Ctrl-C is a case of some.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Skip(Exception):
    """Raised with the reason."""


def tool(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        raise Skip(f"{name} is not installed")
    return path


def first_ephemeral():
    """The first of the ports that outgoing connections get."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as text:
        return int(text.read().split()[0])


def free_port():
    """Of the loopback, below those that the kernel gives to outgoing connections: between this answer and the server's own
    bind() no client of a test beside this one can come to have it. Not by the seed of the test: two tests that begin at a time
    would ask for the same ones."""
    for _ in range(1000):
        with socket.socket() as probe:
            port = random.SystemRandom().randrange(10000, max(first_ephemeral(), 10001))
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise AssertionError("of 1000 ports tried on 127.0.0.1 none is free")


def until(what, test, seconds=20):
    """Waits for test() to give something true, and returns it. Generous: a slow machine is no failure."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        found = test()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)


@contextlib.contextmanager
def folder(_name):
    path = tempfile.mkdtemp(prefix="skynet-test-")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def run(name, test, around):
    """The test's line, and whether it failed."""
    try:
        with around(name) as argument:
            test(argument)
        return f"ok {{}} {name}", False
    except Skip as skip:
        return f"ok {{}} {name} # SKIP {skip}", False
    except Exception:  # whatever it is, it is this test's failure
        print("# " + traceback.format_exc().rstrip().replace("\n", "\n# "))
        return f"not ok {{}} {name}", True


def main(names, around=folder):
    tests = [(name, test) for name, test in names.items() if name.startswith("test_") and (len(sys.argv) < 2 or name in sys.argv[1:])]
    print(f"1..{len(tests)}")
    bad = False
    for number, (name, test) in enumerate(tests, 1):
        line, failed = run(name, test, around)
        print(line.format(number), flush=True)
        bad |= failed
    sys.exit(bad)
