#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Brokers that acknowledge and forget, at home and at the county behind the shipped bridge: `skynetctl watch --record` has every revision
once in the end, because it counts, and asks the gateway's store for what it missed."""
import json
import os
import subprocess
import sys
import time

import stage
from stage import until

sys.path.insert(0, os.path.join(stage.SOURCE, "tests/support"))
import shipped_broker  # noqa: E402


class Recorder:
    def __init__(self, s, audience, *words):
        self.s, self.audience, self.words, self.path = s, audience, words, s.file("record.jsonl")
        self.start()

    def start(self):
        self.process = subprocess.Popen([stage.program("daemon/skynetctl"), "--config", self.s.file("skynetd.yaml"), "watch", "--record",
                                         self.path,
                                         "--audience", self.audience, *self.words], stdout=subprocess.DEVNULL,
                                        stderr=open(self.s.file("recorder.log"), "a", encoding="utf-8"))
        self.s.processes.append(self.process)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def rows(self):
        """[(epoch, seq, data)], whole lines only."""
        if not os.path.exists(self.path):
            return []
        with open(self.path, encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines if line.endswith("\n")]
        assert all(row["audience"] == self.audience for row in rows)
        return [(row["epoch"], row["seq"], row["payload"]["data"]) for row in rows]

    def check(self, want):
        """Every revision once, none missing, and all events in it."""
        def complete():
            rows = self.rows()
            seqs = sorted(seq for _, seq, _ in rows)
            events = {data["event"] for _, _, data in rows if data.get("cause") == "raised"}
            return seqs and seqs == list(range(1, len(seqs) + 1)) and len(events) >= want()
        until("the record is whole", complete, 60)
        rows = self.rows()
        assert len({epoch for epoch, _, _ in rows}) == 1
        numbers = [(epoch, seq) for epoch, seq, _ in rows]
        assert len(numbers) == len(set(numbers)), "a revision twice"
        with open(self.s.file("recorder.log"), encoding="utf-8") as text:
            asked = text.read().count("is asked for again")
        print(f"# {len(rows)} revisions of {want()} events, each once; asked again {asked} times")
        assert asked > 0


def set_up(s):
    s.rtsp = stage.Cameras(s, {"gate": stage.scene("storm", 60)})
    s.cameras = [{"id": "gate", "main": s.rtsp.url("gate"), "hold": "1s"}]
    s.audiences.append({"id": "police", "name": "驻村民警", "path": True, "notes": True})
    s.options["top"]["alert_burst"] = 0


def events(s):
    return int(s.status().get("camera.gate.events", "0"))


def more_events(s, count):
    before = events(s)
    until(f"{count} events more", lambda: events(s) >= before + count, 60)


def test_a_broker_that_forgets(s):
    set_up(s)
    s.start_broker()
    s.start_daemon()
    recorder = Recorder(s, "duty", "--as", "reader")
    begun = s.subscribe(f"skynet/v1/{s.site}/event/#")
    more_events(s, 2)
    s.kill_broker()
    more_events(s, 2)
    s.start_broker()
    begun_again = s.subscribe(f"skynet/v1/{s.site}/event/#")
    recorder.kill()
    until("the line is back", lambda: s.status().get("broker.state") == "connected", 30)
    more_events(s, 2)
    recorder.start()
    more_events(s, 1)
    s.kill_daemon()
    s.start_daemon()
    until("the queue is empty", lambda: s.status().get("queue.undelivered") == "0", 30)
    s.rtsp.tell("stall gate")
    facts = {e["data"]["event"] for seen in (begun, begun_again) for _, e in seen.json("/event/", phase="begin")}
    recorder.check(lambda: len(facts))


def start_county(s, port):
    config = s.file("county.conf")
    with open(config, "w", encoding="utf-8") as out:
        out.write(f"listener {port} 127.0.0.1\ncertfile {s.file('county-certs/broker.pem')}\nkeyfile {s.file('county-certs/broker.key')}\n"
                  "allow_anonymous true\nmax_queued_messages 20000\n")
    county = subprocess.Popen([stage.tool("mosquitto"), "-c", config], stdout=subprocess.DEVNULL,
                              stderr=open(s.file("county.log"), "a", encoding="utf-8"))
    s.processes.append(county)
    return county


def test_the_county(s):
    set_up(s)
    os.chmod(s.folder, 0o755)
    shipped_broker.certificates(stage.SOURCE, s.file("county-certs"))
    for name in os.listdir(s.file("county-certs")):
        os.chmod(os.path.join(s.file("county-certs"), name), 0o644)
    os.chmod(s.file("county-certs"), 0o755)
    port = stage.free_port()
    bridge = shipped_broker.replaced(shipped_broker.example(stage.SOURCE, "county-bridge.conf"), {
        "mqtt.county.example:8883": f"127.0.0.1:{port}", "restart_timeout 2 60": "restart_timeout 1 2",
        "/etc/mosquitto/certs/county-ca.pem": s.file("county-certs/ca.pem")})
    village = f"listener {s.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 20000\n{bridge}"
    county = start_county(s, port)
    s.start_broker(village)
    s.start_daemon()
    recorder = Recorder(s, "police", "--host", "127.0.0.1", "--port", str(port), "--ca", s.file("county-certs/ca.pem"), "--site", s.site,
                        "--as", "county")
    until("the county hears", lambda: len(recorder.rows()) >= 3, 60)
    county.kill()
    county.wait()
    more_events(s, 2)
    county = start_county(s, port)
    more_events(s, 1)
    s.kill_broker()
    more_events(s, 2)
    s.start_broker(village)
    s.kill_daemon()
    s.start_daemon()
    more_events(s, 1)
    until("the queue is empty", lambda: s.status().get("queue.undelivered") == "0", 40)
    s.rtsp.tell("stall gate")
    reader = s.subscribe()
    status = s.status()
    s.publish("cmd/police/here/replay", {"request_id": "all", "epoch": status["epoch"], "from_seq": 1})
    until("the whole log", lambda: reader.json("/reply/police/here", ok=True), 20)
    time.sleep(2)
    told = {e["data"]["event"] for _, e in reader.json("/replay/police/here", cause="raised")}
    recorder.check(lambda: len(told))


stage.main(globals())
