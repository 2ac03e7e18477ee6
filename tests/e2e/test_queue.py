#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skynetctl queue: a broker whose access list denies an audience gives dead letters over MQTT 5; a person mends it and sends them
again, or drops them."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import stage  # noqa: E402
from stage import tool, until  # noqa: E402

SECRET = "dead-letter-secret"
ROOT = "skynet/v1/longquan/"


def begin(s):
    """A broker that lets the gateway write everything but the residents' topics."""
    s.acl = s.file("acl")
    subprocess.run([tool("mosquitto_passwd"), "-b", "-c", s.file("passwords"), "skynetd", SECRET], check=True, capture_output=True)
    subprocess.run([tool("mosquitto_passwd"), "-b", s.file("passwords"), "reader", SECRET], check=True, capture_output=True)
    with open(s.file("password"), "w", encoding="utf-8") as out:
        out.write(SECRET + "\n")
    os.chmod(s.file("password"), 0o600)
    for name in ("passwords", "acl"):
        open(s.file(name), "a", encoding="utf-8").close()
        os.chmod(s.file(name), 0o644)
    os.chmod(s.folder, 0o755)
    write_acl(s, denied=True)
    s.start_broker(f"listener {s.port} 127.0.0.1\nallow_anonymous false\npassword_file {s.file('passwords')}\nacl_file {s.acl}\n")
    s.broker_config = {"host": "127.0.0.1", "port": s.port, "user": "skynetd", "password_file": s.file("password")}
    s.cameras = [{"id": "gate", "name": "东门", "main": "rtsp://127.0.0.1:9/none", "enabled": False}]
    s.start_daemon()
    until("the connection", lambda: s.status().get("broker.state") == "connected")


def write_acl(s, denied):
    allowed = ["status", "camera/#", "event/#", "alert/duty/#", "alert-log/duty", "image/duty/#", "cmd/#", "metrics"]
    allowed += [] if denied else ["alert/resident/#", "alert-log/resident"]
    with open(s.acl, "w", encoding="utf-8") as out:
        out.write("user reader\ntopic read skynet/#\nuser skynetd\n" + "".join(f"topic readwrite {ROOT}{one}\n" for one in allowed))


def queue(s, *words, code=None):
    done = s.ctl("--socket", s.file("control.sock"), "queue", *words)
    assert code is None or done.returncode == code, f"{words}: {done.returncode}: {done.stdout}{done.stderr}"
    return done


def listed(s):
    return json.loads(queue(s, "--json").stdout)


def rows_of(answer):
    rows = {}
    for row in filter(None, answer["dead.rows"].split(",")):
        rows.setdefault(answer[f"dead.{row}.class"], []).append(row)
    return rows


def dead_letters(s):
    """A test alert for an audience that the broker denies, both of its revisions; {class: [row]}."""
    test = s.ctl("test-alert", "resident", check=1)
    assert "refuses it for good (reason 0x87): skynetctl queue" in test.stderr, test
    until("both are refused", lambda: len(rows_of(listed(s)).get("log", [])) == 2)
    until("nothing more is on its way", lambda: s.status()["queue.undelivered"] == "0")
    answer = listed(s)
    return answer, rows_of(answer)


def reader(s):
    return s.subscribe(extra=["-h", "127.0.0.1", "-p", str(s.port), "-u", "reader", "-P", SECRET])


def test_listed_and_sent_again(s):
    begin(s)
    done = queue(s, code=0)
    assert "waiting for the broker" in done.stdout and "refused for good: 0" in done.stdout, done.stdout
    answer, rows = dead_letters(s)
    log = rows["log"][0]
    assert answer[f"dead.{log}.topic"] == ROOT + "alert-log/resident" and answer[f"dead.{log}.reason"] == str(0x87), answer
    text = queue(s, "list", code=1).stdout
    assert "access list does not let our account write this topic (0x87)" in text and "alert-log/resident" in text, text
    subscriber = reader(s)
    write_acl(s, denied=False)
    s.reload_broker()
    done = queue(s, "resend", log, code=0)
    assert done.stdout == f"{ROOT}alert-log/resident: back in the queue\n", done.stdout
    subscriber.wait("alert-log/resident")
    queue(s, "resend", log, code=1)  # it has gone
    queue(s, "resend", "--all", code=0)
    until("no dead letters", lambda: listed(s)["dead.count"] == "0")
    until("an empty queue", lambda: s.status()["queue.undelivered"] == "0")
    until("both have come", lambda: len(subscriber.json("alert-log/resident")) >= 2)
    sent = [e["data"]["rev"] for _m, e in subscriber.json("alert-log/resident")]
    put_back = s.log().count(f"put back into the queue by hand: {ROOT}alert-log/resident")
    assert sorted(sent) == [1, 2] and put_back == 2, (sent, put_back, rows)
    assert queue(s, code=0).stdout.count("refused for good: 0") == 1
    assert "put back into the queue by hand" in s.log()
    assert SECRET not in s.log()


def again(now, before):
    return now if now["dead.count"] == before["dead.count"] and now["dead.rows"] != before["dead.rows"] else None


def test_denied_again_comes_back_once(s):
    """Sent again although nothing was mended: dead again, and no endless round."""
    begin(s)
    before, _rows = dead_letters(s)
    queue(s, "resend", "--all", code=0)
    new = until("dead again", lambda: again(listed(s), before))
    assert not set(new["dead.rows"].split(",")) & set(before["dead.rows"].split(","))


def test_dropped(s):
    begin(s)
    answer, rows = dead_letters(s)
    log = rows["log"][0]
    done = queue(s, "drop", log, code=0)
    assert done.stdout == f"{ROOT}alert-log/resident: gone for good\n", done.stdout
    assert f"dead letter {log} dropped by hand: {ROOT}alert-log/resident" in s.log()
    done = json.loads(queue(s, "drop", "--all", "--json", code=0).stdout)
    assert int(done["count"]) >= 1, done
    assert listed(s)["dead.count"] == "0" and s.status()["queue.dead"] == "0"
    s.stop_daemon()
    s.start_daemon()
    assert listed(s)["dead.count"] == "0"


def test_wrong_usage(s):
    begin(s)
    for words in ("resend", "drop", "drop 1 --all", "drop x", "list 1", "what", "drop 0", "resend -1"):
        queue(s, *words.split(), code=2)
    queue(s, "drop", "4711", code=1)
    s.stop_daemon()
    assert "no daemon answers there" in queue(s, code=3).stderr


if __name__ == "__main__":
    stage.main(globals())
