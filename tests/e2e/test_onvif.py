#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vendor: onvif: cameras that are asked for their streams' URLs, good ones and hostile ones."""
import os
import signal
import subprocess
import sys
import threading
import time

import certificate
import stage

SECRET, WRONG = "correct horse", "s3cr3t-wrong"


class Onvif:
    """pems: {habit: file} of those that speak HTTPS."""

    def __init__(self, s, rtsp_port, habits, pems=None):
        self.ports = {habit: stage.free_port() for habit in habits}
        self.lines = []
        there = [f"{port}={habit}" + (f"@{pems[habit]}" if habit in (pems or {}) else "") for habit, port in self.ports.items()]
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(stage.SOURCE, "tests/support/onvif_camera.py"), str(rtsp_port), "viewer", s.file("right"),
             *there], stdout=subprocess.PIPE, text=True)
        s.processes.append(self.process)
        assert self.process.stdout.readline() == "ready\n"
        threading.Thread(target=lambda: self.lines.extend(iter(self.process.stdout.readline, "")), daemon=True).start()


def write(s, name, text):
    with open(s.file(name), "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(s.file(name), 0o600)


def camera(onvif, habit, channel=1, patience="30s", **more):
    """Patient where each try counts: one that is given up is tried again."""
    return {**more, "id": habit, "vendor": "onvif", "host": "127.0.0.1", "port": onvif.ports[habit], "channel": channel, "user": "viewer",
            "password_file": "password", "connect_timeout": patience}


def reload(s):
    s.write_config()
    s.daemon.send_signal(signal.SIGHUP)


def probe(s, habit):
    return subprocess.Popen([stage.program("daemon/skynetctl"), "--config", s.file("skynetd.yaml"), "probe", "--camera", habit,
                             "--seconds", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_watched(s):
    """Found, watched; a wrong password is tried once for both streams; put right, it is watched again."""
    s.start_broker()
    write(s, "right", SECRET + "\n")
    write(s, "password", SECRET + "\n")
    scene = stage.scene("empty")
    rtsp = stage.Cameras(s, {"Streaming/Channels/101": scene, "Streaming/Channels/102": scene}, None,
                         ("--user", "viewer", "--password-file", s.file("right"), "--auth", "digest"))
    watched, probed = ("good", "digest", "either", "forbids"), ("ahead", "alone", "chunks", "digest-old", "sha256")
    onvif = Onvif(s, rtsp.port, watched + probed)
    s.cameras = [camera(onvif, habit) for habit in probed]
    s.write_config()
    probes = [probe(s, habit) for habit in probed]
    for one in probes:
        said = one.communicate(timeout=60 * stage.PATIENCE)
        assert one.returncode == 0 and "codec          H.264" in said[0], said
    s.cameras = [camera(onvif, habit) for habit in watched]
    s.start_daemon()
    for habit in watched:
        s.wait_camera(habit, "ok")
    assert not onvif.lines, onvif.lines
    said = s.ctl("check", "-v", check=0).stdout
    assert f"main     onvif://127.0.0.1:{onvif.ports['good']}/1/main" in said, said

    write(s, "password", WRONG + "\n")
    reload(s)
    for habit, words in zip(watched, ("Sender not authorized", "401", "401", "403")):
        s.wait_camera(habit, "misconfigured")
        status = s.status()
        why = status[f"camera.{habit}.why"]
        assert f"authentication: refused by ONVIF ({words})" in why and "account viewer at 127.0.0.1:" in why, why
        assert status[f"camera.{habit}.onvif_refused"] == "1", status
    time.sleep(1.2)  # nothing comes of it: streams are looked at each second
    assert sorted(onvif.lines) == sorted(f"refused {onvif.ports[habit]}\n" for habit in watched), onvif.lines
    done = s.ctl("--socket", s.file("control.sock"), "probe", "--camera", "good", check=3)
    assert "the daemon waits until" in done.stderr and len(onvif.lines) == len(watched), done
    write(s, "password", SECRET + "\n")
    reload(s)
    s.wait_camera("good", "ok")
    assert WRONG not in s.log() and SECRET not in s.log()


def test_https(s):
    """Whatever TLS and certificate the camera has, where nobody asks; its own or one that its CA signed where one does."""
    write(s, "right", SECRET + "\n")
    write(s, "password", SECRET + "\n")
    scene = stage.scene("empty")
    rtsp = stage.Cameras(s, {"Streaming/Channels/101": scene, "Streaming/Channels/102": scene}, None,
                         ("--user", "viewer", "--password-file", s.file("right"), "--auth", "digest"))
    certificate.make(s, "signed", "IP:192.0.2.7", end="20210101000000Z")
    certificate.make_own(s, "own")
    certificate.make_own(s, "weak", 1024)
    pems = {}  # certificate and key in one file
    for name in ("signed", "own", "weak"):
        pems[name] = s.file(name + ".both")
        with open(pems[name], "w", encoding="ascii") as both:
            both.write("".join(open(s.file(name + end), encoding="ascii").read() for end in (".pem", ".key")))
    good = {"good": ("signed", "ca.pem"), "digest": ("own", "own.pem"), "either": ("own", None), "old": ("weak", None),
            "http-names": ("own", "own.pem")}
    bad = {"ahead": ("own", "ca.pem", "the camera's certificate is not in ca_file, and none in it has signed it (self-signed certificate)"),
           "redirect": ("own", "own.pem", "sends on to another address"), "alone": (None, None, "HTTPS: wrong version number"),
           "mute": (None, None, "did not answer in time"), "slow": ("own", None, "did not answer in time"),
           "secure-stream": ("own", "own.pem", "where libavformat can not ask for ca_file")}
    both = {**good, **bad}
    onvif = Onvif(s, rtsp.port, both, {habit: pems[row[0]] for habit, row in both.items() if row[0]})
    s.cameras = [camera(onvif, habit, 1, "2s" if habit in ("mute", "slow") else "30s", https=True,
                        **({"ca_file": row[1]} if row[1] else {})) for habit, row in both.items()]
    s.start_daemon()
    for habit, row in good.items():
        s.wait_camera(habit, "ok")
        assert s.status()[f"camera.{habit}.certificate"] == ("checked by ca_file" if row[1] else "not verified: no ca_file")
    for habit, row in bad.items():
        stage.until(f"{habit} says so: {row[2]}", lambda: row[2] in s.status().get(f"camera.{habit}.why", ""), 12)
    assert s.status()["camera.ahead.state"] == "misconfigured" and not onvif.lines, onvif.lines
    said = s.log()
    assert SECRET not in said and "camera=old: stream runs, by TCP; its certificate is not verified (ca_file)" in said, said


HOSTILE = {
    "unanswered": {"huge": "larger than any of that kind", "slow": "did not answer in time", "cut": "hung up amid its answer",
                   "redirect": "sends on to another address", "https": "wants HTTPS: give https: true",
                   "gzip": "in a coding that is not known", "no-http": "does not speak HTTP",
                   "not-found": "answers 404: is ONVIF switched on"},
    "unreadable": {"broken": "no XML that can be read", "bomb": "more than is taken", "fault": "the camera says: busy",
                   "alone": "there is no channel 2: it names 1 with video"},
    "unusable": {"other-host": "names another host (192.0.2.99) for its media service",
                 "other-stream": "names another host (192.0.2.99) for the stream"},
}


def test_hostile(s):
    """Each says in one line what is wrong, in time, and is counted."""
    write(s, "right", SECRET + "\n")
    write(s, "password", SECRET + "\n")
    wanted = {habit: words for habits in HOSTILE.values() for habit, words in habits.items()}
    onvif = Onvif(s, 9, wanted)
    s.cameras = [camera(onvif, habit, 2 if habit == "alone" else 1, "2s") for habit in wanted]
    s.start_daemon()

    def whys():
        status = s.status()
        return {habit: status.get(f"camera.{habit}.why", "") for habit in wanted}
    stage.until("each says so", lambda: all(wanted[habit] in why for habit, why in whys().items()), 12)
    status = s.status()
    for cause, habits in HOSTILE.items():
        for habit in habits:
            assert "\033" not in status[f"camera.{habit}.why"] and int(status[f"camera.{habit}.onvif_{cause}"]) > 0, habit
    assert SECRET not in s.log() and "\033" not in s.log()
    one = probe(s, "fault")
    said = one.communicate(timeout=60 * stage.PATIENCE)[1]
    assert one.returncode == 3 and said.count("\n") == 1 and "the camera says: busy" in said and "\033" not in said, said


def test_with_a_pipeline(s):
    s.cameras = [{"id": "gate", "vendor": "onvif", "host": "127.0.0.1", "pipeline": "rtsp-tcp"}]
    s.write_config()
    assert "given together with vendor: onvif" in s.ctl("check", check=1).stderr


if __name__ == "__main__":
    stage.main(globals())
