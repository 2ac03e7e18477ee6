# SPDX-License-Identifier: Apache-2.0
"""The system call filters that systemd makes of a unit's settings, made by libseccomp: each setting a filter of its own, the
strictest counts."""
import ctypes
import errno
import functools
import subprocess

ALLOW, KILL = 0x7FFF0000, 0x80000000
NOT_EQUAL, EQUAL, AT_LEAST, MASKED = 1, 4, 5, 7
WRITE, EXEC = 2, 4
NAMESPACES = {"CLONE_NEWNS": 0x20000, "CLONE_NEWCGROUP": 0x2000000, "CLONE_NEWUTS": 0x4000000, "CLONE_NEWIPC": 0x8000000,
              "CLONE_NEWUSER": 0x10000000, "CLONE_NEWPID": 0x20000000, "CLONE_NEWNET": 0x40000000}
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
FAMILIES_END = 64
SET_ID, CREATE = 0o6000, 0o100
REALTIME = (1, 2, 6)  # SCHED_FIFO, SCHED_RR, SCHED_DEADLINE


class Compare(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("how", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def error(number):
    return 0x00050000 | number


def library():
    seccomp = ctypes.CDLL("libseccomp.so.2")  # OSError: it is not there
    seccomp.seccomp_init.restype = ctypes.c_void_p
    seccomp.seccomp_init.argtypes = [ctypes.c_uint32]
    seccomp.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint,
                                               ctypes.POINTER(Compare)]
    seccomp.seccomp_load.argtypes = seccomp.seccomp_release.argtypes = [ctypes.c_void_p]
    return seccomp


class Filter:
    """One filter; calls that this machine does not know are left out, as systemd does."""

    def __init__(self, otherwise=ALLOW):
        self.seccomp = library()
        self.context = self.seccomp.seccomp_init(otherwise)

    def rule(self, action, call, *conditions):
        number = self.seccomp.seccomp_syscall_resolve_name(call.encode())
        if number < 0:
            return
        array = (Compare * max(len(conditions), 1))(*[Compare(*condition) for condition in conditions])
        code = self.seccomp.seccomp_rule_add_array(self.context, action, number, len(conditions), array)
        assert code in (0, -errno.EEXIST), (call, code)

    def load(self):
        code = self.seccomp.seccomp_load(self.context)
        self.seccomp.seccomp_release(self.context)
        assert code == 0, code


@functools.lru_cache
def group(name):
    """The calls of one of systemd's groups, as this machine's systemd has them."""
    text = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True).stdout
    calls = set()
    for word in (line.strip() for line in text.splitlines()[1:]):
        if word.startswith("@"):
            calls |= group(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def expand(words):
    return set().union(*[group(word) if word.startswith("@") else {word} for word in words])


def allowed_calls(lines):
    """Of the lines of SystemCallFilter=, in order: the first is a list of what is allowed, `~` takes away, later ones add."""
    assert not lines[0].startswith("~"), "a list of what is allowed was expected"
    calls = group("@default")
    for line in lines:
        calls = calls - expand(line[1:].split()) if line.startswith("~") else calls | expand(line.split())
    return calls


def only_calls(allowed):
    chosen = Filter(error(errno.EPERM))
    for call in sorted(allowed):
        chosen.rule(ALLOW, call)
    chosen.load()
    return f"{len(allowed)} calls allowed"


def refuse_calls(words):
    chosen = Filter()
    for call in sorted(expand(words)):
        chosen.rule(error(errno.EPERM), call)
    chosen.load()


def only_families(names):
    chosen, allowed = Filter(), {FAMILIES[name] for name in names}
    for family in set(range(FAMILIES_END)) - allowed:
        chosen.rule(error(errno.EAFNOSUPPORT), "socket", (0, EQUAL, family, 0))
    chosen.rule(error(errno.EAFNOSUPPORT), "socket", (0, AT_LEAST, FAMILIES_END, 0))
    chosen.load()


def no_namespaces():
    chosen = Filter()
    for flag in NAMESPACES.values():
        chosen.rule(error(errno.EPERM), "clone", (0, MASKED, flag, flag))
        chosen.rule(error(errno.EPERM), "unshare", (0, MASKED, flag, flag))
    chosen.rule(error(errno.EPERM), "setns")
    chosen.rule(error(errno.ENOSYS), "clone3")  # its flags lie in memory, where no filter sees them: libc takes clone then
    chosen.load()


def no_realtime():
    chosen = Filter()
    for policy in REALTIME:
        chosen.rule(error(errno.EPERM), "sched_setscheduler", (1, EQUAL, policy, 0))
    chosen.load()


def no_set_id():
    chosen = Filter()
    for bit in (0o4000, 0o2000):
        for call, at in (("chmod", 1), ("fchmod", 1), ("fchmodat", 2), ("mkdir", 1), ("mkdirat", 2), ("mknod", 1), ("mknodat", 2),
                         ("creat", 1)):
            chosen.rule(error(errno.EPERM), call, (at, MASKED, bit, bit))
        chosen.rule(error(errno.EPERM), "open", (1, MASKED, CREATE, CREATE), (2, MASKED, bit, bit))
        chosen.rule(error(errno.EPERM), "openat", (2, MASKED, CREATE, CREATE), (3, MASKED, bit, bit))
    chosen.rule(error(errno.ENOSYS), "openat2")
    chosen.load()


def no_write_execute():
    chosen, both = Filter(), WRITE | EXEC
    chosen.rule(error(errno.EPERM), "mmap", (2, MASKED, both, both))
    for call in ("mprotect", "pkey_mprotect"):
        chosen.rule(error(errno.EPERM), call, (2, MASKED, EXEC, EXEC))
    chosen.rule(error(errno.EPERM), "shmat", (2, MASKED, 0o100000, 0o100000))
    chosen.load()


def one_personality():
    chosen = Filter()
    chosen.rule(error(errno.EPERM), "personality", (0, NOT_EQUAL, 0, 0))
    chosen.load()
