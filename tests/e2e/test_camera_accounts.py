#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A wrong password is tried once for all streams of an account, over a restart too, and at once when a person has acted."""
import json
import os
import signal
import sys

import stage
from stage import until

sys.path.insert(0, os.path.join(stage.SOURCE, "tests/support"))
from password_counter import PasswordCounter  # noqa: E402  pylint: disable=wrong-import-position

CHANNELS = 8


def write_secret(s, name, text):
    with open(s.file(name), "w", encoding="utf-8") as out:
        out.write(text + "\n")
    os.chmod(s.file(name), 0o600)
    return s.file(name)


def set_up(s, password):
    """A recorder: each channel a camera, main and sub, behind one account."""
    s.start_broker()
    options = ["--user", "viewer", "--password-file", write_secret(s, "right", "correct horse"), "--auth", "digest"]
    s.rtsp = stage.Cameras(s, {f"c{i}": stage.scene("empty") for i in range(CHANNELS)}, options=options)
    s.counter = PasswordCounter(s.rtsp.port)
    s.cameras = [{"id": f"c{i}", "main": f"rtsp://127.0.0.1:{s.counter.port}/c{i}", "sub": f"rtsp://127.0.0.1:{s.counter.port}/c{i}",
                  "user": "viewer", "password_file": password} for i in range(CHANNELS)]


def states(s):
    status = s.status()
    return {status.get(f"camera.c{i}.state") for i in range(CHANNELS)}


def test_one_try_for_a_recorder(s):
    wrong = write_secret(s, "wrong", "s3cr3t-wrong")
    set_up(s, wrong)
    s.start_daemon()
    until("all channels say so", lambda: states(s) == {"misconfigured"})
    status = s.status()
    for i in range(CHANNELS):
        why = status[f"camera.c{i}.why"]
        assert "authentication" in why and f"account viewer at 127.0.0.1:{s.counter.port}, last tried by camera c0" in why, why
        assert 500 < int(status[f"camera.c{i}.next_try_s"]) <= 600, status
    assert s.counter.tries == 1, s.counter.tries

    # Neither a probe, nor doctor, nor a restart tries again; a person who insists does.
    probe = ("probe", f"rtsp://127.0.0.1:{s.counter.port}/c3", "--user", "viewer", "--password-file", wrong, "--seconds", "1")
    said = s.ctl("--socket", s.file("control.sock"), *probe, check=3).stderr
    assert "the daemon waits until" in said and "--force" in said, said
    s.ctl("doctor", "--camera", "c3")
    assert s.counter.tries == 1, s.counter.tries
    s.stop_daemon()
    s.start_daemon()
    until("it is known after the restart", lambda: states(s) == {"misconfigured"})
    assert int(s.status()["camera.c5.next_try_s"]) <= 600
    assert s.counter.tries == 1, s.counter.tries
    s.ctl("--socket", s.file("control.sock"), *probe, "--force", check=3)
    assert s.counter.tries == 2, s.counter.tries

    assert 2300 < int(s.status()["account.0.next_try_s"]) <= 2400  # the daemon was told

    # A reload tries at once, and once; the next wait is the longer one.
    s.daemon.send_signal(signal.SIGHUP)
    until("the reload's try", lambda: s.counter.tries == 3)
    until("it waits longer", lambda: int(s.status().get("camera.c7.next_try_s", "0")) > 2300)
    assert s.counter.tries == 3, s.counter.tries

    # With the right one everything runs.
    for camera in s.cameras:
        camera["password_file"] = s.file("right")
    s.write_config()
    s.daemon.send_signal(signal.SIGHUP)
    until("all run", lambda: states(s) == {"ok"}, 40)
    assert s.status()["accounts_refused"] == ""
    assert "s3cr3t-wrong" not in s.log() and "correct horse" not in s.log()


def test_restart_with_the_right_password(s):
    set_up(s, write_secret(s, "wrong", "s3cr3t-wrong"))
    s.start_daemon()
    until("all channels say so", lambda: states(s) == {"misconfigured"})
    s.stop_daemon()
    write_secret(s, "wrong", "correct horse")
    s.start_daemon()
    until("all run", lambda: states(s) == {"ok"}, 40)


def test_mended_on_the_camera(s):
    """The camera is given the password that the configuration has: the probe that finds it so tells the daemon."""
    wrong = write_secret(s, "wrong", "s3cr3t-wrong")
    set_up(s, wrong)
    s.start_daemon()
    until("all channels say so", lambda: states(s) == {"misconfigured"})
    s.rtsp.kill()
    s.rtsp = stage.Cameras(s, {f"c{i}": stage.scene("empty") for i in range(CHANNELS)}, port=s.rtsp.port,
                           options=["--user", "viewer", "--password-file", wrong, "--auth", "digest"])
    socket = ("--socket", s.file("control.sock"))
    assert "--force" in s.ctl(*socket, "probe", "--camera", "c2", "--seconds", "1", check=3).stderr
    assert "it tries again now" in s.ctl(*socket, "probe", "--camera", "c2", "--seconds", "1", "--force", check=0).stderr
    until("all run", lambda: states(s) == {"ok"})
    assert s.status()["accounts_refused"] == "" and "was let in for skynetctl" in s.log()
    assert "s3cr3t-wrong" not in s.log()


def test_what_skynetctl_tried(s):
    """Refused to doctor or probe, an account is left alone by both, and another password is another account."""
    set_up(s, write_secret(s, "password", "correct horse"))
    s.cameras = s.cameras[:1]
    s.start_daemon()
    s.wait_camera("c0", "ok", 40)
    socket = ("--socket", s.file("control.sock"))
    write_secret(s, "password", "s3cr3t-wrong")
    assert "user or password refused" in s.ctl(*socket, "doctor", "--camera", "c0").stdout
    for again in (s.ctl(*socket, "doctor", "--camera", "c0").stdout, s.ctl(*socket, "probe", "--camera", "c0", check=3).stderr):
        assert "the daemon waits until" in again and "was refused to camera c0" in again, again
    url = ("probe", f"rtsp://127.0.0.1:{s.counter.port}/c0", "--user", "viewer", "--seconds", "1", "--password-file")
    s.ctl(*socket, *url, s.file("right"), check=0)
    other = write_secret(s, "other", "0th3r-wrong")
    assert "user or password refused" in s.ctl(*socket, *url, other, check=3).stderr
    assert "the daemon waits until" in s.ctl(*socket, *url, other, check=3).stderr
    status = s.status()
    assert status["camera.c0.state"] == "ok" and status["accounts_refused"] == "0,1", status
    assert not [key for key in status if key.startswith("account.") and key.endswith(".id")]  # it has some bits of the password's checksum
    assert not any(secret in s.log() + json.dumps(status) for secret in ("s3cr3t-wrong", "0th3r-wrong", "correct horse"))


stage.main(globals())
