#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Full, damaged, stuck disks, and a clock that is wrong: alerts go on, and the status says what is the matter. Each test prints what a duty
officer would have seen."""
import calendar
import contextlib
import ctypes
import glob
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time

import stage
from stage import until


def seen_by_duty(s, when):
    """What `skynetctl status` and the last status message say, for the one who reads this test's output."""
    state = s.status()
    print(f"# {when}: durable {state['disk.durable']}, reserve {state['disk.reserve_bytes']}, epoch ..{state['epoch'][-4:]}, "
          f"{state['alerts.open']} alerts open, \"{state['disk.trouble']}\"")
    return state


@contextlib.contextmanager
def disk(s, kind, size):
    """A disk of the daemon's own; away again afterwards, whatever happened."""
    if os.geteuid() != 0:
        raise stage.Skip("mounting a small disk needs root")
    os.makedirs(s.file("state"))
    if kind == "tmpfs":
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", s.file("state")]
    else:
        with open(s.file("image"), "wb") as image:
            image.truncate(size)
        subprocess.run(["mkfs.ext4", "-q", s.file("image")], check=True)
        command = ["mount", "-o", "loop", s.file("image"), s.file("state")]
    # While it is away nothing can be written in its place, as where no disk is.
    bare = ["mount", "-t", "tmpfs", "-o", "ro,size=4k", "tmpfs", s.file("state")]
    if subprocess.run(bare, stderr=subprocess.DEVNULL).returncode != 0:
        raise stage.Skip("tmpfs can not be mounted here")
    if subprocess.run(command, stderr=subprocess.DEVNULL).returncode != 0:
        subprocess.run(["umount", "-l", s.file("state")], check=True)
        raise stage.Skip(f"{kind} can not be mounted here")
    try:
        yield
    finally:
        if s.daemon and s.daemon.poll() is None:
            s.stop_daemon()
        for _ in ("its own", "the bare one"):
            subprocess.run(["umount", "-l", s.file("state")], check=True)


def fill(path, leave=0):
    """Somebody else takes all room but `leave` bytes."""
    with open(path, "ab", buffering=0) as out:
        for piece in (65536, 512):
            try:
                while True:
                    out.write(b"x" * piece)
            except OSError:
                continue
        out.truncate(max(out.tell() - leave, 0))


def start(s, **camera):
    s.start_broker()
    cameras = stage.Cameras(s, {"gate": stage.scene("storm", 60)})
    s.cameras = [{"id": "gate", "main": cameras.url("gate"), "hold": "1s", **camera}]
    seen = s.subscribe()
    s.start_daemon()
    return seen


def raised_after(seen, since, seconds=60, **data):
    """The next alert that is raised."""
    return until("an alert", lambda: [e for m, e in seen.json("/alert-log/duty", cause="raised", **data) if m.at > since],
                 seconds)[0]["data"]


def test_full_disk(s):
    with disk(s, "tmpfs", "64m"):
        full_disk(s)


