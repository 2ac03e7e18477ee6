#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The wall clock set forth and back, a leap second, a sleep, a boot without a clock: alerts go on in their order, each lasts as long as it
did, and what can not be believed says so. Each case prints what a duty officer would have seen."""
import calendar
import contextlib
import mmap
import os
import sqlite3
import struct
import time

import stage
from stage import until

HOUR = 3600


class WallClock:
    """The daemon's, from its start on: seconds ahead of the machine's."""

    def __init__(self, s, ahead=0, synced=True):
        library = stage.preloaded("skynet-wall-clock")
        with open(s.file("clock"), "w+b") as file:
            file.truncate(24)
            self.map = mmap.mmap(file.fileno(), 24)
        self.ahead = self.slept = 0
        self.set(ahead, synced)
        s.environment.update(LD_PRELOAD=library, SKYNET_CLOCK=s.file("clock"))

    def set(self, ahead, synced=True, slept=0):
        self.ahead, self.slept = ahead, slept
        self.map[:] = struct.pack("=qqq", int(ahead * 1e9), int(slept * 1e9), synced)

    def now(self):
        return time.time() + self.ahead


def seconds_of(utc):
    return calendar.timegm(time.strptime(utc[:19], "%Y-%m-%dT%H:%M:%S")) + float(utc[19:-1])


def start(s):
    s.start_broker()
    seen = s.subscribe()
    rtsp = stage.Cameras(s, {"gate": stage.scene("crossing")})
    s.cameras = [{"id": "gate", "name": "村口", "main": rtsp.url("gate"), "hold": "1s"}]
    s.options["top"]["alert_burst"] = 0
    s.start_daemon()
    return seen


def say(s, clock, what):
    state = s.status()
    print(f"# {what}: wall clock {time.strftime('%F %T', time.gmtime(clock.now()))}, synced {state['clock_synced']}, held "
          f"{state['clock_held']}, broker {state['broker.state']}, camera {state['camera.gate.state']}, {state['alerts.open']} alerts open")
    return state


def begun(seen):
    return [e["data"] for _, e in seen.json("/event/gate/motion", phase="begin")]


def ends(seen):
    return {e["data"]["event"]: e["data"] for _, e in seen.json("/event/gate/motion", phase="end")}


def next_begin(seen, known):
    return until("an event begins", lambda: begun(seen)[known:], 60)[0]


def check_log(seen, least):
    """No number twice, none missing, nobody closed for his age, no end before its begin."""
    rows = [e["data"] for _, e in seen.json("/alert-log/duty")]
    seqs = [row["seq"] for row in rows]
    assert seqs == list(range(1, len(seqs) + 1)), seqs
    assert len({row["alert"] for row in rows}) >= least
    assert {row["state"] for row in rows} == {"raised"}, rows
    for row in rows:
        assert row["end"] is None or seconds_of(row["end"]) >= seconds_of(row["begin"]), row


def stepped(s, by):
    """Set by so many seconds amid an event."""
    clock = WallClock(s)
    seen = start(s)
    first = next_begin(seen, 0)
    set_at, asleep = time.monotonic(), clock.now()
    clock.set(by)
    end = until("its end", lambda: ends(seen).get(first["event"]), 60)
    told_at = next(message.at for message, _ in seen.json("/event/gate/motion", phase="end", event=first["event"]))
    say(s, clock, f"{by:+} s amid an event")
    assert end["begin"] == first["begin"], (first, end)
    lasted, passed = seconds_of(end["end"]) - seconds_of(end["begin"]), told_at - set_at + (asleep - seconds_of(first["begin"]))
    assert -2 * stage.PATIENCE < lasted - passed < 0.5, (lasted, passed)  # told late where much else is to be done
    second = next_begin(seen, 1)
    assert abs(seconds_of(second["begin"]) - clock.now()) < 5 * stage.PATIENCE, second
    until("its end", lambda: ends(seen).get(second["event"]), 60)
    until("all is told", lambda: s.status()["queue.undelivered"] == "0", 20)
    state = say(s, clock, "after the next")
    assert (state["camera.gate.state"], state["broker.state"]) == ("ok", "connected"), state
    assert s.stop_daemon() == 0
    seen.settle()
    check_log(seen, 2)
    stage.check_schemas(seen.messages)


def test_an_hour_forth(s):
    stepped(s, HOUR)


def test_an_hour_back(s):
    stepped(s, -HOUR)


def test_a_leap_second(s):
    stepped(s, -1)


def test_a_sleep(s):
    """Suspended for two hours: the wall clock and the time since boot are ahead, the monotonic one is not."""
    clock = WallClock(s)
    seen = start(s)
    first = next_begin(seen, 0)
    clock.set(2 * HOUR, slept=2 * HOUR)
    until("its end", lambda: ends(seen).get(first["event"]), 60)
    second = next_begin(seen, 1)
    state = say(s, clock, "awake again")
    assert abs(seconds_of(second["begin"]) - clock.now()) < 5 * stage.PATIENCE, second
    assert state["alerts.open"] == "2" and state["broker.state"] == "connected", state
    assert s.stop_daemon() == 0
    seen.settle()
    check_log(seen, 2)


def test_a_clock_that_nobody_vouches_for(s):
    """What people may still ask for stays where a time server is 40 days ahead, also when somebody restarts to mend that, or where a box
    without a clock boots 40 days ahead."""
    clock = WallClock(s)
    seen = start(s)
    alert = seen.wait("/alert-log/duty", cause="raised")["data"]["alert"]
    clip = s.evidence("gate", f"{alert}.mp4")
    until("its clip", lambda: os.path.exists(clip), 40)
    s.ctl("--socket", s.file("control.sock"), "dismiss", alert, check=0)
    time.sleep(2)
    s.kill_daemon()  # in its first hour: that age counts was noted by then
    s.start_daemon()

    def kept():
        with contextlib.closing(sqlite3.connect(s.file("state/skynetd.db"), timeout=20)) as database:
            (revisions,) = database.execute("SELECT count(*) FROM revision WHERE alert = ?", (alert,)).fetchone()
        return revisions > 0, os.path.exists(clip)
    clock.set(40 * 24 * HOUR)
    time.sleep(8)  # both look at what is too old within five seconds
    assert kept() == (True, True), kept()
    for synced in (False, True):
        s.stop_daemon()
        clock.set(40 * 24 * HOUR, synced=synced)
        s.start_daemon()
        s.wait_camera("gate", "ok")
        time.sleep(8)
        assert kept() == (True, True), kept()
        say(s, clock, "40 days ahead")
    s.stop_daemon()
    with contextlib.closing(sqlite3.connect(s.file("state/skynetd.db"))) as database, database:
        database.execute("DELETE FROM meta WHERE name = 'age_utc'")  # nothing says that the clock went forth: it is as late as it seems
    s.start_daemon()
    until("both are too old", lambda: kept() == (False, False), 30)


def test_a_boot_in_1970(s):
    """No clock, nothing known of an earlier time: alerts say that their time is not to be believed, until the clock is set."""
    clock = WallClock(s, ahead=100 - time.time(), synced=False)
    seen = start(s)
    first = next_begin(seen, 0)
    state = say(s, clock, "booted")
    assert first["begin"].startswith("1970-") and first["clock"]["synced"] is False, first
    assert (state["clock_synced"], state["clock_held"]) == ("no", "no"), state
    clock.set(0)
    end = until("its end", lambda: ends(seen).get(first["event"]), 60)
    assert end["begin"] == first["begin"] and end["clock"]["synced"] is False, end  # the clock is true now: that time is not
    second = next_begin(seen, 1)
    state = say(s, clock, "set")
    assert abs(seconds_of(second["begin"]) - time.time()) < 5 * stage.PATIENCE and second["clock"]["synced"] is True, second
    assert state["clock_synced"] == "yes", state
    assert s.stop_daemon() == 0
    seen.settle()
    check_log(seen, 2)
    stage.check_schemas(seen.messages)


def test_a_power_cut_without_a_clock(s):
    """The store knows a later time than the box: that goes on, ahead of all that was said before, and never back."""
    clock = WallClock(s)
    seen = start(s)
    first = next_begin(seen, 0)
    until("its end", lambda: ends(seen).get(first["event"]), 60)
    s.stop_daemon()
    clock.set(100 - time.time(), synced=False)
    s.start_daemon()
    second = next_begin(seen, 1)
    state = say(s, clock, "booted again")
    assert state["clock_held"] == "yes" and second["clock"]["synced"] is False, (state, second)
    assert 0 < seconds_of(second["begin"]) - seconds_of(first["begin"]) < 120, (first, second)
    clock.set(HOUR)
    until("its end", lambda: ends(seen).get(second["event"]), 60)
    third = next_begin(seen, 2)
    state = say(s, clock, "set")
    assert state["clock_held"] == "no" and abs(seconds_of(third["begin"]) - clock.now()) < 5 * stage.PATIENCE, (state, third)
    assert s.stop_daemon() == 0


stage.main(globals())
