#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Configuration in the running program: reloads, wrong files, usage, exit codes."""
import errno
import json
import os
import signal
import socket
import sqlite3
import subprocess
import time

import stage
from stage import until


def set_up(s):
    s.start_broker()
    s.rtsp = stage.Cameras(s, {name: stage.scene("empty") for name in ("one", "two", "three")})
    s.cameras = [{"id": name, "main": s.rtsp.url(name)} for name in ("one", "two")]
    seen = s.subscribe()
    s.start_daemon()
    s.wait_camera("one", "ok")
    s.wait_camera("two", "ok")
    return seen


def reload(s):
    s.write_config()
    s.daemon.send_signal(signal.SIGHUP)


def drop_in(s, name, cameras):
    os.makedirs(s.file("cameras.d"), exist_ok=True)
    with open(s.file("cameras.d/" + name), "w", encoding="utf-8") as out:
        json.dump(cameras, out)


def test_reload_restarts_only_what_changed(s):
    seen = set_up(s)
    s.cameras = s.cameras[:1]
    three = {"id": "three", "name": "水库", "main": s.rtsp.url("three")}
    drop_in(s, "three.yaml", three)
    reload(s)
    s.wait_camera("three", "ok")
    until("two is forgotten", lambda: [m for m in seen.messages if m.topic.endswith("/camera/two/status") and not m.payload])
    state = s.status()
    assert state["cameras"] == "one,three" and state["camera.one.reconnects"] == "0", state
    assert "1 cameras added, 1 removed, 0 changed" in s.log()
    drop_in(s, "three.yaml", [{**three, "sensitivity": 0.7}])
    reload(s)
    until("three begins anew", lambda: "0 cameras added, 0 removed, 1 changed" in s.log())
    until("it runs again", lambda: s.log().count("camera=three: stream runs") == 2)
    s.wait_camera("three", "ok")
    assert s.log().count("camera=one: stream runs") == 1
    drop_in(s, "three.yaml", {**three, "enabled": False})
    seen.settle()
    told = len(seen.messages)
    reload(s)
    s.wait_camera("three", "disabled")
    seen.settle()
    states = [json.loads(m.payload)["data"]["state"] for m in seen.messages[told:] if m.topic.endswith("/camera/three/status")]
    assert states[-1] == "disabled" and "connecting" not in states, states
    drop_in(s, "three.yaml", {"id": "one", "main": three["main"]})
    reload(s)
    error = until("the status says so", lambda: s.status().get("config_error"))
    assert '/cameras.d/three.yaml:1:' in error and '"one" is the id of another camera (' in error and "skynetd.yaml:" in error, error
    os.remove(s.file("cameras.d/three.yaml"))
    reload(s)
    until("three is gone", lambda: s.status()["cameras"] == "one")


def test_a_new_name(s):
    """A site that is renamed: all that the broker keeps, the last will, and what tells of a gap in the log bear the new name at once."""
    seen = set_up(s)
    name = "青龙镇"
    s.options["top"]["site"] = {"id": s.site, "name": name}
    renamed = time.monotonic()
    reload(s)
    for topic in (f"/{s.site}/status", "/camera/one/status", "/camera/one/motion"):
        until(f"the name in {topic}", lambda topic=topic: [e for _, e in seen.json(topic) if e["data"]["site"]["name"] == name], 20)
    assert time.monotonic() - renamed < 20, "it came with the minute"
    s.ctl("test-alert", "duty", check=0)
    database = sqlite3.connect(s.file("state/skynetd.db"), timeout=20)
    database.execute("UPDATE sequence SET next = 1 WHERE audience = 'duty'")  # as if the numbers so far had never come to the store
    database.commit()
    database.close()
    s.ctl("test-alert", "duty", check=0)
    assert seen.wait("/alert-log/duty", 20, from_seq=1)["data"]["site"]["name"] == name
    s.kill_daemon()
    assert seen.wait(f"/{s.site}/status", 20, state="offline")["data"]["site"]["name"] == name
    stage.check_schemas(seen.messages)


def retained(s, camera):
    """The topics that the broker holds of a camera."""
    seen = s.subscribe(f"skynet/v1/{s.site}/camera/#")
    seen.settle()
    seen.stop()
    return [message.topic for message in seen.messages if message.retained and f"/camera/{camera}/" in message.topic]


def test_a_removed_camera_leaves_nothing(s):
    s.start_broker()
    s.rtsp = stage.Cameras(s, {"walk": stage.scene("crossing"), "one": stage.scene("empty"), "two": stage.scene("empty")})
    s.cameras = [{"id": name, "main": s.rtsp.url(name)} for name in ("walk", "one", "two")]
    seen = s.subscribe()
    s.start_daemon()
    seen.wait("/camera/walk/motion", 60, active=True)
    s.cameras.pop(0)
    reload(s)  # while something moves there
    seen.wait("/event/walk/motion", 20, phase="end")
    seen.settle()
    assert not retained(s, "walk"), retained(s, "walk")
    # Over a restart, and before the broker hears of it over one more.
    s.publish("cmd/duty/wang/disarm", {"request_id": "r1", "camera": "one"})
    seen.wait("/status", 20, cameras_disarmed=1)
    assert len(retained(s, "one")) == 2 and s.stop_daemon() == 0
    s.cameras.pop(0)
    s.broker_config = {"host": "127.0.0.1", "port": stage.free_port()}
    s.start_daemon()
    s.kill_daemon()
    assert len(retained(s, "one")) == 2
    s.broker_config = None
    s.start_daemon()
    until("one is forgotten", lambda: not retained(s, "one"))
    until("nothing is disarmed", lambda: seen.json(f"{s.site}/status")[-1][1]["data"].get("cameras_disarmed") == 0)
    until("two is there", lambda: len(retained(s, "two")) == 2)


