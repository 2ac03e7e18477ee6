#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/mosquitto without skynetd: who may read and write what, what is kept over a restart, and what the county hears.

What is expected stands here, spelt out from the contract; nothing is taken from the access list under test.
"""
import os
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import shipped_broker  # pylint: disable=wrong-import-position
import tap  # pylint: disable=wrong-import-position
from shipped_broker import ACCOUNTS, SITE  # pylint: disable=wrong-import-position
from tap import PATIENCE, SOURCE, free_port, tool, until  # pylint: disable=wrong-import-position

ROOT = f"skynet/v1/{SITE}/"
STATES = ["status", "camera/gate/status", "camera/gate/motion", "event/gate/motion", "event/gate/offline"]
ALERT = "01jd0000000000000000000000"


def of_audience(audience):
    return [f"alert/{audience}/{ALERT}", f"alert-log/{audience}", f"image/{audience}/{ALERT}"]


def own(audience, client):
    return [f"reply/{audience}/{client}", f"replay/{audience}/{client}"]


def commands(audience, client):
    return [f"cmd/{audience}/{client}/{verb}" for verb in ("acknowledge", "replay")]


def every_topic():
    """All that the contract knows, for our accounts and for strangers of the same audience."""
    topics = STATES + ["metrics"]
    for audience in sorted({*ACCOUNTS.values(), "resident-12"}):
        topics += of_audience(audience)
        for client in [*ACCOUNTS, "somebody-else"]:
            topics += own(audience, client) + commands(audience, client)
    return topics + ["alert/probe", "cmd/duty/acknowledge", "nothing/of/ours"]


def may_read(account):
    audience = ACCOUNTS[account]
    return set(of_audience(audience) + own(audience, account) + (STATES if audience in ("duty", "police") else []))


def may_write(account):
    return set(commands(ACCOUNTS[account], account))


class Broker:
    """The shipped broker in a folder of its own, and clients of it; leaving the block ends them all."""

    def __init__(self, folder):
        self.folder, self.port, self.processes = folder, free_port(), []
        self.config = shipped_broker.set_up(SOURCE, self.folder, self.port, tool)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
            process.wait(timeout=20 * PATIENCE)

    def file(self, name):
        return os.path.join(self.folder, name)

    def run(self, name, config, port):
        with open(self.file(name + ".conf"), "w", encoding="utf-8") as out:
            out.write(config)
        with open(self.file(name + ".log"), "a", encoding="utf-8") as log:
            process = subprocess.Popen([tool("mosquitto"), "-c", self.file(name + ".conf")], stderr=log, stdout=log)
        self.processes.append(process)

        def answers():
            if process.poll() is not None:
                with open(self.file(name + ".log"), encoding="utf-8") as text:
                    raise AssertionError("the broker ended: " + text.read()[-400:])
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        until("the broker answers", answers)
        return process

    def start(self):
        return self.run("broker", self.config, self.port)

    def login(self, account):
        return shipped_broker.login(self.folder, self.port, account)

    def gateway(self):
        return shipped_broker.gateway(self.folder)

    def listen(self, who, *filters, extra=()):
        """Topics as they arrive, in a list that grows in a file; ready once it holds its subscriptions."""
        path = tempfile.mktemp(dir=self.folder)
        with open(path, "w", encoding="utf-8") as out:
            process = subprocess.Popen([tool("stdbuf"), "-oL", tool("mosquitto_sub"), *who, *extra, "-d", "-q", "1", "-F", "got %t %p"] +
                                       [part for one in filters for part in ("-t", one)], stdout=out, stderr=subprocess.STDOUT)
        self.processes.append(process)
        until("subscribed", lambda: "Subscribed (mid" in open(path, encoding="utf-8").read() or process.poll() is not None)
        return lambda: [line[4:].rstrip("\n") for line in open(path, encoding="utf-8") if line.startswith("got ")]

    def publish(self, who, topics, payload, retain=False):
        for topic in topics:
            done = subprocess.run([tool("mosquitto_pub"), *who, "-q", "1", "-t", topic, "-m", payload] + (["-r"] if retain else []),
                                  timeout=30 * PATIENCE,
                                  capture_output=True, text=True, check=False)
            assert done.returncode == 0, (topic, done.stderr)


def topics_of(lines):
    return {line.split(" ")[0].removeprefix(ROOT) for line in lines}


def test_each_reads_its_own_and_no_more(folder):
    with Broker(folder) as broker:
        broker.start()
        everything = [ROOT + topic for topic in every_topic()]
        greedy = ["#", "skynet/#", "$SYS/#", ROOT + "#", ROOT + "+/duty/#", ROOT + "+/resident/#", ROOT + "cmd/#", ROOT + "reply/#"]
        heard = {account: broker.listen(broker.login(account), *greedy, *everything) for account in ACCOUNTS}
        broker.publish(broker.gateway(), everything + ["skynet/v1/other-site/status"], "gateway")
        broker.publish(broker.gateway(), [ROOT + f"alert-log/{audience}" for audience in set(ACCOUNTS.values())], "last")
        for account, listen in heard.items():
            until(f"{account} heard the last", lambda: any(line.endswith(" last") for line in listen()))
            got = topics_of(listen())
            assert got == may_read(account), f"{account} reads beyond its list {got - may_read(account)}, misses {may_read(account) - got}"


def test_each_writes_its_own_commands_and_no_more(folder):
    with Broker(folder) as broker:
        broker.start()
        heard = broker.listen(broker.gateway(), "skynet/v1/#")
        for account in ACCOUNTS:
            topics = [ROOT + topic for topic in every_topic()] + ["skynet/v1/other-site/cmd/duty/duty-wang/dismiss"]
            broker.publish(broker.login(account), topics, account)
        broker.publish(broker.gateway(), [ROOT + "status"], "last")
        until("the last", lambda: any(line.endswith(" last") for line in heard()))
        for account in ACCOUNTS:
            got = topics_of(line for line in heard() if line.endswith(" " + account))
            may = may_write(account)
            assert got == may, f"{account} writes beyond its list {got - may}, can not write {may - got}"


def test_strangers_do_not_get_in(folder):
    with Broker(folder) as broker:
        broker.start()
        good = broker.login("duty-wang")
        address, tls = good[:4], good[4:6]

        def tried(*arguments):
            return subprocess.run([tool("mosquitto_pub"), *arguments, "-q", "1", "-t", ROOT + "cmd/duty/duty-wang/replay", "-m", "x"],
                                  timeout=30 * PATIENCE,
                                  capture_output=True, text=True, check=False).returncode
        assert tried(*good) == 0
        for what, arguments in {"no account": address + tls, "a wrong password": address + tls + ["-u", "duty-wang", "-P", "wrong"],
                                "an unknown account": address + tls + ["-u", "mayor", "-P", "mayor-secret"], "no TLS": address + good[6:],
                                "no account at the socket": ["--unix", broker.file("broker.sock")],
                                "a CA of somebody else": address + ["--cafile", other_ca(broker)] + good[6:]}.items():
            assert tried(*arguments) != 0, what


def other_ca(broker):
    shipped_broker.certificates(SOURCE, broker.file("others"))
    return broker.file("others/ca.pem")


def test_a_sleeper_gets_its_alerts_after_a_restart(folder):
    with Broker(folder) as broker:
        first = broker.start()
        sleeper = ["-i", "phone", "-c", "-q", "1", "-t", ROOT + "alert-log/duty"]
        subprocess.run([tool("mosquitto_sub"), *broker.login("duty-wang"), *sleeper, "-E"], check=True, timeout=30 * PATIENCE)
        with open(broker.file("many"), "w", encoding="utf-8") as out:
            out.write("".join(f"{number}\n" for number in range(1500)))  # more than the 1000 that mosquitto keeps by default
        with open(broker.file("many"), encoding="utf-8") as lines:
            subprocess.run([tool("mosquitto_pub"), *broker.gateway(), "-q", "1", "-t", ROOT + "alert-log/duty", "-l"], stdin=lines,
                           check=True, timeout=60 * PATIENCE)
        broker.publish(broker.gateway(), [ROOT + "status"], "online", retain=True)
        first.terminate()
        assert first.wait(timeout=20 * PATIENCE) == 0
        broker.start()
        woken = subprocess.run([tool("mosquitto_sub"), *broker.login("duty-wang"), *sleeper, "-t", ROOT + "status", "-C", "1501", "-W",
                                f"{30 * PATIENCE:.0f}"],
                               check=True, timeout=60 * PATIENCE, capture_output=True, text=True).stdout.split()
        assert sorted(woken) == sorted([str(number) for number in range(1500)] + ["online"]), len(woken)


def test_the_county_hears_what_the_bridge_names(folder):
    with Broker(folder) as broker:
        county_port, county_folder = free_port(), broker.file("county")
        shipped_broker.certificates(SOURCE, broker.file("county-certs"))
        bridge = shipped_broker.replaced(shipped_broker.example(SOURCE, "county-bridge.conf"), {
            "mqtt.county.example:8883": f"127.0.0.1:{county_port}", "restart_timeout 2 60": "restart_timeout 1 2",
            "/etc/mosquitto/certs/county-ca.pem": broker.file("county-certs/ca.pem")})
        os.mkdir(county_folder)
        os.chmod(county_folder, 0o777)
        county_config = (f"listener {county_port} 127.0.0.1\ncertfile {broker.file('county-certs/broker.pem')}\n"
                         f"keyfile {broker.file('county-certs/broker.key')}\npassword_file {broker.file('county.passwd')}\n"
                         f"allow_anonymous false\n"
                         f"persistence true\npersistence_location {county_folder}/\n")
        subprocess.run([tool("mosquitto_passwd"), "-b", "-c", broker.file("county.passwd"), "longquan", "CHANGE-ME"], check=True,
                       stderr=subprocess.DEVNULL)
        os.chmod(broker.file("county.passwd"), 0o644)
        reader = ["-h", "127.0.0.1", "-p", str(county_port), "--cafile", broker.file("county-certs/ca.pem"), "-u", "longquan", "-P",
                  "CHANGE-ME"]
        county = broker.run("county", county_config, county_port)
        broker.config += bridge
        broker.start()
        heard = broker.listen(reader, "#")
        broker.publish(broker.gateway(), [ROOT + "status"], "online", retain=True)
        until("the county hears the status", lambda: ROOT + "status online" in heard())
        county.terminate()
        county.wait(timeout=20 * PATIENCE)
        broker.publish(broker.gateway(), [ROOT + topic for topic in every_topic()], "while-down")
        broker.run("county", county_config, county_port)
        later = broker.listen(reader, "#")
        until("the county hears what was said while it was down", lambda: ROOT + "alert-log/police while-down" in heard() + later())
        broker.publish(broker.gateway(), [ROOT + "alert-log/police"], "last")
        until("the last", lambda: ROOT + "alert-log/police last" in later())
        assert topics_of(heard() + later()) == {"status", "camera/gate/status", "camera/gate/motion",
                                                "alert-log/police"}, topics_of(heard() + later())
        commanded = broker.listen(broker.gateway(), ROOT + "cmd/#")
        subprocess.run([tool("mosquitto_pub"), *reader, "-q", "1", "-t", ROOT + "cmd/police/police-li/dismiss", "-m", "from-the-county"],
                       check=True)
        broker.publish(broker.login("police-li"), [ROOT + "cmd/police/police-li/replay"], "own")
        until("our own command", lambda: any(line.endswith(" own") for line in commanded()))
        assert len(commanded()) == 1, commanded()


tap.main(dict(globals()))
