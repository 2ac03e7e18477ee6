#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_exports.py BUILD: what the libraries define for others begins with sky_ (names of sanitizers and compilers begin with _)."""
import os
import shutil
import subprocess
import sys

from tree import report, skip


def libraries(build):
    for part in ("pipelines", "config", "daemon"):
        for folder, _, names in os.walk(os.path.join(build, part)):
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".a"))


def check(build):
    findings, count = [], 0
    for library in libraries(build):
        count += 1
        done = subprocess.run(["nm", "--extern-only", "--defined-only", "--format=posix", library], capture_output=True, text=True,
                              check=True)
        for line in done.stdout.splitlines():
            words = line.split()
            if len(words) >= 2 and not words[0].startswith(("sky_", "_")):
                findings.append(f"{os.path.relpath(library, build)}: {words[0]}")
    return {f"exported names of {count} libraries": findings if count else ["no library is built"]}


if __name__ == "__main__":
    if not shutil.which("nm"):
        skip("nm is not installed (binutils)")
    report(check(sys.argv[1]))
