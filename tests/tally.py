#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts single test cases in the JUnit files that meson wrote.

    tally.py FILE...      prints each failure and each skip with its reason, then "N passed, N failed[, N skipped]"
Ends with 1 where anything failed or nothing was run.
"""
import re
import sys
import xml.etree.ElementTree as tree


def reason_of(case, suite):
    """TAP skips carry their reason only in the program's output."""
    skipped = case.find("skipped")
    if skipped is not None and (skipped.get("message") or skipped.text):
        return (skipped.get("message") or skipped.text).strip()
    output = suite.findtext("system-out") or case.findtext("system-out") or ""
    for line in output.splitlines():
        found = re.match(r"ok \d+ (\S+).*# SKIP\s*(.*)", line)
        if found and (found.group(1) in case.get("name", "") or case.get("name", "").endswith(found.group(1))):
            return found.group(2)
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else "no reason given"


def main(paths):
    passed = failed = skipped = 0
    for path in paths:
        for suite in tree.parse(path).getroot().iter("testsuite"):
            for case in suite.iter("testcase"):
                name = f"{suite.get('name')}: {case.get('name')}"
                if case.find("failure") is not None or case.find("error") is not None:
                    failed += 1
                    print(f"FAILED  {name}")
                    output = (suite.findtext("system-out") or "") + (suite.findtext("system-err") or "")
                    for line in output.splitlines()[-30:]:
                        print(f"        {line[:300]}")
                elif case.find("skipped") is not None:
                    skipped += 1
                    print(f"skipped {name}: {reason_of(case, suite)}")
                else:
                    passed += 1
    tail = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{tail}")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
