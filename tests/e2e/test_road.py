#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From camera to alert: what each audience gets, its files, and what people do about it."""
import contextlib
import json
import os
import sqlite3
import subprocess
import time

import stage
from stage import until


def set_up(s, **camera):
    s.start_broker()
    cameras = stage.Cameras(s, {"gate": stage.scene("crossing")})
    s.cameras = [{"id": "gate", "name": "村口", "main": cameras.url("gate"),
                  "zones": [{"id": "yard", "name": "院子", "points": [[0, 0.3], [1, 0.3], [1, 1], [0, 1]]}], **camera}]
    everything = s.subscribe()
    s.start_daemon()
    return everything


def pictures_of(seen, alert):
    return [m for m in list(seen.messages) if m.topic.endswith(f"/image/duty/{alert}")]


def test_alert_with_picture_and_clip(s):
    seen = set_up(s)
    raised = seen.wait("/alert-log/duty", state="raised", cause="raised")
    alert = raised["data"]["alert"]
    assert raised["data"]["kind"] == "intrusion" and raised["data"]["zone"] == {"id": "yard", "name": "院子"}
    clip = until("clip", lambda: [e for _, e in seen.json("/alert-log/duty", alert=alert) if e["data"].get("clip")], 40)[-1]["data"]["clip"]
    data = seen.json("/alert-log/duty", alert=alert)[-1][1]["data"]
    assert data["end"] and not data["interrupted"]
    path = s.evidence("gate", f"{alert}.mp4")
    assert stage.sha256(path) == clip["sha256"]
    assert abs(stage.plays(path) - clip["seconds"]) < 1
    pictures = until("a picture", lambda: pictures_of(seen, alert))
    assert pictures[-1].payload[:2] == b"\xff\xd8"
    assert stage.sha256(s.evidence("gate", f"{alert}.jpg")) == data["image"]["sha256"]
    # The residents' view holds no picture, no box, no path, and nobody's words.
    view = seen.json("/alert-log/resident", alert=alert)[-1][1]["data"]
    assert not {"image", "clip", "box", "path", "note", "actor"} & set(view), view
    assert not [m for m in seen.messages if "/image/resident/" in m.topic]
    begun = seen.json("/event/gate/intrusion", phase="begin")[0][1]["data"]["event"]
    seen.wait("/event/gate/intrusion", phase="end", event=begun)
    assert stage.check_schemas(seen.messages) > 10


def command(s, seen, audience, client, verb, **body):
    request = f"r{time.monotonic_ns()}"
    s.publish(f"cmd/{audience}/{client}/{verb}", {"request_id": request, **body})
    return seen.wait(f"/reply/{audience}/{client}", request_id=request)["data"]


def test_people_act(s):
    s.audiences.append({"id": "police", "pictures": True, "notes": True, "command": True})
    s.audiences.append({"id": "fitter", "pictures": True, "command": True, "kinds": ["offline"]})
    seen = set_up(s, zones=[{"id": "yard", "points": [[0, 0.3], [1, 0.3], [1, 1], [0, 1]], "dwell": "2s"}])
    alert = seen.wait("/alert-log/duty", state="raised")["data"]["alert"]
    assert command(s, seen, "duty", "wang", "resolve", alert=alert)["code"] == "not-allowed"
    assert command(s, seen, "resident", "relay", "acknowledge", alert=alert)["code"] == "not-permitted"
    assert command(s, seen, "duty", "wang", "acknowledge", alert="01nosuch")["code"] == "unknown-alert"
    done = command(s, seen, "duty", "wang", "acknowledge", alert=alert, note="去看看")
    assert done["ok"] and done["rev"] > 1
    # One acknowledgement is everybody's; whose it was comes from the topic.
    view = seen.wait("/alert-log/police", alert=alert, cause="acknowledge")["data"]
    assert view["actor"] == "wang" and view["note"] == "去看看"
    pictures = until("a picture", lambda: pictures_of(seen, alert))
    assert command(s, seen, "duty", "wang", "image", alert=alert)["ok"]
    until("the picture again", lambda: len(pictures_of(seen, alert)) > len(pictures))
    assert command(s, seen, "resident", "relay", "image", alert=alert)["code"] == "not-permitted"
    for verb, words in (("image", {}), ("comment", {"note": "x"})):  # of which the fitter does not hear: as if there were none
        refusals = [command(s, seen, "fitter", "liu", verb, alert=which, **words) for which in (alert, "01nosuch")]
        assert {(said["code"], said["error"]) for said in refusals} == {("unknown-alert", refusals[0]["error"])}
    assert command(s, seen, "police", "li", "assign", alert=alert, assignee="li")["ok"]
    assert command(s, seen, "police", "li", "resolve", alert=alert)["ok"]
    seen.wait("/alert-log/duty", alert=alert, state="resolved")
    until("the retained alert is cleared", lambda: [m for m in seen.messages if m.topic.endswith(f"/alert/duty/{alert}") and not m.payload])
    assert command(s, seen, "duty", "wang", "dismiss", alert=alert)["code"] == "not-allowed"
    # Who stays is told beside who came.
    stays = seen.wait("/event/gate/dwell", phase="begin")["data"]
    assert stays["zone"]["id"] == "yard" and stays["event"] != seen.json("/event/gate/intrusion")[0][1]["data"]["event"], stays
    assert seen.wait("/alert-log/duty", event=stays["event"])["data"]["kind"] == "dwell"
    stage.check_schemas(seen.messages)


