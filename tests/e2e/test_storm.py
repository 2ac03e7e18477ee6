#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Too many events: a camera in a storm is counted instead of heard each time, the one beside it is heard as ever, and nothing is lost."""
import os

import stage
from stage import until


def test_a_flood_is_counted(s):
    s.start_broker()
    rtsp = stage.Cameras(s, {"rain": stage.scene("storm"), "gate": stage.scene("crossing")})
    s.cameras = [{"id": name, "main": rtsp.url(name), "hold": "1s"} for name in ("rain", "gate")]
    s.options["top"]["alert_burst"] = 3
    seen = s.subscribe()
    s.start_daemon()

    def raised(camera):
        return {e["data"]["alert"] for _, e in seen.json("/alert-log/duty", cause="raised") if e["data"]["cameras"][0]["id"] == camera}
    flooded = seen.wait("/camera/rain/status", 60, flooded=True)["data"]
    assert flooded["state"] == "ok"
    assert seen.wait("/status", cameras_flooded=1)
    before = len(seen.json("/event/rain/motion", phase="end"))
    until("eight events more", lambda: len(seen.json("/event/rain/motion", phase="end")) >= before + 8, 90)
    assert len(raised("rain")) == 3, raised("rain")
    until("the other camera is heard", lambda: len(raised("gate")) >= 2, 60)
    # Nothing is lost: each event is in an alert, and each is told as a fact.
    until("the count is told", lambda: max(e["data"]["count"] for _, e in seen.json("/alert-log/duty")) >= 8, 30)
    begun = {e["data"]["event"] for _, e in seen.json("/event/rain/motion", phase="begin")}
    last = {e["data"]["alert"]: e["data"] for _, e in seen.json("/alert-log/duty") if e["data"]["cameras"][0]["id"] == "rain"}
    told = sum(data["count"] for data in last.values())
    assert len(begun) - 8 <= told <= len(begun), (told, len(begun))  # a revision every ten seconds: the last may wait
    # No evidence but the alerts' own, and not a revision for each event.
    clips = {name.split(".")[0].split("-")[0] for name in os.listdir(s.evidence("rain", ""))}
    assert clips <= raised("rain"), clips
    assert len(seen.json("/alert-log/duty", cause="joined")) + len(seen.json("/alert-log/duty", cause="ended")) < len(begun)
    # Somebody closes them: there is room again.
    for alert in raised("rain"):
        s.ctl("dismiss", alert, check=0)
    seen.wait("/camera/rain/status", 20, flooded=False)
    until("it is heard again", lambda: len(raised("rain")) > 3, 30)
    assert s.stop_daemon() == 0
    begun = {e["data"]["event"] for _, e in seen.json("/event/rain/motion", phase="begin")}
    ended = {e["data"]["event"] for _, e in seen.json("/event/rain/motion", phase="end")}
    assert begun == ended, begun ^ ended
    stage.check_schemas(seen.messages)


stage.main(globals())
