#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sandbox.py UNIT FOLDER TABLE COMMAND...: runs the command as systemd would run the unit's, where no systemd runs.

It reads the unit's [Service] section (and UNIT.d/*.conf) and applies each setting by hand; as root, in Linux. FOLDER bears what the unit
calls /etc/skynetd, /var/lib/skynetd and /run/skynetd (etc, state, run). TABLE is written with a line a setting: what was done, or
`skipped:` and why not.
A setting that it does not know ends it: what the unit restricts and what is tested can not come apart.
"""
import ctypes
import glob
import os
import resource
import shutil
import signal
import sys

import seccomp_filter

LIBC = ctypes.CDLL(None, use_errno=True)
NEWNS, NEWUTS, NEWUSER = 0x20000, 0x4000000, 0x10000000
BIND, RECURSIVE, PRIVATE, NOSUID, NODEV, NOEXEC, READ_ONLY = 0x1000, 0x4000, 0x40000, 2, 4, 8, 1
SET_DUMPABLE, CAPBSET_DROP, NO_NEW_PRIVS, CAP_AMBIENT, MDWE = 4, 24, 38, 47, 65
MOUNT_SETATTR, KEYCTL = 442, 250  # keyctl by number on x86-64 only
ACCOUNT = 61111  # nobody has it
CGROUPS = "/sys/fs/cgroup"
# Neither restricts what runs: how it is begun, watched and ended.
MANNERS = {"Type", "ExecStart", "ExecReload", "Restart", "RestartSec", "WatchdogSec", "TimeoutStartSec", "TimeoutStopSec",
           "Environment", "SystemCallErrorNumber"}


class NotHere(Exception):
    """This machine does not let it apply; the reason."""


def check(answer, what):
    if answer < 0:
        number = ctypes.get_errno()
        raise NotHere(f"{what}: {os.strerror(number)}")
    return answer


def mount(source, target, kind=None, flags=0, data=None):
    texts = [text and text.encode() for text in (source, target, kind, data)]
    check(LIBC.mount(*texts[:3], ctypes.c_ulong(flags), texts[3]), f"mount {target}")


def read_unit(path):
    """{name: [value]} of [Service], drop-ins after it; an empty value of a list takes back what came before, as systemd has it."""
    files = [path] + sorted(glob.glob(path + ".d/*.conf"))
    found, section = {}, ""
    for file in files:
        with open(file, encoding="utf-8") as text:
            for line in (raw.strip() for raw in text):
                if line.startswith("["):
                    section = line
                elif section == "[Service]" and "=" in line and not line.startswith("#"):
                    name, value = line.split("=", 1)
                    found.setdefault(name, []).append(value)
    return found


def size(text):
    return int(text[:-1]) << {"K": 10, "M": 20, "G": 30}[text[-1]] if text[-1] in "KMG" else int(text)


class Sandbox:
    """Methods are named by what they apply; each gives back what it did."""

    def __init__(self, unit, folder):
        self.unit, self.folder, self.table = unit, folder, []

    def last(self, name):
        return self.unit[name][-1]

    def apply(self, names, action):
        """Does it where the unit says any of these; notes each of them."""
        said = [name for name in names if name in self.unit]
        if not said:
            return
        try:
            done = action()
        except (NotHere, OSError) as reason:
            done = f"skipped: {reason}"
        for name in said:
            self.table.append((name, " ".join(self.unit[name]), done))

    # ---- cgroup: memory, tasks, devices ----
    def write_group(self, controller, settings):
        folder = os.path.join(CGROUPS, controller)
        if not os.path.isdir(folder):  # the unified hierarchy, where the controllers are handed down
            raise NotHere(f"no cgroup controller {controller} of version 1 here")
        group = os.path.join(folder, f"skynet-test-{os.getppid()}")
        os.makedirs(group, exist_ok=True)
        for name, value in settings:
            with open(os.path.join(group, name), "w", encoding="ascii") as out:
                out.write(value)
        with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as out:
            out.write(str(os.getpid()))
        return "cgroup " + controller

    def memory(self):
        most = str(size(self.last("MemoryMax")))
        return self.write_group("memory", [("memory.limit_in_bytes", most), ("memory.swappiness", "0")])

    def devices(self):
        assert self.last("DevicePolicy") == "closed", "another policy was expected"
        allowed = ["c 1:3", "c 1:5", "c 1:7", "c 1:8", "c 1:9", "c 5:0", "c 136:*"]
        return self.write_group("devices", [("devices.deny", "a")] + [("devices.allow", device + " rw") for device in allowed])

    # ---- what of the file system is seen, and what can be written ----
    def mounts(self):
        check(LIBC.unshare(NEWNS), "unshare")
        mount("none", "/", flags=RECURSIVE | PRIVATE)
        stage = os.path.join(self.folder, "stage")
        os.makedirs(stage, exist_ok=True)
        mount("tmpfs", stage, "tmpfs", data="mode=755")
        for name in ("state", "run"):
            os.chown(os.path.join(self.folder, name), ACCOUNT, ACCOUNT)
            os.makedirs(f"{stage}/held/{name}")
            mount(os.path.join(self.folder, name), f"{stage}/held/{name}", flags=BIND)
        shutil.copytree("/etc", f"{stage}/etc", symlinks=True)
        os.makedirs(f"{stage}/etc/skynetd", exist_ok=True)
        mount(os.path.join(self.folder, "etc"), f"{stage}/etc/skynetd", flags=BIND)
        for target, inside in (("/var/lib", "skynetd"), ("/run", "skynetd")):
            made = f"{stage}{target}"
            os.makedirs(f"{made}/{inside}")
        mount(f"{stage}/held/state", f"{stage}/var/lib/skynetd", flags=BIND)
        mount(f"{stage}/held/run", f"{stage}/run/skynetd", flags=BIND)
        self.see(stage)
        return "mounts"

    def see(self, stage):
        """Over the machine's own folders; read-only but for what the unit may write."""
        for target in ("/etc", "/var/lib", "/run"):
            mount(stage + target, target, flags=BIND | RECURSIVE)
        self.private_devices(stage)
        for target in ("/home", "/root"):
            if os.path.isdir(target):
                mount("tmpfs", target, "tmpfs", flags=NODEV | NOSUID | NOEXEC, data="mode=000")
        for target in ("/tmp", "/var/tmp"):
            mount("tmpfs", target, "tmpfs", flags=NODEV | NOSUID, data="mode=1777")
        mount("proc", "/proc", "proc", flags=NODEV | NOSUID | NOEXEC, data="hidepid=invisible,subset=pid")
        for target in ("/", "/sys", "/dev"):
            self.read_only(target)
        for target in ("/proc", "/var/lib/skynetd", "/run/skynetd", "/tmp", "/var/tmp", "/dev/shm"):
            self.read_only(target, off=True)

    def private_devices(self, stage):
        made = f"{stage}/dev"
        os.makedirs(made)
        mount("tmpfs", made, "tmpfs", flags=NOSUID | NOEXEC, data="mode=755")
        for name in ("null", "zero", "full", "random", "urandom", "tty"):
            with open(f"{made}/{name}", "wb"):
                mount(f"/dev/{name}", f"{made}/{name}", flags=BIND)
        for name, to in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
            os.symlink(to, f"{made}/{name}")
        os.makedirs(f"{made}/shm")
        mount("tmpfs", f"{made}/shm", "tmpfs", flags=NODEV | NOSUID, data="mode=1777")
        mount(made, "/dev", flags=BIND | RECURSIVE)

    def read_only(self, target, off=False):
        attributes = (ctypes.c_uint64 * 4)(0 if off else READ_ONLY, READ_ONLY if off else 0, 0, 0)
        recursive, size_bytes = 0 if off else 0x8000, ctypes.c_size_t(32)
        check(LIBC.syscall(MOUNT_SETATTR, -100, target.encode(), recursive, attributes, size_bytes), f"mount_setattr {target}")

    def host_name(self):
        check(LIBC.unshare(NEWUTS), "unshare")
        return "a name of its own"

    # ---- who it is ----
    def private_users(self):
        """Maps are written from outside: who makes a user namespace has no say over the accounts outside it."""
        pid, (there, here) = os.getpid(), os.pipe()
        helper = os.fork()
        if helper == 0:
            os.close(here)
            os.read(there, 1)
            try:
                for kind in ("uid", "gid"):
                    with open(f"/proc/{pid}/{kind}_map", "w", encoding="ascii") as out:
                        out.write(f"0 0 1\n{ACCOUNT} {ACCOUNT} 1\n")
                os._exit(0)
            except OSError:
                os._exit(1)
        os.close(there)
        check(LIBC.unshare(NEWUSER), "unshare")
        os.write(here, b"x")
        os.close(here)
        if os.waitpid(helper, 0)[1] != 0:
            raise NotHere("the maps of the accounts could not be written")
        return "user namespace"

    def account(self):
        os.setgroups([])
        os.setresgid(ACCOUNT, ACCOUNT, ACCOUNT)
        os.setresuid(ACCOUNT, ACCOUNT, ACCOUNT)
        return f"uid {ACCOUNT}"

    def capabilities(self):
        assert self.last("CapabilityBoundingSet") == "", "no capability was expected"
        for number in range(64):
            if LIBC.prctl(CAPBSET_DROP, number, 0, 0, 0) < 0 and ctypes.get_errno() != 22:
                raise NotHere("the bounding set could not be emptied")
        check(LIBC.prctl(CAP_AMBIENT, 4, 0, 0, 0), "ambient")
        return "none"

    def no_new_privileges(self):
        check(LIBC.prctl(NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
        return "prctl"

    def write_execute(self):
        seccomp_filter.no_write_execute()
        return "seccomp" + (" and prctl" if LIBC.prctl(MDWE, 1, 0, 0, 0) == 0 else "; this kernel has no prctl for it")

    def limits(self):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        most = int(self.last("LimitNOFILE"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        return "rlimit"

    def keyring(self):
        if os.uname().machine != "x86_64":
            raise NotHere("keyctl's number is known for x86-64 only")
        check(LIBC.syscall(KEYCTL, 1, None), "keyctl")
        return "a keyring of its own"

    def filters(self, calls):
        """Least to most: the last of them forbids to load further ones."""
        seccomp, refuse = seccomp_filter, seccomp_filter.refuse_calls
        steps = [("RestrictNamespaces", seccomp.no_namespaces), ("RestrictRealtime", seccomp.no_realtime),
                 ("RestrictSUIDSGID", seccomp.no_set_id), ("LockPersonality", seccomp.one_personality),
                 ("ProtectKernelLogs", lambda: refuse(["syslog"])), ("ProtectKernelModules", lambda: refuse(["@module"])),
                 ("ProtectClock", lambda: refuse(["@clock"])), ("SystemCallArchitectures", lambda: "others end it"),
                 ("RestrictAddressFamilies", lambda: seccomp.only_families(self.last("RestrictAddressFamilies").split()))]
        for name, step in steps:
            self.apply([name], lambda step=step: step() or "seccomp")
        self.apply(["MemoryDenyWriteExecute"], self.write_execute)
        self.apply(["SystemCallFilter"], lambda: seccomp.only_calls(calls))

    def enter(self, calls):
        self.apply(["MemoryMax", "MemorySwapMax"], self.memory)
        self.apply(["TasksMax"], lambda: self.write_group("pids", [("pids.max", self.last("TasksMax"))]))
        self.apply(["LimitCORE", "LimitNOFILE"], self.limits)
        self.apply(["KeyringMode"], self.keyring)
        self.apply(["ProtectHostname"], self.host_name)
        self.apply(["ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateMounts", "PrivateDevices", "ProtectProc", "ProcSubset",
                    "StateDirectory", "StateDirectoryMode", "RuntimeDirectory", "RuntimeDirectoryMode", "ProtectKernelTunables",
                    "ProtectControlGroups"], self.mounts)
        self.apply(["RemoveIPC"], lambda: "nothing to do: it is about the end")
        self.apply(["PrivateUsers"], self.private_users)
        self.apply(["CapabilityBoundingSet", "AmbientCapabilities"], self.capabilities)
        self.apply(["User", "Group"], self.account)
        self.apply(["UMask"], lambda: f"was {os.umask(int(self.last('UMask'), 8)):03o}")
        self.apply(["NoNewPrivileges"], self.no_new_privileges)
        self.filters(calls)


def main(unit, folder, table, command):
    sandbox = Sandbox(read_unit(unit), folder)
    calls = seccomp_filter.allowed_calls(sandbox.unit["SystemCallFilter"])  # asks systemd, which is out of sight within
    for name in ("@module", "@clock"):
        seccomp_filter.group(name)
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as text:
        boot = text.read().strip().replace("-", "")
    program = os.open(command[0], os.O_RDONLY | os.O_CLOEXEC)  # its folder may be out of sight within
    with open(table, "w", encoding="utf-8") as out:
        sandbox.apply(["DevicePolicy"], sandbox.devices)
        sandbox.enter(calls)
        for line in sandbox.table:
            out.write("\t".join(line) + "\n")
        unknown = set(sandbox.unit) - {line[0] for line in sandbox.table} - MANNERS
        for name in sorted(unknown):
            out.write(f"{name}\t\tUNKNOWN\n")
    if unknown:
        sys.exit(f"sandbox.py does not know {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    given = dict(one.replace("%b", boot).split("=", 1) for one in sandbox.unit.get("Environment", []))
    passed = {name: value for name, value in os.environ.items() if name in ("NOTIFY_SOCKET", "WATCHDOG_USEC")}
    environment = {**given, **passed, "PATH": "/usr/bin:/bin", "STATE_DIRECTORY": "/var/lib/skynetd", "RUNTIME_DIRECTORY": "/run/skynetd"}
    os.execve(program, command, environment)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