def test_a_request_is_done_once(s):
    seen = set_up(s)
    alert = seen.wait("/alert-log/duty", state="raised")["data"]["alert"]

    def replies():
        return seen.json("/reply/duty/wang", request_id="same")
    for _ in range(3):  # those that come before the first is stored share its answer
        s.publish("cmd/duty/wang/acknowledge", {"request_id": "same", "alert": alert})
    until("a reply", replies)
    command(s, seen, "duty", "wang", "acknowledge", alert="01nosuch")  # answered after them
    assert 1 <= len(replies()) <= 3 and all(e["data"]["ok"] for _, e in replies()), replies()
    before = len(replies())
    s.publish("cmd/duty/wang/acknowledge", {"request_id": "same", "alert": alert})
    until("the same reply again", lambda: len(replies()) == before + 1)
    assert len({e["data"]["rev"] for _, e in seen.json("/alert-log/duty", alert=alert, cause="acknowledge")}) == 1
    # Also after a restart.
    assert s.stop_daemon() == 0
    s.start_daemon()
    until("it listens again", lambda: s.status().get("broker.state") == "connected" and s.status().get("queue.undelivered") == "0")
    s.publish("cmd/duty/wang/acknowledge", {"request_id": "same", "alert": alert})
    until("and again", lambda: len(replies()) == before + 2)
    assert len(seen.json("/alert-log/duty", alert=alert, cause="acknowledge")) == 1


def test_a_command_that_can_not_be_stored(s):
    seen = set_up(s)
    alert = seen.wait("/alert-log/duty", state="raised")["data"]["alert"]
    with contextlib.closing(sqlite3.connect(s.file("state/skynetd.db"), timeout=20)) as database:
        database.execute("CREATE TRIGGER refuse BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'refused'); END")
    told = command(s, seen, "duty", "wang", "acknowledge", alert=alert)
    assert told["code"] == "not-stored" and not told["ok"], told
    # What was refused is refused, stored or not.
    assert command(s, seen, "duty", "wang", "acknowledge", alert="01nosuch")["code"] == "unknown-alert"
    assert command(s, seen, "resident", "relay", "acknowledge", alert=alert)["code"] == "not-permitted"
    # And it is not forgotten where a later revision is stored.
    with contextlib.closing(sqlite3.connect(s.file("state/skynetd.db"), timeout=20)) as database:
        database.execute("DROP TRIGGER refuse")
    assert command(s, seen, "duty", "wang", "comment", alert=alert, note="later")["ok"]
    assert seen.wait("/alert-log/duty", alert=alert, cause="comment")["data"]["state"] == "acknowledged"
    stage.check_schemas(seen.messages)


def test_hostile_commands(s):
    seen = set_up(s)
    alert = seen.wait("/alert-log/duty", state="raised")["data"]["alert"]
    s.publish("cmd/duty/wang/acknowledge", "{", )
    s.publish("cmd/duty/wang/acknowledge", {"alert": alert})
    s.publish("cmd/duty/wang/acknowledge", "x" * 20000)
    s.publish("cmd/duty/wang/nonsense", {"request_id": "n", "alert": alert})
    s.publish("cmd/duty/wang/acknowledge", {"request_id": "kept", "alert": alert}, retain=True)
    s.publish("cmd/nobody/wang/acknowledge", {"request_id": "who", "alert": alert})
    s.publish("cmd/duty/wang/acknowledge", {"request_id": "old", "alert": alert, "deadline": "2020-01-01T00:00:00Z"})
    s.publish("cmd/duty/Wang/acknowledge", {"request_id": "capital", "alert": alert})
    for code in ("bad-json", "no-request-id", "too-large", "unknown-verb"):
        seen.wait("/reply/duty/wang", code=code)
    until("who can not be answered is named", lambda: "cmd/duty/Wang/acknowledge: not done and not answered" in s.log())
    seen.wait("/reply/nobody/wang", code="not-permitted")
    assert json.loads(s.ctl("status", "--json").stdout)["state"] == "online"


def raised(seen):
    return {e["data"]["alert"] for _, e in seen.json("/alert-log/duty")}


