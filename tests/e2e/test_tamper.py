#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Somebody hangs a rag over the lens: the camera is blind, duty hears of it with a picture and a clip of how it came, and hears
when it sees again. One that turns by itself may be told not to. What it saw is known after a power cut."""
import contextlib
import glob
import json
import signal
import sqlite3
import subprocess

import stage
from stage import until


def test_covered(s):
    s.start_broker()
    rtsp = stage.Cameras(s, {"gate": stage.scene("covered", 60)})
    s.cameras = [{"id": "gate", "main": rtsp.url("gate")}, {"id": "dome", "main": rtsp.url("gate"), "tamper": False}]
    seen = s.subscribe()
    s.start_daemon()
    seen.wait("/camera/gate/status", 30, state="ok")
    raised = seen.wait("/alert-log/duty", 60, kind="tamper", cause="raised")["data"]
    assert raised["cameras"] == [{"id": "gate", "name": "gate"}], raised
    blind = seen.wait("/camera/gate/status", 10, state="blind")["data"]
    assert "covered" in blind["why"], blind
    assert seen.wait("/status", 10, cameras_ok=1)
    status = s.ctl("status")
    assert status.returncode == 1 and "blind" in status.stdout and "covered" in status.stdout, status
    s.ctl("ack", raised["alert"], check=0)
    ended = seen.wait("/event/gate/tamper", 60, phase="end")["data"]
    lasted = [e["data"] for _, e in seen.json("/event/gate/tamper", phase="begin")]
    assert len(lasted) == 1 and lasted[0]["event"] == ended["event"], (lasted, ended)
    assert not ended["interrupted"], ended
    until("it sees again", lambda: seen.json("/camera/gate/status")[-1][1]["data"]["state"] == "ok", 10)
    # How it came is on the clip: it begins before, and goes on until the camera sees again.
    until("the clip", lambda: [e for _, e in seen.json("/alert-log/duty", alert=raised["alert"]) if e["data"]["clip"]], 60)
    clip = [e["data"]["clip"] for _, e in seen.json("/alert-log/duty", alert=raised["alert"])][-1]
    assert 24 < clip["seconds"] < 50, clip
    until("the picture", lambda: glob.glob(s.evidence("gate", raised["alert"] + "*.jpg")), 20)
    # Nobody walked, and the other one says nothing.
    assert not seen.json("/camera/gate/motion", active=True) or seen.json("/camera/gate/motion")[-1][1]["data"]["active"] is False
    assert not seen.json("/event/dome/tamper") and not seen.json("/camera/dome/status", state="blind")
    stage.check_schemas(seen.messages)


def views_kept(s):
    with contextlib.closing(sqlite3.connect(f"file:{s.file('state/skynetd.db')}?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM standing WHERE kind = 4").fetchone()[0]


def test_turned_while_the_power_was_out(s):
    """What a camera shows after a power cut is not its view because it is the first that a start sees."""
    s.start_broker()
    rtsp = stage.Cameras(s, {"gate": stage.scene("empty"), "yard": stage.scene("empty")})
    s.cameras = [{"id": name, "main": rtsp.url(name)} for name in ("gate", "yard")]
    seen = s.subscribe()
    s.start_daemon()
    s.wait_camera("gate", "ok")
    until("both views are kept", lambda: views_kept(s) == 2, 60)
    s.kill_daemon()
    rtsp.kill()
    subprocess.run([stage.tool("ffmpeg"), "-v", "error", "-i", stage.scene("empty"), "-vf", "vflip", "-c:v", "libx264", "-g", "50",
                    "-preset", "ultrafast", s.file("turned.mp4")], check=True)
    stage.Cameras(s, {"gate": s.file("turned.mp4"), "yard": stage.scene("empty")}, port=rtsp.port)
    s.start_daemon()
    raised = seen.wait("/alert-log/duty", 60, kind="tamper", cause="raised")["data"]
    assert [camera["id"] for camera in raised["cameras"]] == ["gate"], raised
    assert "turned" in seen.wait("/camera/gate/status", 10, state="blind")["data"]["why"]
    assert not seen.json("/camera/yard/status", state="blind")
    s.cameras[1]["tamper"] = False
    s.write_config()
    s.daemon.send_signal(signal.SIGHUP)
    until("what nobody looks at is not kept", lambda: views_kept(s) == 1, 20)


def test_in_a_file(s):
    """The same from a file: when, to the second, and what it looked like on the sheet."""
    done = subprocess.run([stage.program("daemon/skynetctl"), "analyze", stage.scene("covered", 60), "--sheet", s.file("sheet.png")],
                          capture_output=True, text=True, timeout=300, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["kind"] for event in events] == ["tamper"], events
    assert abs(events[0]["start"] - 20) <= 1 and abs(events[0]["end"] - 50) <= 1 and events[0]["detected"] < 32, events
    gray = subprocess.run([stage.tool("ffmpeg"), "-v", "error", "-i", s.file("sheet.png"), "-vf", "crop=280:120:28:60", "-f", "rawvideo",
                           "-pix_fmt", "gray", "-"], capture_output=True, check=True).stdout
    assert min(gray) > 50 and max(gray) < 110, (min(gray), max(gray))  # the rag


stage.main(globals())
