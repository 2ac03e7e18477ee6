#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped broker example: TLS for phones, a Unix socket for the gateway, and what each account gets and does not get."""
import json
import os
import re
import subprocess
import sys
import time

import stage
from stage import until

sys.path.insert(0, os.path.join(stage.SOURCE, "tests/support"))
import shipped_broker  # pylint: disable=wrong-import-position

PEOPLE = shipped_broker.ACCOUNTS


def set_up(s):
    """deploy/mosquitto as it stands, with this stage's paths and port."""
    s.start_broker(shipped_broker.set_up(stage.SOURCE, s.folder, s.port, stage.tool))
    with open(s.file("password"), "w", encoding="utf-8") as out:
        out.write("skynetd-secret\n")
    os.chmod(s.file("password"), 0o600)
    s.broker_config = {"socket": s.file("broker.sock"), "user": "skynetd", "password_file": s.file("password")}
    s.audiences.append({"id": "police", "name": "驻村民警", "pictures": True, "path": True, "notes": True, "command": True})
    s.rtsp = stage.Cameras(s, {"gate": stage.scene("crossing")})
    s.cameras = [{"id": "gate", "name": "村口", "main": s.rtsp.url("gate")}]


def login(s, name):
    return shipped_broker.login(s.folder, s.port, name)


def topics(subscriber):
    return {re.sub(r"/01[a-z0-9]{24}\b", "/<alert>", m.topic.split("/", 3)[3]) for m in subscriber.messages
            if not m.topic.endswith("/probe")}


def test_what_each_saw(s):
    set_up(s)
    saw = {name: s.subscribe(extra=login(s, name)) for name in PEOPLE}
    s.start_daemon()
    alert = saw["duty-wang"].wait("/alert-log/duty", 30)["data"]["alert"]
    s.publish("cmd/duty/duty-wang/acknowledge", {"request_id": "a1", "alert": alert}, extra=login(s, "duty-wang"))
    assert saw["duty-wang"].wait("/reply/duty/duty-wang", request_id="a1")["data"]["ok"]
    saw["police-li"].wait("/alert-log/police", alert=alert, state="acknowledged", actor="duty-wang")
    saw["resident-relay"].wait("/alert-log/resident", alert=alert, state="acknowledged")
    until("the picture", lambda: "image/police/<alert>" in topics(saw["police-li"]))
    state = s.status()
    assert state["broker.state"] == "connected" and state["queue.refused_audiences"] == "", state
    shared = {"status", "camera/gate/status", "camera/gate/motion", "event/gate/motion"}
    wanted = {"duty-wang": shared | {"alert/duty/<alert>", "alert-log/duty", "image/duty/<alert>", "reply/duty/duty-wang"},
              "police-li": shared | {"alert/police/<alert>", "alert-log/police", "image/police/<alert>"},
              "resident-relay": {"alert/resident/<alert>", "alert-log/resident"}}
    for name, all_of_it in wanted.items():  # to each in its time, and nothing else to any
        until(f"all that {name} may see", lambda name=name, all_of_it=all_of_it: topics(saw[name]) >= all_of_it)
    assert {name: topics(saw[name]) for name in wanted} == wanted
    for name, subscriber in saw.items():
        print(f"# {name} saw: {', '.join(sorted(topics(subscriber)))}")


def test_a_resident_can_not_reach_beyond(s):
    set_up(s)
    everything = s.subscribe(extra=shipped_broker.gateway(s.folder))
    s.start_daemon()
    alert = everything.wait("/alert-log/duty", 30)["data"]["alert"]
    spy = s.subscribe("#", "skynet/v1/longquan/+/duty/#", "skynet/v1/longquan/cmd/#", "skynet/v1/longquan/reply/#",
                      extra=login(s, "resident-relay"))
    me = login(s, "resident-relay")
    s.publish("cmd/duty/duty-wang/dismiss", {"request_id": "x1", "alert": alert}, extra=me)
    s.publish("cmd/duty/resident-relay/dismiss", {"request_id": "x2", "alert": alert}, extra=me)
    s.publish("cmd/resident/duty-wang/dismiss", {"request_id": "x3", "alert": alert}, extra=me)
    s.publish("cmd/resident/resident-relay/dismiss", {"request_id": "x4", "alert": alert}, extra=me)
    s.publish("alert-log/duty", {"forged": True}, extra=me)
    s.publish("status", {"state": "offline"}, extra=me, retain=True)
    refused = everything.wait("/reply/resident/resident-relay", request_id="x4")["data"]
    assert refused["code"] == "not-permitted"
    time.sleep(1)
    commands = [m.topic.rsplit("/longquan/", 1)[1] for m in everything.messages if "/cmd/" in m.topic and "/cmd/probe/" not in m.topic]
    assert commands == ["cmd/resident/resident-relay/dismiss"], commands
    assert not [m for m in everything.messages if b"forged" in m.payload]
    assert {e["data"]["state"] for _, e in everything.json("/alert-log/duty", alert=alert)} == {"raised"}
    assert all(part.startswith(("alert/resident/", "alert-log/resident", "reply/resident/resident-relay"))
               for part in (m.topic.split("/", 3)[3] for m in spy.messages)), topics(spy)
    wrong = subprocess.run([stage.tool("mosquitto_sub"), *me[:-1], "wrong", "-t", "#", "-W", "2"], capture_output=True, text=True,
                           timeout=60 * stage.PATIENCE)
    assert wrong.returncode != 0 and not wrong.stdout


def test_a_broker_that_swallows_is_found_out(s):
    set_up(s)
    with open(s.file("acl"), "w", encoding="utf-8") as out:
        out.write(shipped_broker.example(stage.SOURCE, "skynetd.acl").replace("topic readwrite skynet/v1/longquan/#", "\n".join(
            f"topic readwrite skynet/v1/longquan/{part}" for part in ("status", "camera/#", "event/#", "alert/duty/#", "alert-log/duty",
                                                                       "image/duty/#", "reply/#", "alert/police/#",
                                                                      "alert-log/police",
                                                                       "image/police/#")) + "\ntopic write skynet/v1/longquan/cmd/#"))
    s.reload_broker()
    seen = s.subscribe(extra=login(s, "duty-wang"))
    s.start_daemon()
    until("status says who gets nothing", lambda: "resident" in s.status().get("queue.refused_audiences", ""), 30)
    until("and that it hears no commands", lambda: s.status().get("queue.commands_refused") == "yes", 30)
    refused = seen.wait("/status", 20, state="broker-refuses", commands_refused=True)["data"]["refused_audiences"]
    assert refused == ["resident"], refused
    assert s.ctl("status").returncode == 1
    assert json.loads(s.ctl("status", "--json").stdout)["broker.state"] == "connected"


stage.main(globals())
