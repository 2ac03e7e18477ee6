#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Brokers that die and forget, and a daemon that is killed: nothing is lost that a reader of `seq` and `replay` would not get."""
import os
import random
import signal
import time

import stage
from stage import until


class Reader:
    """A reader as the contract wants it: keeps epoch and seq, mends each hole by replay, takes anything twice."""

    def __init__(self, s, audience="duty", client="reader"):
        self.s, self.audience, self.client = s, audience, client
        self.seen = s.subscribe(f"skynet/v1/{s.site}/alert-log/{audience}", f"skynet/v1/{s.site}/replay/{audience}/{client}",
                                f"skynet/v1/{s.site}/reply/{audience}/{client}")
        self.rounds = 0

    def revisions(self):
        """{(epoch, seq): data}"""
        rows = {}
        for _, envelope in self.seen.json(""):
            data = envelope["data"]
            if "seq" in data:
                key = (data["epoch"], data["seq"])
                if key in rows:
                    assert (rows[key]["alert"], rows[key]["rev"]) == (data["alert"], data["rev"]), "two revisions of one number"
                rows[key] = data
        return rows

    def holes(self):
        seqs = sorted(seq for _, seq in self.revisions())
        return sorted(set(range(1, seqs[-1] + 1)) - set(seqs)) if seqs else []

    def alerts(self):
        return {data["alert"] for data in self.revisions().values()}

    def mend(self, enough):
        """Until there is no hole and `enough` says that the end is there as well: none shows where the last ones are missing."""
        epoch = {epoch for epoch, _ in self.revisions()}
        assert len(epoch) == 1, epoch
        self.rounds += 1
        self.s.publish(f"cmd/{self.audience}/{self.client}/replay",
                       {"request_id": f"mend{self.rounds}", "epoch": epoch.pop(), "from_seq": (self.holes() or [1])[0]})
        until("replay mends", lambda: not self.holes() and enough(), 40)


def check_log(reader):
    """Each alert's revisions count up from 1, and the last of them is ended."""
    alerts = {}
    for (_, seq), data in sorted(reader.revisions().items(), key=lambda row: row[0][1]):
        alerts.setdefault(data["alert"], []).append(data)
    for revisions in alerts.values():
        assert [data["rev"] for data in revisions] == list(range(1, len(revisions) + 1)), [d["rev"] for d in revisions]
    return alerts


def set_up(s, kind, seconds):
    s.start_broker()
    s.options["top"]["alert_burst"] = 0  # each event is to have its own alert
    s.video = stage.scene(kind, seconds)
    s.rtsp = stage.Cameras(s, {"gate": s.video})
    s.cameras = [{"id": "gate", "main": s.rtsp.url("gate"), "hold": "1s"}]


def test_broker_dies_and_forgets(s):
    set_up(s, "storm", 60)
    reader = Reader(s)
    s.start_daemon()
    until("alerts", lambda: len(check_log(reader)) >= 2, 40)
    s.kill_broker()
    until("the daemon knows", lambda: s.status().get("broker.state") != "connected", 10)
    before = int(s.status()["camera.gate.events"])
    time.sleep(60 if os.environ.get("SKYNET_LONG") else 0)
    until("events meanwhile", lambda: int(s.status()["camera.gate.events"]) >= before + 3, 60)
    assert int(s.status()["queue.undelivered"]) > 0
    reader.seen.process.kill()
    kept = reader.seen.messages
    with s.daemon_held():
        s.start_broker()
        reader = Reader(s)
    reader.seen.messages.extend(kept)
    until("the queue is empty", lambda: s.status().get("broker.state") == "connected" and s.status()["queue.undelivered"] == "0", 75)
    reader.mend(lambda: len(reader.alerts()) >= before + 3)
    check_log(reader)
    s.subscribe().wait("/camera/gate/status", 10)  # states are said again


