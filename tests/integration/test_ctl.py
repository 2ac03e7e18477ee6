#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skynetctl without a daemon: usage, configuration, and what it makes of answers (a socket says what the test wants)."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import stage  # noqa: E402

COMMANDS = ["check", "print-config", "status", "watch", "test-alert", "ack", "assign", "resolve", "dismiss", "comment", "probe",
            "analyze"]
STATUS = {
    "site": "longquan", "site_name": "龙泉村", "version": "0.1.0", "uptime_s": "7260", "state": "online", "clock_synced": "yes",
    "broker.state": "connected", "broker.mqtt": "5", "broker.since_s": "59", "queue.undelivered": "0", "queue.in_flight": "0",
    "queue.dead": "0", "queue.evicted": "0", "queue.refused_audiences": "", "disk.durable": "yes", "disk.trouble": "",
    "disk.database_bytes": "4096", "disk.evidence_bytes": "1000000", "disk.free_bytes": "2000000000", "config_error": "",
    "cameras": "gate,reservoir", "camera.gate.name": "东门", "camera.gate.state": "ok", "camera.gate.since_s": "130",
    "camera.gate.codec": "H.264", "camera.gate.size": "640x360", "camera.gate.fps": "25.0", "camera.gate.events": "3",
    "camera.gate.suppressed": "41", "camera.gate.suppressed_most": "sway in row 2, column 3 of 4", "camera.gate.suppressed.sway": "41",
    "camera.reservoir.name": "水库西侧", "camera.reservoir.state": "disabled", "camera.reservoir.since_s": "4",
    "camera.reservoir.events": "0", "camera.reservoir.suppressed": "0",
    "camera.reservoir.suppressed_most": "", "alerts": "01jdx", "alerts.open": "1", "alert.01jdx.kind": "motion",
    "alert.01jdx.camera": "gate", "alert.01jdx.state": "raised", "alert.01jdx.begin": "2026-11-22T03:04:05.678Z",
}


