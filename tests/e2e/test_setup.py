#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A technician's session, from an empty file to a camera that is watched, with what goes wrong on the way; printed as a transcript."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys

import stage
from stage import until

FIRST, SECOND = "127.0.0.21", "127.0.0.22"
SECRET, WRONG = "correct horse", "s3cr3t-wrong"
CHANNEL = "Streaming/Channels/"


class Responder:
    """Simulated ONVIF devices on loopback."""

    def __init__(self, s, *devices, within=()):
        self.process = subprocess.Popen([*within, sys.executable, os.path.join(stage.SOURCE, "tests/support/onvif_responder.py"), *devices],
                                        stdout=subprocess.PIPE, text=True)
        s.processes.append(self.process)
        assert self.process.stdout.readline() == "ready\n"

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def tell(s, text):
    """A part of the transcript; without what differs from run to run."""
    for line in text.rstrip("\n").split("\n"):
        print("#   " + line.replace(s.folder, "").rstrip())


def run(s, *words, check=0):
    print("# $ skynetctl " + " ".join(words).replace(s.folder, "").replace("/skynetd.yaml", "skynetd.yaml"))
    done = s.ctl("--socket", s.file("control.sock"), *words, check=check)
    tell(s, done.stdout + done.stderr)
    assert WRONG not in done.stdout + done.stderr and SECRET not in done.stdout + done.stderr
    return done.stdout + done.stderr


