# SPDX-License-Identifier: Apache-2.0
"""deploy/mosquitto as it is shipped, moved into a folder: certificates, accounts, access list and configuration of a broker for tests."""
import os
import subprocess

ACCOUNTS = {"duty-wang": "duty", "police-li": "police", "resident-relay": "resident"}
GATEWAY = "skynetd"
SITE = "longquan"


def example(source, name):
    with open(os.path.join(source, "deploy/mosquitto", name), encoding="utf-8") as text:
        return text.read()


def replaced(text, pairs):
    """An example with a test's own paths; what is to be replaced must be there, else the test would try something else than is shipped."""
    for before, after in pairs.items():
        assert before in text, f"the example has no {before}"
        text = text.replace(before, after)
    return text


def password(account):
    return account + "-secret"


def certificates(source, folder):
    subprocess.run([os.path.join(source, "deploy/mosquitto/make-certificates"), folder, "localhost", "127.0.0.1"], check=True,
                   stdout=subprocess.DEVNULL)


def set_up(source, folder, port, tool):
    """Fills `folder`; returns the text of mosquitto.conf: what Debian's says, then the example. tool(name) gives a program's path."""
    file = lambda name: os.path.join(folder, name)
    certificates(source, file("certs"))
    for number, name in enumerate([GATEWAY, *ACCOUNTS]):
        subprocess.run([tool("mosquitto_passwd"), "-b", *(["-c"] if number == 0 else []), file("passwd"), name, password(name)], check=True,
                       stderr=subprocess.DEVNULL)
    with open(file("acl"), "w", encoding="utf-8") as out:
        out.write(example(source, "skynetd.acl"))
    for name in ("passwd", "acl"):
        os.chmod(file(name), 0o644)
    os.chmod(folder, 0o777)  # mosquitto started by root gives its rights up
    return f"persistence true\npersistence_location {folder}/\n" + replaced(example(source, "skynetd.conf"), {
        "/etc/mosquitto/skynetd.passwd": file("passwd"), "/etc/mosquitto/skynetd.acl": file("acl"),
        "/run/mosquitto/mosquitto.sock": file("broker.sock"), "listener 8883": f"listener {port} 127.0.0.1",
        "/etc/mosquitto/certs/": file("certs/")})


def login(folder, port, account):
    """Arguments of mosquitto_sub and mosquitto_pub for a person's account."""
    return ["-h", "127.0.0.1", "-p", str(port), "--cafile", os.path.join(folder, "certs/ca.pem"), "-u", account, "-P", password(account)]


def gateway(folder):
    return ["--unix", os.path.join(folder, "broker.sock"), "-u", GATEWAY, "-P", password(GATEWAY)]