class Daemon:
    """A local socket that takes one line and answers with one. answer: a dict, raw bytes, or None for silence."""

    def __init__(self, s, answer):
        self.path, self.answer, self.asked = s.file("stub.sock"), answer, []
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.path)
        self.socket.listen(4)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                caller, _ = self.socket.accept()
            except OSError:
                return
            with caller:
                line = caller.makefile("rb").readline()
                self.asked.append(json.loads(line))
                if self.answer is None:
                    caller.recv(1)  # until the caller gives up
                    continue
                data = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer, ensure_ascii=False).encode() + b"\n"
                try:
                    caller.sendall(data)
                except BrokenPipeError:
                    pass  # it has heard enough

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def run(*words, **more):
    return subprocess.run([stage.program("daemon/skynetctl"), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=120 * stage.PATIENCE,
                          **more)


def ask(s, answer, *words):
    """(what came back, what the daemon was asked)"""
    daemon = Daemon(s, answer)
    done = run("--socket", daemon.path, *words)
    daemon.close()
    return done, daemon.asked


def expect(done, code, error=None):
    assert done.returncode == code, (done.args, done.returncode, done.stdout, done.stderr)
    if error:
        assert re.search(error, done.stderr), (done.args, done.stderr)


def one_line(done, code, error):
    expect(done, code, error)
    assert done.stderr.count("\n") == 1 and not done.stdout, (done.args, done.stdout, done.stderr)


def write(s, name, text):
    with open(s.file(name), "w", encoding="utf-8") as out:
        out.write(text)
    return s.file(name)


GOOD = """site: {id: longquan, name: 龙泉村}
broker: {host: 127.0.0.1}
control_socket: %s
audiences: [{id: duty, name: 值班员}]
cameras:
  - {id: gate, name: 东门, main: "rtsp://127.0.0.1/a"}
  - {id: yard, name: 院子, main: "rtsp://127.0.0.1/b"}
"""


def test_help(s):
    done = run("--help")
    expect(done, 0)
    assert all(re.search(rf"^  {name} ", done.stdout, re.M) for name in COMMANDS) and "Exit codes: 0 " in done.stdout, done.stdout
    for name in COMMANDS:
        done = run(name, "--help")
        expect(done, 0)
        assert "Usage:" in done.stdout and "Exit codes: 0 " in done.stdout and not done.stderr, done.stdout
    expect(run("--version"), 0)


def test_wrong_usage_is_one_line(s):
    one_line(run(), 2, "a command is missing")
    one_line(run("satus"), 2, "no command satus")
    one_line(run("--colour"), 2, "--colour")
    one_line(run("--config"), 2, "--config|-c")
    for name in COMMANDS:
        one_line(run(name, "--colour"), 2, f"^skynetctl {name}: .*--colour")
    for words in (["test-alert"], ["ack"], ["assign", "x"], ["analyze"]):
        one_line(run(*words), 2, "an argument is missing")
    for words in (["check", "a", "b"], ["status", "x"], ["watch", "x"], ["ack", "x", "y"], ["probe", "a", "b"], ["print-config", "x"]):
        one_line(run(*words), 2, "too many arguments")
    one_line(run("comment", "x"), 2, "--note TEXT is missing")
    one_line(run("ack", "x", "--note", "长" * 171), 2, "511 bytes")
    one_line(run("ack", "x", "--note", b"\xff"), 2, "UTF-8")
    one_line(run("probe"), 2, "a URL or --camera ID is missing")
    one_line(run("probe", "http://a/b"), 2, "rtsp://")
    one_line(run("probe", "rtsp://u:secret@[/"), 2, "skynetctl probe: (?!.*secret)")
    one_line(run("probe", "--tcp", "--udp", "rtsp://a/"), 2, "not both")
    one_line(run("probe", "--decoders", "rtsp://a/"), 2, "not at a camera")
    one_line(run("probe", "--seconds", "0", "rtsp://a/"), 2, "1 to 120")
    one_line(run("analyze", "a", "b", "--masks", s.file("m")), 2, "one VIDEO")
    one_line(run("analyze", "a", "--analysis-fps", "-3"), 2, "0 to 60")
    one_line(run("watch", "--host", "a", "--socket-broker", "b"), 2, "not both")
    one_line(run("watch", "--port", "1"), 2, "go with --host")
    one_line(run("watch", "--site", "x"), 2, "--site goes with")
    one_line(run("watch", "--site", "A/#", "--host", "x"), 2, "an id")
    one_line(run("watch", "--site", "x", "--host", "x", "--audience", "+"), 2, r"no audience '\+'")
    one_line(run("watch", "--password-file", "x"), 2, "goes with --user")


def test_check(s):
    good = write(s, "good.yaml", GOOD % s.file("c.sock"))
    for words in (["check", good], ["--config", good, "check"], ["check", "--config", good], ["check", f"--config={good}"]):
        done = run(*words)
        expect(done, 0)
        assert done.stdout == f"{good}: ok, 2 cameras, 1 audiences\n" and not done.stderr, done
    bad = write(s, "bad.yaml", GOOD.replace("id: gate", "id: Gate").replace("127.0.0.1}", "127.0.0.1, prot: 1}") % "relative")
    done = run("check", bad)
    expect(done, 1)
    for line in (2, 3, 6):
        assert re.search(rf"^{re.escape(bad)}:{line}:\d+: ", done.stderr, re.M), done.stderr
    assert not done.stdout
    expect(run("check", s.file("none.yaml")), 1, "none.yaml")


def test_credentials_of_the_service(s):
    """What the service manager hands to the service alone is found by root while it runs; else it is said that there is none."""
    path = write(s, "secret.yaml", GOOD.replace("host: 127.0.0.1}", "host: 127.0.0.1, user: gateway, password_file: 'credential:broker'}")
                 % s.file("control.sock"))
    expect(run("check", path), 1, "no credentials here")
    if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True).returncode != 0:
        raise stage.Skip("a /run of its own needs root")
    script = ("mount -t tmpfs tmpfs /run && mkdir -p /run/credentials/skynetd.service && umask 077 &&"
              ' echo secret >/run/credentials/skynetd.service/broker && exec "$0" "$@"')
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, stage.program("daemon/skynetctl"), "check", path], capture_output=True,
                          text=True)
    expect(done, 0)


def test_print_config(s):
    done = run("print-config")
    expect(done, 0)
    with open(os.path.join(stage.SOURCE, "config/skynetd.yaml"), encoding="utf-8") as shipped:
        assert done.stdout == shipped.read()
    assert run("check", write(s, "default.yaml", done.stdout)).returncode == 0
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([stage.program("daemon/skynetctl"), "print-config"], stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=60 * stage.PATIENCE)
    expect(done, 1, "standard output")