def write(s, name, text, mode=0o600):
    with open(s.file(name), "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(s.file(name), mode)
    return s.file(name)


def start_camera(s, address, port):
    return stage.Cameras(s, {CHANNEL + "101": stage.scene("crossing"), CHANNEL + "102": stage.scene("crossing")}, port,
                         ("--address", address, "--user", "viewer", "--password-file", s.file("camera"), "--auth", "digest"))


def configuration(s, pasted, port):
    """What the technician makes of what discover printed: the rest of the file, a port, a password file."""
    pasted = re.sub(r"(    host: .*\n)", rf"\g<1>    port: {port}\n", pasted)
    pasted = re.sub(r"#password_file: .*", "password_file: viewer.password", pasted)
    return (f"site: {{id: longquan, name: 龙泉村}}\nbroker: {{host: 127.0.0.1, port: {s.port}}}\n"
            f"storage: {{directory: {s.file('state')}, free_min: 0}}\ncontrol_socket: {s.file('control.sock')}\n"
            "audiences:\n  - {id: duty, name: 值班员, pictures: true}\n" + pasted)


def reload(s):
    print("# $ systemctl reload skynetd")
    s.daemon.send_signal(signal.SIGHUP)


def watched(s, camera, state):
    until(f"{camera} is {state}", lambda: s.status().get(f"camera.{camera}.state") == state, 60)


def start_daemon(s):
    print("# $ systemctl start skynetd")
    s.daemon = subprocess.Popen([stage.program("daemon/skynetd"), "--config", s.file("skynetd.yaml")], stdout=subprocess.DEVNULL,
                                stderr=open(s.file("skynetd.log"), "a", encoding="utf-8"))
    s.processes.append(s.daemon)
    until("the daemon's socket", s.daemon_answers, 20)


def test_a_technician(s):
    s.start_broker()
    write(s, "camera", SECRET + "\n")
    rtsp = start_camera(s, FIRST, None)
    camera = "cam-127-0-0-21"
    config = write(s, "skynetd.yaml", "")

    said = run(s, "check", config, check=1)
    for part in ("site.id: missing", "audiences: missing", "cameras: missing", "broker: no socket and no host"):
        assert part in said, said

    devices = Responder(s, f"{FIRST}=HIKVISION/DS-2CD2042WD-I/HIKVISION DS-2CD2042WD-I")
    pasted = run(s, "discover", "--interface", "lo")
    pasted = pasted[pasted.index("cameras:\n"):]
    devices.end()

    write(s, "viewer.password", WRONG + "\n")
    url = f"rtsp://{FIRST}:{rtsp.port}/{CHANNEL}102"
    write(s, "right", SECRET + "\n")
    said = run(s, "probe", url, "--user", "viewer", "--password-file", s.file("right"), "--seconds", "3")
    assert "codec          H.264" in said, said

    print("# (pastes, adds the port, and misspells the maker)")
    text = configuration(s, pasted, rtsp.port)
    write(s, "skynetd.yaml", text.replace("hikvision", "hikvison"))
    assert "did you mean hikvision" in run(s, "check", config, check=1)
    write(s, "skynetd.yaml", text)
    said = run(s, "check", "-v", config)
    assert f"main     rtsp://{FIRST}:{rtsp.port}/{CHANNEL}101" in said and f"sub      rtsp://{FIRST}:{rtsp.port}/{CHANNEL}102" in said, said

    start_daemon(s)
    watched(s, camera, "misconfigured")
    said = run(s, "status", check=1)
    assert "the daemon waits until" in run(s, "probe", "--camera", camera, check=3)
    assert f"account viewer at {FIRST}:{rtsp.port}" in said and "authentication" in said, said
    print("# (the password file held a wrong password)")
    write(s, "viewer.password", SECRET + "\n")
    reload(s)
    watched(s, camera, "ok")
    run(s, "status")
    said = run(s, "probe", "--camera", camera, "--seconds", "3")
    assert re.findall(r"^stream +(\w+), rtsp://", said, re.M) == ["sub", "main"], said
    assert re.search(r"^ +sub +main\ncodec +H.264 +H.264$", said, re.M), said

    print(f"# (the camera gets another address: {SECOND})")
    rtsp.kill()
    start_camera(s, SECOND, rtsp.port)
    until("it is missed", lambda: s.status().get(f"camera.{camera}.state") not in ("ok", None), 60)
    said = run(s, "status", check=1)
    assert "connect" in said, said
    devices = Responder(s, f"{SECOND}=HIKVISION/DS-2CD2042WD-I/HIKVISION DS-2CD2042WD-I")
    said = run(s, "discover", "--interface", "lo")
    assert f"host: {SECOND}" in said
    write(s, "skynetd.yaml", text.replace(f"host: {FIRST}", f"host: {SECOND}"))
    run(s, "check", config)
    reload(s)
    watched(s, camera, "ok")
    run(s, "status")


def test_probe_of_what_is_not_there(s):
    s.cameras = [{"id": "gate", "main": "rtsp://127.0.0.1:9/none"}]
    s.write_config()
    assert "there is no camera 'yard'" in s.ctl("probe", "--camera", "yard", check=2).stderr
    assert "a URL or --camera ID is missing" in s.ctl("probe", check=2).stderr
    assert "a URL or --camera, not both" in s.ctl("probe", "--camera", "gate", "rtsp://h/1", check=2).stderr
    assert "are the configuration's" in s.ctl("probe", "--camera", "gate", "--udp", check=2).stderr
    done = s.ctl("probe", "--camera", "gate", check=3)
    assert done.stdout == "stream         main, rtsp://127.0.0.1:9/none\n" and "refused" in done.stderr, done


def test_strange_answers(s):
    write(s, "skynetd.yaml", "")
    bad = ["127.0.0.32=printer", "127.0.0.33=bomb", "127.0.0.34=large", "127.0.0.35=latin1", "127.0.0.36=cut", "127.0.0.37=empty",
           "127.0.0.39=foreign"]
    devices = Responder(s, "127.0.0.30=Dahua/IPC-HFW1230S/Dahua", "127.0.0.31=twice", "127.0.0.38=terminal", "127.0.0.39=secure", *bad)
    done = s.ctl("discover", "--interface", "lo", "--json", check=0)
    found = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert [one["address"] for one in found] == ["127.0.0.30", "127.0.0.31", "127.0.0.38", "127.0.0.39"], found
    assert found[0]["vendor"] == "dahua" and found[1]["vendor"] == "", found
    said = s.ctl("discover", "--interface", "lo", check=0)
    assert "\033" not in said.stdout and "\u202e" not in said.stdout, said.stdout
    assert re.search(r"^skynetctl discover: [2-4] answers of devices that are no cameras$", said.stderr, re.M), said.stderr
    assert re.search(r"^skynetctl discover: [12] answers to what was not asked here$", said.stderr, re.M), said.stderr
    assert re.search(r"^skynetctl discover: ([5-9]|10) answers that are no such message$", said.stderr, re.M), said.stderr
    paste = said.stdout[said.stdout.index("cameras:\n"):]
    assert paste.count("https:") == 1 and "host: 127.0.0.39\n    https: true\n    port: 8443\n" in paste, paste
    head = "site: {id: a}\nbroker: {host: h}\naudiences: [{id: duty}]\n"
    assert s.ctl("check", write(s, "pasted.yaml", head + paste)).returncode == 0
    devices.end()


def test_a_crowd_is_bounded(s):
    write(s, "skynetd.yaml", "")
    devices = Responder(s, "127.0.0.40=crowd")
    done = s.ctl("discover", "--interface", "lo", check=0)
    ids = re.findall(r"^  - id: (\S+)$", done.stdout, re.M)
    assert len(ids) == len(set(ids)) == 256, (len(ids), len(set(ids)), done.stderr)  # all of them at one address
    assert re.search(r"\d+ answers were left out: more than 256 cameras", done.stderr), done.stderr
    devices.end()


def test_by_ipv6(s):
    """A camera behind a link of its own (a network namespace): found by IPv6, link-local, and taken in by what was printed."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        raise stage.Skip("needs root and iproute2 for a network namespace")
    name, here, there = f"sky{os.getpid()}", f"skyh{os.getpid() % 10000}", f"skyt{os.getpid() % 10000}"

    def ip(*words):
        return subprocess.run(["ip", *words], capture_output=True, text=True, check=False).returncode == 0
    if not ip("netns", "add", name):
        raise stage.Skip("no network namespace can be made here")
    try:
        net = f"10.214.{os.getpid() % 250}"
        if not (ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
                and ip("addr", "add", f"{net}.1/24", "dev", here) and ip("addr", "add", "fe80::5:1/64", "dev", here, "nodad")
                and ip("-n", name, "addr", "add", f"{net}.2/24", "dev", there)
                and ip("-n", name, "addr", "add", "fe80::5:2/64", "dev", there, "nodad")
                and ip("link", "set", here, "up") and ip("-n", name, "link", "set", there, "up")
                and ip("-n", name, "link", "set", "lo", "up")):
            raise stage.Skip("no virtual link with IPv6 can be made here")
        within = ("ip", "netns", "exec", name)
        devices = Responder(s, "--interface", there, "fe80::5:2=Dahua/IPC-HFW1230S/Gate", f"{net}.2,fe80::5:2=Uniview/IPC/Yard",
                            within=within)
        said = s.ctl("discover", "--interface", here, check=0).stdout
        devices.end()
        assert f'    host: "fe80::5:2%{here}"\n' in said and f"    host: {net}.2\n" in said and said.count("    host:") == 2, said
        assert said.index(f"host: {net}.2") < said.index("host: \"fe80"), said
        pasted = said[said.index("cameras:\n"):].replace("    vendor: dahua\n", "    vendor: dahua\n    port: 8554\n")
        write(s, "skynetd.yaml", "site: {id: a}\nbroker: {host: h}\naudiences: [{id: duty}]\n" + pasted)
        said = s.ctl("check", "-v", check=0).stdout
        assert f"rtsp://[fe80::5:2%{here}]:8554/cam/realmonitor?channel=1&subtype=0" in said, said
        rtsp = subprocess.Popen([*within, stage.program("tests/support/skynet-camera"), "--address", f"fe80::5:2%{there}", "--port", "8554",
                                 "live=" + stage.scene("crossing")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        s.processes.append(rtsp)
        assert rtsp.stdout.readline() == "ready\n"
        for shown in ("%", "%25"):
            done = s.ctl("probe", f"rtsp://[fe80::5:2{shown}{here}]:8554/live", "--seconds", "1", check=0)
            assert "codec          H.264" in done.stdout, done
    finally:
        s.close(False)
        ip("link", "del", here)
        ip("netns", "del", name)


def test_nobody_answers(s):
    write(s, "skynetd.yaml", "")
    assert "no camera answered on lo" in s.ctl("discover", "--interface", "lo", "--seconds", "1", check=1).stderr
    assert "not an interface that is up" in s.ctl("discover", "--interface", "none0", check=3).stderr


if __name__ == "__main__":
    stage.main(globals())