def test_broker_loses_its_last_minute(s):
    """A broker that comes back as it was a minute ago holds alerts open that were closed since, and cameras that are gone."""
    text = (f"listener {s.port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {s.folder}/\n"
            "autosave_interval 3600\nuser root\n")
    set_up(s, "storm", 60)
    s.kill_broker()
    s.start_broker(text)
    s.options["top"]["offline_hold"] = "1h"  # its alert would be one more
    s.cameras.append({"id": "yard", "main": "rtsp://127.0.0.1:9/none", "enabled": False})
    reader = s.subscribe()
    s.start_daemon()
    until("two alerts are over", lambda: len(reader.json("/alert-log/duty", cause="ended")) >= 2, 60)
    s.rtsp.kill()
    s.wait_camera("gate", "offline")
    reader.settle()
    raised = {e["data"]["alert"] for _, e in reader.json("/alert-log/duty")}
    until("all are over", lambda: not [1 for alert in raised if not reader.json("/alert-log/duty", cause="ended", alert=alert)], 20)
    until("the queue is empty", lambda: s.status()["queue.undelivered"] == "0", 20)
    s.broker.send_signal(signal.SIGUSR1)  # it saves
    until("it has saved", lambda: os.path.exists(s.file("mosquitto.db")), 10)
    kept, *closed = sorted(raised)
    for alert in closed:
        s.ctl("dismiss", alert, check=0)
    until("the queue is empty", lambda: s.status()["queue.undelivered"] == "0" and s.status()["alerts.open"] == "1", 20)
    time.sleep(2)  # the marks are written within a second: what was cleared is not sent again by itself
    s.kill_daemon()
    s.kill_broker()
    reader.process.kill()
    s.cameras.pop()
    s.start_broker(text)
    assert held(s) >= {f"alert/duty/{alert}" for alert in raised} | {"camera/yard/status"}, held(s)
    s.start_daemon()
    until("what is not true is cleared", lambda: held(s) == {
        "status", "camera/gate/status", "camera/gate/motion", f"alert/duty/{kept}", f"alert/resident/{kept}"}, 20)
    assert "which is not ours or not open any more: cleared" in s.log()


def held(s):
    """What is retained."""
    newcomer = s.subscribe()
    newcomer.settle()
    newcomer.stop()
    return {message.topic.split("/", 3)[3] for message in newcomer.messages if message.retained and message.payload}


def dismiss_all(s, reader):
    last = {data["alert"]: data["state"] for _, data in sorted(reader.revisions().items(), key=lambda row: row[0][1])}
    for alert in (alert for alert, state in last.items() if state == "raised"):
        s.ctl("dismiss", alert)


def test_killed_at_random(s):
    """SIGKILL in a storm of events: what began 2 s before reaches the reader, what was cut ends as interrupted, nothing is invented."""
    set_up(s, "storm", 60)
    reader = Reader(s)
    events = s.subscribe(f"skynet/v1/{s.site}/event/#")
    for round_number in range(int(os.environ.get("SKYNET_KILLS", "6"))):
        s.start_daemon()
        s.wait_camera("gate", "ok")
        time.sleep(random.uniform(2, 9))
        if round_number % 2:  # an event that outlasts its alert ends as well
            dismiss_all(s, reader)
        s.kill_daemon()
    s.start_daemon()
    s.wait_camera("gate", "ok")
    until("the queue is empty", lambda: s.status().get("queue.undelivered") == "0", 30)
    s.stop_daemon()
    events.settle()
    begun = {e["data"]["event"] for _, e in events.json("/event/", phase="begin")}
    ended = {e["data"]["event"] for _, e in events.json("/event/", phase="end")}
    assert begun and begun == ended, (begun ^ ended)
    s.rtsp.kill()  # nothing new begins
    s.start_daemon()

    def ended_alerts():
        return {data["event"] for data in reader.revisions().values() if data["kind"] == "motion" and data["end"]}
    reader.mend(lambda: ended_alerts() >= begun)
    told = {revisions[0]["event"] for revisions in check_log(reader).values() if revisions[0]["kind"] == "motion"}
    assert told == begun, told ^ begun


def test_test_alert_waits_for_the_broker(s):
    s.start_broker()
    s.cameras = [{"id": "gate", "main": "rtsp://127.0.0.1:9/none", "enabled": False}]
    s.start_daemon()
    s.ctl("test-alert", "duty", check=0)
    s.kill_broker()
    until("the daemon knows", lambda: s.status().get("broker.state") != "connected", 10)
    done = s.ctl("test-alert", "duty")
    assert done.returncode == 1 and "30 s" in done.stderr, done
    with s.daemon_held():
        s.start_broker()
        seen = s.subscribe()
    until("it comes later", lambda: seen.json("/alert-log/duty", test=True), 75)


stage.main(globals())
