# SPDX-License-Identifier: Apache-2.0
"""A stage for whole-program tests: a private broker, simulated cameras, skynetd and a subscriber, all on loopback, each ended by its pid.

A test file makes functions named test_* that take a Stage, and ends with `stage.main(globals())`. Output is TAP. The programs' folder is
the environment's SKYNET_BUILD, the sources' SKYNET_SOURCE; SKYNET_SUPPORT is another build's folder for the simulated cameras (thread
sanitizer).
"""
import collections
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # noqa: E402
from tap import BUILD, PATIENCE, SOURCE, Skip, free_port, tool, until  # noqa: E402,F401

Message = collections.namedtuple("Message", "topic retained payload at")


def program(name):
    path = os.path.join(os.environ.get("SKYNET_SUPPORT", BUILD) if "/support/" in name else BUILD, name)
    if not os.path.exists(path):
        if "/support/" in name:
            raise Skip(f"{name} is not built (no GStreamer)")
        raise AssertionError(f"{path} is missing: is SKYNET_BUILD the build folder?")
    return path


def preloaded(name):
    """The path of a library of tests/support to be preloaded into the daemon."""
    path = os.path.join(BUILD, f"tests/support/{name}.so")
    if not os.path.exists(path):
        raise Skip(f"{name} is not built")
    with open(program("daemon/skynetd"), "rb") as daemon:
        image = daemon.read()
    if any(mark in image for mark in (b"__asan_init", b"__tsan_init")):
        raise Skip("a sanitizer's runtime wants to be the first that is preloaded")
    return os.path.abspath(path)