def full_disk(s):
    s.options["storage"]["free_min"] = "32MB"
    s.options["top"]["alert_burst"] = 0  # there is a next one, however long this takes
    other = s.file("state/of-somebody-else")
    seen = start(s)
    seen.wait("/alert-log/duty", 40, cause="raised", durable=True)
    until("a clip", lambda: glob.glob(s.evidence("gate", "*.mp4")), 60)
    state = seen_by_duty(s, "room")
    assert int(state["disk.reserve_bytes"]) == 8 << 20 and not state["disk.trouble"], state

    # First: pictures and clips yield, alerts do not.
    fill(other, leave=12 << 20)
    raised_after(seen, time.monotonic(), durable=True)
    seen.wait("/alert-log/duty", 60, evidence_missing=True)  # of one that began after that
    state = seen_by_duty(s, "12 MB left")
    assert state["disk.durable"] == "yes" and int(state["disk.reserve_bytes"]) == 8 << 20, state
    told = until("it is told", lambda: [e for _, e in seen.json("/status") if e["data"].get("trouble")], 60)[0]["data"]["trouble"]
    assert "no clips and pictures" in told and "full" in told, told

    # Then: the reserve is given up, alerts are still on the disk.
    fill(other)
    until("the reserve is given up", lambda: s.status()["disk.reserve_given_up"] == "1", 60)
    raised_after(seen, time.monotonic(), durable=True)
    state = seen_by_duty(s, "no room")
    assert "nearly full" in state["disk.trouble"] and state["disk.durable"] == "yes", state
    assert "nearly full" in seen.wait("/status", 20, durable=True)["data"]["trouble"]
    assert s.ctl("status").returncode == 1

    # Last: in memory.
    fill(other)
    held = seen.wait("/alert-log/duty", 90, cause="raised", durable=False)["data"]
    state = seen_by_duty(s, "no room, no reserve")
    assert state["disk.durable"] == "no" and state["disk.trouble"], state
    assert seen.wait("/status", 20, durable=False)["data"]["trouble"]
    assert s.ctl("status").returncode == 1
    # What the disk has and the memory has not is not lost: nobody is told so.
    early = s.subscribe(f"skynet/v1/{s.site}/replay/duty/reader", f"skynet/v1/{s.site}/reply/duty/reader")
    s.publish("cmd/duty/reader/replay", {"request_id": "early", "epoch": held["epoch"], "from_seq": 1})
    reply = early.wait("/reply/duty/reader", 20, request_id="early")["data"]
    assert (reply["ok"], reply["code"]) == (False, "busy") and not early.json("/replay/"), (reply, early.json("/replay/"))

    begun = time.monotonic()
    os.unlink(other)
    until("it is on the disk again", lambda: s.status().get("disk.durable") == "yes", 60)
    until("the reserve is there again", lambda: int(s.status()["disk.reserve_bytes"]) == 8 << 20, 60)
    print(f"# well again after {time.monotonic() - begun:.0f} s")
    assert not seen_by_duty(s, "room again")["disk.trouble"]
    until("a status that says so",
          lambda: [e for m, e in seen.json("/status", durable=True) if m.at > begun and not e["data"]["trouble"]], 60)
    until("a clip of a new alert", lambda: [e for m, e in seen.json("/alert-log/duty") if m.at > begun and e["data"]["clip"]], 90)
    assert s.stop_daemon() == 0
    s.start_daemon()
    # What was held in memory is in the store: a replay of the whole log has it.
    until("it listens again", lambda: s.status().get("broker.state") == "connected")
    replayed = s.subscribe(f"skynet/v1/{s.site}/replay/duty/reader")
    s.publish("cmd/duty/reader/replay", {"request_id": "all", "epoch": held["epoch"], "from_seq": 1})
    until("the replay", lambda: [e for _, e in replayed.json("") if e["data"]["alert"] == held["alert"]], 20)
    seqs = sorted({e["data"]["seq"] for _, e in replayed.json("")})
    assert seqs == list(range(1, len(seqs) + 1)), seqs
    stage.check_schemas(seen.messages)


# ---- damaged ----

def garbage(path, pages):
    with open(path, "r+b") as out:
        for page in pages:
            out.seek(4096 * (page - 1))
            out.write(os.urandom(4096))


def report(s):
    (path,) = glob.glob(s.file("state/skynetd.db.corrupt-*.txt"))
    with open(path, encoding="utf-8") as text:
        for line in text:
            print("#   " + line.rstrip())


def log_of(seen):
    return {(e["data"]["epoch"], e["data"]["seq"]): e["data"] for _, e in seen.json("/alert-log/duty") if e["data"].get("rev")}