def test_status_table(s):
    done, asked = ask(s, STATUS, "status")
    expect(done, 0)
    assert asked == [{"verb": "status"}] and not done.stderr
    lines = done.stdout.splitlines()
    assert "site     龙泉村 (longquan), skynetd 0.1.0, up 2 h 1 min, clock synced" in lines, done.stdout
    gate = next(line for line in lines if line.startswith("  gate "))
    water = next(line for line in lines if line.startswith("  reservoir "))
    head = next(line for line in lines if line.startswith("  CAMERA"))
    # two cells a Chinese character: 东门 is padded by four more than 水库西侧
    assert gate.startswith("  gate       东门      ok        2 min  H.264 640x360 25.0 fps  3       41, most: sway in row 2, column 3 "
                           "of 4"), gate
    assert water.startswith("  reservoir  水库西侧  disabled  4 s    -                       0       0"), water
    assert head.startswith("  CAMERA     NAME      STATE     SINCE  STREAM                  EVENTS  SUPPRESSED"), head
    assert any(re.match(r"  01jdx +motion +gate +raised +2026-11-22T03:04:05.678Z$", line) for line in lines), done.stdout
    assert not any(line.endswith(" ") for line in lines)


def test_status_says_what_is_wrong(s):
    for change, words in (
            ({"camera.gate.state": "offline", "camera.gate.why": "no route", "camera.gate.next_try_s": "8"}, "no route, next try in 8 s"),
            ({"broker.state": "refused", "broker.why": "not authorised", "broker.mqtt": ""}, "refused for 59 s: not authorised"),
            ({"disk.durable": "no", "disk.trouble": "disk full"}, "NOT DURABLE"),
            ({"queue.unacknowledged_s": "45"}, "HAS ACKNOWLEDGED NOTHING for 45 s"),
            ({"queue.refused_audiences": "duty"}, "LETS NOTHING THROUGH TO: duty"),
            ({"queue.commands_refused": "yes"}, "GIVES US NO COMMANDS"),
            ({"camera.gate.fps": "0.0", "camera.gate.state": "blind"}, "H.264 640x360  3"),  # not counted yet is not none a second
            ({"config_error": "a.yaml:3: wrong"}, "last reload was refused: a.yaml:3: wrong")):
        done, _ = ask(s, {**STATUS, **change}, "status")
        expect(done, 1)
        assert words in done.stdout, done.stdout


def test_status_json(s):
    odd = {**STATUS, "camera.gate.why": "\x1b[2J\"\\"}
    done, _ = ask(s, odd, "status", "--json")
    expect(done, 0)
    assert done.stdout.count("\n") == 1 and json.loads(done.stdout) == odd


def test_no_word_of_a_camera_moves_the_cursor(s):
    hostile = "\x1b[2Jgone\x07\u202e\n\x9b1A"
    for key in ("site_name", "camera.gate.name", "camera.gate.why", "broker.why", "disk.trouble", "config_error"):
        done, _ = ask(s, {**STATUS, key: hostile}, "status")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.stdout), (key, done.stdout)
        assert "gone" in done.stdout, (key, done.stdout)
    done, _ = ask(s, {"error": hostile, "code": "busy"}, "ack", "x")
    one_line(done, 1, "gone")
    assert "\x1b" not in done.stderr


def test_nothing_is_empty(s):
    done, _ = ask(s, {**STATUS, "cameras": "", "alerts": "", "alerts.open": "0"}, "status")
    expect(done, 0)
    assert "no cameras" in done.stdout and "alerts   0 open\n" in done.stdout, done.stdout


def test_alerts(s):
    for words, verb, more in (
            (["ack", "01jdx"], "acknowledge", {}),
            (["assign", "01jdx", "wang", "--note", "去看看"], "assign", {"assignee": "wang", "note": "去看看"}),
            (["resolve", "01jdx"], "resolve", {}),
            (["dismiss", "--note", "a cat", "01jdx"], "dismiss", {"note": "a cat"}),
            (["comment", "01jdx", "--note=x"], "comment", {"note": "x"})):
        done, asked = ask(s, {"ok": "yes", "rev": "2"}, *words)
        expect(done, 0)
        assert done.stdout == f"01jdx: {verb}, revision 2\n", done.stdout
        actor = asked[0].pop("actor")
        assert re.fullmatch("[a-z0-9][a-z0-9-]*", actor), actor
        assert asked == [{"verb": verb, "alert": "01jdx", "note": "", "assignee": "", **more}], asked
    done, _ = ask(s, {"error": "no open alert has this id", "code": "unknown-alert"}, "ack", "01jdx")
    one_line(done, 1, "no open alert has this id")
    done, asked = ask(s, {"ok": "yes", "alert": "01jdy", "ms": "41"}, "test-alert", "duty")
    expect(done, 0)
    assert asked == [{"verb": "test-alert", "audience": "duty"}], asked
    assert done.stdout == "test alert 01jdy for duty: the broker has it after 41 ms\n"
    done, _ = ask(s, {"error": "there is no such audience", "code": "bad-value"}, "test-alert", "x")
    one_line(done, 1, "no such audience")


