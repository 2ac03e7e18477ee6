#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_headers.py ROOT PACKAGES COMPILER...: every header compiles alone, and twice. PACKAGES: pkg-config names, comma separated."""
import concurrent.futures
import os
import subprocess
import sys

from tree import Tree, report

FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Werror", "-Wno-unused-function", "-fsyntax-only", "-x", "c", "-"]


def try_one(root, header, command):
    source = f'#include "{header}"\n#include "{header}"\n'
    done = subprocess.run(command, input=source, capture_output=True, text=True, cwd=root, check=False)
    errors = [line for line in done.stderr.splitlines() if "error" in line]
    return [f"{header}: {line}" for line in errors[:3] or ["does not compile"]] if done.returncode else []


def check(tree, compiler, cflags):
    headers = tree.sources(".h")
    bare_of_gst = "gstreamer" not in " ".join(cflags)
    command = compiler + ["-I.", "-Ipipelines", "-Itests"] + cflags + FLAGS
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        tried = [path for path in headers if not (bare_of_gst and "<gst/" in tree.text(path))]
        found = list(pool.map(lambda path: try_one(tree.root, path, command), tried))
    return {f"{len(tried)} headers compile alone, twice": sum(found, [])}


def main(root, packages, *compiler):
    cflags = []
    for package in packages.split(","):
        done = subprocess.run(["pkg-config", "--cflags", package], capture_output=True, text=True, check=False)
        cflags += done.stdout.split() if done.returncode == 0 else []
    report(check(Tree(root), list(compiler), cflags))


if __name__ == "__main__":
    main(*sys.argv[1:])
