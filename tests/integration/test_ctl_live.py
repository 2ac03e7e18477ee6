#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skynetctl with a real broker (watch) and a simulated camera (probe)."""
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import stage  # noqa: E402
from stage import until  # noqa: E402

SECRET = "s3cret 密码"
ROOT = "skynet/v1/longquan/"


def envelope(**data):
    return {"specversion": "1.0", "time": "2026-11-22T03:04:05.678Z", "subject": "gate", "data": data}


class Watch:
    """A running skynetctl watch."""

    def __init__(self, s, *words, env=None):
        self.out, self.err = [], []
        self.process = subprocess.Popen([stage.program("daemon/skynetctl"), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env={**os.environ, "TZ": "UTC", **(env or {})})
        s.processes.append(self.process)
        for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err)):
            threading.Thread(target=self.read, args=(stream, lines), daemon=True).start()

    @staticmethod
    def read(stream, lines):
        for line in stream:
            lines.append(line.rstrip("\n"))

    def printed(self, words, seconds=20):
        return until(f"the line {words!r}", lambda: next((line for line in self.out if words in line), None), seconds)

    def said(self, words, count=1, seconds=30):
        try:
            until(f"the word {words!r}", lambda: sum(words in line for line in self.err) >= count, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; said: {self.err}") from None

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.process.wait(10 * stage.PATIENCE)


def write_config(s):
    s.cameras = [{"id": "gate", "name": "东门", "main": "rtsp://127.0.0.1:9/none", "enabled": False}]
    s.write_config()


def set_up(s):
    listen(s)
    write_config(s)
    return s.file("skynetd.yaml")


LOG = "log_type error\nlog_type warning\nlog_type notice\nlog_type information\nlog_type subscribe\n"  # and it says who subscribes


def listen(s, accounts=""):
    s.start_broker(f"listener {s.port} 127.0.0.1\n{accounts or 'allow_anonymous true'}\n{LOG}")


def subscriptions(s):
    """How often the broker has taken all that a watch subscribes to: the last of it."""
    with open(s.file("mosquitto.log"), encoding="utf-8") as log:
        return sum(line.rstrip().endswith((ROOT + "alert-log/resident", ROOT + "alert-log/+")) for line in log)


def connected(s, *words):
    before = subscriptions(s)
    watch = Watch(s, *words)
    watch.said("-- connected, MQTT 5 --")
    until("it has subscribed", lambda: subscriptions(s) > before)
    return watch


def test_lines(s):
    path = set_up(s)
    s.publish("status", envelope(state="online", cameras=2, cameras_ok=1, open_alerts=0), retain=True)
    watch = connected(s, "--config", path, "watch")
    assert watch.printed("STATUS") == "03:04:05 STATUS  online: 1 of 2 cameras ok, 0 alerts open"
    gate = {"id": "gate", "name": "东门"}
    for active in (False, True, True, False, False):
        s.publish("camera/gate/motion", envelope(camera=gate, active=active), retain=True)
    s.publish("camera/gate/status", envelope(camera=gate, state="offline", why="no route"))
    s.publish("event/gate/motion", envelope(camera=gate, event="01jda", kind="motion", phase="begin", score=0.5))
    for audience in ("duty", "resident"):
        s.publish("alert-log/" + audience, envelope(alert="01jdx", rev=1, state="raised", kind="motion", cause="raised", cameras=[gate],
                                                    seq=7))
    s.publish("alert-log/stranger", envelope(alert="01jdz", rev=1, state="raised", kind="motion", cause="raised", cameras=[gate], seq=7))
    s.publish("metrics", envelope(uptime_s=1))
    s.publish("event/gate/last", "no JSON")
    watch.printed("not understood")
    kinds = [line[9:].split()[0] for line in watch.out]
    assert kinds == ["STATUS", "MOTION", "MOTION", "CAMERA", "EVENT", "LOG", "LOG", "?"], watch.out
    assert "LOG     duty " in watch.out[5] and "LOG     resident " in watch.out[6] and not any("01jdz" in line for line in watch.out)
    assert [line[-6:] for line in watch.out if "MOTION" in line] == ["moving", " still"], watch.out
    assert watch.end() == 0 and not any("no broker" in line for line in watch.err), watch.err


def test_one_audience(s):
    path = set_up(s)
    watch = connected(s, "watch", "--config", path, "--audience", "resident")
    for audience in ("duty", "resident"):
        s.publish("alert-log/" + audience, envelope(alert="01jdx", rev=1, state="raised", kind="motion", cause="raised", seq=7))
    watch.printed("LOG     resident")
    assert not any("duty" in line for line in watch.out), watch.out
    assert watch.end(signal.SIGTERM) == 0
    done = s.ctl("watch", "--audience", "stranger", check=2)
    assert "no audience 'stranger' in the configuration" in done.stderr


def test_json(s):
    path = set_up(s)
    watch = connected(s, "--config", path, "watch", "--json")
    s.publish("status", '{\n  "data" : {"state": "online", "share": 0.30000000000000004}\n}', retain=True)
    s.publish("camera/gate/status", "rubbish\n\"")
    s.publish("event/gate/end", "")
    until("three lines", lambda: len(watch.out) == 3)
    assert json.loads(watch.out[0]) == {"topic": ROOT + "status", "retained": False,
                                        "payload": {"data": {"state": "online", "share": 0.30000000000000004}}}
    assert json.loads(watch.out[1])["payload"] == "rubbish\n\"" and json.loads(watch.out[2])["payload"] is None
    assert watch.end() == 0


def test_connects_again_for_ever(s):
    write_config(s)
    watch = Watch(s, "--config", s.file("skynetd.yaml"), "watch")
    watch.said("-- no broker: ")
    listen(s)
    watch.said("-- connected")
    s.kill_broker()
    watch.said("next try in", 2)
    before = subscriptions(s)
    listen(s)
    watch.said("-- connected", 2)
    until("it has subscribed", lambda: subscriptions(s) > before)
    s.publish("status", envelope(state="online"))
    watch.printed("STATUS")
    assert watch.end() == 0


def test_nobody_reads(s):
    path = set_up(s)
    with subprocess.Popen([stage.program("daemon/skynetctl"), "--config", path, "watch", "--json"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        s.processes.append(process)
        s.publish("status", envelope(state="online"), retain=True)
        assert process.stdout.readline().startswith('{"topic"')
        process.stdout.close()
        s.publish("status", envelope(state="stopping"))
        assert process.wait(10 * stage.PATIENCE) == 1


def accounts(s):
    with open(s.file("passwd"), "w", encoding="utf-8"):
        pass
    for user, password in (("skynetd", "daemon's own"), ("duty-wang", SECRET)):
        subprocess.run([stage.tool("mosquitto_passwd"), "-b", s.file("passwd"), user, password], check=True, stderr=subprocess.DEVNULL)
    if os.geteuid() == 0:
        os.chmod(s.folder, 0o755)
        os.chmod(s.file("passwd"), 0o644)
    listen(s, f"allow_anonymous false\npassword_file {s.file('passwd')}")
    for name, text in (("own", "daemon's own"), ("wang", SECRET)):
        with open(s.file(name), "w", encoding="utf-8") as out:
            out.write(text + "\n")
        os.chmod(s.file(name), 0o600)
    s.broker_config = {"host": "127.0.0.1", "port": s.port, "user": "skynetd", "password_file": s.file("own")}
    write_config(s)


def test_accounts(s):
    """The daemon's account is for the configuration's broker only; another needs its own, or needs no configuration at all."""
    accounts(s)
    config, broker = ["--config", s.file("skynetd.yaml")], ["--host", "127.0.0.1", "--port", str(s.port)]
    assert connected(s, *config, "watch").end() == 0
    refused = Watch(s, *config, "watch", *broker)
    refused.said("-- no broker: ")
    assert not any("connected" in line for line in refused.err), refused.err
    assert refused.end() == 0
    assert connected(s, *config, "watch", "--user", "duty-wang", "--password-file", s.file("wang")).end() == 0
    away = connected(s, "watch", *broker, "--site", "longquan", "--user", "duty-wang", "--password-file", s.file("wang"))
    subprocess.run([stage.tool("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(s.port), "-u", "skynetd", "-P", "daemon's own", "-t",
                    ROOT + "alert-log/anybody", "-m", json.dumps(envelope(alert="01jdx", kind="motion", state="raised"))], check=True)
    away.printed("LOG     anybody")
    assert away.end() == 0
    wrong = Watch(s, *config, "watch", "--user", "duty-wang", "--password-file", s.file("own"))
    wrong.said("-- no broker: ")
    assert wrong.end() == 0
    assert not any(SECRET in line or "daemon's own" in line for line in refused.err + wrong.err + away.err)
    done = s.ctl("watch", "--user", "duty-wang", "--password-file", s.file("none"), check=1)
    assert "none" in done.stderr


class Terminal:
    """A program with a terminal of its own."""

    def __init__(self, s, *words):
        self.child, self.master = pty.fork()
        if self.child == 0:
            os.execv(words[0], words)
        self.seen, self.code = b"", None
        s.processes.append(self)

    def read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            try:
                self.seen += os.read(self.master, 4096)
            except OSError:
                return False
        return True

    def wait_for(self, text):
        until(f"{text} on the terminal", lambda: self.read(0.1) and text in self.seen.decode())

    def echoes(self):
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def type(self, text):
        os.write(self.master, text.encode())

    def poll(self):
        if self.code is None:
            pid, status = os.waitpid(self.child, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        return self.code

    def wait(self, timeout=20):
        deadline = time.monotonic() + timeout * stage.PATIENCE
        while self.poll() is None and time.monotonic() < deadline:
            self.read(0.05)
        while self.read(0) and select.select([self.master], [], [], 0)[0]:
            pass
        assert self.code is not None, "it does not end"
        return self.code

    def send_signal(self, number):
        os.kill(self.child, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def cameras(s, *options):
    with open(s.file("password"), "w", encoding="utf-8") as out:
        out.write(SECRET + "\n")
    return stage.Cameras(s, {"gate": stage.scene("empty", 20)}, options=options)


def probe(*words):
    return subprocess.run([stage.program("daemon/skynetctl"), "probe", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=120 * stage.PATIENCE, start_new_session=True)  # no terminal to ask at


def facts(text):
    return {line[:15].strip(): line[15:] for line in text.splitlines() if line[:1] != " "}


def test_probe(s):
    rtsp = cameras(s, "--clock-offset", "28800")
    for transport in ("tcp", "udp"):
        picture = s.file(transport + ".jpg")
        done = probe(rtsp.url("gate"), "--seconds", "5", "--" + transport, "--snapshot", picture)
        assert done.returncode == 0 and not done.stderr, done
        told = facts(done.stdout)
        assert told["codec"] == "H.264" and told["size"] == "640x360" and told["transport"] == transport.upper(), told
        assert 24 <= float(told["rate"].split()[0]) <= 26 and told["GOP"].startswith("50 pictures, 2.0 s"), told
        assert told["clock"] == "8 h 0 min ahead of here" and "time zone" in told["advice"], told
        assert told["rate control"].startswith("constant, it seems (") and "(VBR)" in done.stdout, told
        with open(picture, "rb") as jpeg:
            assert jpeg.read(3) == b"\xff\xd8\xff" and os.stat(picture).st_mode & 0o777 == 0o600 and told["picture"] == picture
        assert float(told["bit rate"].split()[0]) > 10 and re.fullmatch(r"after \d+\.\d\d s", told["first picture"]), told
    done = probe(rtsp.url("gate"), "--seconds", "1")
    assert "longer than" in facts(done.stdout)["GOP"], done.stdout
    there = probe(rtsp.url("gate"), "--seconds", "1", "--snapshot", picture)
    assert there.returncode == 2 and "is there already" in there.stderr and not there.stdout, there
    done = probe(rtsp.url("nowhere"), "--snapshot", s.file("none.jpg"))
    assert not os.path.exists(s.file("none.jpg"))
    assert done.returncode == 3 and not done.stdout and done.stderr.startswith("skynetctl probe: "), done
    rtsp.kill()
    done = probe(rtsp.url("gate"))
    assert done.returncode == 3 and not done.stdout and done.stderr.count("\n") == 1, done


def test_probe_account(s):
    with open(s.file("password"), "w", encoding="utf-8") as out:
        out.write(SECRET + "\n")
    rtsp = cameras(s, "--user", "viewer", "--password-file", s.file("password"), "--auth", "digest")
    url = rtsp.url("gate")
    good = probe(url, "--seconds", "1", "--user", "viewer", "--password-file", s.file("password"))
    assert good.returncode == 0, good
    none = probe(url, "--seconds", "1")
    wrong = probe(url.replace("//", "//viewer:wr0ng%20one@"), "--seconds", "1")
    for done in (none, wrong):
        assert done.returncode == 3 and "authentication" in done.stderr, done
    mute = probe(url, "--user", "viewer")
    assert mute.returncode == 2 and "--password-file" in mute.stderr, mute
    lost = probe(url, "--user", "viewer", "--password-file", s.file("none"))
    assert lost.returncode == 1 and s.file("none") in lost.stderr, lost
    for done in (good, none, wrong, mute, lost):
        assert not re.search("s3cret|wr0ng", done.stdout + done.stderr), done


def ask(s, url, *more):
    terminal = Terminal(s, stage.program("daemon/skynetctl"), "probe", url, "--seconds", "1", *more)
    terminal.wait_for("password: ")
    assert not terminal.echoes()
    return terminal


def test_password_on_the_terminal(s):
    with open(s.file("password"), "w", encoding="utf-8") as out:
        out.write(SECRET + "\n")
    rtsp = cameras(s, "--user", "viewer", "--password-file", s.file("password"), "--auth", "basic")
    for url, more in ((rtsp.url("gate"), ["--user", "viewer"]), (rtsp.url("gate").replace("//", "//viewer@"), [])):
        terminal = ask(s, url, *more)
        terminal.type(SECRET + "\n")
        assert terminal.wait() == 0, terminal.seen
        assert "H.264" in terminal.seen.decode() and "s3cret" not in terminal.seen.decode(), terminal.seen
        assert terminal.echoes()
    for typed, code in (("\x04", 2), ("\x03", -signal.SIGINT)):  # Ctrl-D, Ctrl-C: whatever happens, the terminal echoes again
        terminal = ask(s, rtsp.url("gate"), "--user", "viewer")
        terminal.type(typed)
        assert terminal.wait() == code, (typed, terminal.code, terminal.seen)
        assert terminal.echoes()


def test_the_daemon_itself(s):
    """What the stub of the other file says, from the real one: status, a test alert, an acknowledgement."""
    s.start_broker()
    rtsp = cameras(s)
    s.cameras = [{"id": "gate", "name": "东门", "main": rtsp.url("gate")}]
    s.start_daemon()
    s.wait_camera("gate", "ok")
    until("the broker", lambda: s.status()["broker.state"] == "connected")
    shown = s.ctl("status").stdout
    assert re.search(r"^  gate +东门 +ok +\d+ s +H\.264 640x360 +", shown, re.M), shown
    assert re.search(r"^test alert \w+ for duty: the broker has it after \d+ ms$", s.ctl("test-alert", "duty", check=0).stdout.strip())
    assert "no such audience" in s.ctl("test-alert", "stranger", check=1).stderr
    assert "no open alert" in s.ctl("ack", "01jdxxxxxxxxxxxxxxxxxxxxxx", check=1).stderr
    assert s.stop_daemon() == 0
    assert "no daemon answers" in s.ctl("status", check=3).stderr


if __name__ == "__main__":
    stage.main(globals())
