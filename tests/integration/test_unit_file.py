#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What deploy/ hands to systemd, judged by systemd's own programs: the unit, its sandbox, the account, the folders."""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import tap  # pylint: disable=wrong-import-position
from tap import BUILD, SOURCE, Skip, tool  # pylint: disable=wrong-import-position

EXPOSURE_MAX = 1.5


def run(name, *arguments):
    return subprocess.run([tool(name), *arguments], capture_output=True, text=True, timeout=60, check=False)


def systemd(name):
    return os.path.join(SOURCE, "deploy/systemd", name)


def unit(folder):
    """The unit as it is installed, with the daemon of this build."""
    with open(systemd("skynetd.service"), encoding="utf-8") as text:
        path, shipped = os.path.join(folder, "skynetd.service"), text.read()
    with open(path, "w", encoding="utf-8") as out:
        sbindir = os.path.abspath(os.path.join(BUILD, "daemon"))
        out.write(shipped.replace("@sbindir@", sbindir).replace("@docdir@", "/usr/share/doc/skynetd"))
    return path


def test_the_unit_is_understood(folder):
    done = run("systemd-analyze", "verify", "--man=no", unit(folder))
    about_us = [line for line in done.stderr.splitlines() if "skynetd" in line]
    assert not about_us, about_us


def judge(path):
    """(exposure, what is open), as systemd sees the unit."""
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", path)
    found = re.search(r"Overall exposure level for skynetd.service: ([0-9.]+)", done.stdout)
    if not found:
        raise Skip("systemd-analyze knows no --offline")
    return float(found[1]), {line.split()[1].split("=")[0] for line in done.stdout.splitlines() if line.startswith("\u2717")}


def test_the_sandbox_is_tight(folder):
    exposure, _ = judge(unit(folder))
    assert exposure <= EXPOSURE_MAX, f"exposure {exposure}"
    print(f"# exposure {exposure}")


def test_hardware_decoding_relaxes_devices_only(folder):
    path = unit(folder)
    exposure, shut = judge(path)
    os.makedirs(path + ".d")
    shutil.copy(systemd("hardware-decoding.conf"), path + ".d")
    relaxed, loose = judge(path)
    assert loose - shut <= {"PrivateDevices", "DeviceAllow", "SupplementaryGroups"} and "PrivateDevices" in loose, loose - shut
    assert relaxed <= exposure + 0.5, f"exposure {relaxed}"
    print(f"# exposure {exposure}, with devices {relaxed}")
    test_the_unit_is_understood(folder)


def test_the_clock_may_be_asked_for(folder):
    """What ProtectClock= and systemd's groups refuse along with setting it; see test_sandbox.py for the answer within."""
    with open(unit(folder), encoding="utf-8") as text:
        lines = text.read().splitlines()
    assert not [line for line in lines if line.startswith("ProtectClock=")]
    last = [line for line in lines if line.startswith("SystemCallFilter=")][-1]
    assert {"adjtimex", "clock_adjtime", "clock_adjtime64"} <= set(last.split("=", 1)[1].split()), last


def test_account_and_folders(folder):
    os.makedirs(os.path.join(folder, "etc"))
    done = run("systemd-sysusers", f"--root={folder}", os.path.abspath(systemd("skynetd.sysusers")))
    assert done.returncode == 0, done.stderr
    with open(os.path.join(folder, "etc/passwd"), encoding="utf-8") as text:
        lines = [line.split(":") for line in text.read().splitlines() if line.startswith("skynetd:")]
    assert len(lines) == 1 and lines[0][5:] == ["/var/lib/skynetd", "/usr/sbin/nologin"] and int(lines[0][2]) < 1000, lines
    if os.geteuid() != 0:
        raise Skip("folders of another account are made by root only")
    done = run("systemd-tmpfiles", f"--root={folder}", "--create", os.path.abspath(systemd("skynetd.tmpfiles")))
    assert done.returncode == 0, done.stderr
    for name in ("etc/skynetd", "etc/skynetd/secrets"):
        made = os.stat(os.path.join(folder, name))
        assert made.st_mode & 0o777 == 0o750 and made.st_uid == 0 and made.st_gid == int(lines[0][3]), (name, made)


tap.main(dict(globals()))
