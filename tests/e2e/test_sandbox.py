#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The unit as it is installed, its restrictions applied by hand: the daemon does all of its work within, and what it must not do is
refused. And its watchdog: a decoder that hangs gets a restart, cameras that are gone do not."""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import stage
from stage import until

SANDBOX = os.path.join(stage.SOURCE, "tests/support/sandbox.py")
# In Python: each prints its name and what came of it. Everything but the last two has to be refused.
PROBES = r"""
import ctypes, mmap, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def say(name, test):
    try:
        test()
        print(name, "WENT")
    except (OSError, ValueError) as error:
        print(name, type(error).__name__, getattr(error, "errno", ""))
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
def libc_call(name, *arguments):
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
say("write-usr", lambda: open("/usr/probe", "w"))
say("write-etc", lambda: open("/etc/skynetd/probe", "w"))
say("write-root", lambda: os.mkdir("/probe"))
say("see-home", lambda: os.listdir("/root"))
say("open-disk", lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(8, 0)))
say("become-root", lambda: os.setuid(0))
say("set-id", lambda: (open("/tmp/file", "w").close(), os.chmod("/tmp/file", 0o4755)))
say("write-execute", lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC))
say("packet-socket", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
say("raw-socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
say("bluetooth", lambda: socket.socket(31, socket.SOCK_RAW))
say("namespace", lambda: libc_call("unshare", 0x10000000))
say("mount", lambda: libc_call("mount", b"x", b"/tmp", b"tmpfs", 0, None))
say("trace", lambda: libc_call("ptrace", 0, 0, 0, 0))
say("personality", lambda: libc_call("personality", 0x40000))
say("realtime", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
say("kernel-log", lambda: libc_call("klogctl", 3, ctypes.create_string_buffer(64), 64))
say("host-name", lambda: socket.sethostname("probe"))
say("set-clock", lambda: libc_call("clock_settime", 0, ctypes.create_string_buffer(16)))
say("other-processes", lambda: os.stat("/proc/1"))
say("state", lambda: open("/var/lib/skynetd/probe", "w").close())
say("read-clock", lambda: libc_call("adjtimex", ctypes.create_string_buffer(256)))
"""
ALLOWED = {"state", "read-clock"}
WRITABLE = {"/var/lib/skynetd", "/run/skynetd", "/tmp", "/var/tmp", "/dev/shm", "/proc"}


class Notified:
    """What systemd would hear."""

    def __init__(self, s):
        self.name, self.said = f"skynet-test-{os.getpid()}-{s.port}", []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.name)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            text = self.socket.recv(4096).decode()
            self.said.append((time.monotonic(), text))

    def since(self):
        """Seconds since the watchdog was fed."""
        fed = [at for at, text in list(self.said) if "WATCHDOG=1" in text]
        return time.monotonic() - fed[-1] if fed else None


def is_plain(why):
    with open(stage.program("daemon/skynetd"), "rb") as program:
        text = program.read()
    if b"__asan_init" in text or b"__tsan_init" in text:
        raise stage.Skip(why)


def needs():
    if os.geteuid() != 0:
        raise stage.Skip("only root can restrict as systemd does")
    if not os.path.exists("/usr/bin/python3"):
        raise stage.Skip("the system has no python3")
    stage.tool("systemd-analyze")
    try:
        __import__("ctypes").CDLL("libseccomp.so.2")
    except OSError:
        raise stage.Skip("libseccomp is not installed") from None
    is_plain("a sanitizer's runtime does what the sandbox forbids")


def enter(s, command, **environment):
    """Runs it within; the process, and the table of what applied."""
    for name in ("etc", "state", "run"):
        os.makedirs(s.file(name), exist_ok=True)
    unit = os.path.join(stage.SOURCE, "deploy/systemd/skynetd.service")
    done = subprocess.Popen([sys.executable, SANDBOX, unit, s.folder, s.file("table"), *command], stdout=subprocess.PIPE,
                            stderr=open(s.file("skynetd.log"), "a", encoding="utf-8"), text=True,
                            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment})
    s.processes.append(done)
    return done


def show(s):
    """Prints the table; the settings that this machine did not let apply."""
    with open(s.file("table"), encoding="utf-8") as text:
        rows = [line.rstrip("\n").split("\t") for line in text]
    for name, value, done in rows:
        print(f"# {name:24} {value[:44]:44} {done}")
    assert rows and not [row for row in rows if row[2] == "UNKNOWN"], rows
    return {row[0] for row in rows if row[2].startswith("skipped")}


def leave_groups(s):
    """The cgroups that sandbox.py made for this process's children go with them."""
    for process in s.processes:
        process.terminate()
    for controller in ("memory", "pids", "devices"):
        group = f"/sys/fs/cgroup/{controller}/skynet-test-{os.getpid()}"
        if os.path.isdir(group):
            until("the cgroup is empty", lambda group=group: not open(group + "/cgroup.procs", encoding="ascii").read(), 10)
            os.rmdir(group)


def confined(test, s):
    needs()
    try:
        test(s)
    finally:
        leave_groups(s)


def configure(s):
    s.options["storage"]["directory"] = "/var/lib/skynetd"
    s.options["top"]["control_socket"] = "/run/skynetd/control.sock"
    s.write_config()
    os.makedirs(s.file("etc"), exist_ok=True)
    shutil.copy(s.file("skynetd.yaml"), os.path.join(s.file("etc"), "skynetd.yaml"))


def start(s, **environment):
    configure(s)
    s.daemon = enter(s, [stage.program("daemon/skynetd"), "--config", "/etc/skynetd/skynetd.yaml"], **environment)
    if not os.path.islink(s.file("control.sock")):
        os.symlink("run/control.sock", s.file("control.sock"))
    until("the daemon's socket", lambda: s.daemon_answers() or s.daemon.poll() is not None, 30)
    assert s.daemon.poll() is None, s.log()[-1000:]


def ask(s, *words, check=0):
    return s.ctl("--socket", s.file("control.sock"), *words, check=check)


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as text:
        return dict(line.rstrip("\n").split(":\t", 1) for line in text if ":\t" in line)


def is_confined(s, skipped):
    """As the kernel sees the process."""
    state = status_of(s.daemon.pid)
    assert state["Uid"].split() == ["61111"] * 4 and state["NoNewPrivs"] == "1" and state["Seccomp"] == "2", state
    assert int(state["CapEff"], 16) == int(state["CapPrm"], 16) == int(state["CapAmb"], 16) == 0
    assert int(state["CapBnd"], 16) == 0 or "CapabilityBoundingSet" in skipped
    if "ProtectSystem" not in skipped:
        with open(f"/proc/{s.daemon.pid}/mountinfo", encoding="ascii") as text:
            writable = {line.split()[4] for line in text if line.split()[5].startswith("rw")}
        assert writable <= WRITABLE, writable - WRITABLE
    with open(f"/proc/{s.daemon.pid}/limits", encoding="ascii") as text:
        assert [line.split()[3] for line in text if line.startswith("Max open files")] == ["4096"]


def must_not_do(s):
    probe = enter(s, ["/usr/bin/python3", "-I", "-c", PROBES])
    said = probe.communicate(timeout=60 * stage.PATIENCE)[0]
    skipped = show(s)
    found = dict(line.split(" ", 1) for line in said.splitlines())
    print("# " + said.rstrip().replace("\n", "\n# "))
    assert len(found) == PROBES.count("\nsay("), s.log()
    went = {name for name, what in found.items() if what == "WENT"}
    assert went == ALLOWED, (went ^ ALLOWED, skipped)


def test_what_it_must_not_do(s):
    confined(must_not_do, s)


def does_its_work(s):
    s.start_broker()
    rtsp = stage.Cameras(s, {"gate": stage.scene("crossing"), "yard": stage.scene("empty")})
    s.cameras = [{"id": "gate", "main": rtsp.url("gate"), "hold": "1s"}]
    seen, notified = s.subscribe(), Notified(s)
    start(s, NOTIFY_SOCKET="@" + notified.name, WATCHDOG_USEC="30000000")
    skipped = show(s)
    is_confined(s, skipped)
    raised = seen.wait("/alert-log/duty", 40, cause="raised")["data"]
    alert = raised["alert"]
    told = until("clip", lambda: [e for _, e in seen.json("/alert-log/duty", alert=alert) if e["data"].get("clip")], 40)
    clip = told[-1]["data"]["clip"]
    assert stage.sha256(s.evidence("gate", alert + ".mp4")) == clip["sha256"]
    stage.plays(s.evidence("gate", alert + ".mp4"))
    until("a picture", lambda: [m for m in list(seen.messages)
                                if m.topic.endswith(f"/image/duty/{alert}") and m.payload[:2] == b"\xff\xd8"])
    ask(s, "ack", alert)
    seen.wait("/alert-log/duty", alert=alert, state="acknowledged")
    s.publish("cmd/duty/wang/snapshot", {"request_id": "look", "camera": "gate"})
    assert seen.wait("/reply/duty/wang", request_id="look")["data"]["ok"]
    ask(s, "test-alert", "duty")
    s.cameras.append({"id": "yard", "main": rtsp.url("yard"), "pipeline": "decodes.pipeline"})
    configure(s)
    with open(os.path.join(s.file("etc"), "decodes.pipeline"), "w", encoding="utf-8") as out:
        out.write(stage.DECODES.replace("openh264dec", "openh264dec ! videoconvert ! video/x-raw,format=NV12"))
    s.daemon.send_signal(signal.SIGHUP)
    state = until("the second camera", lambda: (state := s.status()).get("camera.yard.state") in ("ok", "misconfigured") and state, 30)
    if "built without GStreamer" not in state["camera.yard.why"]:
        state = until("its pictures", lambda: (state := s.status()).get("camera.yard.analysis_fps", "0.0") != "0.0" and state, 30)
        assert state["camera.yard.decoder"] == "pipeline", state
    assert state["disk.durable"] == "yes" and not state["disk.trouble"] and not state["config_error"], state
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as text:
        assert state["boot_id"] == text.read().strip().replace("-", "")
    assert s.stop_daemon() == 0
    for word in "READY=1", "STOPPING=1":
        until(word, lambda word=word: any(word in text for _, text in list(notified.said)))
    complaints = [line for line in s.log().splitlines() if re.search("not permitted|ermission denied|ead-only", line)]
    assert not complaints, complaints
    # Again, on what the first run left.
    start(s)
    until("the gate again", lambda: s.status().get("camera.gate.state") == "ok", 30)
    assert s.stop_daemon() == 0
    stage.check_schemas(seen.messages)


def test_all_of_its_work(s):
    confined(does_its_work, s)


def test_a_decoder_that_hangs(s):
    """No WATCHDOG=1 comes any more, and after the restart all is well; the other camera is looked at all the while."""
    freeze = stage.preloaded("skynet-freeze")
    s.start_broker()
    rtsp = stage.Cameras(s, {"gate": stage.scene("crossing"), "yard": stage.scene("crossing")})
    s.cameras = [{"id": name, "main": rtsp.url(name), "hold": "1s"} for name in ("gate", "yard")]
    s.options["top"]["workers"] = 2
    seen, notified = s.subscribe(), Notified(s)
    s.environment = {"LD_PRELOAD": freeze, "SKYNET_FREEZE": s.file("freeze"), "NOTIFY_SOCKET": "@" + notified.name,
                     "WATCHDOG_USEC": "4000000"}
    s.start_daemon()
    for name in ("gate", "yard"):
        s.wait_camera(name, "ok")
    until("it is fed", lambda: notified.since() is not None and notified.since() < 4)
    with open(s.file("freeze"), "w", encoding="ascii"):
        frozen = time.monotonic()
    until("it is not fed for twice as long as it may", lambda: notified.since() > 8, 40)
    print(f"# last fed {time.monotonic() - notified.since() - frozen:.1f} s after the decoder hung")
    assert "an analysis worker hangs" in s.log()
    before = len(seen.json("/event/", phase="begin"))
    until("the other camera is looked at", lambda: len(seen.json("/event/", phase="begin")) > before, 40)
    # What systemd does then.
    s.daemon.send_signal(signal.SIGABRT)
    s.daemon.wait()
    os.remove(s.file("freeze"))
    s.start_daemon()
    for name in ("gate", "yard"):
        s.wait_camera(name, "ok")
    until("it is fed again", lambda: notified.since() < 4)
    begun = {e["data"]["event"] for _, e in seen.json("/event/", phase="begin")}
    until("what was cut has its end", lambda: begun <= {e["data"]["event"] for _, e in seen.json("/event/", phase="end")}, 60)


def test_twelve_unplugged_cameras(s):
    """An address that nobody answers, a port that refuses, one that accepts and says nothing. SKYNET_LONG=1: five minutes of it."""
    s.start_broker()
    mute = socket.socket()
    mute.bind(("127.0.0.1", 0))
    mute.listen(16)
    places = ["192.0.2.1:554", f"127.0.0.1:{stage.free_port()}", f"127.0.0.1:{mute.getsockname()[1]}"]
    s.cameras = [{"id": f"c{i}", "main": f"rtsp://{places[i % 3]}/main"} for i in range(12)]
    notified = Notified(s)
    os.environ.update(NOTIFY_SOCKET="@" + notified.name, WATCHDOG_USEC="4000000")
    try:
        s.start_daemon()
    finally:
        del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
    until("it is fed", lambda: notified.since() is not None)
    time.sleep(300 if os.environ.get("SKYNET_LONG") else 40)
    fed = [at for at, text in list(notified.said) if "WATCHDOG=1" in text] + [time.monotonic()]
    longest = max(after - before for before, after in zip(fed, fed[1:]))
    print(f"# fed {len(fed) - 1} times, {longest:.1f} s apart at the most")
    assert longest < 4 * stage.PATIENCE, [line for line in s.log().splitlines() if "watchdog" in line]
    state = s.status()
    assert all(state[f"camera.c{i}.state"] not in ("ok", "connecting") for i in range(12)), state
    assert s.stop_daemon() == 0


stage.main(globals())
