#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Broker and network at their worst, one fault a case. Each prints what a duty officer would have seen, and asserts what the status says
while it lasts, that the daemon neither spins nor grows, that it comes back by itself in time, and that every alert arrives once."""
import os
import socket
import subprocess
import threading
import time

import certificate
import stage
from stage import until

SPIN = 0.25  # of a core, with one small camera analysed: a loop without a wait takes a whole one


class Watch:
    """What the status says, as it changes; and what the process costs meanwhile."""

    def __init__(self, s):
        self.s, self.begun, self.last, self.lines = s, time.monotonic(), None, []

    def look(self):
        state = self.s.status()
        now = f"broker {state.get('broker.state')}: {state.get('broker.why') or 'well'}, {state.get('queue.undelivered')} undelivered, " \
              f"{state.get('queue.dead')} refused for good"
        key = (state.get("broker.state"), state.get("broker.why"), state.get("queue.dead"))
        if key != self.last:
            print(f"# {time.monotonic() - self.begun:5.1f} s  {now}")
        self.last = key
        return state

    def until(self, what, test, seconds):
        def passes():
            state = self.look()
            return state if state and test(state) else None
        return until(what, passes, seconds)

    def cost(self, seconds=4):
        """Share of a core, growth of descriptors and of threads."""
        pid, ticks = self.s.daemon.pid, os.sysconf("SC_CLK_TCK")

        def now():
            with open(f"/proc/{pid}/stat", encoding="ascii") as line:
                words = line.read().rsplit(")", 1)[1].split()
            return (int(words[11]) + int(words[12])) / ticks, len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task"))
        before, at = now(), time.monotonic()
        time.sleep(seconds)
        after, took = now(), time.monotonic() - at
        share = (after[0] - before[0]) / took
        assert share < SPIN, f"{share:.2f} of a core"
        assert after[1] <= before[1] + 8 and after[2] <= before[2] + 2, (before, after)
        return share


def start(s, **broker):
    s.rtsp = stage.Cameras(s, {"gate": stage.scene("crossing")})
    s.cameras = [{"id": "gate", "name": "村口", "main": s.rtsp.url("gate"), "hold": "1s"}]
    s.options["top"]["alert_burst"] = 0
    s.broker_config = {"host": "127.0.0.1", "port": s.port, **broker}
    s.start_daemon()
    return Watch(s)


def events(state):
    return int(state["camera.gate.events"])


def delay(state):
    return float(state.get("broker.next_try_s", "0")) + 10


def all_arrived(s, seen, watch):
    """Every event that the daemon counted is in the log, once, and told as a fact."""
    watch.until("nothing waits", lambda state: state.get("broker.state") == "connected" and state.get("queue.undelivered") == "0", 60)
    want = events(watch.look())
    until("every alert", lambda: len({e["data"]["event"] for _, e in seen.json("/alert-log/duty", cause="raised")}) >= want, 30)
    chains = {}
    for _, e in seen.json("/alert-log/duty"):
        chains.setdefault(e["data"]["alert"], {})[e["data"]["rev"]] = e["data"]["seq"]
    for alert, chain in chains.items():
        assert sorted(chain) == list(range(1, len(chain) + 1)), (alert, chain)
    print(f"# all {want} events arrived, {len(chains)} alerts without a hole")


def resend_all(s, watch):
    """What the broker refused just before it was told better may come to be known only now: that is sent again as well."""
    def sent():
        s.ctl("queue", "resend", "--all", check=0)
        return watch.look()["queue.dead"] == "0"
    until("nothing is refused any more", sent, 30)


def test_dead(s):
    s.start_broker()
    before = s.subscribe()
    watch = start(s)
    watch.until("connected", lambda state: state["broker.state"] == "connected", 20)
    s.kill_broker()
    state = watch.until("it is known", lambda state: state["broker.state"] == "down", 10)
    assert "refused" in state["broker.why"] or "closed" in state["broker.why"], state
    print(f"# {watch.cost():.2f} of a core meanwhile")
    watch.until("an event meanwhile", lambda state: events(state) >= 1 and int(state["queue.undelivered"]) > 0, 40)
    wait = delay(watch.look())
    with s.daemon_held():
        s.start_broker()
        seen = s.subscribe()
    seen.messages[:0] = before.messages
    watch.until("back in time", lambda state: state["broker.state"] == "connected", wait)
    all_arrived(s, seen, watch)


def test_restarts_in_a_loop(s):
    s.start_broker()
    watch = start(s)
    watch.until("connected", lambda state: state["broker.state"] == "connected", 20)
    for _ in range(6):
        s.kill_broker()
        time.sleep(0.7)
        s.start_broker()
        time.sleep(1.2)
        watch.look()
    print(f"# {watch.cost():.2f} of a core meanwhile")
    watch.until("back", lambda state: state["broker.state"] == "connected", delay(watch.look()))
    reader = s.subscribe()
    status = watch.look()
    watch.until("events", lambda state: events(state) >= 2, 60)
    s.publish("cmd/duty/reader/replay", {"request_id": "all", "epoch": status["epoch"], "from_seq": 1})
    reader.wait("/reply/duty/reader", 20, ok=True)

    def told():
        rows = reader.json("/alert-log/duty", cause="raised") + reader.json("/replay/duty/reader", cause="raised")
        return {e["data"]["event"] for _, e in rows}
    until("the whole log again", lambda: len(told()) >= events(watch.look()), 40)


def test_half_open(s):
    """Packets vanish and nobody says so: a network namespace whose link goes down."""
    if os.geteuid() != 0 or not os.path.exists("/usr/sbin/ip") and not os.path.exists("/sbin/ip"):
        raise stage.Skip("needs root and iproute2 for a network namespace")
    name, here, there = f"sky{os.getpid()}", f"skyh{os.getpid() % 10000}", f"skyt{os.getpid() % 10000}"

    def ip(*words):
        return subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if ip("netns", "add", name).returncode:
        raise stage.Skip("no network namespace can be made here")
    try:
        made = ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name).returncode == 0
        net = f"10.213.{os.getpid() % 250}"
        made = made and not any(done.returncode for done in (
            ip("addr", "add", f"{net}.1/24", "dev", here), ip("link", "set", here, "up"),
            ip("-n", name, "addr", "add", f"{net}.2/24", "dev", there), ip("-n", name, "link", "set", there, "up"),
            ip("-n", name, "link", "set", "lo", "up")))
        if not made:
            raise stage.Skip("no virtual link can be made here")
        with open(s.file("mosquitto.conf"), "w", encoding="utf-8") as out:
            out.write(f"listener {s.port} 0.0.0.0\nallow_anonymous true\nmax_queued_messages 100000\n")
        s.broker = subprocess.Popen(["ip", "netns", "exec", name, stage.tool("mosquitto"), "-c", s.file("mosquitto.conf")],
                                    stderr=open(s.file("mosquitto.log"), "a", encoding="utf-8"), stdout=subprocess.DEVNULL)
        s.processes.append(s.broker)
        until("the broker answers", lambda: socket.socket().connect_ex((f"{net}.2", s.port)) == 0, 10)
        seen = s.subscribe(extra=["-h", f"{net}.2", "-p", str(s.port), "-k", "600"])
        watch = start(s, host=f"{net}.2", keep_alive="5s")
        watch.until("connected", lambda state: state["broker.state"] == "connected", 20)
        ip("-n", name, "link", "set", there, "down")
        cut = time.monotonic()
        watch.until("it is found out", lambda state: state["broker.state"] != "connected", 25)
        print(f"# silence was found out after {time.monotonic() - cut:.1f} s")
        print(f"# {watch.cost():.2f} of a core meanwhile")
        watch.until("an event meanwhile", lambda state: events(state) >= 1 and int(state["queue.undelivered"]) > 0, 40)
        ip("-n", name, "link", "set", there, "up")
        watch.until("back in time", lambda state: state["broker.state"] == "connected", delay(watch.look()) + 15)
        all_arrived(s, seen, watch)
    finally:
        s.close(False)
        ip("link", "del", here)
        ip("netns", "del", name)


class Line:
    """A relay to the broker."""

    def __init__(self, s):
        self.port, self.to = stage.free_port(), s.port
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.to)) if self.admits(near) else None
            except OSError:  # the broker is dead
                far = None
            if not far:
                near.close()
                continue
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(a, b), daemon=True).start()

    def admits(self, near):
        return True

    def pass_on(self, source, target):
        while data := source.recv(65536):
            target.sendall(data)

    def pump(self, source, target):
        try:
            self.pass_on(source, target)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class SlowLine(Line):
    """So many bytes a second, each way."""

    def __init__(self, s, rate):
        self.rate = rate
        super().__init__(s)

    def pass_on(self, source, target):
        while data := source.recv(max(self.rate // 20, 1)):
            target.sendall(data)
            time.sleep(len(data) / self.rate)


class OldLine(Line):
    """A broker of before MQTT 5: it refuses that version, and knows 3.1.1."""
    versions = ()

    def admits(self, near):
        head = b""
        while len(head) < 12 and (data := near.recv(12, socket.MSG_PEEK)):
            head = data
        version = head[head.index(b"MQTT") + 4] if b"MQTT" in head else 0
        self.versions += (version,)
        if version == 5:
            near.recv(65536)
            near.sendall(bytes([0x20, 3, 0, 0x84, 0]))  # CONNACK: unsupported protocol version (MQTT 5.0, 3.2.2.2)
        return version != 5


def test_old_broker(s):
    """MQTT 3.1.1 only: found out by itself, and a broker that dies is come back to the same way."""
    s.start_broker()
    seen = s.subscribe()
    line = OldLine(s)
    watch = start(s, port=line.port)
    watch.until("connected", lambda state: state["broker.state"] == "connected", 30)
    until("an alert", lambda: seen.json("/alert-log/duty", cause="raised"), 60)
    assert set(line.versions) == {5, 4} and watch.look()["broker.mqtt"] == "3.1.1", (line.versions, watch.look())
    s.kill_broker()
    watch.until("it is found out", lambda state: state["broker.state"] != "connected", 20)
    print(f"# {watch.cost():.2f} of a core meanwhile")
    watch.until("an event meanwhile", lambda state: int(state["queue.undelivered"]) > 0, 60)
    with s.daemon_held():
        s.start_broker()
        seen = s.subscribe()
    watch.until("back in time", lambda state: state["broker.state"] == "connected", delay(watch.look()) + 15)
    watch.until("nothing waits", lambda state: state["queue.undelivered"] == "0", 30)
    until("what happened meanwhile", lambda: seen.json("/alert-log/duty", cause="raised"), 20)


def test_slow(s):
    """4 kB a second: an alert takes its time, with its picture; none is lost, nothing grows."""
    s.start_broker()
    seen = s.subscribe()
    line = SlowLine(s, 4000)
    watch = start(s, port=line.port)
    watch.until("connected", lambda state: state["broker.state"] == "connected", 30)
    print(f"# {watch.cost():.2f} of a core meanwhile")
    watch.until("two events", lambda state: events(state) >= 2, 60)
    until("the first alert", lambda: seen.json("/alert-log/duty", cause="raised"), 60)
    s.rtsp.tell("stall gate")
    all_arrived(s, seen, watch)


def test_refuses_the_account(s):
    subprocess.run([stage.tool("mosquitto_passwd"), "-b", "-c", s.file("passwords"), "skynetd", "new-password"], check=True,
                   capture_output=True)
    os.chmod(s.folder, 0o755)
    os.chmod(s.file("passwords"), 0o644)
    s.start_broker(f"listener {s.port} 127.0.0.1\nallow_anonymous false\npassword_file {s.file('passwords')}\n")
    with open(s.file("password"), "w", encoding="utf-8") as out:
        out.write("old-password\n")
    os.chmod(s.file("password"), 0o600)
    watch = start(s, user="skynetd", password_file=s.file("password"))
    state = watch.until("it is said", lambda state: state["broker.state"] == "refused", 20)
    assert "account" in state["broker.why"] and "skynetd" in state["broker.why"], state
    print(f"# {watch.cost():.2f} of a core meanwhile")
    watch.until("an event meanwhile", lambda state: events(state) >= 1, 40)
    wait = delay(watch.look())
    subprocess.run([stage.tool("mosquitto_passwd"), "-b", s.file("passwords"), "skynetd", "old-password"], check=True, capture_output=True)
    s.reload_broker()
    watch.until("it is let in", lambda state: state["broker.state"] == "connected", wait)
    watch.until("all is told", lambda state: state["queue.undelivered"] == "0", 30)


def acl(s, text):
    with open(s.file("acl"), "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(s.file("acl"), 0o644)
    os.chmod(s.folder, 0o755)


def test_refuses_one_topic(s):
    everything = f"topic readwrite skynet/v1/{s.site}/"
    some = "".join(f"{everything}{kind}\n" for kind in ("status", "camera/#", "event/#", "alert/duty/#", "alert-log/duty", "image/duty/#",
                                                        "cmd/#", "reply/#", "replay/#", "metrics"))
    acl(s, some)
    s.start_broker(f"listener {s.port} 127.0.0.1\nallow_anonymous true\nacl_file {s.file('acl')}\n")
    seen = s.subscribe()
    watch = start(s)
    watch.until("it is found out", lambda state: state.get("queue.refused_audiences") == "resident", 30)
    assert seen.wait("/status", 20, state="broker-refuses")["data"]["refused_audiences"] == ["resident"]
    watch.until("what it refuses is kept", lambda state: int(state["queue.dead"]) > 0, 60)
    assert seen.wait("/alert-log/duty", 30, cause="raised")
    print(f"# {watch.cost():.2f} of a core meanwhile")
    acl(s, f"{everything}#\n")
    s.reload_broker()
    resend_all(s, watch)
    until("the residents have it now", lambda: seen.json("/alert-log/resident", cause="raised"), 30)
    watch.until("nothing waits", lambda state: state["queue.undelivered"] == "0", 30)


def test_refuses_all(s):
    acl(s, "topic read #\n")
    s.start_broker(f"listener {s.port} 127.0.0.1\nallow_anonymous true\nacl_file {s.file('acl')}\n")
    watch = start(s)
    watch.until("it is found out", lambda state: state.get("queue.refused_audiences") == "duty,resident", 30)
    watch.until("what it refuses is kept", lambda state: int(state["queue.dead"]) > 0 and events(state) >= 1, 60)
    print(f"# {watch.cost():.2f} of a core meanwhile")
    acl(s, "topic readwrite #\n")
    s.reload_broker()
    seen = s.subscribe()
    resend_all(s, watch)
    all_arrived(s, seen, watch)


def test_session_stolen(s):
    """Somebody else uses the client id, and comes back each time: one of the two always falls out, and it is said which."""
    s.start_broker()
    seen = s.subscribe()
    watch = start(s, client_id="gateway")
    watch.until("connected", lambda state: state["broker.state"] == "connected", 20)
    thief = subprocess.Popen([stage.tool("mosquitto_sub"), "-h", "127.0.0.1", "-p", str(s.port), "-V", "5", "-i", "gateway", "-t",
                              "nothing"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    s.processes.append(thief)
    state = watch.until("it is said", lambda state: "another client" in (state.get("broker.why") or ""), 60)
    assert "gateway" in state["broker.why"], state
    watch.until("it is said while it is connected, too",
                lambda state: state["broker.state"] == "connected" and "another client" in state["broker.why"], 60)
    print(f"# {watch.cost():.2f} of a core meanwhile")
    thief.terminate()
    thief.wait()
    watch.until("it has its own again", lambda state: state["broker.state"] == "connected", delay(watch.look()) + 10)
    watch.until("an event", lambda state: events(state) >= 1, 40)
    all_arrived(s, seen, watch)


def tls(s, name):
    return (f"listener {s.port} 127.0.0.1\nallow_anonymous true\ncafile {s.file('ca.pem')}\ncertfile {s.file(name + '.pem')}\n"
            f"keyfile {s.file(name + '.key')}\n")


def certificate_case(s, words, host="IP:127.0.0.1", **dates):
    os.chmod(s.folder, 0o755)
    certificate.make(s, "bad", host, **dates)
    certificate.make(s, "good", "IP:127.0.0.1")
    s.start_broker(tls(s, "bad"))
    watch = start(s, tls=True, ca_file=s.file("ca.pem"))
    state = watch.until("it is said", lambda state: state["broker.state"] == "refused", 20)
    for word in words + ([] if "mismatch" in words[0] or state["clock_synced"] == "yes" else ["clock"]):
        assert word in state["broker.why"], (word, state["broker.why"])
    print(f"# {watch.cost():.2f} of a core meanwhile")
    watch.until("an event meanwhile", lambda state: events(state) >= 1, 40)
    wait = delay(watch.look())
    s.kill_broker()
    s.start_broker(tls(s, "good"))
    watch.until("trusted at last", lambda state: state["broker.state"] == "connected", wait + 10)
    watch.until("all is told", lambda state: state["queue.undelivered"] == "0", 30)




def test_certificate_expired(s):
    certificate_case(s, ["expired"], start="20200101000000Z", end="20210101000000Z")


def test_certificate_not_yet_valid(s):
    """A failure of TLS that is really one of the clock says so, where nobody vouches for the clock."""
    certificate_case(s, ["not yet valid"], start="20380101000000Z", end="20400101000000Z")


def test_certificate_wrong_name(s):
    certificate_case(s, ["IP address mismatch"], host="IP:192.0.2.7")


stage.main(globals())
