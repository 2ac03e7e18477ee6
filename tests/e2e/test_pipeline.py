#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A camera that GStreamer takes in: alert and clip at the broker as ever; what is wrong with a text is said."""
import base64
import glob
import os
import re
import signal
import subprocess
import sys

import stage
from stage import until

sys.path.insert(0, os.path.join(stage.SOURCE, "tests/support"))
from password_counter import PasswordCounter  # noqa: E402  pylint: disable=wrong-import-position

SHIPPED = os.path.join(os.environ.get("SKYNET_SOURCE", "."), "pipelines")


def read(path):
    with open(path, "rb") as text:
        return text.read()


def set_up(s, *pipelines):
    s.environment["SKYNET_PIPELINES"] = SHIPPED
    s.start_broker()
    names = ["gate", "square"][:len(pipelines)]
    cameras = stage.Cameras(s, {name: stage.scene("crossing") for name in names})
    s.cameras = [{"id": name, "main": cameras.url(name), "pipeline": pipeline, "decoder": "vaapi"}
                 for name, pipeline in zip(names, pipelines)]
    seen = s.subscribe()
    s.start_daemon()
    return seen


def check(s):
    return subprocess.run([stage.program("daemon/skynetctl"), "check", s.file("skynetd.yaml")], capture_output=True, text=True,
                          timeout=60 * stage.PATIENCE,
                          check=False, env={**os.environ, **s.environment})


def without_gstreamer(done):
    return "built without GStreamer" in done.stderr


def raised(seen, camera):
    return [e["data"]["alert"] for _, e in seen.json("/alert-log/duty", state="raised", cause="raised")
            if e["data"]["cameras"][0]["id"] == camera]


def test_alert_and_clip(s):
    with open(s.file("decodes.pipeline"), "w", encoding="utf-8") as out:
        out.write(stage.DECODES)
    seen = set_up(s, "rtsp-tcp", "decodes.pipeline")
    done = check(s)
    if without_gstreamer(done):
        return
    assert done.returncode == 0, done.stderr
    for camera in "gate", "square":
        alert = until(f"alert of {camera}", lambda: raised(seen, camera), 20)[0]
        clip = until("clip", lambda: [e for _, e in seen.json("/alert-log/duty", alert=alert) if e["data"].get("clip")],
                     40)[-1]["data"]["clip"]
        path = s.evidence(camera, f"{alert}.mp4")
        assert stage.sha256(path) == clip["sha256"]
        assert abs(stage.plays(path) - clip["seconds"]) < 1
    state = s.status()
    overloaded = seen.json("/camera/square/status", overloaded=True)  # then some are dropped
    assert state["camera.square.decoder"] == "pipeline" and (overloaded or state["camera.square.dropped_pictures"] == "0"), state
    if not glob.glob("/dev/dri/renderD*"):
        assert state["camera.gate.decoder"] == "software in place of vaapi", state
        assert s.log().count("camera=gate: decoder vaapi: there is no /dev/dri/renderD*: decoding in software") == 1, s.log()


def test_gst_debug_shows_no_password(s):
    """However much GStreamer is asked to say: the account, be it the camera's or in the text, is in none of it."""
    with open(s.file("talks.pipeline"), "w", encoding="utf-8") as out:
        out.write(stage.DECODES.replace("name=camera", "name=camera user-id=viewer user-pw=s3cr3t-t3xt "
                                                       "location=rtsp://viewer:s3cr3t-t3xt@127.0.0.1/x"))
    with open(s.file("password"), "w", encoding="utf-8") as out:
        out.write("s3cr3t-w0rd\n")
    os.chmod(s.file("password"), 0o600)
    cameras = stage.Cameras(s, {"gate": stage.scene("crossing")},
                            options=["--user", "viewer", "--password-file", s.file("password"), "--auth", "basic"])
    s.cameras = [{"id": "gate", "main": cameras.url("gate"), "pipeline": "talks.pipeline", "user": "viewer",
                  "password_file": s.file("password")}]
    s.start_broker()
    s.write_config()
    if without_gstreamer(check(s)):
        return
    with open(s.file("said"), "wb") as out:
        s.processes.append(subprocess.Popen([stage.program("daemon/skynetd"), "--config", s.file("skynetd.yaml"), "--log-level", "debug"],
                                            stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "GST_DEBUG": "*:9"}))
    until("the stream", lambda: b"stream runs" in read(s.file("said")), 30)
    s.processes[-1].terminate()
    s.processes[-1].wait(60 * stage.PATIENCE)
    said = read(s.file("said"))
    assert b"gst: " in said, said[-2000:]
    for secret in b"s3cr3t", base64.b64encode(b"viewer:s3cr3t-w0rd"), b"Authorization":
        assert secret not in said, said[max(said.index(secret) - 300, 0):][:600]


def test_few_tries_of_a_wrong_password(s):
    """rtspsrc by itself answers each refusal with the same password again, and that locks the account at most cameras. Many hang up behind
    a refusal, also behind the one that asks for the password."""
    for name, secret in ("right", "correct horse"), ("password", "s3cr3t-wrong"):
        with open(s.file(name), "w", encoding="utf-8") as out:
            out.write(secret + "\n")
        os.chmod(s.file(name), 0o600)
    s.environment["SKYNET_PIPELINES"] = SHIPPED
    cameras = stage.Cameras(s, {"gate": stage.scene("empty")},
                            options=["--user", "viewer", "--password-file", s.file("right"), "--auth", "basic"])
    counter = PasswordCounter(cameras.port)
    s.cameras = [{"id": "gate", "main": f"rtsp://127.0.0.1:{counter.port}/gate", "pipeline": "rtsp-tcp", "user": "viewer",
                  "password_file": s.file("password")}]
    s.start_broker()
    s.write_config()
    if without_gstreamer(check(s)):
        return
    s.start_daemon()
    s.wait_camera("gate", "misconfigured")
    assert 1 <= counter.tries <= 2, counter.tries
    counter.hangs_up = True
    os.replace(s.file("right"), s.file("password"))
    s.daemon.send_signal(signal.SIGHUP)
    s.wait_camera("gate", "ok")


def test_element_that_is_not_installed(s):
    with open(s.file("mine.pipeline"), "w", encoding="utf-8") as out:
        out.write("# a decoder of another box\nrtspsrc name=camera ! mppvideodec ! appsink name=packets\n")
    seen = set_up(s, "mine.pipeline")
    done = check(s)
    if without_gstreamer(done):
        return
    assert done.returncode == 1, done
    assert "cameras[gate].pipeline: pipeline: no such element here: mppvideodec (not in Debian" in done.stderr, done
    status = until("the status says so", lambda: seen.json("/camera/gate/status", state="misconfigured"), 20)
    assert "mppvideodec" in status[-1][1]["data"]["why"], status[-1]
    os.mkdir(s.file("cameras.d"))
    with open(s.file("cameras.d/yard.yaml"), "w", encoding="utf-8") as out:
        out.write("id: yard\nmain: rtsp://192.0.2.1/1\npipeline: ../mine.pipeline\n")
    said = check(s).stderr
    assert re.search(r"/skynetd\.yaml:\d+: cameras\[gate\]\.pipeline: pipeline: no such element", said), said
    assert "/cameras.d/yard.yaml:3: cameras[yard].pipeline: pipeline: no such element" in said, said


stage.main(globals())
