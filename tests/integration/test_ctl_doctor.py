#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""skynetctl doctor with the real daemon, broker, certificates and cameras: what it finds and says, with the daemon and without."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import stage  # noqa: E402
from stage import Skip, free_port, tool, until  # noqa: E402

sys.path.insert(0, os.path.join(stage.SOURCE, "tests/support"))
from password_counter import PasswordCounter  # noqa: E402

SECRET = "s3cret 密码"
ROOT = "skynet/v1/longquan/"
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def secret_file(s, name, text=SECRET):
    with open(s.file(name), "w", encoding="utf-8") as out:
        out.write(text + "\n")
    os.chmod(s.file(name), 0o600)
    return s.file(name)


def set_up(s, *camera_options, broker=True, camera=True, **camera_values):
    """A camera (each look at it takes seconds) and a broker that are as they should be."""
    if camera:
        s.rtsp = stage.Cameras(s, {"gate": stage.scene("empty", 20)}, options=camera_options)
    url = s.rtsp.url("gate") if camera else "rtsp://127.0.0.1:9/none"
    s.cameras = [{"id": "gate", "name": "东门", "main": url, "enabled": camera, **camera_values}]
    if broker:
        s.start_broker()
    s.write_config()
    os.makedirs(s.file("state"), exist_ok=True)


def doctor(s, *words, code=None):
    """{(check, subject): (verdict, found, do)}, and the exit code is checked."""
    done = s.ctl("doctor", "--json", *words)
    assert SECRET not in done.stdout + done.stderr and "s3cret" not in done.stdout + done.stderr
    assert code is None or done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr}"
    assert not done.stderr, done.stderr
    told = {}
    for line in done.stdout.splitlines():
        finding = json.loads(line)
        told.setdefault((finding["check"], finding["subject"]), (finding["verdict"], finding["found"], finding["do"]))
    return told


def expect(told, check, subject, verdict, words):
    found = told.get((check, subject))
    assert found and found[0] == verdict and words in found[1], f"{check} {subject}: {found}, not {verdict}: {words}; all: {told}"
    assert verdict in ("ok", "not checked") or found[2], f"{check} {subject}: nothing to do?"


# ---- the whole of it ----

def test_without_the_daemon(s):
    set_up(s)
    told = doctor(s, code=1)
    expect(told, "service", "", "trouble", "does not run")
    expect(told, "configuration", s.file("skynetd.yaml"), "ok", "1 cameras, 2 audiences")
    expect(told, "disk", s.file("state"), "ok", "free")
    expect(told, "database", "", "ok", "none yet")
    expect(told, "broker", f"127.0.0.1:{s.port}", "ok", "answers")
    expect(told, "account", "(none)", "ok", "MQTT 5")
    for audience in ("duty", "resident"):
        expect(told, "audience", audience, "ok", "through")
    expect(told, "camera", "gate", "ok", "main stream H.264 640x360, 25 pictures a second")
    assert "a key frame every 2.0 s" in told["camera", "gate"][1]
    assert [key for key, value in told.items() if value[0] == "trouble"] == [("service", "")], told


def test_with_the_daemon(s):
    set_up(s)
    s.start_daemon()
    s.wait_camera("gate", "ok")
    until("the probes' verdicts", lambda: int(s.status()["broker.since_s"]) >= 12, 40)
    told = doctor(s, code=0)
    expect(told, "service", "", "ok", "skynetd runs for")
    expect(told, "database", "", "ok", "running service")
    expect(told, "account", "(none)", "ok", "says the service")
    expect(told, "audience", "duty", "ok", "through")
    expect(told, "camera", "gate", "ok", "H.264")
    text = s.ctl("doctor", "--camera", "gate", check=0).stdout
    assert [line.split()[1] for line in text.splitlines()[:-1]] == ["configuration", "service:", "camera"], text
    assert text.endswith("0 in trouble, 0 warnings\n"), text
    s.ctl("doctor", "--camera", "nowhere", check=2)
    s.ctl("doctor", "gate", check=2)
    s.broker.kill()
    until("the loss", lambda: s.status()["broker.state"] != "connected")
    told = doctor(s, code=1)
    expect(told, "account", "(none)", "not checked", "the service is not connected either")
    assert [key[0] for key, value in told.items() if value[0] == "trouble"] == ["broker"], told


def test_wrong_configuration(s):
    set_up(s, broker=False, camera=False)
    s.cameras[0]["colour"] = "red"
    s.write_config()
    told = doctor(s, code=1)
    expect(told, "configuration", s.file("skynetd.yaml"), "trouble", "colour")
    assert set(check for check, _subject in told) == {"configuration", "service"}, told


# ---- the box ----

