#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Passwords: of a camera in its URL, right and wrong, and of the broker. Nothing that logs, prints, publishes or keeps may show one."""
import os
import signal
import subprocess

import stage
from stage import until

RIGHT, WRONG, BROKER = "r1ght-s3cr3t", "wr0ng-s3cr3t", "br0ker-s3cr3t"
ENCODED = "wr0ng%2Ds3cr3t"


def keep(s, name, text):
    with open(s.file(name), "w", encoding="utf-8") as out:
        out.write(text + "\n")
    os.chmod(s.file(name), 0o600)
    return s.file(name)


def with_account(url, password):
    return url.replace("rtsp://", f"rtsp://viewer:{password}@")


def set_up(s):
    os.chmod(s.folder, 0o755)  # the broker gives up root before it reads
    subprocess.run([stage.tool("mosquitto_passwd"), "-b", "-c", s.file("passwords"), "skynetd", BROKER], check=True, capture_output=True)
    os.chmod(s.file("passwords"), 0o644)
    s.start_broker(f"listener {s.port} 127.0.0.1\nallow_anonymous true\npassword_file {s.file('passwords')}\n")
    s.broker_config = {"host": "127.0.0.1", "port": s.port, "user": "skynetd", "password_file": keep(s, "broker.password", BROKER)}
    s.rtsp = stage.Cameras(s, {"gate": stage.scene("crossing"), "square": stage.scene("crossing")},
                           options=["--user", "viewer", "--password-file", keep(s, "camera.password", RIGHT), "--auth", "digest"])
    s.cameras = [{"id": "gate", "main": with_account(s.rtsp.url("gate"), RIGHT)},
                 {"id": "square", "main": with_account(s.rtsp.url("square"), WRONG), "sub": with_account(s.rtsp.url("square"), WRONG)}]
    seen = s.subscribe()
    s.start_daemon()
    s.wait_camera("gate", "ok")
    s.wait_camera("square", "misconfigured")
    return seen


def files_under(folder):
    for root, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(root, name)


def shows(data):
    return [secret for secret in (RIGHT, WRONG, BROKER, ENCODED) if secret.encode() in data]


def test_never_shown(s):
    seen = set_up(s)
    seen.wait("/alert-log/duty", 40, cause="evidence")
    printed = []
    for words in (["check"], ["print-config"], ["status"], ["status", "--json"], ["doctor"], ["doctor", "--json"], ["queue"],
                  ["probe", with_account(s.rtsp.url("gate"), RIGHT)], ["probe", with_account(s.rtsp.url("gate"), WRONG)],
                  ["probe", with_account("rtsp://127.0.0.1:9/none", RIGHT)], ["probe", f"rtsp://viewer:{WRONG}@:bad"],
                  ["analyze", with_account(s.rtsp.url("gate"), RIGHT)], ["ack", f"rtsp://viewer:{WRONG}@h/"], ["test-alert", "duty"]):
        done = s.ctl(*words)
        printed.append((" ".join(words[:1]), (done.stdout + done.stderr).encode()))
    # A wrong file, twice: at a reload and by hand.
    s.cameras += [{"id": "Bad Id", "main": f"http://viewer:{WRONG}@192.0.2.1/", "sub": f"rtsp://viewer:{ENCODED}@[::bad/"}]
    s.write_config()
    s.daemon.send_signal(signal.SIGHUP)
    until("the reload is refused", lambda: s.status().get("config_error"))
    done = s.ctl("check", check=1)
    printed.append(("check of a wrong file", (done.stdout + done.stderr).encode()))
    with open(f"/proc/{s.daemon.pid}/limits", encoding="ascii") as limits:
        core = next(line for line in limits if line.startswith("Max core file size"))
    assert core.split()[4] == "0", core
    for name in ("cmdline", "environ"):
        with open(f"/proc/{s.daemon.pid}/{name}", "rb") as text:
            printed.append((name, text.read()))
    assert s.stop_daemon() == 0
    printed.append(("log", s.log().encode()))
    printed += [(m.topic, m.payload) for m in seen.messages]
    for path in files_under(s.file("state")):
        with open(path, "rb") as data:
            printed.append((os.path.basename(path), data.read()))
    assert len(printed) > 40 and any(name.endswith(".mp4") for name, _ in printed) and any(name == "skynetd.db" for name, _ in printed)
    told = [(name, shows(data)) for name, data in printed if shows(data)]
    assert not told, told
    print(f"# {len(printed)} outputs, messages and files: none shows a password")


stage.main(globals())