def test_disarmed(s):
    """What moves at a disarmed camera stays a fact; a kill does not arm it; armed again, alerts come again."""
    seen = set_up(s)
    alert = seen.wait("/alert-log/duty", state="raised")["data"]["alert"]
    assert command(s, seen, "resident", "relay", "disarm", camera="gate")["code"] == "not-permitted"
    assert command(s, seen, "duty", "wang", "disarm", camera="nowhere")["code"] == "bad-value"
    assert command(s, seen, "duty", "wang", "disarm", camera="gate", until="2020-01-01T00:00:00Z")["code"] == "bad-value"
    assert command(s, seen, "duty", "wang", "disarm", camera="gate")["ok"]
    assert seen.wait("/camera/gate/status", armed=False)["data"]["armed_again"]
    assert seen.wait("/status", cameras_disarmed=1)
    assert "DISARMED until" in s.ctl("status").stdout
    seen.wait("/alert-log/duty", alert=alert, cause="ended")
    s.kill_daemon()
    s.start_daemon()
    before, known = len(seen.json("/event/gate/intrusion", phase="end")), raised(seen)
    until("two facts while disarmed", lambda: len(seen.json("/event/gate/intrusion", phase="end")) >= before + 2, 60)
    assert raised(seen) == known
    assert command(s, seen, "duty", "wang", "arm")["ok"]
    until("alerts again", lambda: raised(seen) != known, 60)
    until("its state says so", lambda: seen.json("/camera/gate/status")[-1][1]["data"]["armed"])
    stage.check_schemas(seen.messages)


def test_snapshot(s):
    s.audiences.append({"id": "grid", "command": True, "arm": True})
    seen = set_up(s)
    seen.wait("/camera/gate/status", 30, state="ok")
    assert command(s, seen, "resident", "relay", "snapshot", camera="gate")["code"] == "not-permitted"
    assert command(s, seen, "grid", "zhao", "snapshot", camera="gate")["code"] == "not-permitted"  # it may arm, and see no pictures
    assert command(s, seen, "duty", "wang", "snapshot", camera="nowhere")["code"] == "no-image"
    until("a picture", lambda: command(s, seen, "duty", "wang", "snapshot", camera="gate")["ok"])
    name = next(e["data"]["alert"] for _, e in seen.json("/reply/duty/wang", ok=True))
    until("it comes", lambda: [m for m in seen.messages if m.topic.endswith(f"/image/duty/{name}")])
    picture = next(m.payload for m in seen.messages if m.topic.endswith(f"/image/duty/{name}"))
    assert picture[:2] == b"\xff\xd8" and picture[-2:] == b"\xff\xd9", picture[:20]


def test_a_lost_picture_is_said(s):
    seen = set_up(s)
    alert = seen.wait("/alert-log/duty", cause="evidence")["data"]["alert"]
    path = s.evidence("gate", f"{alert}.jpg")
    until("the picture", lambda: os.path.exists(path))

    def is_noticed():
        with open(path, "r+b") as picture:  # another in its place; a better one may come over it
            picture.write(b"X")
        return command(s, seen, "duty", "wang", "image", alert=alert)["code"] == "no-image"
    until("that it is another", is_noticed)
    assert "is not the one that it tells of" in s.log()  # not that somebody changed it: a kill leaves the same

    def is_said():
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # a better one, too, if it comes to be taken only now
        return command(s, seen, "duty", "wang", "image", alert=alert)["code"] == "no-image"
    until("that it is lost", is_said)


def test_local_commands(s):
    seen = set_up(s)
    alert = seen.wait("/alert-log/duty", state="raised")["data"]["alert"]
    s.ctl("ack", alert, "--note", "看到了", check=0)
    seen.wait("/alert-log/duty", alert=alert, state="acknowledged", note="看到了")
    s.ctl("ack", alert, check=1)
    s.ctl("resolve", alert, check=0)
    s.ctl("dismiss", "01nosuch", check=1)
    done = s.ctl("test-alert", "resident", check=0)
    assert "the broker has it" in done.stdout
    assert seen.wait("/alert-log/resident", test=True)["data"]["state"] in ("raised", "resolved")
    assert not seen.json("/alert-log/duty", test=True)
    assert s.ctl("test-alert", "nobody").returncode == 1
    assert "村口" in s.ctl("status").stdout


