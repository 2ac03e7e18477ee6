#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_shipped.py ROOT SKYNETCTL: the shipped configuration is what the table of keys prints; scripts are well formed."""
import difflib
import os
import subprocess
import sys

from tree import Tree, report


def config(tree, skynetctl):
    done = subprocess.run([skynetctl, "print-config"], capture_output=True, text=True, check=False)
    if done.returncode:
        return [f"skynetctl print-config ended with {done.returncode}: {done.stderr.strip()[:200]}"]
    shipped = tree.text("config/skynetd.yaml").splitlines()
    return list(difflib.unified_diff(shipped, done.stdout.splitlines(), "config/skynetd.yaml", "skynetctl print-config", lineterm="", n=1))


def scripts(tree):
    findings = []
    for path in tree.files:
        first = tree.text(path).split("\n", 1)[0] if os.access(os.path.join(tree.root, path), os.X_OK) else ""
        shell = next((one for one in ("bash", "sh") if first == f"#!/bin/{one}"), None)
        if shell:
            done = subprocess.run([shell, "-n", os.path.join(tree.root, path)], capture_output=True, text=True, check=False)
            findings += [f"{path}: {line}" for line in done.stderr.splitlines()]
    return findings


def check(tree, skynetctl):
    return {"config/skynetd.yaml is what print-config prints": config(tree, skynetctl), "shell scripts are well formed": scripts(tree)}


if __name__ == "__main__":
    report(check(Tree(sys.argv[1]), sys.argv[2]))