def test_a_wrong_file_changes_nothing(s):
    seen = set_up(s)
    s.cameras.append({"id": "bad id", "main": "http://viewer:s3cr3t@192.0.2.1/"})
    reload(s)
    error = until("the status says so", lambda: s.status().get("config_error"))
    assert "skynetd.yaml:" in error
    seen.wait("/status", 10)
    until("the broker hears of it", lambda: [e for _, e in seen.json("/status") if e["data"].get("config_error")])
    assert s.status()["cameras"] == "one,two" and s.status()["camera.one.reconnects"] == "0"
    assert "s3cr3t" not in s.log() + error
    s.ctl("check", check=1)
    s.cameras.pop()
    s.site = "elsewhere"
    reload(s)
    until("a restart is asked for", lambda: "site.id" in s.status().get("config_error", ""))
    s.site = "longquan"
    reload(s)
    until("all is well again", lambda: not s.status().get("config_error"))


def test_an_audience_that_goes(s):
    """Its retained alerts go with it; the others keep theirs."""
    s.audiences.append({"id": "police", "name": "驻村民警"})
    seen = set_up(s)
    s.rtsp.tell("disconnect one")
    s.options["top"] = {"offline_hold": "1s"}
    s.stop_daemon()
    s.rtsp.kill()
    s.start_daemon()
    alert = seen.wait("/alert-log/police", 30, kind="offline", state="raised")["data"]["alert"]
    s.audiences.pop()
    reload(s)

    def cleared(audience):
        return [m for m in seen.messages if m.topic.endswith(f"/alert/{audience}/{alert}") and not m.payload]
    until("the police's is cleared", lambda: cleared("police"))
    assert not cleared("duty")


def test_exit_codes(s):
    daemon, ctl = stage.program("daemon/skynetd"), stage.program("daemon/skynetctl")

    def code(*command):
        return subprocess.run(command, capture_output=True, timeout=60 * stage.PATIENCE).returncode

    assert code(daemon, "--version") == 0 and code(daemon, "--help") == 0
    assert code(daemon, "--nonsense") == 2 and code(daemon, "surplus") == 2 and code(daemon, "--log-level", "loud") == 2
    assert code(daemon, "--config", s.file("none.yaml")) == 1
    s.cameras = [{"id": "gate", "main": "rtsp://192.0.2.1/", "enabled": False}]
    s.options["storage"] = {"directory": "/proc/nowhere"}
    s.write_config()
    assert code(daemon, "--config", s.file("skynetd.yaml"), "--check") == 0
    assert code(daemon, "--config", s.file("skynetd.yaml")) == 3
    s.options["storage"] = {}
    s.options["top"] = {"control_socket": s.file("notes")}
    s.write_config()
    with open(s.file("notes"), "w", encoding="utf-8") as out:
        out.write("somebody's")
    assert code(daemon, "--config", s.file("skynetd.yaml")) == 3
    with open(s.file("notes"), encoding="utf-8") as text:
        assert text.read() == "somebody's"
    assert code(ctl, "--help") == 0 and code(ctl, "nonsense") == 2 and code(ctl) == 2
    for command in ("check", "print-config", "status", "watch", "test-alert", "ack", "assign", "resolve", "dismiss", "comment", "probe",
                    "analyze"):
        assert code(ctl, command, "--help") == 0, command
        assert code(ctl, command, "--nonsense") == 2, command
    assert code(ctl, "--socket", s.file("none"), "status") == 3
    assert code(ctl, "probe", "http://192.0.2.1/") == 2
    assert code(ctl, "probe", "rtsp://127.0.0.1:9/", "--seconds", "1") == 3
    assert code(ctl, "analyze", s.file("none.mp4")) == 1


def test_two_daemons(s):
    s.start_broker()
    s.cameras = [{"id": "gate", "main": "rtsp://192.0.2.1/", "enabled": False}]
    s.start_daemon()
    second = subprocess.run([stage.program("daemon/skynetd"), "--config", s.file("skynetd.yaml")], capture_output=True, text=True,
                            timeout=60 * stage.PATIENCE)
    assert second.returncode == 3 and "another skynetd" in second.stderr, second
    assert s.status()["state"] == "online"
    with s.daemon_held():  # it hangs, and more wait for it than it takes
        callers = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) for _ in range(20)]
        assert errno.EAGAIN in [caller.connect_ex(s.file("control.sock")) for caller in callers]
        second = subprocess.run([stage.program("daemon/skynetd"), "--config", s.file("skynetd.yaml")], capture_output=True, text=True,
                                timeout=60 * stage.PATIENCE)
        assert second.returncode == 3 and "another skynetd" in second.stderr, second
        for caller in callers:
            caller.close()
    s.kill_daemon()  # what it leaves behind is no obstacle
    s.start_daemon()
    assert s.stop_daemon() == 0 and not os.path.exists(s.file("control.sock"))


stage.main(globals())