def quiet_clip(s):
    """As a camera sends it that encodes for quality: next to nothing between two key frames, until somebody comes after 20 s."""
    path = s.file("quiet.mp4")
    yard, somebody = "smptehdbars=s=640x360:r=15:d=40", "color=c=0x202020:s=40x110:r=15:d=40"
    encoder = "-c:v libx264 -preset veryfast -g 30 -keyint_min 30 -sc_threshold 0 -bf 0 -crf 30 -pix_fmt yuv420p"
    subprocess.run([stage.tool("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", yard, "-f", "lavfi", "-i", somebody, "-filter_complex",
                    "[0][1]overlay=x='if(gte(t,20),(t-20)*90-20,-100)':y=120", *encoder.split(), path], check=True)
    return path


def check_rest(s, seen, cameras):
    """The one that rests is looked at less, and tells of him as the other does."""
    told = []
    for name in ("rests", "full"):
        begun = next(at for loop, _, at in cameras.loops if loop == name)
        told.append([message.at - begun for message, _ in seen.json(f"/event/{name}/motion", phase="begin")])
    assert [len(times) for times in told] == [1, 1], told
    state = s.status()
    overloaded = seen.json("/camera/", overloaded=True)  # once is enough: then a key frame shows him, to either
    assert abs(told[0][0] - told[1][0]) < (2.5 if overloaded else 0.5) * stage.PATIENCE, told
    assert int(state["camera.rests.rested_packets"]) >= 56, state  # two GOPs at the least
    assert overloaded or state["camera.full.rested_packets"] == "0", state


def check_suppressed(s):
    """What became no event is counted, by cause; the table has the most frequent one."""
    state = s.status()
    for name in ("lamp", "rain", "empty"):
        front = f"camera.{name}.suppressed."
        causes = {key[len(front):]: int(value) for key, value in state.items() if key.startswith(front)}
        assert all(causes.values()) and sum(causes.values()) == int(state[f"camera.{name}.suppressed"]), state
        assert not causes or state[f"camera.{name}.suppressed_most"].partition(" ")[0] in causes, state
        assert int(state[f"camera.{name}.left_out"]) >= 0, state
    assert int(state["camera.rain.suppressed"]) > 0, state


def test_no_alert_where_nothing_moves(s):
    s.start_broker()
    quiet = quiet_clip(s)
    still = {"lamp": stage.scene("lamp"), "rain": stage.scene("rain"), "empty": stage.scene("empty")}
    cameras = stage.Cameras(s, {**still, "rests": quiet, "full": quiet})
    s.cameras = [{"id": name, "main": cameras.url(name)} for name in (*still, "rests", "full")]
    s.cameras[-1]["decode_policy"] = "full"
    seen = s.subscribe()
    s.start_daemon()
    for camera in s.cameras:
        s.wait_camera(camera["id"], "ok")
    time.sleep(32)
    for name in ("rests", "full"):
        seen.wait(f"/event/{name}/motion", phase="begin")
    again = {name: at for name, number, at in cameras.loops if number == 2}  # where a scene begins anew, it jumps
    alerts = [data for message, data in seen.json("/alert-log/") for name in [data["data"]["cameras"][0]["id"]]
              if name in still and message.at < again.get(name, message.at + 1)]
    assert not alerts, alerts[0]
    check_rest(s, seen, cameras)
    check_suppressed(s)


def test_who_has_passed_is_shown(s):
    """Gone before there is more to say than that he came: his picture waits neither for a better one nor for the end."""
    yard, somebody = "color=gray:s=640x360:r=25:d=60,noise=alls=6:allf=t", "color=white:s=50x110:r=25:d=60"
    passing = "[0][1]overlay=x='100+(n-200)*8':y=180:enable='between(n,200,230)'"
    encoder = "-c:v libx264 -preset ultrafast -g 300 -sc_threshold 0 -bf 0 -crf 26 -pix_fmt yuv420p"
    subprocess.run([stage.tool("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", yard, "-f", "lavfi", "-i", somebody, "-filter_complex",
                    passing, *encoder.split(), s.file("passing.mp4")], check=True)
    s.start_broker()
    s.options["storage"]["pre_roll"] = "5s"
    s.cameras = [{"id": "gate", "main": stage.Cameras(s, {"gate": s.file("passing.mp4")}).url("gate"), "hold": "40s"}]
    seen = s.subscribe()
    s.start_daemon()
    alert = seen.wait("/alert-log/duty", state="raised", cause="raised")["data"]["alert"]
    until("a picture", lambda: pictures_of(seen, alert))
    assert not seen.json("/event/gate/motion", phase="end")


def test_stop_finishes_open_events(s):
    seen = set_up(s, hold="60s")  # it is still open whenever the stop comes
    alert = seen.wait("/alert-log/duty", state="raised")["data"]["alert"]
    assert s.stop_daemon() == 0
    seen.settle()
    data = seen.json("/alert-log/duty", alert=alert)[-1][1]["data"]
    assert data["end"] and data["interrupted"]
    assert seen.json("/event/gate/intrusion", phase="end")[-1][1]["data"]["interrupted"]
    assert seen.json("/status", state="stopping")
    assert os.path.exists(s.evidence("gate", f"{alert}.mp4"))
    stage.plays(s.evidence("gate", f"{alert}.mp4"))


stage.main(globals())