def test_damaged_at_the_start(s):
    """The first page is garbage: what was detected and not yet sent arrives all the same, open alerts stay open."""
    seen = start(s)
    seen.wait("/alert-log/duty", 40, cause="raised")
    before = s.status()
    s.kill_broker()
    seen.stop()
    until("alerts that wait", lambda: int(s.status()["queue.undelivered"]) > 20, 90)
    assert s.stop_daemon() == 0
    database = sqlite3.connect(s.file("state/skynetd.db"))
    waiting = set(database.execute("SELECT epoch, seq FROM message WHERE class = 1 AND audience = 'duty' AND delivered IS NULL AND dead "
                                   "IS NULL"))
    still_open = {row[0] for row in database.execute("SELECT alert FROM revision WHERE newest AND open")}
    database.close()
    assert waiting and still_open
    garbage(s.file("state/skynetd.db"), [1])
    s.start_broker()
    seen = s.subscribe()
    s.start_daemon()
    state = seen_by_duty(s, "after the start")
    report(s)
    assert state["disk.durable"] == "yes" and "damaged" in state["disk.trouble"], state
    assert state["epoch"] != before["epoch"]
    assert still_open <= set(state["alerts"].split(",")), (still_open, state["alerts"])
    assert "damaged" in seen.wait("/status", 20, epoch=state["epoch"])["data"]["trouble"]
    until("what waited has arrived", lambda: waiting <= set(log_of(seen)), 30)
    # Oldest first: all of the old epoch comes before the first of the new one.
    epochs = [e["data"]["epoch"] for _, e in seen.json("/alert-log/duty")]
    assert before["epoch"] not in epochs[epochs.index(state["epoch"]):] if state["epoch"] in epochs else True
    new = seen.wait("/alert-log/duty", 60, cause="raised", epoch=state["epoch"], durable=True)["data"]
    assert new["seq"] >= 1
    assert "damaged" in s.log()
    stage.check_schemas(seen.messages)