def scene(kind, seconds=30, **options):
    """A scene, made once for all tests of a run; the path of its video."""
    folder = os.path.join(BUILD, "tests", "e2e-scenes")
    os.makedirs(folder, exist_ok=True)
    name = "-".join([kind, str(seconds)] + [f"{key}{value}" for key, value in sorted(options.items())])
    path = os.path.join(folder, name + ".mp4")
    if not os.path.exists(path):
        part = tempfile.mkdtemp(dir=folder)
        command = [program("tests/support/skynet-scene"), kind, os.path.join(part, name + ".mp4"), "--seconds", str(seconds)]
        for key, value in options.items():
            command += ["--" + key, str(value)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        os.replace(os.path.join(part, name + ".tsv"), path[:-4] + ".tsv")
        os.replace(os.path.join(part, name + ".mp4"), path)
        os.rmdir(part)
    return path


def truth(path):
    """[(start_s, end_s)] of what is real in a scene."""
    rows = [row.split("\t") for row in open(path[:-4] + ".tsv", encoding="utf-8") if not row.startswith("#")]
    return [(float(row[1]), float(row[2])) for row in rows if row[3] == "real"]

# A pipeline text: the shape of one that decodes in hardware, with a decoder in software in its place.
DECODES = """rtspsrc name=camera protocols=tcp latency=0 buffer-mode=none ! rtph264depay ! h264parse config-interval=-1
! video/x-h264,stream-format=byte-stream,alignment=au ! tee name=split ! queue ! appsink name=packets
split. ! queue ! openh264dec ! appsink name=frames
"""


class Subscriber:
    """mosquitto_sub, with every message kept."""

    def __init__(self, stage, filters, extra=()):
        self.stage, self.filters = stage, filters
        self.messages, self.is_subscribed = [], threading.Event()
        self.process = subprocess.Popen(  # -d says when the broker has taken the subscription
            [tool("stdbuf"), "-oL", tool("mosquitto_sub"), *(extra or ["-h", "127.0.0.1", "-p", str(stage.port)]), "-d", "-q", "1",
             "-F", "message %r %t %x"]
            + [part for one in filters for part in ("-t", one)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        stage.processes.append(self.process)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            if not line.endswith("\n"):
                break  # it was ended amid a line
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "message":
                retained, topic, payload = rest.split(" ", 2)
                self.messages.append(Message(topic, retained == "1", bytes.fromhex(payload), time.monotonic()))
            elif word == "Subscribed":
                self.is_subscribed.set()

    def json(self, topic_part="", **data):
        """[(message, envelope)] of JSON messages whose topic holds topic_part and whose data has these members."""
        found = []
        for message in list(self.messages):
            if topic_part not in message.topic or not message.payload.startswith(b"{"):
                continue
            envelope = json.loads(message.payload)
            if all(envelope["data"].get(key) == value for key, value in data.items()):
                found.append((message, envelope))
        return found

    def wait(self, topic_part, seconds=20, **data):
        return until(f"{topic_part} {data}", lambda: self.json(topic_part, **data), seconds)[-1][1]

    def settle(self):
        """All that the broker had for it when this was called has come: a broker hands on in its order."""
        mark = f"settled {time.monotonic_ns()}"
        self.stage.publish(self.filters[0].split("/", 3)[3].replace("#", "settled"), mark)
        until("the mark", lambda: any(message.payload == mark.encode() for message in list(self.messages)), 20)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Cameras:
    """One skynet-camera process."""

    def __init__(self, stage, videos, port=None, options=()):
        self.stage, self.port, self.loops = stage, port or free_port(), []
        self.process = subprocess.Popen(
            [program("tests/support/skynet-camera"), "--port", str(self.port), *options,
             *[f"{name}={path}" for name, path in videos.items()]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(stage.file("cameras.log"), "a", encoding="utf-8"), text=True)
        stage.processes.append(self.process)
        self.lines, self.is_ready = [], threading.Event()
        threading.Thread(target=self.read, daemon=True).start()
        if not self.is_ready.wait(20 * PATIENCE):
            raise AssertionError("the simulated cameras did not start")

    def read(self):
        for line in self.process.stdout:
            words = line.split()
            if words == ["ready"]:
                self.is_ready.set()
            elif words and words[0] == "loop":
                self.loops.append((words[1], int(words[2]), int(words[3]) / 1e9))
            else:
                self.lines.append(line.strip())

    def url(self, name):
        return f"rtsp://127.0.0.1:{self.port}/{name}"

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Stage:
    def __init__(self, name):
        self.folder = tempfile.mkdtemp(prefix=f"skynet-{name}-")
        self.processes, self.daemon, self.broker = [], None, None
        self.port = free_port()
        self.site = "longquan"
        self.options = {"storage": {}, "top": {}}
        self.audiences = [
            {"id": "duty", "name": "值班员", "pictures": True, "path": True, "notes": True, "command": True, "arm": True},
            {"id": "resident", "name": "村民"},
        ]
        self.cameras = []
        self.broker_config = None
        self.environment = {}  # the daemon's, beside what we have

    def file(self, name):
        return os.path.join(self.folder, name)

    # ---- the broker ----
    def start_broker(self, text=None):
        with open(self.file("mosquitto.conf"), "w", encoding="utf-8") as out:
            out.write(text or f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 100000\n")
        self.broker = subprocess.Popen([tool("mosquitto"), "-c", self.file("mosquitto.conf")],
                                       stderr=open(self.file("mosquitto.log"), "a", encoding="utf-8"), stdout=subprocess.DEVNULL)
        self.processes.append(self.broker)
        until("the broker answers", self.broker_answers, 10)

    def broker_answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def reload_broker(self):
        """Its lists are read again: it says so before it serves anybody else."""
        def reloads():
            with open(self.file("mosquitto.log"), encoding="utf-8") as log:
                return log.read().count("Reloading config")
        before = reloads()
        self.broker.send_signal(1)
        until("the broker has reloaded", lambda: reloads() > before, 10)

    def kill_broker(self):
        self.broker.kill()
        self.broker.wait()

    def subscribe(self, *filters, extra=()):
        """Its messages from now on: the broker has taken the subscription."""
        subscriber = Subscriber(self, filters or [f"skynet/v1/{self.site}/#"], extra)
        if not subscriber.is_subscribed.wait(10 * PATIENCE):
            raise AssertionError("the broker did not take the subscription")
        return subscriber

    def publish(self, topic, payload, extra=(), retain=False):
        text = payload if isinstance(payload, str) else json.dumps(payload)
        subprocess.run([tool("mosquitto_pub"), *(extra or ["-h", "127.0.0.1", "-p", str(self.port)]), "-q", "1", "-t",
                        f"skynet/v1/{self.site}/{topic}",
                        "-m", text, *(["-r"] if retain else [])], check=True, timeout=60 * PATIENCE,
                       stderr=subprocess.DEVNULL)

    # ---- the daemon ----
    def write_config(self):
        config = {"site": {"id": self.site, "name": "龙泉村"},
                  "broker": self.broker_config or {"host": "127.0.0.1", "port": self.port},
                  "storage": {"directory": self.file("state"), "free_min": "0", "pre_roll": "2s", "post_roll": "2s",
                              **self.options["storage"]},
                  "control_socket": self.file("control.sock"), "audiences": self.audiences, "cameras": self.cameras, **self.options["top"]}
        with open(self.file("skynetd.yaml"), "w", encoding="utf-8") as out:
            json.dump(config, out, ensure_ascii=False, indent=1)  # JSON is YAML

    def start_daemon(self):
        self.write_config()
        self.daemon = subprocess.Popen([program("daemon/skynetd"), "--config", self.file("skynetd.yaml")],
                                       stderr=open(self.file("skynetd.log"), "a", encoding="utf-8"), stdout=subprocess.DEVNULL,
                                       env={**os.environ, **self.environment})
        self.processes.append(self.daemon)
        until("the daemon's socket", lambda: self.daemon_answers() or self.daemon.poll() is not None, 20)
        if self.daemon.poll() is not None:
            raise AssertionError("the daemon ended: " + self.log()[-500:])

    def daemon_answers(self):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.file("control.sock")) == 0

    @contextlib.contextmanager
    def daemon_held(self):
        """It does nothing meanwhile: who is to hear it is there before it."""
        self.daemon.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.daemon.send_signal(signal.SIGCONT)

    def kill_daemon(self):
        self.daemon.kill()
        self.daemon.wait()

    def stop_daemon(self, seconds=10):
        """Its exit code; must come in time."""
        begun = time.monotonic()
        self.daemon.terminate()
        code = self.daemon.wait(timeout=60 * PATIENCE)
        took = time.monotonic() - begun
        assert took <= seconds * PATIENCE, f"the stop took {took:.1f} s"
        return code

    def log(self):
        with open(self.file("skynetd.log"), encoding="utf-8") as text:
            return text.read()

    def ctl(self, *words, check=None):
        done = subprocess.run([program("daemon/skynetctl"), "--config", self.file("skynetd.yaml"), *words], capture_output=True, text=True,
                              timeout=600)
        if check is not None:
            assert done.returncode == check, f"skynetctl {words}: {done.returncode}: {done.stdout}{done.stderr}"
        return done

    def status(self):
        done = self.ctl("--socket", self.file("control.sock"), "status", "--json")
        return json.loads(done.stdout) if done.stdout else {}

    def wait_camera(self, camera, state, seconds=30):
        return until(f"{camera} is {state}", lambda: self.status().get(f"camera.{camera}.state") == state, seconds)

    def evidence(self, camera, name):
        return os.path.join(self.file("state"), "evidence", camera, name)

    def close(self, failed):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if failed and os.path.exists(self.file("skynetd.log")):
            for line in self.log().splitlines()[-25:]:
                print("# " + line)
        shutil.rmtree(self.folder, ignore_errors=True)


def sha256(path):
    with open(path, "rb") as data:
        return hashlib.sha256(data.read()).hexdigest()


def plays(path):
    """Seconds of a clip that decodes without a complaint."""
    done = subprocess.run([tool("ffmpeg"), "-v", "error", "-i", path, "-f", "null", "-"], capture_output=True, text=True,
                          timeout=120 * PATIENCE)
    assert done.returncode == 0 and not done.stderr, done.stderr
    text = subprocess.run([tool("ffprobe"), "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path], capture_output=True,
                          text=True, check=True).stdout
    return float(text)


def check_schemas(messages):
    """Every JSON payload against the schemas of the contract."""
    lines = "".join(f"{m.topic}\t{m.payload.decode()}\n" for m in messages if m.payload.startswith(b"{"))
    done = subprocess.run([sys.executable, os.path.join(SOURCE, "tests/unit/check_messages.py"),
                           os.path.join(SOURCE, "pipelines/message/schemas")],
                          input=lines, capture_output=True, text=True, timeout=120 * PATIENCE)
    assert done.returncode in (0, 77), done.stdout + done.stderr
    return lines.count("\n")


@contextlib.contextmanager
def staged(name):
    """A stage of the test's own; where it failed, the end of the daemon's log is shown."""
    stage, failed = Stage(name[5:25]), True
    try:
        yield stage
        failed = False
    except Skip:
        failed = False
        raise
    finally:
        stage.close(failed)


def main(names):
    random.seed(int(os.environ.get("SKYNET_SEED", "1")))
    tap.main(names, staged)