def test_disk(s):
    set_up(s, camera=False)
    if os.geteuid() != 0:
        raise Skip("only root can mount a small disk")
    os.rmdir(s.file("state"))
    expect(doctor(s, code=1), "disk", s.file("state"), "trouble", "does not exist")
    os.mkdir(s.file("state"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", s.file("state")]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        raise Skip("no mount here")
    try:
        filler = os.open(s.file("state/filler"), os.O_WRONLY | os.O_CREAT)
        try:
            while True:
                os.write(filler, bytes(4096))
        except OSError:
            os.close(filler)
        expect(doctor(s, code=1), "disk", s.file("state"), "trouble", "it is full, not even a small file can be written")
        subprocess.run(["mount", "-o", "remount,ro", s.file("state")], check=True)
        expect(doctor(s, code=1), "disk", s.file("state"), "trouble", "read-only")
    finally:
        subprocess.run(["umount", s.file("state")], check=True)


def test_database(s):
    set_up(s, camera=False)
    s.start_daemon()
    until("the connection", lambda: s.status().get("broker.state") == "connected")
    s.ctl("test-alert", "duty", check=0)
    s.kill_daemon()
    expect(doctor(s, code=1), "database", "", "ok", "whole")
    s.start_daemon()
    assert s.stop_daemon() == 0
    expect(doctor(s, code=1), "database", "", "ok", "whole")
    with open(s.file("state/skynetd.db"), "r+b") as database:
        size = database.seek(0, 2)
        database.seek(4096)
        database.write(b"\x55" * (size - 4096))
    expect(doctor(s, code=1), "database", "", "trouble", "damaged")


def test_files(s):
    set_up(s, camera=False)
    path = secret_file(s, "password")
    s.cameras[0].update(user="viewer", password_file=path)
    certificate = secret_file(s, "gate.pem", "everybody may read it")
    os.chmod(certificate, 0o644)
    s.cameras.append({"id": "yard", "main": "rtsps://127.0.0.1/1", "ca_file": certificate, "enabled": False,
                      "pipeline": os.path.join(stage.SOURCE, "pipelines/rtsp-tcp.pipeline")})
    s.write_config()
    os.chmod(s.file("skynetd.yaml"), 0o644)
    told = doctor(s, "--json")
    expect(told, "file", path, "ok", "can read it")
    expect(told, "file", certificate, "ok", "can read it")
    expect(told, "file", s.file("skynetd.yaml"), "ok", "can read it")
    s.cameras.append({"id": "pond", "main": "RTSP://viewer:s3cret@127.0.0.1/1", "enabled": False})
    s.write_config()
    expect(doctor(s), "file", s.file("skynetd.yaml"), "ok", "can read it")  # its folder is closed to others
    os.chmod(s.folder, 0o755)
    expect(doctor(s), "file", s.file("skynetd.yaml"), "warning", "a secret that everybody on the box can read")
    os.chmod(path, 0o644)
    expect(doctor(s, code=1), "configuration", s.file("skynetd.yaml"), "trouble", "open to others")


def test_files_of_another_account(s):
    """What root can read, the service's account may not: it is the socket's owner."""
    if os.geteuid() != 0:
        raise Skip("only root can give files away")
    set_up(s, camera=False)
    path = secret_file(s, "password")
    s.cameras[0].update(user="viewer", password_file=path)
    s.start_daemon()
    os.chown(s.file("control.sock"), 65534, 65534)
    told = doctor(s, code=1)
    expect(told, "file", path, "trouble", f"nobody can not read it: it may not pass through {s.folder}")
    os.chmod(s.folder, 0o755)
    told = doctor(s, code=1)
    expect(told, "file", path, "trouble", "nobody can not read it")
    expect(told, "file", s.file("state"), "trouble", "nobody can not write there")
    os.chown(path, 65534, 65534)
    os.chown(s.file("state"), 65534, 65534)
    told = doctor(s)
    expect(told, "file", path, "ok", "nobody can read it")
    expect(told, "file", s.file("state"), "ok", "nobody can write there")


# ---- the broker ----

def with_accounts(s, acl):
    subprocess.run([tool("mosquitto_passwd"), "-b", "-c", s.file("passwords"), "gateway", SECRET], check=True, capture_output=True)
    with open(s.file("acl"), "w", encoding="utf-8") as out:
        out.write("user gateway\n" + "".join(f"topic {line}\n" for line in acl))
    os.chmod(s.folder, 0o755)
    for name in ("passwords", "acl"):
        os.chmod(s.file(name), 0o644)
    s.start_broker(f"listener {s.port} 127.0.0.1\nallow_anonymous false\npassword_file {s.file('passwords')}\n"
                   f"acl_file {s.file('acl')}\n")
    s.broker_config = {"host": "127.0.0.1", "port": s.port, "user": "gateway", "password_file": secret_file(s, "password")}
    set_up(s, broker=False, camera=False)


def test_access_list(s):
    with_accounts(s, [f"readwrite {ROOT}alert/duty/#", f"write {ROOT}alert/resident/#", f"write {ROOT}cmd/#"])
    told = doctor(s, code=1)
    expect(told, "commands", "", "trouble", "gives us no commands")
    expect(told, "account", "gateway", "ok", "MQTT 5")
    expect(told, "audience", "duty", "ok", "through")
    expect(told, "audience", "resident", "trouble", "gives it to nobody")
    with open(s.file("acl"), "w", encoding="utf-8") as out:
        out.write(f"user gateway\ntopic readwrite {ROOT}alert/duty/#\n")
    s.reload_broker()
    until("the new list", lambda: "the broker refuses" in doctor(s)["audience", "resident"][1])


def test_access_list_says_the_daemon(s):
    with_accounts(s, [f"readwrite {ROOT}#", f"deny {ROOT}alert/resident/#", f"deny {ROOT}cmd/#"])
    s.start_daemon()
    until("the probes' verdicts", lambda: (s.status().get("queue.refused_audiences"), s.status().get("queue.commands_refused")) ==
          ("resident", "yes"), 40)
    told = doctor(s, code=1)
    expect(told, "audience", "resident", "trouble", "gives it to nobody")
    expect(told, "commands", "", "trouble", "gives us no commands")
    assert "gives us nothing of this audience back" in s.ctl("test-alert", "resident", check=1).stderr


def test_wrong_broker_password(s):
    with_accounts(s, [f"readwrite {ROOT}#"])
    secret_file(s, "password", "s3cret but wrong")
    told = doctor(s, code=1)
    expect(told, "account", "gateway", "trouble", "refuses the account")
    assert "mosquitto_passwd" in told["account", "gateway"][2]
    expect(told, "audience", "duty", "not checked", "")
    s.start_daemon()
    until("the refusal", lambda: s.status().get("broker.state") == "refused")
    expect(doctor(s, code=1), "account", "gateway", "trouble", "the service says: the broker refuses the account")


def test_no_broker(s):
    set_up(s, broker=False, camera=False)
    told = doctor(s, code=1)
    expect(told, "broker", f"127.0.0.1:{s.port}", "trouble", "Connection refused")
    assert ("account", "(none)") not in told
    s.broker_config = {"host": "broker.invalid"}
    s.write_config()
    expect(doctor(s, code=1), "broker", "broker.invalid:1883", "trouble", "broker.invalid")
    s.broker_config = {"socket": s.file("none.sock")}
    s.write_config()
    expect(doctor(s, code=1), "broker", s.file("none.sock"), "trouble", "No such file")


# ---- certificates ----

class Authority:
    def __init__(self, s, name):
        self.folder = s.file(name)
        os.mkdir(self.folder)
        self.pem, self.key = self.path("ca.pem"), self.path("ca.key")
        self.run("req", "-x509", *NEW_KEY, "-subj", "/CN=" + name, "-days", "30", "-keyout", self.key, "-out", self.pem)
        open(self.path("index"), "w", encoding="utf-8").close()
        with open(self.path("config"), "w", encoding="utf-8") as out:
            out.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={self.path('index')}\nrand_serial=yes\nnew_certs_dir={self.folder}\n"
                      "default_md=sha256\n"
                      f"unique_subject=no\npolicy=p\ncertificate={self.pem}\nprivate_key={self.key}\n[p]\ncommonName=supplied\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def run(*words):
        subprocess.run([tool("openssl"), *words], check=True, capture_output=True)

    def sign(self, name, alt, begin, end):
        """certfile and keyfile lines of a broker's configuration."""
        pem, key = self.path(name + ".pem"), self.path(name + ".key")
        with open(self.path(name + ".ext"), "w", encoding="utf-8") as out:
            out.write("subjectAltName=" + alt + "\n")
        self.run("req", *NEW_KEY, "-subj", "/CN=" + name, "-keyout", key, "-out", self.path(name + ".csr"))
        self.run("ca", "-batch", "-config", self.path("config"), "-notext", "-in", self.path(name + ".csr"), "-out", pem,
                 "-extfile", self.path(name + ".ext"), "-startdate", begin, "-enddate", end)
        os.chmod(key, 0o644)
        return f"certfile {pem}\nkeyfile {key}\n"


def test_certificates(s):
    town, other = Authority(s, "town"), Authority(s, "other")
    os.chmod(s.folder, 0o755)
    good = "IP:127.0.0.1"
    long = ("20250101000000Z", "20990101000000Z")
    cases = [
        (town.sign("good", good, *long), town.pem, "ok", "good until 2099-01-01"),
        (town.sign("expired", good, "20240101000000Z", "20250102000000Z"), town.pem, "trouble", "expired: it ended on 2025-01-02"),
        (town.sign("early", good, "20980101000000Z", "20990101000000Z"), town.pem, "trouble",
         "not yet valid: it begins on 2098-01-01"),
        (town.sign("named", "DNS:mqtt.town,IP:10.9.8.7", *long), town.pem, "trouble",
         "made out for mqtt.town, 10.9.8.7, not for 127.0.0.1"),
        (town.sign("stranger", good, *long), other.pem, "trouble", "signed by 'town', whom this box does not know"),
    ]
    set_up(s, broker=False, camera=False)
    for lines, ca_file, verdict, words in cases:
        s.port = free_port()
        s.start_broker(f"listener {s.port} 127.0.0.1\nallow_anonymous true\n{lines}")
        s.broker_config = {"host": "127.0.0.1", "port": s.port, "tls": True, "ca_file": ca_file}
        s.write_config()
        told = doctor(s, code=1)
        expect(told, "certificate", "127.0.0.1", verdict, words)
        assert (("account", "(none)") in told) == (verdict == "ok"), told  # behind a bad one there is nothing to try
        s.kill_broker()
    s.start_broker()
    told = doctor(s, code=1)  # nobody who speaks TLS
    expect(told, "certificate", "127.0.0.1", "trouble", "TLS: ")
    for name, words in (("expired", "expired: it ended on 2025-01-02"), ("lost", "not a certificate in PEM that can be read")):
        s.broker_config = {"host": "127.0.0.1", "port": s.port, "phones_certificate_file": town.path(name + ".pem")}
        s.write_config()
        expect(doctor(s, code=1), "phones' certificate", "", "trouble", words)


# ---- cameras ----

def test_camera_account(s):
    right = secret_file(s, "right")
    set_up(s, "--user", "viewer", "--password-file", right, "--auth", "digest", user="viewer", password_file=right)
    wrong = secret_file(s, "wrong", "s3cret?")
    s.cameras += [{"id": "yard", "name": "院子", "main": s.rtsp.url("gate"), "user": "viewer", "password_file": wrong},
                  {"id": "lost", "name": "河边", "main": f"rtsp://127.0.0.1:{free_port()}/x"},
                  {"id": "path", "name": "路口", "main": s.rtsp.url("nowhere"), "user": "viewer", "password_file": right},
                  {"id": "off", "name": "仓库", "main": s.rtsp.url("gate"), "enabled": False}]
    s.write_config()
    told = doctor(s, code=1)
    expect(told, "camera", "gate", "ok", "H.264")
    expect(told, "camera", "yard", "trouble", "user or password refused")
    expect(told, "camera", "lost", "trouble", "can not be reached: Connection refused")
    expect(told, "camera", "path", "trouble", "(404)")
    expect(told, "camera", "off", "not checked", "disabled")
    s.start_daemon()
    until("the refusal", lambda: s.status().get("camera.yard.state") == "misconfigured")
    told = doctor(s, "--camera", "yard", code=1)
    expect(told, "camera", "yard", "trouble", "the service says: authentication")
    assert "not tried once more" in told["camera", "yard"][2]


def test_wrong_password_is_tried_once(s):
    set_up(s, "--user", "viewer", "--password-file", secret_file(s, "right"), "--auth", "digest")
    wrong, counter = secret_file(s, "wrong", "s3cret?"), PasswordCounter(s.rtsp.port)
    url = f"rtsp://127.0.0.1:{counter.port}/gate"
    s.cameras = [{"id": f"c{i}", "name": "院子", "main": url, "sub": url, "user": "viewer", "password_file": wrong} for i in range(6)]
    s.write_config()
    told = doctor(s, "--camera", "c0", code=1)
    expect(told, "camera", "c0", "trouble", "user or password refused")
    assert counter.tries == 1, counter.tries
    counter.tries = 0
    told = doctor(s, code=1)  # six cameras of one recorder: its account must not be locked
    assert counter.tries == 1, counter.tries
    assert sum("a moment ago" in told["camera", f"c{i}"][1] for i in range(6)) == 5, told
    counter.tries, counter.deaf = 0, 2  # the first one is reached, and then hangs up: the next one tries, and again the others wait
    told = doctor(s, code=1)
    assert counter.deaf == 0 and counter.tries == 1, (counter.deaf, counter.tries, told)


if __name__ == "__main__":
    stage.main(globals())