def test_damaged_while_running(s):
    """On the spot a new file, the same epoch, and the next alert is durable."""
    seen = start(s)
    seen.wait("/alert-log/duty", 40, cause="raised")
    until("some rows", lambda: len(log_of(seen)) > 12, 90)
    before = s.status()
    path = s.file("state/skynetd.db")
    database = sqlite3.connect(path, timeout=20)
    (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'revision'").fetchone()
    (table,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'message'").fetchone()
    # Everything into the file, damage to it, and one more change, so that the daemon does not go by what it remembers of the pages.
    while database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        time.sleep(0.05)
    garbage(path, [root, table])
    database.execute("UPDATE meta SET value = value + 0 WHERE name = 'last_utc'")
    database.commit()
    begun = time.monotonic()
    until("it is set aside", lambda: s.status()["disk.set_aside"] == "1", 60)
    database.close()
    state = seen_by_duty(s, "while running")
    print(f"# set aside after {time.monotonic() - begun:.0f} s")
    report(s)
    assert state["epoch"] == before["epoch"] and state["disk.durable"] == "yes" and "damaged" in state["disk.trouble"], state
    raised_after(seen, time.monotonic(), durable=True, epoch=before["epoch"])
    seqs = [e["data"]["seq"] for _, e in seen.json("/alert-log/duty") if e["data"].get("rev")]
    assert len(seqs) == len(set(seqs)) and max(seqs) == len(seqs), seqs  # not one twice, none left out: all had been sent
    assert s.stop_daemon() == 0
    s.start_daemon()
    assert s.status()["epoch"] == before["epoch"] and not s.status()["disk.trouble"]
    stage.check_schemas(seen.messages)


# ---- stuck ----

class Watchdog:
    """What systemd would hear."""

    def __init__(self, s):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(s.file("notify.sock"))
        self.alive = []
        s.environment.update(NOTIFY_SOCKET=s.file("notify.sock"), WATCHDOG_USEC="4000000")
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        with contextlib.suppress(OSError):
            while True:
                if b"WATCHDOG=1" in self.socket.recv(4096):
                    self.alive.append(time.monotonic())

    def close(self):
        self.socket.close()


def test_stuck_disk(s):
    """No write comes back: health goes red, nobody restarts the service, and afterwards nothing is missing."""
    with disk(s, "ext4", 128 << 20):
        watchdog = Watchdog(s)
        try:
            stuck_disk(s, watchdog)
        finally:
            subprocess.run(["fsfreeze", "-u", s.file("state")], stderr=subprocess.DEVNULL)
            watchdog.close()


def stuck_disk(s, watchdog):
    seen = start(s)
    seen.wait("/alert-log/duty", 40, cause="raised", durable=True)
    has_watchdog = bool(watchdog.alive)
    if subprocess.run(["fsfreeze", "-f", s.file("state")], stderr=subprocess.DEVNULL).returncode != 0:
        raise stage.Skip("a file system can not be frozen here")
    frozen = time.monotonic()
    until("the wait is told", lambda: "stuck" in s.status()["disk.trouble"], 60)
    seen_by_duty(s, f"after {time.monotonic() - frozen:.0f} s without a disk")
    assert s.ctl("status").returncode == 1
    assert "it stands still" in s.ctl("doctor", check=1).stdout  # and does not wait for it
    assert "stuck" in until("the status", lambda: [e for m, e in seen.json("/status") if m.at > frozen and e["data"].get("trouble")],
                            20)[0]["data"]["trouble"]
    until("fifteen seconds more", lambda: time.monotonic() - frozen > 25, 60)
    fed = [at for at in watchdog.alive if at > frozen + 12]
    assert fed or not has_watchdog, "the watchdog was not fed"
    assert s.daemon.poll() is None
    subprocess.run(["fsfreeze", "-u", s.file("state")], check=True)
    begun = time.monotonic()
    until("it is well", lambda: not s.status()["disk.trouble"], 60)
    print(f"# fed {len(fed)} times meanwhile, well {time.monotonic() - begun:.0f} s after the disk")
    raised_after(seen, begun, durable=True)
    seqs = [e["data"]["seq"] for _, e in seen.json("/alert-log/duty")]
    assert seqs == list(range(1, len(seqs) + 1)), seqs
    stage.check_schemas(seen.messages)


def test_stuck_evidence(s):
    """Only the folder of clips stands still, here at a file that can not be opened: it is told, and alerts go on being stored."""
    folder, alert = s.file("state/evidence/gate"), "01jd0000000000000000000000"
    os.makedirs(folder)
    os.mkfifo(f"{folder}/{alert}.mp4")
    open(f"{folder}/{alert}.mp4.part", "wb").close()  # what is left of a clip makes the daemon look at it
    s.start_broker()
    s.cameras = [{"id": "gate", "main": "rtsp://127.0.0.1:9/none", "enabled": False}]
    seen = s.subscribe()
    s.start_daemon()
    state = until("the wait is told", lambda: (now := s.status())["disk.trouble"] and now, 30)
    assert "clips" in state["disk.trouble"] and state["disk.durable"] == "yes", state
    assert s.ctl("status").returncode == 1 and "clips and pictures wait" in s.ctl("doctor").stdout
    told = until("the status", lambda: [e for _, e in seen.json("/status") if e["data"].get("trouble")], 20)
    assert "clips" in told[0]["data"]["trouble"]
    s.ctl("test-alert", "duty", check=0)
    with open(f"{folder}/{alert}.mp4", "wb"):
        pass
    until("it is well", lambda: not s.status()["disk.trouble"] and "disk: it is well again" in s.log(), 20)
    stage.check_schemas(seen.messages)


def test_evidence_of_somebody_else(s):
    """The folder of clips can not be used, here a file in its place: alerts come, it is told, and used once it is mended."""
    os.makedirs(s.file("state"))
    open(s.file("state/evidence"), "wb").close()
    s.start_broker()
    s.cameras = [{"id": "gate", "main": "rtsp://127.0.0.1:9/none", "enabled": False}]
    seen = s.subscribe()
    s.start_daemon()
    told = until("the status", lambda: [e for _, e in seen.json("/status") if e["data"].get("trouble")], 20)
    said = told[0]["data"]["trouble"]  # a folder that is mounted read-only says the same
    assert "no clips and pictures" in said and "read-only" in said and told[0]["data"]["durable"], told
    s.ctl("test-alert", "duty", check=0)
    os.remove(s.file("state/evidence"))
    until("it is well", lambda: not s.status()["disk.trouble"] and os.path.isdir(s.file("state/evidence")), 20)


def test_no_inodes(s):
    """Bytes are left, but no file can be made: that is told, and alerts are stored as ever."""
    with disk(s, "tmpfs", "64m,nr_inodes=64"):
        s.start_broker()
        s.cameras = [{"id": "gate", "main": "rtsp://127.0.0.1:9/none", "enabled": False}]
        s.start_daemon()
        until("the folder", lambda: os.path.isdir(s.file("state/evidence")))
        with contextlib.suppress(OSError):
            [open(s.file(f"state/other-{i}"), "wb").close() for i in range(64)]
        said = until("it is told", lambda: s.status()["disk.trouble"], 90)
        s.ctl("test-alert", "duty", check=0)
        assert "no clips and pictures" in said and "inodes" in said and s.status()["disk.durable"] == "yes", said


# ---- slow ----

def test_slow_disk(s):
    """Two seconds a sync: alerts go out as ever, late by a few syncs and stored first, and nobody restarts the service."""
    s.environment.update(LD_PRELOAD=stage.preloaded("skynet-slow-sync"), SKYNET_SLOW=s.file("slow"))
    watchdog = Watchdog(s)
    try:
        seen = start(s)
        seen.wait("/alert-log/duty", 40, cause="raised", durable=True)
        with open(s.file("slow"), "w", encoding="ascii"):
            slow = time.monotonic()
        raised = raised_after(seen, slow + 3, durable=True)
        second = raised_after(seen, time.monotonic(), durable=True)
        late = time.time() - calendar.timegm(time.strptime(second["begin"][:19], "%Y-%m-%dT%H:%M:%S"))
        seen_by_duty(s, f"after {time.monotonic() - slow:.0f} s of a slow disk, an alert is out {late:.1f} s after its begin")
        assert raised["alert"] != second["alert"] and late < 15 * stage.PATIENCE, late
        fed = [at for at in watchdog.alive if at > slow]
        assert fed or not watchdog.alive, "the watchdog was not fed"
        os.remove(s.file("slow"))
        until("nothing waits", lambda: s.status()["queue.undelivered"] == "0", 40)
        assert s.stop_daemon() == 0
    finally:
        watchdog.close()
    seqs = [e["data"]["seq"] for _, e in seen.json("/alert-log/duty")]
    assert seqs == list(range(1, len(seqs) + 1)), seqs


# ---- read-only ----

def test_read_only(s):
    """What the kernel does after an error on the disk: alerts go on from memory, say so, and are stored once it can be written again."""
    with disk(s, "ext4", 64 << 20):
        seen = start(s)
        seen.wait("/alert-log/duty", 40, cause="raised", durable=True)
        number = os.stat(s.file("state")).st_dev
        device = os.path.basename(os.path.realpath(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}"))
        subprocess.run(["mount", "-o", "remount,errors=remount-ro", s.file("state")], check=True)
        try:
            with open(f"/sys/fs/ext4/{device}/trigger_fs_error", "w", encoding="ascii") as trigger:
                trigger.write("tested")
        except OSError as error:
            raise stage.Skip("this kernel lets nobody break an ext4 on purpose") from error
        broken = time.monotonic()
        raised = raised_after(seen, broken, durable=False)
        state = seen_by_duty(s, f"read-only, alert {raised['alert'][-6:]} is out after {time.monotonic() - broken:.0f} s")
        assert state["disk.durable"] == "no" and state["disk.trouble"], state
        subprocess.run(["umount", "-l", s.file("state")], check=True)
        # While the daemon has a clip open there a mount would get the broken file system again, as it is.
        until("nobody holds the broken disk", lambda: not subprocess.run(["losetup", "-j", s.file("image")], capture_output=True,
                                                                         check=True).stdout, 60)
        subprocess.run(["e2fsck", "-y", "-f", s.file("image")], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["mount", "-o", "loop", s.file("image"), s.file("state")], check=True)
        mended = time.monotonic()
        until("it is stored again", lambda: s.status()["disk.durable"] == "yes", 60)
        seen_by_duty(s, f"{time.monotonic() - mended:.0f} s after it was mended")
        raised_after(seen, mended, durable=True)
        assert s.stop_daemon() == 0
        database = sqlite3.connect(s.file("state/skynetd.db"))
        stored = {row[0] for row in database.execute("SELECT DISTINCT alert FROM revision")}
        database.close()
    rows = [e["data"] for _, e in seen.json("/alert-log/duty")]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert {row["alert"] for row in rows} <= stored, "alerts of the time without a disk are not in the database"


def test_start_on_a_read_only_disk(s):
    """What is open stands on the disk and nowhere else: a start that can not read it takes no open alert away from anybody's phone."""
    with disk(s, "ext4", 64 << 20):
        seen = start(s)
        alert = seen.wait("/alert-log/duty", 40, cause="raised", durable=True)["data"]["alert"]
        assert s.stop_daemon() == 0
        subprocess.run(["mount", "-o", "remount,ro", s.file("state")], check=True)
        try:
            s.start_daemon()
            raised_after(seen, time.monotonic(), durable=False)
            phone = s.subscribe()
            phone.wait(f"/alert/duty/{alert}", 10)
        finally:
            subprocess.run(["mount", "-o", "remount,rw", s.file("state")], check=True)
        until("it is stored again", lambda: s.status()["disk.durable"] == "yes", 60)
        seen_by_duty(s, "writable again")
        s.subscribe().wait(f"/alert/duty/{alert}", 10)
        again = time.monotonic()
        until("a clip", lambda: [e for m, e in seen.json("/alert-log/duty", cause="evidence") if m.at > again and e["data"]["clip"]], 120)
        assert s.stop_daemon() == 0


def test_start_before_the_disk(s):
    """A disk that comes after the daemon has alerts that this run never read: they stay open for everybody, however often it connects."""
    if os.geteuid() != 0:
        raise stage.Skip("mounting a disk needs root")
    seen = start(s)
    alert = seen.wait("/alert-log/duty", 40, cause="raised", durable=True)["data"]["alert"]
    assert s.stop_daemon() == 0
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", s.file("state")], check=False).returncode != 0:
        raise stage.Skip("tmpfs can not be mounted here")
    try:
        s.start_daemon()
        raised_after(seen, time.monotonic(), durable=False)
    finally:
        subprocess.run(["umount", "-l", s.file("state")], check=True)
    until("it is stored again", lambda: s.status()["disk.durable"] == "yes", 60)
    s.subscribe().wait(f"/alert/duty/{alert}", 10)
    s.broker_config = {"host": "localhost", "port": s.port}
    s.write_config()
    s.daemon.send_signal(signal.SIGHUP)
    until("it has connected anew", lambda: s.log().count("broker: connected") == 3, 20)
    raised_after(seen, time.monotonic(), durable=True)
    s.subscribe().wait(f"/alert/duty/{alert}", 10)


# ---- the clock ----

def is_synced():
    state = (ctypes.c_int * 128)()
    return ctypes.CDLL(None).adjtimex(state) != 5 and not state[10] & 0x40  # TIME_ERROR; status, STA_UNSYNC


def test_clock_behind_the_last_known_time(s):
    """As on a box without a clock after a power cut: what the store has seen is later than what the system says."""
    seen = start(s)
    seen.wait("/alert-log/duty", 40, cause="raised")
    assert s.status()["clock_held"] == "no"
    assert s.stop_daemon() == 0
    last_known = int(time.time()) + 300 * 86400
    database = sqlite3.connect(s.file("state/skynetd.db"))
    database.execute("UPDATE meta SET value = ? WHERE name = 'last_utc'", (last_known * 10**9,))
    database.commit()
    database.close()
    since = time.monotonic()
    s.start_daemon()
    state = s.status()
    print(f"# system clock {time.strftime('%F', time.gmtime())}, last known {time.strftime('%F', time.gmtime(last_known))}: "
          f"synced {state['clock_synced']}, held {state['clock_held']}")
    held = not is_synced()
    assert (state["clock_held"], state["clock_synced"]) == (("yes", "no") if held else ("no", "yes")), state
    raised = raised_after(seen, since)
    begin = calendar.timegm(time.strptime(raised["begin"][:19], "%Y-%m-%dT%H:%M:%S"))
    assert 0 <= begin - (last_known if held else time.time() - 120) < 600, raised["begin"]
    assert raised["clock"]["synced"] is not held
    assert ("before the last known time" in s.log()) is held
    # And over the next start: later still.
    assert s.stop_daemon() == 0
    database = sqlite3.connect(s.file("state/skynetd.db"))
    (stored,) = database.execute("SELECT value FROM meta WHERE name = 'last_utc'").fetchone()
    database.close()
    assert stored > last_known * 10**9 if held else stored < last_known * 10**9


stage.main(globals())