def test_note_in_any_locale(s):
    daemon = Daemon(s, {"ok": "yes", "rev": "2"})
    done = run("--socket", daemon.path, "ack", "x", "--note", "夜里", env={**os.environ, "LC_ALL": "C"})
    daemon.close()
    expect(done, 0)
    assert daemon.asked[0]["note"] == "夜里"


def test_no_daemon(s):
    nowhere = s.file("none.sock")
    for words in (["status"], ["ack", "x"], ["test-alert", "duty"]):
        one_line(run("--socket", nowhere, *words), 3, "none.sock: no daemon answers there")
    stale = s.file("stale.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(stale)
    one_line(run("--socket", stale, "status"), 3, "no daemon answers there")
    one_line(run("--socket", "/" + "x" * 200, "status"), 3, "too long")
    good = write(s, "good.yaml", GOOD % nowhere)
    one_line(run("--config", good, "status"), 3, "none.sock: no daemon")
    done = run("--config", s.file("lost.yaml"), "status")
    expect(done, 3, "lost.yaml can not be used")


def test_odd_answers(s):
    for answer, words in ((b"", "hung up without an answer"), (b'{"a":"b"}', "hung up without an answer"), (b"\n", "another version"),
                          (b"hello\n", "another version"), (b'{"a":1}\n', "another version"), (b"x" * 1200000, "another version")):
        done, _ = ask(s, answer, "status")
        one_line(done, 3, words)


def test_silent_daemon(s):
    done, _ = ask(s, None, "status")
    one_line(done, 3, "has not answered in time")


def suspended(*words):
    """What it says on standard error, stopped and resumed (Ctrl-Z, fg) while it waits."""
    with subprocess.Popen([stage.program("daemon/skynetctl"), *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:
        for _ in range(5):
            time.sleep(0.2)
            process.send_signal(signal.SIGSTOP)
            process.send_signal(signal.SIGCONT)
        return process.stderr.read()


def test_full_queue(s):
    """A daemon that hangs takes no calls once its backlog is full: that must not hang the tool too."""
    path, waiting = s.file("full.sock"), []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(0)
        for _ in range(4):
            one = socket.socket(socket.AF_UNIX)
            one.setblocking(False)
            waiting.append(one)
            if one.connect_ex(path):
                break
        one_line(run("--socket", path, "status"), 3, "does not take calls")
        said = suspended("--socket", path, "status")
        assert "does not take calls" in said, said
    for one in waiting:
        one.close()


def test_permission(s):
    if os.geteuid() != 0:
        raise stage.Skip("needs root, to become somebody else")
    os.chmod(s.folder, 0o755)
    daemon = Daemon(s, STATUS)
    os.chown(daemon.path, 0, 12)
    os.chmod(daemon.path, 0o660)
    try:
        done = run("--socket", daemon.path, "status", user=65534, group=65534, extra_groups=[])
    except PermissionError as error:
        raise stage.Skip("the build folder is closed to others") from error
    finally:
        daemon.close()
    import grp
    one_line(done, 3, f"permission denied: run it as root, or become a member of the group {grp.getgrgid(12).gr_name}")


def test_decoders(s):
    """Whatever this box has: software decodes, and where a device does not it says why."""
    shipped = os.path.join(os.environ.get("SKYNET_SOURCE", "."), "pipelines")
    done = run("probe", "--decoders", env={**os.environ, "SKYNET_PIPELINES": shipped})
    expect(done, 0)
    assert re.search(r"^  software +MJPEG +yes, \d+\.\d+ ms a picture", done.stdout, re.M), done.stdout
    for decoder in "vaapi", "v4l2":
        assert len(re.findall(rf"^  {decoder} +(?:H\.264|H\.265|MJPEG) +(?:yes, \d|no: \w|not tried: \w)", done.stdout,
                              re.M)) == 3, done.stdout
    assert "\n  device " in done.stdout, done.stdout
    if "built without GStreamer" not in done.stdout:
        assert re.search(r"^  rtsp-tcp +its elements are here$", done.stdout, re.M), done.stdout
        assert re.search(r"^  rtsp-mpp +(its elements are here|no: .*mppvideodec \(not in Debian)", done.stdout, re.M), done.stdout


if __name__ == "__main__":
    stage.main(globals())
