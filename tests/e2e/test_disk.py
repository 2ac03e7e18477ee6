#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A full disk: alerts go on, say that they are held in memory only, and are on the disk again when there is room."""
import os
import subprocess

import stage
from stage import until


def test_full_disk(s):
    if os.geteuid() != 0:
        raise stage.Skip("mounting a small disk needs root")
    os.makedirs(s.file("state"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", s.file("state")], stderr=subprocess.DEVNULL).returncode != 0:
        raise stage.Skip("tmpfs can not be mounted here")
    try:
        full_disk(s)
    finally:
        if s.daemon and s.daemon.poll() is None:
            s.stop_daemon()
        subprocess.run(["umount", "-l", s.file("state")], check=True)


def fill(path):
    with open(path, "wb", buffering=0) as out:
        try:
            while True:
                out.write(b"x" * 65536)
        except OSError:
            pass
        try:
            while True:
                out.write(b"x" * 512)
        except OSError:
            return


def full_disk(s):
    s.start_broker()
    cameras = stage.Cameras(s, {"gate": stage.scene("storm", 60)})
    s.cameras = [{"id": "gate", "main": cameras.url("gate"), "hold": "1s"}]
    seen = s.subscribe()
    s.start_daemon()
    seen.wait("/alert-log/duty", 40, cause="raised", durable=True)
    fill(s.file("state/ballast-of-somebody-else"))
    held = seen.wait("/alert-log/duty", 60, cause="raised", durable=False)["data"]
    state = s.status()
    assert state["disk.durable"] == "no" and state["disk.trouble"], state
    assert seen.wait("/status", 20, durable=False)["data"]["trouble"]
    assert s.ctl("status").returncode == 1
    os.unlink(s.file("state/ballast-of-somebody-else"))
    until("it is on the disk again", lambda: s.status().get("disk.durable") == "yes", 60)
    seen.wait("/status", 20, durable=True)
    assert s.stop_daemon() == 0
    s.start_daemon()
    # What was held in memory is in the store: a replay of the whole log has it.
    replayed = s.subscribe(f"skynet/v1/{s.site}/replay/duty/reader")
    s.publish("cmd/duty/reader/replay", {"request_id": "all", "epoch": held["epoch"], "from_seq": 1})
    until("the replay", lambda: [e for _, e in replayed.json("") if e["data"]["alert"] == held["alert"]], 20)
    seqs = sorted({e["data"]["seq"] for _, e in replayed.json("")})
    assert seqs == list(range(1, len(seqs) + 1)), seqs
    stage.check_schemas(seen.messages)


stage.main(globals())
